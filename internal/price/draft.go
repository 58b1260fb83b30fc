package price

import "fmt"

// draft is Rates in the making: it knows which classes were given.
type draft struct {
	rates Rates
	given [Classes]bool
	// pictures says that there are prices of pictures.
	pictures bool
}

// complete makes rates of a draft: classes that were not given cost what the whole
// does that they are part of. What has a price for tokens must have one for those of
// the prompt and of the completion, if it is 0, since nothing else may stand in for
// them; what has none must have one for the call, the second, the character or pictures.
func (d *draft) complete() (Rates, error) {
	tokens, pieces := false, d.pictures
	for c := range Call {
		tokens = tokens || d.given[c]
	}
	for c := Call; c < Classes; c++ {
		pieces = pieces || d.given[c]
	}
	switch {
	case !tokens && !pieces:
		return d.rates, fmt.Errorf("has no price: give it %s and %s, or %s, %s, %s or pictures", Prompt, Completion, Call, Second, Character)
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
