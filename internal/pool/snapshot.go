package pool

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Reason is why a deployment is left alone, or that it no longer is.
type Reason uint8

// The reasons; 0 is none.
const (
	// Throttled: it refused with 429.
	Throttled Reason = iota + 1
	// Failing: it could not be reached or answered 5xx.
	Failing
	// Barred: it refused the gateway (401, 403, 404, BlameConfig). Someone must mend its
	// key, its network rules or its name.
	Barred
	// Recovered: it answered again. Only in a Change.
	Recovered
)

// String returns the reason's name as logs and metrics show it.
func (r Reason) String() string {
	return [...]string{"", "throttled", "failing", "barred", "recovered"}[min(r, Recovered)]
}

// Change tells that a deployment's health changed.
type Change struct {
	Deployment *tallygate.Deployment
	To         Reason
	// For is how long it is left alone.
	For time.Duration
	// Status, Code and Err are what the upstream answered, or did not.
	Status int
	Code   string
	Err    error
}

// Counts are numbers of attempts since the deployment is known; they never fall.
type Counts struct {
	// Lent counts attempts begun; Served those answered below 400, Skipped those that
	// the line did not make after all.
	Lent, Served, Skipped uint64
	// Throttled counts 429, Barred 401, 403 and 404, Failing no answer, 408, 424 and
	// 5xx, including answers that broke off.
	Throttled, Barred, Failing uint64
	// What was predicted and what came: no room and 429, no room but served, room
	// but 429, room and served. Attempts without a known quota count in none.
	FullRefused, FullServed, RoomRefused, RoomServed uint64
}

func (n *Counts) count(kind class) {
	switch kind {
	case throttled:
		n.Throttled++
	case refusing:
		n.Barred++
	case broken, disliked:
		n.Failing++
	}
}

// Breaker is the state of a deployment's circuit breaker.
type Breaker uint8

// The states of a breaker.
const (
	Closed   Breaker = iota
	Open             // no request goes
	HalfOpen         // one request goes, to probe
)

// String returns the state's name as logs and metrics show it.
func (b Breaker) String() string {
	return [...]string{"closed", "open", "half_open"}[min(b, HalfOpen)]
}

// State is what is known about a deployment at one moment.
type State struct {
	Deployment *tallygate.Deployment
	InFlight   int
	// Room is the share of its quota thought to be left, 1 is all of it, negative
	// is over; meaningless unless RoomKnown.
	Room      float64
	RoomKnown bool
	// Cooling is how long it is still left alone, by refusal or breaker; 0 when it
	// may be tried. Why says what for.
	Cooling time.Duration
	Why     Reason
	Breaker Breaker
	// Alarm is up from a 401, 403 or 404 until it serves again.
	Alarm bool
	// FirstByte is the smoothed time to the first byte; 0 when never measured.
	FirstByte time.Duration
	Counts    Counts
}

// Snapshot returns the state of each deployment, sorted by ID. One that serves
// several models is in it once.
func (p *Pool) Snapshot() []State {
	out := make([]State, 0, len(p.states))
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.states {
		out = append(out, s.snapshot(now))
	}
	slices.SortFunc(out, func(a, b State) int {
		return cmp.Compare(strings.ToLower(a.Deployment.ID()), strings.ToLower(b.Deployment.ID()))
	})
	return out
}

// Queue is who waits for a model at one moment.
type Queue struct {
	Model string
	// Interactive and Batch are how many requests of each class wait.
	Interactive, Batch int
	// Longest is how long the one that waits longest has done so.
	Longest time.Duration
}

// Queues returns the queue of each model, sorted by name, also of those for which
// nobody waits.
func (p *Pool) Queues() []Queue {
	now := p.now()
	out := make([]Queue, 0, len(p.names))
	for _, name := range p.names {
		out = append(out, p.models[strings.ToLower(name)].lane.queue(name, now))
	}
	return out
}

func (s *state) snapshot(now time.Duration) State {
	r := s.room(now, size{}, 0)
	out := State{
		Deployment: s.spec, InFlight: s.busy, Room: r.share, RoomKnown: r.known, Alarm: s.blocked,
		FirstByte: time.Duration(s.firstByte), Counts: s.counts,
	}
	at := s.cool
	if s.breaker.open {
		at = max(at, s.breaker.until)
		out.Breaker = Open
		if s.breaker.until <= now {
			out.Breaker = HalfOpen
		}
	}
	if at > now {
		out.Cooling, out.Why = at-now, s.why
	}
	return out
}
