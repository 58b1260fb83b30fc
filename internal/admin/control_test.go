package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/price"
	"github.com/tallygate/tallygate/internal/world"
)

// Amounts of money are decimal text in JSON, all others numbers, and both come back.
func TestFigure(t *testing.T) {
	for _, c := range []struct {
		quantity tallygate.Quantity
		n        int64
		want     string
	}{
		{tallygate.Tokens, 1 << 40, `1099511627776`}, {tallygate.Requests, 0, `0`},
		{tallygate.Cost, 12_500_000, `"12.50"`}, {tallygate.Cost, 15, `"0.000015"`}, {tallygate.Cost, -1, `"-0.000001"`},
	} {
		f := figure(c.quantity, c.n)
		got, err := json.Marshal(f)
		if err != nil || string(got) != c.want {
			t.Errorf("%s %d: %s (%v), want %s", c.quantity, c.n, got, err, c.want)
		}
		var back api.Figure
		if err := json.Unmarshal(got, &back); err != nil || back != f {
			t.Errorf("%s came back as %q (%v)", got, back, err)
		}
	}
}

// A period is called as the configuration calls it.
func TestPeriod(t *testing.T) {
	for want, l := range map[string]tallygate.Limit{
		"":       {Quantity: tallygate.Concurrent},
		"minute": {Period: tallygate.Sliding, Length: time.Minute},
		"10s":    {Period: tallygate.Sliding, Length: 10 * time.Second},
		"30m":    {Period: tallygate.Sliding, Length: 30 * time.Minute},
		"1h":     {Period: tallygate.Sliding, Length: time.Hour},
		"1m30s":  {Period: tallygate.Sliding, Length: 90 * time.Second},
		"hour":   {Period: tallygate.Hour},
		"event":  {Period: tallygate.Lifetime},
	} {
		if got := period(&l); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}

// The most used subjects come first, and those beyond the bound are counted.
func TestShowSubjects(t *testing.T) {
	l := tallygate.Limit{Name: "x", Amount: 10, Period: tallygate.Ever}
	in := world.LimitInUse{Limit: l, States: []limit.State{
		{Limit: &l, Subject: "b", Spent: 1}, {Limit: &l, Subject: "c", Spent: 3, Held: 4}, {Limit: &l, Subject: "a", Held: 1}, {Limit: &l, Subject: "d"},
	}}
	var got []string
	shown := showLimit(&in, 3)
	for _, s := range shown.Subjects {
		got = append(got, s.Subject+" "+string(s.Left))
	}
	if diff := cmp.Diff([]string{"c 3", "a 9", "b 9"}, got); diff != "" || shown.More != 1 {
		t.Errorf("%d more, (-want +got):\n%s", shown.More, diff)
	}
}

func parse(t *testing.T, text string) *price.Book {
	t.Helper()
	b, err := price.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Prices are shown exactly, with the classes that say something of their own.
func TestShowPrices(t *testing.T) {
	b := parse(t, `
currency: USD
prices:
  - {model: a, prompt: 2.50, cached: 0.375, completion: 10, from: 2026-01-01, to: 2026-01-01T12:00:00Z}
  - {model: free, prompt: 0, completion: 0}
  - {model: speech, second: 0.000123456789}
  - {model: tool, call: 12, prompt: 1, completion: 0}
  - {model: tiered, prompt: 1, completion: 2, tiers: [{above: 200k, prompt: 2, completion: 4}]}
`)
	want := []api.Price{
		{Model: "a", From: "2026-01-01", To: "2026-01-01T12:00:00Z", Rates: map[string]string{"prompt": "2.50", "cached": "0.375", "completion": "10.00"}},
		{Model: "free", Rates: map[string]string{"prompt": "0.00", "completion": "0.00"}},
		{Model: "speech", Rates: map[string]string{"second": "0.000123456789"}},
		{Model: "tiered", Rates: map[string]string{"prompt": "1.00", "completion": "2.00"}, Tiers: []api.PriceTier{{Above: 200_000, Rates: map[string]string{"prompt": "2.00", "completion": "4.00"}}}},
		{Model: "tool", Rates: map[string]string{"prompt": "1.00", "completion": "0.00", "call": "12.00"}},
	}
	for i := range want {
		want[i].Origin = "test"
	}
	if diff := cmp.Diff(want, Prices(b, "").Prices); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A model is shown with its own prices, else with those it is priced by.
func TestPricesOfModel(t *testing.T) {
	b := parse(t, `
currency: USD
suffixes: ["-2024-*"]
prices:
  - {model: gpt-4o, prompt: 1, completion: 1}
  - {model: gpt-4o, sku: Standard, prompt: 1, completion: 1}
  - {model: gpt-4o-mini, prompt: 1, completion: 1}
  - {model: "o*", prompt: 1, completion: 1}
`)
	for model, want := range map[string]int{"gpt-4o": 2, "GPT-4O": 2, "gpt*": 3, "gpt-4o-2024-08-06": 2, "o3": 1, "claude": 0, "": 4} {
		if got := len(Prices(b, model).Prices); got != want {
			t.Errorf("%q has %d prices, want %d", model, got, want)
		}
	}
}

// Two books differ by what costs otherwise, not by where it was read.
func TestChanges(t *testing.T) {
	was := parse(t, "currency: USD\nprices:\n  - {model: same, prompt: 1, completion: 1}\n  - {model: gone, prompt: 1, completion: 1}\n  - {model: other, prompt: 1, completion: 1}")
	is, err := price.Parse("elsewhere", []byte("currency: USD\nprices:\n  - {model: same, prompt: 1, completion: 1}\n  - {model: new, prompt: 1, completion: 1}\n  - {model: other, prompt: 1, completion: 2}"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes(was, is) {
		switch {
		case c.Was == nil:
			got = append(got, "+"+c.Is.Model)
		case c.Is == nil:
			got = append(got, "-"+c.Was.Model)
		default:
			got = append(got, c.Is.Model+" "+c.Was.Rates["completion"]+" "+c.Is.Rates["completion"])
		}
	}
	if diff := cmp.Diff([]string{"-gone", "+new", "other 1.00 2.00"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The list of prices tells which models are served, so that a price for none of them is
// noticed.
func TestPricesTellModels(t *testing.T) {
	book, err := price.New("EUR", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := PriceControl{
		List:   func(context.Context) (*price.Book, []api.StoredPrices, error) { return book, nil, nil },
		Models: func() []string { return []string{"gpt-4o"} },
	}
	res := httptest.NewRecorder()
	c.get(res, httptest.NewRequest(http.MethodGet, "/admin/v1/prices", nil))
	var list api.PriceList
	if err := json.Unmarshal(res.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"gpt-4o"}, list.Models); diff != "" || list.Currency != "EUR" {
		t.Errorf("in %s, models (-want +got):\n%s", list.Currency, diff)
	}
}
