# Tallygate. `make` lists what there is.
SHELL := /bin/bash
GO    ?= go
# The toolchain that go.mod names, fetched where the one at hand is older.
export GOTOOLCHAIN := auto
BIN   := bin/tallygate
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Everything but the tools of the repository itself.
PACKAGES := ./...

.DEFAULT_GOAL := help
.PHONY: help run build test check fmt vet lint api-types vulncheck unit race fuzz fuzz-seeds sdk tokenizer-diff playground ui ui-check model-check bench bench-quick clean setup

help: ## list the targets
	@if [ -t 1 ]; then bold=$$'\033[1m' plain=$$'\033[0m'; fi; \
	awk -F':.*## ' -v on="$$bold" -v off="$$plain" '/^[a-z-]+:.*## /{printf "  %s%-14s%s %s\n", on, $$1, off, $$2}' $(MAKEFILE_LIST)

run: build ## build, then start the demo: a simulator and the gateway before it
	@exec $(BIN) demo

build: ## build bin/tallygate (static, no cgo)
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/tallygate

setup: ## install what the tests need besides Go (Node packages; a C compiler for the race detector)
	@scripts/setup

test: setup build unit sdk tokenizer-diff playground ## set up, then run every test

check: fmt vet lint api-types vulncheck race fuzz-seeds ui-check ## format, vet, staticcheck, advisories, architecture, tests with -race, fuzz seeds, playground, clean tree
	@git diff --exit-code || { echo "the checks changed files: commit them" >&2; exit 1; }

unit:
	$(GO) test $(PACKAGES)

race:
	CGO_ENABLED=1 $(GO) test -race $(PACKAGES)

fmt:
	gofmt -l -w $$(git ls-files '*.go')

vet:
	$(GO) vet $(PACKAGES)

lint:
	@scripts/lint

api-types: # the types of TypeScript are those of internal/api
	@scripts/api-types --check

vulncheck: ## look for known vulnerabilities that the code reaches
	@scripts/vulncheck

fuzz-seeds:
	$(GO) test -run '^Fuzz' $(PACKAGES)

FUZZTIME ?= 30s
fuzz: ## fuzz every target for FUZZTIME each
	@scripts/fuzz $(FUZZTIME)

sdk: build ## run the SDKs (OpenAI, Azure, LangChain, LlamaIndex, AI SDK) against the demo
	@scripts/sdk-test

tokenizer-diff: ## compare the tokenizer with OpenAI's own
	TALLYGATE_NODE_TESTS=1 $(GO) test -count=1 ./internal/tokenizer/...

playground: build ## drive the playground in Chromium, against a mock and the demo
	@scripts/playground-test

ui: ## build the playground from ui/ into internal/web/dist (needs Node)
	@scripts/ui

ui-check:
	@scripts/ui --check

model-check: ## check the models of holds and shares with spin (two minutes)
	@scripts/model-check

bench: build ## measure nginx, a bare ReverseProxy and Tallygate in one run
	$(GO) build -o bin/bench ./bench && bin/bench -tallygate $(BIN)

bench-quick: build ## the same, shorter
	$(GO) build -o bin/bench ./bench && bin/bench -tallygate $(BIN) -quick

clean: ## remove what was built
	rm -rf bin
