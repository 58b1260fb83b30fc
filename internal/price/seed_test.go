package price_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/price"
)

var update = flag.Bool("update", false, "write prices.yaml from testdata/genai-prices.json")

// head is the comment that prices.yaml begins with.
const head = `# What models cost on Azure OpenAI, in US dollars.
#
# Made by "go generate ./internal/price" from genai-prices 0.1.8, of which
# testdata/genai-prices.json has the providers azure and openai:
# https://github.com/pydantic/genai-prices, MIT licence (NOTICE.txt), 2026-11-21.
# To renew it, take those two providers from the project's prices/new_data/v2/data.json.
#
# The prices are those of global standard deployments; where the source has none of
# Azure's own, OpenAI's count. They hold for any SKU and region that nothing else is
# said for: data zones and regions often cost about a tenth more, batches half. What
# those cost, or what your contract says, belongs in a file of your own.
# Provisioned deployments are paid by the hour and cost nothing for a token.
# Speech that is paid by the character (tts) and pictures that are paid by the piece
# (dall-e) the source does not have; their prices are those of LiteLLM's list
# (model_prices_and_context_window.json, MIT licence): azure/tts-1 and azure/tts-1-hd by
# the character, azure/…/dall-e-3 and dall-e-2 by the pixel, times those of each size.
# Not in here: models whose price the source has from a reseller only (gpt-oss), does
# not know in full (audio previews, babbage-002, davinci-002), or does not have at all
# (model-router, some retired names); and video (sora).
`

// pieces are the models that are paid by the character and by the picture.
const pieces = `
currency: USD
prices:
  - {model: tts, character: 0.000015}
  - {model: tts-1, character: 0.000015}
  - {model: tts-001, character: 0.000015}
  - {model: tts-hd, character: 0.00003}
  - {model: tts-1-hd, character: 0.00003}
  - {model: tts-hd-001, character: 0.00003}
  - model: dall-e-3
    pictures:
      - {quality: standard, size: 1024x1024, price: 0.04}
      - {quality: standard, size: 1024x1792, price: 0.08}
      - {quality: standard, size: 1792x1024, price: 0.08}
      - {quality: hd, size: 1024x1024, price: 0.08}
      - {quality: hd, size: 1024x1792, price: 0.12}
      - {quality: hd, size: 1792x1024, price: 0.12}
  - model: dall-e-2
    pictures:
      - {size: 1024x1024, price: 0.02}
      - {size: 512x512, price: 0.018}
      - {size: 256x256, price: 0.016}
  - model: dalle-3
    pictures:
      - {quality: standard, size: 1024x1024, price: 0.04}
      - {quality: standard, size: 1024x1792, price: 0.08}
      - {quality: standard, size: 1792x1024, price: 0.08}
      - {quality: hd, size: 1024x1024, price: 0.08}
      - {quality: hd, size: 1024x1792, price: 0.12}
      - {quality: hd, size: 1792x1024, price: 0.12}
  - model: dalle-2
    pictures:
      - {size: 1024x1024, price: 0.02}
      - {size: 512x512, price: 0.018}
      - {size: 256x256, price: 0.016}
`

// provisioned are the deployments that are not paid by the token.
const provisioned = `
currency: USD
prices:
  - {model: "*", sku: ProvisionedManaged, prompt: 0, completion: 0}
  - {model: "*", sku: GlobalProvisionedManaged, prompt: 0, completion: 0}
  - {model: "*", sku: DataZoneProvisionedManaged, prompt: 0, completion: 0}
`

// The embedded list is what the importer makes of the data it names; with -update it
// is written.
func TestSeed(t *testing.T) {
	data, err := os.ReadFile("testdata/genai-prices.json")
	if err != nil {
		t.Fatal(err)
	}
	book, notes, err := price.FromGenAIPrices(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		t.Log(n)
	}
	book, err = book.With(parse(t, provisioned), parse(t, pieces))
	if err != nil {
		t.Fatal(err)
	}
	want := append([]byte(head), book.Marshal()...)
	if *update {
		if err := os.WriteFile("prices.yaml", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("prices.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("prices.yaml is not what the data makes (go generate):\n%s", cmp.Diff(string(want), string(got)))
	}
}

// The embedded list has what Azure charges for the models people use.
func TestDefaultFacts(t *testing.T) {
	b := builtIn(t)
	f := func(day, model, prompt, cached, completion string) {
		t.Helper()
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := b.Find(model, "GlobalStandard", "swedencentral", at)
		if !ok {
			t.Errorf("%s has no price", model)
			return
		}
		got := [3]string{p.Rates[price.Prompt].String(), p.Rates[price.Cached].String(), p.Rates[price.Completion].String()}
		if want := [3]string{prompt, cached, completion}; got != want {
			t.Errorf("%s costs %v, want %v", model, got, want)
		}
	}
	const day = "2026-06-01"
	f(day, "gpt-4o", "2.50", "1.25", "10.00")
	f(day, "gpt-4o-2024-11-20", "2.50", "1.25", "10.00") // dated
	f(day, "gpt-4o-2024-05-13", "5.00", "5.00", "15.00") // dated, with a price of its own
	f(day, "gpt-4o-mini", "0.15", "0.075", "0.60")
	f(day, "gpt-4o-mini-2024-07-18.ft-a1", "0.30", "0.30", "1.20") // fine-tuned, with its own
	f(day, "gpt-4.1", "2.00", "0.50", "8.00")
	f(day, "gpt-4.1-mini", "0.40", "0.10", "1.60")
	f(day, "gpt-4.1-nano-2025-04-14", "0.10", "0.025", "0.40")
	f(day, "gpt-5", "1.25", "0.125", "10.00")
	f(day, "gpt-5.1", "1.25", "0.125", "10.00")
	f(day, "gpt-5-mini", "0.25", "0.025", "2.00")
	f(day, "gpt-5-nano", "0.05", "0.005", "0.40")
	f(day, "gpt-5-pro", "15.00", "15.00", "120.00")
	f(day, "gpt-5.2", "1.75", "0.175", "14.00")
	f(day, "gpt-5.4", "2.50", "0.25", "15.00")
	f(day, "gpt-5.4-mini", "0.75", "0.075", "4.50")
	f(day, "gpt-5.5", "5.00", "0.50", "30.00")
	f(day, "gpt-5.6-sol", "5.00", "0.50", "30.00")
	f("2026-08-21", "gpt-5.6-sol", "4.00", "0.40", "20.00") // cheaper since then
	f(day, "gpt-5.6-luna", "1.00", "0.10", "6.00")
	f(day, "o1", "15.00", "7.50", "60.00")
	f(day, "o3", "2.00", "0.50", "8.00")
	f(day, "o3-pro", "20.00", "20.00", "80.00")
	f(day, "gpt-4-0613", "30.00", "30.00", "60.00")
	f(day, "gpt-4-turbo-2024-04-09", "10.00", "10.00", "30.00")
	f(day, "gpt-35-turbo", "0.50", "0.50", "1.50")
	f(day, "gpt-35-turbo-0125", "0.50", "0.50", "1.50")
	f(day, "gpt-35-turbo-0613", "1.50", "1.50", "2.00")
	f(day, "text-embedding-3-small", "0.02", "0.02", "0.00")
	f(day, "text-embedding-3-large", "0.13", "0.13", "0.00")
	f(day, "text-embedding-ada-002", "0.10", "0.10", "0.00")
}

// A large prompt makes the whole request dearer, cache writes are charged.
func TestDefaultTiers(t *testing.T) {
	b := builtIn(t)
	f := func(model string, u tallygate.Usage, want string) {
		t.Helper()
		p, ok := b.Find(model, "", "", now)
		if !ok {
			t.Fatalf("%s has no price", model)
		}
		if got := p.Cost(u, "").String(); got != want {
			t.Errorf("%s costs %s for %+v, want %s", model, got, u, want)
		}
	}
	f("gpt-5.4", tallygate.Usage{Prompt: 200_000, Completion: 100_000}, "2.00")
	f("gpt-5.4", tallygate.Usage{Prompt: 300_000, Completion: 100_000}, "3.75")
	f("gpt-5.6-terra-2026-05-01", tallygate.Usage{Prompt: 200_000, CacheWrite: 200_000}, "0.50")
	f("whisper", tallygate.Usage{Seconds: 3600}, "0.36")
	f("tts", tallygate.Usage{Characters: 1_000_000}, "15.00")
	f("tts-hd", tallygate.Usage{Characters: 4096}, "0.12288")
	f("dall-e-3", tallygate.Usage{Images: 1}, "0.04")
	f("dall-e-2", tallygate.Usage{Images: 10}, "0.20")
}

// Every model of the catalogue has a price, but for those the list's head excepts.
func TestDefaultIsComplete(t *testing.T) {
	b := builtIn(t)
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	except := map[string]bool{
		"gpt-oss-120b": true, "gpt-oss-20b": true, // a reseller's price
		"babbage-002": true, "davinci-002": true, // no price for the completion
		"gpt-4o-audio-preview": true, "gpt-4o-mini-audio-preview": true, // none for audio
		"model-router": true,               // none
		"sora-2":       true, "sora": true, // by the second of video
		"gpt-realtime-whisper": true, "gpt-realtime-translate": true, "gpt-chat-latest": true, "gpt-6.1-sol": true, // none yet
		"chatgpt-4o":     true,                                                     // but chatgpt-4o-latest has one
		"gpt-4.5":        true,                                                     // but gpt-4.5-preview has one
		"gpt-4-turbo-jp": true, "code-davinci-002": true, "text-babbage-001": true, // retired
	}
	for _, m := range c.Models() {
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			if strings.ContainsAny(name, "*?[") {
				continue
			}
			if _, ok := b.Find(name, "GlobalStandard", "eastus2", now); ok == except[name] {
				t.Errorf("%s: price %v, excepted %v", name, ok, except[name])
			}
		}
	}
}

// Provisioned deployments cost nothing for a token, whatever their model.
func TestDefaultProvisioned(t *testing.T) {
	b := builtIn(t)
	for _, sku := range []string{"ProvisionedManaged", "GlobalProvisionedManaged", "datazoneprovisionedmanaged"} {
		for _, model := range []string{"gpt-4o", "gpt-4o-2024-08-06", "never-heard-of"} {
			p, ok := b.Find(model, sku, "", now)
			if !ok || p.Cost(tallygate.Usage{Prompt: 1e9, Completion: 1e9}, "") != 0 || p.Most(tallygate.Bound{Prompt: 1e9, Completion: 1e9}) != 0 {
				t.Errorf("%s on %s: %+v, %v", model, sku, p, ok)
			}
		}
	}
	if _, ok := b.Find("never-heard-of", "Standard", "", now); ok {
		t.Error("a model that nobody knows has a price")
	}
}

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func builtIn(t testing.TB) *price.Book {
	t.Helper()
	b, err := price.Default()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t testing.TB, text string) *price.Book {
	t.Helper()
	b, err := price.Parse("prices.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
