package rehearse

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Crowd is people who come one after the other, stay for the same time, and write
// whether or not they were answered.
type Crowd struct {
	Users int
	// PerMinute is how many messages each writes in a minute, on average.
	PerMinute float64
	// Ramp is the time over which they come, evenly.
	Ramp time.Duration
	// For is how long each of them stays.
	For time.Duration
	// Random lets messages come as chance will have it, a Poisson process: two may come
	// at once, and a minute may have more than PerMinute. Otherwise each user
	// writes once in each interval, about as far from the last time as the interval is
	// long, and in all never more than PerMinute.
	Random bool
	// Seed decides when exactly. The same seed gives the same times.
	Seed uint64
}

// Bounds of a crowd, so that neither a slip of the finger nor the arithmetic runs away.
const (
	maxUsers     = 100_000
	maxPerMinute = 6_000
	maxFor       = 7 * 24 * time.Hour
)

// Check says what makes no sense, in the words of the fields.
func (c Crowd) Check() error {
	switch {
	case c.Users < 1 || c.Users > maxUsers:
		return fmt.Errorf("%d users are not from 1 to %d", c.Users, maxUsers)
	case !(c.PerMinute > 0 && c.PerMinute <= maxPerMinute):
		return fmt.Errorf("%v messages a minute are not above 0 and up to %d", c.PerMinute, maxPerMinute)
	case c.Ramp < 0 || c.Ramp > maxFor:
		return fmt.Errorf("a ramp of %v is not from 0 to %v", c.Ramp, maxFor)
	case c.For <= 0 || c.For > maxFor:
		return fmt.Errorf("a stay of %v is not above 0 and up to %v", c.For, maxFor)
	case !c.Random && c.slots() < 1:
		return fmt.Errorf("a stay of %v is too short for one message at %v a minute: it takes %v",
			c.For, c.PerMinute, c.interval().Round(time.Millisecond))
	}
	return nil
}

func (c Crowd) interval() time.Duration {
	return time.Duration(float64(time.Minute) / c.PerMinute)
}

// slots is how many messages a steady user writes. The small addend keeps a stay of so
// many whole intervals from losing one to rounding.
func (c Crowd) slots() int { return int(c.For.Minutes()*c.PerMinute + 1e-9) }

// End is when the last user has left.
func (c Crowd) End() time.Duration {
	return c.arrival(c.Users-1) + c.For
}

// together is the time within which all users are there, in whole intervals, so that each
// of a steady crowd writes as often in it as any other. It is empty when they never are
// for that long.
func (c Crowd) together() (from, to time.Duration) {
	return c.Ramp, c.Ramp + max(c.For-c.Ramp, 0)/c.interval()*c.interval()
}

// arrival is when a user comes; the first is number 0 and comes at once.
func (c Crowd) arrival(user int) time.Duration {
	return time.Duration(float64(c.Ramp) * float64(user) / float64(c.Users))
}

// present is how many users are there at a time.
func (c Crowd) present(at time.Duration) int {
	come := func(at time.Duration) int {
		if at < 0 {
			return 0
		}
		if at >= c.Ramp {
			return c.Users
		}
		return min(c.Users, 1+int(float64(at)/float64(c.Ramp)*float64(c.Users)))
	}
	return come(at) - come(at-c.For)
}

// wander is the part of an interval by which a steady user's messages stray.
const wander = 0.1

// Times yields when a user writes, counted from the rehearsal's start, in order.
func (c Crowd) Times(user int) iter.Seq[time.Duration] {
	rng := rand.New(rand.NewPCG(c.Seed, uint64(user)+1))
	start := c.arrival(user)
	if c.Random {
		return func(yield func(time.Duration) bool) {
			for at := rng.ExpFloat64() / c.PerMinute; at < c.For.Minutes(); at += rng.ExpFloat64() / c.PerMinute {
				if !yield(start + time.Duration(at*float64(time.Minute))) {
					return
				}
			}
		}
	}
	return func(yield func(time.Duration) bool) {
		// A phase of each user's own keeps a crowd that comes at once out of step.
		phase := rng.Float64() * (1 - wander)
		for k := range c.slots() {
			within := phase + wander*rng.Float64()
			if !yield(start + time.Duration((float64(k)+within)/c.PerMinute*float64(time.Minute))) {
				return
			}
		}
	}
}

// All returns when messages come, of all users, in order.
func (c Crowd) All() []time.Duration {
	out := make([]time.Duration, 0, int(math.Min(1e6, float64(c.Users)*c.For.Minutes()*c.PerMinute)))
	for user := range c.Users {
		out = slices.AppendSeq(out, c.Times(user))
	}
	slices.Sort(out)
	return out
}

// busiest returns the second in which most of the times lie, and how many do.
func busiest(times []time.Duration) (at time.Duration, n int) {
	from := 0
	for i := range times {
		for times[i]-times[from] >= time.Second {
			from++
		}
		if i-from+1 > n {
			at, n = times[from], i-from+1
		}
	}
	return at, n
}
