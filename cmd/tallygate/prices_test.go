package main

import (
	"testing"

	"github.com/tallygate/tallygate/internal/api"
)

// A price is for no model only where it is known what deployments serve, and none of it
// has the name, matches it, or is a version of it.
func TestUnserved(t *testing.T) {
	served := []string{"gpt-4o", "gpt-5-2026-01-01"}
	for _, c := range []struct {
		model  string
		served []string
		want   bool
	}{
		{"gpt-4oo", served, true}, {"GPT-4O", served, false}, {"gpt-5", served, false}, {"gpt-4*", served, false},
		{"o*", served, true}, {"gpt-4oo", nil, false},
	} {
		if got := unserved(c.model, c.served); got != c.want {
			t.Errorf("unserved(%q, %q) = %v", c.model, c.served, got)
		}
	}
}

// A price that is set anew for a model keeps what it says of cached tokens and the like,
// unless that is set too; so does one for a region beside what counts everywhere.
func TestSettingAPriceKeepsItsParts(t *testing.T) {
	now := &api.PriceList{Currency: "USD", Prices: []api.Price{
		{Model: "gpt-4o", Rates: map[string]string{"prompt": "2.50", "cached": "1.25", "completion": "10.00"}},
		{Model: "gpt-4o", Region: "japaneast", Rates: map[string]string{"prompt": "2.75", "cached": "1.375", "completion": "11.00"}},
		{Model: "gpt-4o", SKU: "GlobalBatch", Rates: map[string]string{"prompt": "1.25", "cached": "0.625", "completion": "5.00"}},
	}}
	f := func(want string, currency string, pairs ...string) {
		t.Helper()
		entry := map[string]any{"model": "GPT-4o", "prompt": "3"}
		for i := 0; i < len(pairs); i += 2 {
			entry[pairs[i]] = pairs[i+1]
		}
		keepRates(entry, now, currency)
		if word(entry, "cached") != want || entry["prompt"] != "3" {
			t.Errorf("%v: %v, want cached %q", pairs, entry, want)
		}
	}
	f("1.25", "USD")
	f("1.375", "USD", "region", "JapanEast")
	f("1.25", "USD", "region", "sweden")
	f("0.625", "USD", "sku", "GlobalBatch")
	f("0.5", "USD", "cached", "0.5")
	f("", "EUR") // another currency's figures are others
}
