package config

import (
	"slices"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// allReach is everything that can be reached.
const allReach = tallygate.ReachTools | tallygate.ReachImages | tallygate.ReachFiles | tallygate.ReachData

// reach is a list of what requests may reach. A word that is none allows nothing.
func reach(p *tallygate.Reach) tree.Codec {
	words := p.Names()
	c := tree.List(&words, "", func(s *string) tree.Codec { return tree.Choice(s, allReach.Names()...) })
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		words = nil
		decode(d, v)
		words = slices.DeleteFunc(words, func(s string) bool { return s == "" }) // it was told of
		*p, _ = tallygate.ParseReach(words)
	}
	return c
}
