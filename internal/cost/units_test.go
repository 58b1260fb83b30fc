package cost_test

import (
	"reflect"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/price"
)

// A unit of usage cannot be without a price, a bound and a place in the ledger: whoever
// adds one to the words fails here until it has all of them.
func TestEveryUnitHasAPriceAndABound(t *testing.T) {
	parts := map[string]string{ // which cost what the whole does that they are part of
		"Total": "Prompt", "Cached": "Prompt", "CacheWrite": "Prompt", "AudioIn": "Prompt", "ImageIn": "Prompt",
		"Reasoning": "Completion", "AudioOut": "Completion", "ImageOut": "Completion", "AcceptedPrediction": "Completion", "RejectedPrediction": "Completion",
	}
	p := price.Price{Model: "m", Pictures: []price.Picture{{Rate: 1_000_000}}}
	for c := range price.Classes {
		if p.Rates[c] = 1_000_000; c == price.Call {
			p.Rates[c] = 0
		}
	}
	usage := reflect.TypeFor[tallygate.Usage]()
	for i := range usage.NumField() {
		name := usage.Field(i).Name
		if name == "Source" {
			continue
		}
		var u tallygate.Usage
		reflect.ValueOf(&u).Elem().Field(i).SetInt(7)
		if whole := parts[name]; whole != "" {
			reflect.ValueOf(&u).Elem().FieldByName(whole).SetInt(7)
		} else {
			var b tallygate.Bound
			field := reflect.ValueOf(&b).Elem().FieldByName(name)
			if !field.IsValid() {
				t.Errorf("a usage has %s, and a bound has not", name)
				continue
			}
			field.SetInt(7)
			if p.Most(b) != 7 || b.Whole() != func() tallygate.Usage { u := u; u.Source, u.Total = tallygate.Held, u.Prompt+u.Completion; return u }() {
				t.Errorf("7 %s cost at most %s, and are all used as %+v", name, p.Most(b), b.Whole())
			}
			limited := false
			for q := tallygate.Tokens; q.Worth(); q++ {
				limited = limited || q != tallygate.Cost && q.Of(&u, 0) == 7
			}
			if !limited {
				t.Errorf("no limit counts %s", name)
			}
		}
		if !p.Covers(&u) || p.Cost(u, "") != 7 {
			t.Errorf("7 %s cost %s", name, p.Cost(u, ""))
		}
		e := tallygate.Entry{Usage: u}
		got, err := ledger.DecodeEntry(ledger.AppendEntry(nil, &e))
		if err != nil || got.Usage != u {
			t.Errorf("%s: the ledger makes %+v of %+v, %v", name, got.Usage, u, err)
		}
	}
}
