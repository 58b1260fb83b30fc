package pool

import (
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Drain is what one provisioned throughput unit of a model serves.
type Drain struct {
	// Input is the input tokens a minute.
	Input int64
	// Output is how many input tokens one output token weighs.
	Output int64
}

// DrainOf returns what a unit of a base model serves, by Azure's published table; of a
// model that is not in it, what the weakest of the common ones does.
func DrainOf(base string) Drain { return drain(strings.ToLower(base), nil) }

// drain returns what a unit of the base model serves, from Azure's published
// table; a model not in it counts as the weakest of the common ones.
func drain(base string, more map[string]Drain) Drain {
	if d, ok := more[base]; ok {
		return d
	}
	switch base {
	case "gpt-5.5":
		return Drain{1200, 6}
	case "gpt-5.4":
		return Drain{2400, 6}
	case "gpt-5.3-codex", "gpt-5.2":
		return Drain{3400, 8}
	case "gpt-5.1", "gpt-5":
		return Drain{4750, 8}
	case "gpt-5-mini":
		return Drain{23750, 8}
	case "gpt-4.1", "o3":
		return Drain{3000, 4}
	case "gpt-4.1-mini":
		return Drain{14900, 4}
	case "gpt-4.1-nano":
		return Drain{59400, 4}
	case "o4-mini":
		return Drain{5400, 4}
	case "gpt-4o-mini":
		return Drain{37000, 4}
	case "o1":
		return Drain{230, 4}
	}
	return Drain{2500, 4} // gpt-4o, o3-mini and whatever comes
}

// bucket mirrors how Azure measures a provisioned deployment: each request pours
// in its estimated cost, corrected when it ends, and the units drain it
// steadily. It refuses while the bucket is over full, whatever a request's size.
type bucket struct {
	level    float64 // input tokens not yet drained
	capacity float64 // level at 100 % utilisation: what drains in a minute
	output   float64 // weight of an output token
	at       time.Duration
}

// size sets the bucket to units of d, keeping its utilisation.
func (b *bucket) size(units int64, d Drain) {
	capacity := float64(units) * float64(max(d.Input, 1))
	if b.capacity > 0 {
		b.level *= capacity / b.capacity
	}
	b.capacity, b.output = capacity, float64(max(d.Output, 1))
}

func (b *bucket) advance(now time.Duration) {
	b.level = max(0, b.level-b.capacity*(now-b.at).Minutes())
	b.at = now
}

// overflow is how many minutes' worth the bucket holds at most, so that an absurd
// max_tokens, or usage, cannot close the deployment for days.
const overflow = 5

func (b *bucket) pour(cost float64) {
	b.level = min(max(0, b.level+cost), overflow*b.capacity)
}

// cost is what Azure pours in when the request arrives.
func (b *bucket) cost(need size) float64 {
	return min(float64(need.prompt)+b.output*float64(need.output), overflow*b.capacity)
}

// actual is what the request turned out to cost; cached tokens are free.
func (b *bucket) actual(u tallygate.Usage) float64 {
	return float64(max(u.Prompt-u.Cached, 0)) + b.output*float64(u.Completion)
}

// see corrects the level by the utilisation Azure told: half the way, since it is
// as of some moment between arrival and answer.
func (b *bucket) see(utilization float64) {
	b.pour((utilization*b.capacity - b.level) / 2)
}

// refused corrects the level by a refusal: Azure says when it falls to 100 %.
func (b *bucket) refused(after time.Duration) {
	b.level = b.capacity * (1 + after.Minutes())
}
