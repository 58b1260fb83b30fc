package rehearse

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Virtual says how an event is rehearsed in virtual time.
type Virtual struct {
	// For is how long the event lasts.
	For time.Duration
	// Wait is how long the gateway lets a request wait for room.
	Wait time.Duration
	// Slice is the stretch of time, besides the minute, by which deployments count
	// requests: a second or ten at Azure; 0 is none.
	Slice time.Duration
	// Steady spreads each attendee's prompts evenly; otherwise they come by chance.
	Steady bool
	// Seed decides when prompts come. The same seed gives the same forecast.
	Seed uint64
	// Caps are the values of max_tokens to rehearse; the event's own always is.
	Caps []int64
}

// mostMessages bounds what one forecast sends for each cap, and with it its time.
const mostMessages = 200_000

// Forecast is what a rehearsal in virtual time came to.
type Forecast struct {
	// Requests is how many prompts there were, the same for each cap.
	Requests int64   `json:"requests"`
	Minutes  float64 `json:"minutes"`
	Seed     uint64  `json:"seed"`
	Wait     float64 `json:"wait_seconds"`
	// BusiestSecond is the most prompts within one second, which began at BusiestAt.
	BusiestSecond int     `json:"busiest_second"`
	BusiestAt     float64 `json:"busiest_second_at_seconds"`
	Caps          []Cap   `json:"caps"`
}

// Cap is what happens at one value of max_tokens, by what stands before the
// deployments.
type Cap struct {
	MaxTokens int64 `json:"max_tokens"`
	// Tokens a minute, as Azure counts them, and whether the plan says that it fits.
	Tokens int64 `json:"tokens_per_minute"`
	Fits   bool  `json:"fits"`
	// RoundRobin is a proxy that sends each request to the next deployment and passes on
	// what that says. Failover tries another one instead, and knows which are full.
	// Waiting also lets requests wait for room, in turn.
	RoundRobin Outcome `json:"round_robin"`
	Failover   Outcome `json:"failover"`
	Waiting    Outcome `json:"waiting"`
}

// Outcome is what became of all requests.
type Outcome struct {
	Served int64 `json:"served"`
	// Refused is how many people got 429.
	Refused int64 `json:"refused"`
	// Upstream is how many 429s the deployments gave.
	Upstream int64 `json:"refused_upstream"`
	// Waited is how many of those served had to wait, and Waits how long they all
	// waited, those at once included, in seconds.
	Waited int64   `json:"waited"`
	Waits  Summary `json:"wait_seconds"`
}

// Simulate rehearses an event on the simulator's deployments, in virtual time: nothing
// sleeps. An answer takes no time there, since Azure counts a request when it comes, and
// whoever is refused does not come again. It is deterministic in o.Seed.
func Simulate(ctx context.Context, e Event, quotas []Quota, o Virtual) (*Forecast, error) {
	if _, err := Sum(e, quotas); err != nil {
		return nil, err
	}
	crowd := Crowd{Users: e.Attendees, PerMinute: e.PerMinute, For: o.For, Random: !o.Steady, Seed: o.Seed}
	if err := crowd.Check(); err != nil {
		return nil, err
	}
	switch n := float64(e.Attendees) * e.PerMinute * o.For.Minutes(); {
	case n > mostMessages:
		return nil, fmt.Errorf("%.0f prompts are more than the %d that are simulated: take fewer minutes", n, mostMessages)
	case o.Wait < 0 || o.Wait > time.Hour:
		return nil, fmt.Errorf("a wait of %v is not from 0 to 1h", o.Wait)
	case o.Slice < 0 || o.Slice > time.Minute || o.Slice%time.Second != 0:
		return nil, fmt.Errorf("a slice of %v is not from 0 to 1m in whole seconds", o.Slice)
	}
	times := crowd.All()
	f := &Forecast{Requests: int64(len(times)), Minutes: o.For.Minutes(), Seed: o.Seed, Wait: o.Wait.Seconds()}
	at, n := busiest(times)
	f.BusiestAt, f.BusiestSecond = at.Seconds(), n
	caps := append(slices.Clone(o.Caps), e.MaxTokens)
	slices.Sort(caps)
	for _, most := range slices.Compact(caps) {
		c, err := foretell(ctx, e.with(most), quotas, o, times)
		if err != nil {
			return nil, fmt.Errorf("rehearse max_tokens %d: %w", most, err)
		}
		f.Caps = append(f.Caps, c)
	}
	return f, nil
}

// with is the event at another cap.
func (e Event) with(maxTokens int64) Event {
	e.MaxTokens = maxTokens
	return e
}

// foretell rehearses one cap behind each of three proxies.
func foretell(ctx context.Context, e Event, quotas []Quota, o Virtual, times []time.Duration) (Cap, error) {
	p, err := Sum(e, quotas)
	if err != nil {
		return Cap{}, err
	}
	c := Cap{MaxTokens: e.MaxTokens, Tokens: p.Tokens, Fits: p.Fits}
	for _, way := range []struct {
		out *Outcome
		run func(*azure, []time.Duration) Outcome
	}{
		{&c.RoundRobin, inTurn},
		{&c.Failover, func(a *azure, times []time.Duration) Outcome { return newProxy(a, 0).serve(times) }},
		{&c.Waiting, func(a *azure, times []time.Duration) Outcome { return newProxy(a, o.Wait).serve(times) }},
	} {
		if err := ctx.Err(); err != nil {
			return Cap{}, err
		}
		a, err := newAzure(e, quotas, o)
		if err != nil {
			return Cap{}, err
		}
		*way.out = way.run(a, times)
		if a.err != nil {
			return Cap{}, a.err
		}
	}
	return c, nil
}
