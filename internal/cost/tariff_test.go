package cost_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/cost"
	"github.com/tallygate/tallygate/internal/price"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// kinds are of pictures, those that have a price and those that have none.
var kinds = []string{"", "standard/", "hd/1024x1024", "/auto", "ultra/9x9"}

// tariff has a list with one model that has tiers, one without, and maybe a price for
// what it does not know.
func tariff(t *rapid.T, assumed bool) (*cost.Tariff, []*tallygate.Deployment) {
	rate := rapid.Custom(func(t *rapid.T) tallygate.Money {
		return tallygate.Money(rapid.Int64Range(0, 90_000_000).Draw(t, "rate"))
	})
	rates := func() (r price.Rates) {
		for c := range r {
			r[c] = rate.Draw(t, "rate")
		}
		return r
	}
	small, large := rates(), rates()
	for c := price.Call; c < price.Classes; c++ {
		large[c] = small[c] // they have no tiers
	}
	list, err := price.New("EUR", nil, []price.Price{
		{Model: "tiered", Rates: small, Tiers: []price.Tier{{Above: 1000, Rates: large}}},
		{Model: "flat", Rates: rates()},
		{Model: "drawing", Pictures: []price.Picture{
			{Size: "1024x1024", Quality: "standard", Rate: rate.Draw(t, "small")}, {Quality: "hd", Rate: rate.Draw(t, "hd")},
		}},
		{Model: "speaking", Rates: price.Rates{price.Character: 1 + rate.Draw(t, "character")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := cost.Options{List: list}
	if assumed {
		o.Unknown = cost.Assumed(rate.Draw(t, "prompt"), rate.Draw(t, "completion"))
	}
	var on []*tallygate.Deployment
	for i, base := range []string{"tiered", "flat", "strange", "drawing", "speaking"} {
		on = append(on, &tallygate.Deployment{Resource: "r", Name: string(rune('a' + i)), Base: base})
	}
	return cost.New(o), on
}

// Whatever a request uses within its bound, and on whichever deployment, costs no more
// than its worst case; and what nobody has a price for says so.
func TestTheWorstCaseIsWorst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		assumed := rapid.Bool().Draw(t, "assumed")
		tariff, on := tariff(t, assumed)
		count := rapid.Int64Range(0, 5000)
		b := tallygate.Bound{Prompt: count.Draw(t, "p"), Completion: count.Draw(t, "c"), Seconds: count.Draw(t, "s"),
			Characters: count.Draw(t, "ch"), Images: rapid.Int64Range(0, 10).Draw(t, "im"), Picture: rapid.SampledFrom(kinds).Draw(t, "kind")}
		worst := tariff.Bound(b, on, at)
		unpriced := false
		for _, d := range on {
			_, how := tariff.Of(b.Whole(), b.Picture, d, at)
			unpriced = unpriced || how == tallygate.Unpriced
		}
		if (worst.Pricing == tallygate.Unpriced) != unpriced || !unpriced && !assumed {
			t.Fatalf("the worst case is %v", worst.Pricing)
		}
		within := func(name string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, name) }
		u := tallygate.Usage{Source: tallygate.Exact, Prompt: within("prompt", b.Prompt), Completion: within("completion", b.Completion), Seconds: within("seconds", b.Seconds),
			Characters: within("characters", b.Characters), Images: within("images", b.Images)}
		u.Cached, u.Reasoning, u.Total = within("cached", u.Prompt), within("reasoning", u.Completion), u.Prompt+u.Completion
		for _, d := range on {
			if is, how := tariff.Of(u, b.Picture, d, at); is > worst.Cost {
				t.Fatalf("%+v costs %v (%v) on %s, and at most %v", u, is, how, d.Base, worst.Cost)
			}
		}
	})
}

// What an amount pays is paid by it, and one token more is not.
func TestWhatAnAmountPays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tariff, on := tariff(t, true)
		b := tallygate.Bound{Prompt: rapid.Int64Range(0, 5000).Draw(t, "p"), Completion: rapid.Int64Range(0, 5000).Draw(t, "c")}
		amount := tallygate.Money(rapid.Int64Range(0, 500_000).Draw(t, "amount"))
		pays := func(prompt, completion int64) bool {
			return tariff.Bound(tallygate.Bound{Prompt: prompt, Completion: completion}, on, at).Cost <= amount
		}
		if n := tariff.Answer(amount, b, on, at); n >= 0 && !pays(b.Prompt, n) || n < b.Completion && pays(b.Prompt, n+1) {
			t.Fatalf("%v pays %d tokens of an answer to %+v", amount, n, b)
		}
		if n := tariff.Prompt(amount, b, on, at); n > 0 && !pays(n, 0) || n < b.Prompt && pays(n+1, 0) {
			t.Fatalf("%v pays %d tokens of a prompt in %+v", amount, n, b)
		}
	})
}
