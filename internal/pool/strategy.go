package pool

import (
	"fmt"
	"strings"
)

// Strategy orders the deployments within a tier.
type Strategy uint8

// The strategies.
const (
	// Headroom picks the deployment with the largest share of its quota left, as
	// predicted by mirroring Azure's own counting.
	Headroom Strategy = iota
	// Priority picks at random among the deployments of the lowest tier, in
	// proportion to their weights.
	Priority
	// Weight takes turns in proportion to the weights, smoothly interleaved.
	Weight
	// RoundRobin takes turns in the order of the list, whatever the weights.
	RoundRobin
	// LeastBusy picks the deployment with the fewest requests in flight.
	LeastBusy
	// Latency picks the deployment that is quickest to its first byte, weighed
	// with its requests in flight; one request in twenty explores.
	Latency
	// Random is Priority by its other name: since tiers hold under every strategy,
	// the two do the same.
	Random
)

var strategies = [...]string{"headroom", "priority", "weight", "round_robin", "least_busy", "latency", "random"}

// String returns the strategy's name as the configuration spells it.
func (s Strategy) String() string {
	if int(s) < len(strategies) {
		return strategies[s]
	}
	return fmt.Sprintf("Strategy(%d)", uint8(s))
}

// MarshalText returns the strategy's name.
func (s Strategy) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a strategy's name; the empty text is Headroom.
func (s *Strategy) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = Headroom
		return nil
	}
	for i, name := range strategies {
		if string(text) == name {
			*s = Strategy(i)
			return nil
		}
	}
	return fmt.Errorf("unknown strategy %q: use one of %s", text, strings.Join(strategies[:], ", "))
}
