package price

import (
	"math/bits"

	"github.com/tallygate/tallygate"
)

// Nominal is the price of what provisioned throughput serves, which is paid by the hour
// and not by the token: that of an hour of one unit, spread over the prompt tokens that a
// unit reads in an hour at most. A completion token weighs as many prompt tokens, and
// cached ones cost nothing, as Azure counts utilisation. Units that are idle cost more
// than it says. Prices are rounded up to the millionth for a million tokens, and end
// where those of a list do.
func Nominal(hour tallygate.Money, promptPerMinute, weight int64) *Price {
	per := func(tokens uint64) tallygate.Money { // so many prompt tokens' worth, a million times
		high, low := bits.Mul64(uint64(max(hour, 0)), tokens*1_000_000)
		spread := uint64(max(promptPerMinute, 1)) * 60
		if high >= spread {
			return Prompt.ceiling() - 1
		}
		n, rest := bits.Div64(high, low, spread)
		if rest > 0 {
			n++
		}
		return tallygate.Money(min(n, uint64(Prompt.ceiling()-1)))
	}
	p := &Price{Model: "*"}
	prompt, completion := per(1), per(uint64(min(max(weight, 1), 1000)))
	p.Rates[Prompt], p.Rates[CacheWrite], p.Rates[AudioIn], p.Rates[Image] = prompt, prompt, prompt, prompt
	p.Rates[Completion], p.Rates[AudioOut], p.Rates[ImageOut] = completion, completion, completion
	return p
}
