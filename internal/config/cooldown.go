package config

import (
	"time"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Cooldown is how long a deployment rests after it refused.
type Cooldown struct {
	// Default counts when the refusal does not say how long.
	Default time.Duration
	// Max caps what a refusal may ask for.
	Max time.Duration
}

func (c *Cooldown) fields() tree.Fields {
	return tree.Fields{
		{Key: "default", Codec: tree.Duration(&c.Default, time.Millisecond), Doc: "When the refusal does not say how long."},
		{Key: "max", Codec: tree.Duration(&c.Max, time.Millisecond), Doc: "Cap on what a refusal may ask for."},
	}
}
