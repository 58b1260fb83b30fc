package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
)

func TestSecretShowsItselfToNobody(t *testing.T) {
	const s tree.Secret = "hunter2-hunter2"
	type holder struct {
		Key  tree.Secret
		Keys []tree.Secret
		Ptr  *tree.Secret
	}
	p := s
	h := holder{Key: s, Keys: []tree.Secret{s}, Ptr: &p}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%10.3s", "%U"} {
		for _, v := range []any{s, h, &h, []any{s}, map[tree.Secret]tree.Secret{s: s}} {
			fmt.Fprintf(&shown, verb+"\n", v)
		}
	}
	fmt.Fprintln(&shown, s, fmt.Errorf("wrapped: %w", errors.New(s.String())))
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		text, err := marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(text)
	}
	log := slog.New(slog.NewTextHandler(&shown, nil))
	log.Info("text", "key", s, "holder", h)
	log = slog.New(slog.NewJSONHandler(&shown, nil))
	log.Info("json", "key", s, "holder", h)
	for _, form := range []string{string(s), fmt.Sprintf("%x", string(s)), fmt.Sprintf("%X", string(s)), "hun"} {
		if strings.Contains(shown.String(), form) {
			t.Errorf("%q is shown in:\n%s", form, shown.String())
		}
	}
	if s.Reveal() != "hunter2-hunter2" {
		t.Errorf("Reveal() = %q", s.Reveal())
	}
}

func TestReferences(t *testing.T) {
	env := world(
		map[string]string{"KEY": "key-from-env", "EMPTY": "", "NUMBER": "600k", "BOOL": "true", "PORT": "9000", "BINARY": "\xff\xfe"},
		map[string]string{"key": "key-from-file\n", "two-lines": "key-from-file\n\n", "binary": "\xff", "large": strings.Repeat("x", 4<<20+1)},
	)
	key := func(written, want string) {
		t.Helper()
		text := strings.Replace(rest, "search-key", `"`+written+`"`, 1)
		if got := mustParse(t, text, env).Callers[0].Keys[0].Reveal(); got != want {
			t.Errorf("key %s = %q, want %q", written, got, want)
		}
	}
	key("${env:KEY}", "key-from-env")
	key("a-${env:KEY}-${file:key}-b", "a-key-from-env-key-from-file-b")
	key("${file:key}", "key-from-file")
	key("${env:KEY}${env:EMPTY}", "key-from-env")
	key("$${env:KEY}", "${env:KEY}")
	key("$$${env:KEY}", "$${env:KEY}")
	key("$${${env:KEY}", "${key-from-env")
	key("12345678$", "12345678$")
	key("$12345678}", "$12345678}")

	c := mustParse(t, "max_body: ${env:NUMBER}B\npassthrough: {off: \"${env:BOOL}\"}\nlisten: ':${env:PORT}'\n"+
		strings.Replace(rest, "name: gpt-4o", `name: gpt-4o, tpm: "${env:NUMBER}"`, 1), env)
	if c.MaxBody != 600_000 || !c.Passthrough.Off || c.Listen != ":9000" || c.Resources[0].Deployments[0].TPM != 600_000 {
		t.Errorf("references in numbers and booleans: %+v", c)
	}

	broken := func(written, want string) {
		t.Helper()
		fails(t, env, strings.Replace(rest, "search-key", `"`+written+`"`, 1), "t.yaml:5:25: callers[0].key: "+want)
	}
	broken("${env:NONE}", `the environment variable NONE is not set`)
	broken("${env:}", `has an ${env:…} without a variable's name (write ${env:NAME}; a name has letters, digits and _, and there are no defaults)`)
	broken("${env:X:-default}", `has an ${env:…} without a variable's name (write ${env:NAME}; a name has letters, digits and _, and there are no defaults)`)
	broken("${env:BINARY}", `the environment variable BINARY is not UTF-8`)
	broken("${env:EMPTY}", `the key is empty (${env:EMPTY})`)
	broken("${env:NUMBER}", `the key is too short: a key has at least 8 characters (${env:NUMBER})`)
	broken("${file:none}", `the file none does not exist`)
	broken("${file:}", `has a ${file:} without a path (write ${file:/path})`)
	broken("${file:binary}", `the file binary is not UTF-8`)
	broken("${file:large}", `the file large is larger than 4 MiB`)
	broken("${file:two-lines}", `the key holds a space or another character that is not visible ASCII (${file:two-lines})`)
	broken("${kv:vault/name}", `refers to Key Vault by ${kv:…}, which is not available in this version (use ${env:NAME} or ${file:/path})`)
	broken("${KEY}", `has a reference of an unknown kind (use ${env:NAME} or ${file:/path}, or $${ for a literal ${)`)
	broken("${env:KEY", `has a ${ without its } (write $${ for a literal ${)`)
	broken("${env:NONE}${file:none}", "the environment variable NONE is not set\nt.yaml:5:25: callers[0].key: the file none does not exist")
}

func TestUnreadableFileSaysWhy(t *testing.T) {
	f := func(cause error, want string) {
		t.Helper()
		env := nothing
		env.ReadFile = func(path string) ([]byte, error) { return nil, cause }
		fails(t, env, strings.Replace(rest, "search-key", `"${file:/run/key}"`, 1), "t.yaml:5:25: callers[0].key: the file /run/key "+want)
	}
	f(&fs.PathError{Op: "open", Path: "/run/key", Err: fs.ErrPermission}, "may not be read: permission denied")
	f(&fs.PathError{Op: "read", Path: "/run/key", Err: errors.New("is a directory")}, "cannot be read: is a directory")
	f(errors.New("on fire"), "cannot be read: on fire")
}

// TestNoMessageShowsASecret puts the same resolved value wherever a file can hold
// text and looks for it in everything that is said about the file.
func TestNoMessageShowsASecret(t *testing.T) {
	for _, value := range []string{"~^", "s3cr", "s3cr3t-value-0123456789", "s3cr3t with \"quotes\"\n", "https://s3cr3t:s3cr3t@s3cr3t/?s3cr3t#s3cr3t"} {
		env := world(map[string]string{"S": value}, nil)
		const s = `"${env:S}"`
		text := strings.ReplaceAll(`
listen: S
admin: {listen: S, key: S}
data: S
tls: {cert: S, key: S, self_signed: S, hosts: [S, S]}
log: {level: S, format: S}
max_body: S
trusted_proxies: [S]
passthrough: {resource: S, off: S}
timeouts: {connect: S, drain: {delay: S}}
cooldown: {default: S}
ledger: {on_error: S}
currency: S
zone: S
prices: {file: S, unknown: S, rates: {NOK: S}}
alerts: {webhook: S, headers: {X-A: S, X-B: S}}
limits:
  - {name: S, tokens: S, money: S, per: S, zone: S, each: [S], callers: [S, "S*"], groups: [S], models: [S], deployments: [S], warn: S, dry_run: S, answer: S}
  - {name: S, tokens: 1, per: day, callers: [S, "S*"], groups: [S], models: [S], deployments: [S], events: [S]}
  - {money: "5 S", per: day, zone: S, each: S}
groups:
  - {name: S, max_tokens: S, weight: S, batch: S, limits: [{tokens: 1, per: day, callers: [S]}]}
  - {name: S, max_tokens: {cap: S, over: S}}
resources:
  - {name: S, endpoint: S, key: S, region: S, deployments: [{name: S, model: S, tpm: S}, {name: S, model: x}, {name: S, model: S, weight: 2, sku: S}]}
  - {name: S, endpoint: "https://u:p@h", key: S, allow_http: S, deployments: [{name: y}]}
models:
  y: {strategy: S, wait: S, fallback: [S, S], max_tokens: S, reserve: {a: S}, batch_share: S, limits: [{requests: 1, per: S}]}
callers:
  - {name: S, key: S, group: S, models: [S, "S*"], limits: [{tokens: S, per: S}]}
  - {name: S, keys: [S, S], max_tokens_per_minute_in_k: S}
  - {name: S, key: other-key, max_tokens_per_minute_in_k: {y: S, z: 5}}
`, "S", s)
		text = strings.ReplaceAll(text, `""${env:S}"*"`, `"${env:S}*"`)
		text = strings.ReplaceAll(text, `"5 "${env:S}""`, `"5 ${env:S}"`)
		_, err := config.Parse("t.yaml", []byte(text), env)
		if err == nil {
			t.Fatal("Parse succeeded")
		}
		if n := strings.Count(err.Error(), "\n"); n < 40 {
			t.Errorf("only %d problems:\n%v", n, err)
		}
		if strings.Contains(err.Error(), "s3cr") || strings.Contains(err.Error(), "~^") {
			t.Errorf("the secret is shown in:\n%v", err)
		}
	}
}

// TestPrintShowsNoKey prints keys of every origin.
func TestPrintShowsNoKey(t *testing.T) {
	env := world(map[string]string{"K": "s3cr3t-from-env"}, map[string]string{"k": "s3cr3t-from-file"})
	c := mustParse(t, `
admin: {key: s3cr3t-in-file}
alerts: {webhook: "https://s3cr3t.example/${env:K}", headers: {X-A: s3cr3t-header}}
resources: [{name: a, endpoint: "https://a.example", key: "${env:K}", deployments: [{name: gpt-4o}]}]
callers: [{name: a, keys: ["${file:k}", "s3cr3t-literal"]}]
`, env)
	var b bytes.Buffer
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%v %+v %#v", c, c, c)
	if strings.Contains(b.String(), "s3cr3t") || strings.Count(b.String(), "[redacted]") < 6 {
		t.Errorf("printed:\n%s", b.String())
	}
}
