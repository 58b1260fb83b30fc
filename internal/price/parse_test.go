package price_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/price"
)

// Each fault is told with its place, and all of them at once.
func TestParseErrors(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := price.Parse("p.yaml", []byte(text))
		if err == nil {
			t.Errorf("%q is no error", text)
			return
		}
		if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
	const begin = "currency: USD\nprices:\n"
	entry := func(s string) string { return begin + "  - {model: m, " + s + "}\n" }

	// The file as a whole.
	const empty = "p.yaml: is empty: a price file has currency and prices"
	f("", empty)
	f("# only a comment\n", empty)
	f("null", empty)
	f("\xff", "p.yaml: is not UTF-8")
	f(strings.Repeat(" ", 9<<20), "p.yaml: is larger than 8 MiB")
	f("a: [", "p.yaml:2:1: is not YAML: did not find expected node content")
	f("[]", "p.yaml:1:1: must be a section of keys and values: currency, suffixes, prices")
	f("currency: USD\nprices: [{model: m, call: 1}]\n---\na: 1\n", "p.yaml:3:1: a second YAML document begins here")
	f("{}", "p.yaml:1:1: currency: is missing", "p.yaml:1:1: prices: is missing")
	f("currency: USD\nprices: []", "p.yaml:2:9: prices: is empty")
	f("currency: usd\nprices: [{model: m, call: 1}]", `p.yaml:1:11: currency: "usd" is not the code of a currency such as USD`)
	f("currency: [USD]\nprices: 5", "p.yaml:1:11: currency: must be a single value",
		"p.yaml:2:9: prices: must be a list (begin each item with - or write [a, b])", "p.yaml:2:9: prices: is empty")
	f("currency: USD\nsuffixes: ['[']\nprice: []\nprices: [{model: m, call: 1}]",
		`p.yaml:2:12: suffixes[0]: "[" is not a glob: syntax error in pattern`,
		`p.yaml:3:1: price: unknown key (did you mean "prices"?)`)

	// Keys.
	f(entry("prompt: 1, completion: 2, promt: 3"), `p.yaml:3:42: prices[0].promt: unknown key (did you mean "prompt"?)`)
	f(entry("call: 1, service_tier: flex"), "p.yaml:3:25: prices[0].service_tier: unknown key (the keys here are model, sku,"+
		" region, from, to, tiers, pictures, prompt, cached, cache_write, audio_in, image, completion, audio_out, image_out, call, second, character)")
	f(entry("call: 1,\n  call: 2"), "p.yaml:4:3: prices[0].call: is there twice, first on line 3")
	f(begin+"  - &a {model: m, call: 1}\n  - *a\n", "p.yaml:4:5: prices[1]: is a YAML alias (*), which is not supported (write the value out)")
	f(entry("call: !!float 1"), "p.yaml:3:22: prices[0].call: has a YAML tag, which is not supported (remove the !)")
	f(entry("[a]: 1, call: 1"), "p.yaml:3:16: prices[0]: has a key that is not plain text")

	// Names.
	f(begin+"  - {call: 1}\n", "p.yaml:3:5: prices[0].model: is missing")
	f(begin+"  - {model: 'a[', call: 1}\n", `p.yaml:3:13: prices[0].model: "a[" is not a glob: syntax error in pattern`)
	f(begin+"  - {model: 4, call: 1}\n", "p.yaml:3:13: prices[0].model: must be text: put it in quotes")
	f(begin+"  - {model: ~, call: 1}\n", "p.yaml:3:13: prices[0].model: has no value (give it a value or remove the line)")
	f(begin+"  - {model: '', call: 1}\n", "p.yaml:3:13: prices[0].model: must not be empty")
	f(entry("sku: GlobalStandrd, call: 1"), `p.yaml:3:21: prices[0].sku: "GlobalStandrd" is no deployment type (did you mean "GlobalStandard"?)`)
	f(entry("region: Sweden Central, call: 1"), "p.yaml:3:24: prices[0].region: holds a space or a control character")

	// Times.
	f(entry("from: yesterday, call: 1"), `p.yaml:3:22: prices[0].from: "yesterday" is not a date such as 2026-03-01 or a time such as 2026-03-01T00:00:00Z`)
	f(entry("to: 0001-01-01, call: 1"), `p.yaml:3:20: prices[0].to: "0001-01-01" is not a date such as 2026-03-01 or a time such as 2026-03-01T00:00:00Z`)
	f(entry("from: 2026-02-01, to: 2026-01-31, call: 1"), "p.yaml:3:38: prices[0].to: is not after from")
	f(entry("from: 2026-02-01, to: 2026-02-01, call: 1"), "p.yaml:3:38: prices[0].to: is not after from")
	f(begin+"  - {model: m, to: 2026-02-02, call: 1}\n  - {model: M, from: 2026-02-01, call: 2}\n",
		`p.yaml:4:1: price of "M" counts at the same time as the one on line 3 (give each its from and to)`)

	// Holes.
	f(begin+"  - model: m\n", "p.yaml:3:5: prices[0]: has no price: give it prompt and completion, or call, second, character or pictures")
	f(entry("prompt: 1"), "p.yaml:3:5: prices[0]: has no price for completion: an embedding model says 0")
	f(entry("completion: 1, call: 1"), "p.yaml:3:5: prices[0]: has no price for prompt")
	f(entry("audio_in: 1"), "p.yaml:3:5: prices[0]: has no price for prompt")
	f(entry("prompt: 1, completion: 2, tiers: [{above: 10, prompt: 1}]"),
		"p.yaml:3:50: prices[0].tiers[0].completion: stands in one of the two only (a tier names the same classes as its price)")
	f(entry("prompt: 1, completion: 2, tiers: [{prompt: 1, completion: 1}, {above: 1.5, prompt: 1, completion: 1}]"),
		"p.yaml:3:50: prices[0].tiers[0].above: is missing",
		"p.yaml:3:86: prices[0].tiers[1].above: \"1.5\" is not a number of tokens such as 272000 or 272k")
	f(entry("prompt: 1, completion: 2, tiers: [{above: 1k, prompt: 1, completion: 1}, {above: 1000, prompt: 1, completion: 1}]"),
		"p.yaml:3:89: prices[0].tiers[1].above: is not more than that of the tier before")

	// Amounts.
	for s, fault := range map[string]string{
		"-1":                      "must not be negative",
		"-0":                      "must not be negative",
		".nan":                    "is not an amount such as 2.50",
		"NaN":                     "is not an amount such as 2.50",
		".inf":                    "is not an amount such as 2.50",
		"1e3":                     "is not an amount such as 2.50",
		"2.5e-06":                 "is not an amount such as 2.50",
		"0x10":                    "is not an amount such as 2.50",
		"1_000":                   "is not an amount such as 2.50",
		"007":                     "is not an amount such as 2.50",
		"2.":                      "is not an amount such as 2.50",
		"$2":                      "is not an amount such as 2.50",
		"true":                    "is not an amount such as 2.50",
		"1000000000":              "is absurdly large (it is the price of 1,000,000 tokens)",
		"0.0000025":               "has more than 6 decimals (it is the price of 1,000,000 tokens)",
		strings.Repeat("9", 2000): "is not an amount such as 2.50",
	} {
		f(entry("completion: 1, prompt: "+s), fmt.Sprintf("p.yaml:3:39: prices[0].prompt: %.80q %s", s, fault))
	}
	f(entry("call: 1000000"), `p.yaml:3:22: prices[0].call: "1000000" is absurdly large (it is the price of one request)`)
	f(entry("second: 0.0000000000001"), `p.yaml:3:24: prices[0].second: "0.0000000000001" has more than 12 decimals (it is the price of one second)`)
	f(entry("character: 0.0000000000001"), `p.yaml:3:27: prices[0].character: "0.0000000000001" has more than 12 decimals (it is the price of one character)`)
	f(entry("pictures: []"), "p.yaml:3:5: prices[0]: has no price: give it prompt and completion, or call, second, character or pictures")
	f(entry("pictures: [{size: a}]"), "p.yaml:3:27: prices[0].pictures[0].price: is missing")
	f(entry("pictures: [{price: 1}, {price: 2}]"), "p.yaml:3:39: prices[0].pictures[1]: has two prices of the same pictures")
	f(entry("pictures: [{price: -1, colour: red}]"), `p.yaml:3:35: prices[0].pictures[0].price: "-1" must not be negative`,
		`p.yaml:3:39: prices[0].pictures[0].colour: unknown key (the keys here are size, quality, price)`)
	f(entry("call:"), "p.yaml:3:21: prices[0].call: has no value (give it a value or remove the line)")

	// All at once, in the file's order.
	f("prices:\n  - {model: m, prompt: -1, completion: x}\n  - {modle: m, call: 1}\ncurrency: XXX\n",
		`p.yaml:2:24: prices[0].prompt: "-1" must not be negative`,
		`p.yaml:2:40: prices[0].completion: "x" is not an amount such as 2.50`,
		"p.yaml:3:5: prices[1].model: is missing",
		`p.yaml:3:6: prices[1].modle: unknown key (did you mean "model"?)`,
		`p.yaml:4:11: currency: "XXX" is not the code of a currency such as USD`)
	_, err := price.Parse("p.yaml", []byte(begin+strings.Repeat("  - 1\n", 150)))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 101 || lines[100] != "p.yaml: and 50 more" {
		t.Errorf("%d lines, the last is %s", len(lines), lines[len(lines)-1])
	}
}

// What a file leaves out has its default, and amounts are read to the last decimal.
func TestParse(t *testing.T) {
	b := parse(t, `
currency: EUR
prices:
  - model: gpt-5.4
    sku: DataZoneStandard
    region: swedencentral
    from: 2026-03-01
    to: 2026-04-01T02:00:00+02:00
    prompt: "2.500001"
    cached: .25
    completion: 15.10
    call: 0.000000000001
    second: 999999.5
    tiers:
      - {above: 272k, prompt: 5, cached: 0.000001, completion: 999999999.999999}
      - {above: 1M, prompt: 0, cached: 0, completion: 0}
`)
	var base, above price.Rates
	for c := range price.Completion {
		base[c], above[c] = 2_500_001, 5_000_000
	}
	base[price.Cached], above[price.Cached] = 250_000, 1
	for c := price.Completion; c < price.Call; c++ {
		base[c], above[c] = 15_100_000, 999_999_999_999_999
	}
	base[price.Call], base[price.Second] = 1, 999_999_500_000_000_000
	above[price.Call], above[price.Second] = base[price.Call], base[price.Second]
	want := []price.Price{{
		Model: "gpt-5.4", SKU: "DataZoneStandard", Region: "swedencentral",
		From:  time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		To:    time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		Rates: base,
		Tiers: []price.Tier{
			{Above: 272_000, Rates: above},
			{Above: 1_000_000, Rates: price.Rates{price.Call: base[price.Call], price.Second: base[price.Second]}},
		},
	}}
	if diff := cmp.Diff(want, b.All(), equal); diff != "" || b.Currency() != "EUR" {
		t.Error(diff)
	}
	if p := b.All()[0]; p.Origin != "prices.yaml" {
		t.Errorf("comes from %q", p.Origin)
	}
	if got := b.All()[0].Cost(tallygate.Usage{Prompt: 1_000_000, Cached: 1_000_000}, ""); got != 1+1 { // 0.000001 and the call
		t.Errorf("costs %d", got)
	}
}

// Whatever it reads, Parse does not fall over, and what it accepts it can write and
// read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(places))
	f.Add([]byte("currency: USD\nprices: [{model: m, second: 0.0001}]"))
	f.Add([]byte("currency: JPY\nsuffixes: ['-*']\nprices: [{model: 'a[b-]*', from: 2026-01-01, prompt: 1, completion: 2, tiers: [{above: 1, prompt: 2, completion: 3}]}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("{{{{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := price.Parse("f", data)
		if err != nil {
			return
		}
		text := b.Marshal()
		back, err := price.Parse("f", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(b.All(), back.All(), equal); diff != "" {
			t.Fatal(diff)
		}
		for _, p := range b.All() {
			b.Find(p.Model, p.SKU, p.Region, p.From)
		}
	})
}
