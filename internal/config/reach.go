package config

import (
	"slices"

	"github.com/tallygate/tallygate"
)

// allReach is everything that can be reached.
const allReach = tallygate.ReachTools | tallygate.ReachImages | tallygate.ReachFiles | tallygate.ReachData

// reach is a list of what requests may reach. A word that is none allows nothing.
func reach(p *tallygate.Reach) codec {
	words := p.Names()
	c := list(&words, "", func(s *string) codec { return choice(s, allReach.Names()...) })
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		words = nil
		decode(d, v)
		words = slices.DeleteFunc(words, func(s string) bool { return s == "" }) // it was told of
		*p, _ = tallygate.ParseReach(words)
	}
	return c
}
