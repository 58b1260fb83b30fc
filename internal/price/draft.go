package price

import "fmt"

// draft is Rates in the making: it knows which classes were given.
type draft struct {
	rates Rates
	given [Classes]bool
}

// complete makes rates of a draft: classes that were not given cost what the whole
// does that they are part of. What has a price for tokens must have one for those of
// the prompt and of the completion, if it is 0, since nothing else may stand in for
// them; what has none must have one for the call or the second.
func (d *draft) complete() (Rates, error) {
	tokens := false
	for c := range Call {
		tokens = tokens || d.given[c]
	}
	switch {
	case !tokens && !d.given[Call] && !d.given[Second]:
		return d.rates, fmt.Errorf("has no price: give it %s and %s, or %s or %s", Prompt, Completion, Call, Second)
	case tokens && !d.given[Prompt]:
		return d.rates, fmt.Errorf("has no price for %s", Prompt)
	case tokens && !d.given[Completion]:
		return d.rates, fmt.Errorf("has no price for %s: an embedding model says 0", Completion)
	}
	r := d.rates
	for c := range Classes {
		if !d.given[c] {
			r[c] = r[c.whole()]
		}
	}
	return r, nil
}
