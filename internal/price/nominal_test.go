package price

import (
	"math"
	"testing"

	"github.com/tallygate/tallygate"
)

// An hour of a unit is spread over what the unit reads in it; an answer's token weighs as
// many of a prompt, cached ones nothing, and nothing overflows.
func TestNominal(t *testing.T) {
	f := func(hour tallygate.Money, perMinute, weight int64, prompt, completion tallygate.Money) {
		t.Helper()
		p := Nominal(hour, perMinute, weight)
		if p.Rates[Prompt] != prompt || p.Rates[Completion] != completion || p.Rates[Cached] != 0 {
			t.Errorf("Nominal(%s, %d, %d) = %s and %s, want %s and %s", hour, perMinute, weight, p.Rates[Prompt], p.Rates[Completion], prompt, completion)
		}
	}
	f(tallygate.Unit, 2500, 4, 6_666_667, 26_666_667)        // gpt-4o: 150,000 tokens an hour
	f(tallygate.Unit*3/2, 2500, 4, 10_000_000, 40_000_000)   // rounds nothing that comes out even
	f(0, 2500, 4, 0, 0)                                      // nothing is nothing
	f(-5, 2500, 4, 0, 0)                                     // and so is less
	f(1, 1_000_000, 1, 1, 1)                                 // a price is never rounded to nothing
	f(math.MaxInt64, 0, math.MaxInt64, ceiling-1, ceiling-1) // absurd ends where lists do
}
