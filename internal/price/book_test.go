package price_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/price"
	"pgregory.net/rapid"
)

// Each price of this list costs another whole amount, which says which one was found.
const places = `
currency: USD
suffixes: ["-20[0-9][0-9]-[01][0-9]-[0-3][0-9]", "-latest"]
prices:
  - {model: gpt-4o, prompt: 1, completion: 0}
  - {model: gpt-4o, sku: Standard, prompt: 2, completion: 0}
  - {model: gpt-4o, region: swedencentral, prompt: 3, completion: 0}
  - {model: gpt-4o, sku: Standard, region: swedencentral, prompt: 4, completion: 0}
  - {model: "gpt-4o*", prompt: 5, completion: 0}
  - {model: "gpt-4o-m*", prompt: 6, completion: 0}
  - {model: gpt-4o-2024-05-13, prompt: 7, completion: 0}
  - {model: "*", sku: GlobalBatch, prompt: 8, completion: 0}
  - {model: "gpt-*", sku: GlobalBatch, to: 2026-01-01, prompt: 9, completion: 0}
  - {model: "gpt-*", sku: GlobalBatch, from: 2026-01-01, to: "2026-02-01T12:30:00+01:00", prompt: 10, completion: 0}
`

// The most specific price wins: by place, then by name; at the time it counts.
func TestFind(t *testing.T) {
	b := parse(t, places)
	f := func(model, sku, region, at string, want int64) {
		t.Helper()
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		var got int64
		p, ok := b.Find(model, sku, region, when)
		if ok {
			got = int64(p.Rates[price.Prompt] / tallygate.Unit)
		}
		if ok != (want > 0) || got != want {
			t.Errorf("%s, %q in %q at %s: price %d, want %d", model, sku, region, at, got, want)
		}
	}
	const day = "2026-06-01T00:00:00Z"
	f("gpt-4o", "", "", day, 1)
	f("GPT-4o", "GlobalStandard", "eastus", day, 1)
	f("gpt-4o", "Standard", "eastus", day, 2)
	f("gpt-4o", "GlobalStandard", "swedencentral", day, 3) // region over SKU …
	f("gpt-4o", "standard", "SwedenCentral", day, 4)       // … and both over either
	f("gpt-4o-2024-08-06", "", "", day, 1)                 // a dated name, before a glob of as many letters
	f("gpt-4o-latest", "Standard", "", day, 2)
	f("gpt-4o-2024-05-13", "", "", day, 7)         // the very name
	f("gpt-4o-2024-05-13", "Standard", "", day, 2) // but the place goes before the name
	f("gpt-4o-audio", "", "", day, 5)
	f("gpt-4o-mini", "", "", day, 6) // the glob with more letters
	f("gpt-4o-mini", "Standard", "", day, 6)
	f("o1", "GlobalBatch", "", day, 8)
	f("o1", "Standard", "", day, 0)
	f("gpt-4o", "GlobalBatch", "", day, 8)
	f("gpt-4o", "GlobalBatch", "", "2025-12-31T23:59:59Z", 9)
	f("gpt-4o", "GlobalBatch", "", "2026-01-01T00:00:00Z", 10) // from is in …
	f("gpt-4o", "GlobalBatch", "", "2026-02-01T11:29:59Z", 10)
	f("gpt-4o", "GlobalBatch", "", "2026-02-01T11:30:00Z", 8) // … to is not
	f("", "", "", day, 0)
	f(strings.Repeat("gpt-4o-", 10_000), "", "", day, 5)
}

// Overrides count for the same model, SKU, region and time, the later ones first; the
// rest stays, before and after them too.
func TestWith(t *testing.T) {
	base := parse(t, `
currency: USD
suffixes: [-latest]
prices:
  - {model: a, prompt: 1, completion: 0}
  - {model: a, sku: Standard, prompt: 2, completion: 0}
  - {model: b, to: 2026-01-01, prompt: 3, completion: 0}
  - {model: b, from: 2026-01-01, prompt: 4, completion: 0}`)
	first := parse(t, `{currency: USD, prices: [{model: A, from: 2026-03-01, to: 2026-04-01, prompt: 5, completion: 0}, {model: b, prompt: 6, completion: 0}]}`)
	second := parse(t, `{currency: USD, suffixes: [-x], prices: [{model: a, from: 2026-03-15, prompt: 7, completion: 0}, {model: b, to: 2025-06-01, prompt: 8, completion: 0}]}`)
	b, err := base.With(first, second)
	if err != nil {
		t.Fatal(err)
	}
	f := func(model, sku, day string, want int64) {
		t.Helper()
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := b.Find(model, sku, "", at)
		if !ok || int64(p.Rates[price.Prompt]/tallygate.Unit) != want {
			t.Errorf("%s %s on %s: %+v, want %d", model, sku, day, p, want)
		}
	}
	f("a", "", "2026-02-28", 1)
	f("a", "", "2026-03-01", 5)
	f("a", "", "2026-03-15", 7) // the later override
	f("a", "", "2026-05-01", 7)
	f("a", "Standard", "2026-05-01", 2) // another place
	f("b", "", "2025-05-31", 8)
	f("b", "", "2025-06-01", 6)
	f("b", "", "2026-06-01", 6)
	f("a-latest", "", "2026-05-01", 7) // overrides have the suffixes of all
	f("a-x", "", "2026-02-01", 1)

	var spans []string
	for _, p := range b.All() {
		span := func(t time.Time) string {
			if t.IsZero() {
				return "…"
			}
			return t.Format(time.DateOnly)
		}
		spans = append(spans, p.Model+" "+p.SKU+" "+span(p.From)+" "+span(p.To)+" "+p.Origin)
	}
	want := []string{
		"a  … 2026-03-01 prices.yaml",
		"A  2026-03-01 2026-03-15 prices.yaml",
		"a  2026-03-15 … prices.yaml",
		"a Standard … … prices.yaml",
		"b  … 2025-06-01 prices.yaml",
		"b  2025-06-01 … prices.yaml",
	}
	if diff := cmp.Diff(want, spans); diff != "" {
		t.Error(diff)
	}
	if len(base.All()) != 4 || len(first.All()) != 2 {
		t.Error("the books below have changed")
	}
	if _, err := base.With(parse(t, `{currency: EUR, prices: [{model: a, prompt: 1, completion: 0}]}`)); err == nil || !strings.Contains(err.Error(), "EUR") {
		t.Errorf("euros override dollars: %v", err)
	}
}

// Exchange is exact and rounds halves up; what costs something goes on costing.
func TestConvert(t *testing.T) {
	b := parse(t, `{currency: USD, prices: [
		{model: m, prompt: 2.50, cached: 0.000001, completion: 0.000005, call: 0.04, second: 0.0001,
		 tiers: [{above: 10, prompt: 5, cached: 0.000002, completion: 0}]}]}`)
	f := func(rate string, want ...tallygate.Money) {
		t.Helper()
		c, err := b.Convert("EUR", rate)
		if err != nil {
			t.Errorf("at %s: %v", rate, err)
			return
		}
		p, _ := c.Find("m", "", "", now)
		got := []tallygate.Money{p.Rates[price.Prompt], p.Rates[price.Cached], p.Rates[price.Completion],
			p.Rates[price.Call], p.Rates[price.Second], p.Tiers[0].Rates[price.Prompt], p.Tiers[0].Rates[price.Completion]}
		if diff := cmp.Diff(want, got); diff != "" || c.Currency() != "EUR" {
			t.Errorf("at %s: %s", rate, diff)
		}
	}
	f("1", 2_500_000, 1, 5, 40_000_000_000, 100_000_000, 5_000_000, 0)
	f("0.92", 2_300_000, 1, 5, 36_800_000_000, 92_000_000, 4_600_000, 0)
	f("0.1", 250_000, 1, 1, 4_000_000_000, 10_000_000, 500_000, 0)    // 0.1 and 0.5 of a millionth
	f("0.3", 750_000, 1, 2, 12_000_000_000, 30_000_000, 1_500_000, 0) // 0.3 and 1.5
	f("1e-9", 1, 1, 1, 40, 1, 1, 0)
	for _, rate := range []string{"", "0", "-1", "x", "NaN", "Inf", "1/2", "0x1", "1e999999999", "1e30", "1_0"} {
		if _, err := b.Convert("EUR", rate); err == nil {
			t.Errorf("exchange at %q", rate)
		}
	}
	if _, err := b.Convert("eur", "1"); err == nil {
		t.Error("eur is a currency")
	}
}

var equal = cmp.Options{cmpopts.IgnoreUnexported(price.Price{}), cmpopts.IgnoreFields(price.Price{}, "Origin"), cmpopts.EquateEmpty()}

// What Marshal writes, Parse reads.
func TestMarshalRoundTrip(t *testing.T) {
	names := rapid.OneOf(rapid.SampledFrom([]string{"gpt-4o", "true", "null", "1e5", "2026-01-01", "*", `a\*b"`, "été", "a: b#c"[:2] + "#c"}), rapid.StringMatching(`[a-z0-9#:{}'"&*!|>%@-]{1,8}`))
	days := rapid.Int64Range(946684800, 7e9)
	rapid.Check(t, func(t *rapid.T) {
		var prices []price.Price
		for range rapid.IntRange(1, 5).Draw(t, "prices") {
			p := somePrice(t, names.Draw(t, "model"))
			p.SKU = rapid.SampledFrom([]string{"", "Standard", "GlobalBatch", "NewSKU"}).Draw(t, "sku")
			p.Region = rapid.SampledFrom([]string{"", "swedencentral", "no"}).Draw(t, "region")
			if rapid.Bool().Draw(t, "from?") {
				p.From = time.Unix(days.Draw(t, "from"), rapid.SampledFrom([]int64{0, 5}).Draw(t, "ns")).UTC()
			}
			if rapid.Bool().Draw(t, "to?") {
				p.To = time.Unix(days.Draw(t, "to")/86400*86400, 0).UTC()
			}
			if rapid.Bool().Draw(t, "plain") { // as lists mostly are
				for _, c := range []price.Class{price.Cached, price.CacheWrite, price.AudioIn, price.Image} {
					p.Rates[c] = p.Rates[price.Prompt]
				}
				p.Rates[price.AudioOut], p.Tiers = p.Rates[price.Completion], nil
			}
			prices = append(prices, p)
		}
		b, err := price.New("SEK", []string{"-[0-9]*", "-latest"}, prices)
		if err != nil {
			t.Skip(err) // overlapping, or no glob
		}
		text := b.Marshal()
		back, err := price.Parse("back", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(b.All(), back.All(), equal); diff != "" || back.Currency() != "SEK" {
			t.Fatalf("%s in\n%s", diff, text)
		}
		if again := back.Marshal(); string(again) != string(text) { // the suffixes too
			t.Fatalf("second writing differs: %s", cmp.Diff(string(text), string(again)))
		}
	})
}

// New refuses what Parse would.
func TestNewRefuses(t *testing.T) {
	ok := price.Price{Model: "m", Rates: price.Rates{price.Prompt: 1}}
	with := func(change func(p *price.Price)) []price.Price {
		p := ok
		change(&p)
		return []price.Price{p}
	}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := func(currency string, suffixes []string, prices []price.Price, want string) {
		t.Helper()
		_, err := price.New(currency, suffixes, prices)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	f("USD", nil, []price.Price{ok}, "")
	f("USD", nil, nil, "")
	f("Usd", nil, nil, `"Usd"`)
	f("US ", nil, nil, "currency")
	f("USD", []string{"["}, nil, "glob")
	f("USD", nil, []price.Price{ok, ok}, "same time")
	f("USD", nil, with(func(p *price.Price) { p.Model = "" }), "empty")
	f("USD", nil, with(func(p *price.Price) { p.Model = "a b" }), "space")
	f("USD", nil, with(func(p *price.Price) { p.Model = "a[" }), "glob")
	f("USD", nil, with(func(p *price.Price) { p.Region = "Sweden Central" }), "space")
	f("USD", nil, with(func(p *price.Price) { p.From, p.To = day, day }), "after from")
	f("USD", nil, with(func(p *price.Price) { p.Rates[price.Image] = -1 }), "image")
	f("USD", nil, with(func(p *price.Price) { p.Rates[price.Image] = 1e15 }), "image")
	f("USD", nil, with(func(p *price.Price) { p.Tiers = []price.Tier{{}} }), "tiers")
	f("USD", nil, with(func(p *price.Price) { p.Tiers = []price.Tier{{Above: 5}, {Above: 5}} }), "tiers")
	f("USD", nil, with(func(p *price.Price) { p.Tiers = []price.Tier{{Above: 5, Rates: price.Rates{price.Call: 1}}} }), "call")
}

// Finding a price takes no memory, whether the name is there, dated or unknown.
func TestFindAllocatesNothing(t *testing.T) {
	b := builtIn(t)
	for _, name := range []string{"gpt-4o", "gpt-4o-2024-08-06", "unheard-of"} {
		if n := testing.AllocsPerRun(100, func() { b.Find(name, "GlobalStandard", "swedencentral", now) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	book := builtIn(b)
	for _, name := range []string{"gpt-4o", "gpt-4o-2024-08-06", "unheard-of"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				book.Find(name, "GlobalStandard", "swedencentral", now)
			}
		})
	}
}
