package pool

import (
	"hash/fnv"
	"math"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// never is a time that does not come.
const never = time.Duration(math.MaxInt64)

// state is all that is known about one deployment. Its fields from spec on are
// guarded by the pool's lock, which its methods expect to be held unless they say
// otherwise. Times count from the pool's epoch.
type state struct {
	*shared
	id   string // lower-case ID
	hash uint64

	spec  *tallygate.Deployment // as configured last
	burst int64                 // so many requests of late may fill a slice of its RPM
	busy  int

	cool    time.Duration // left alone until then
	why     Reason        // it was left alone last
	blocked bool          // refused by key or network until an answer proves otherwise
	breaker breaker

	window   window // standard deployments
	tokens   gauge
	requests gauge
	faith    float64 // in what the headers say is left; halved when it proved too little
	slices   pacer
	bucket   bucket // provisioned ones
	// kept counts what groups use for which some model keeps a share; see Reserve.
	kept map[string]*window

	slot      time.Duration // the next waiting request may go then, unless there is known room
	gap       time.Duration // between slots
	firstByte float64       // smoothed, ns; 0 when never measured
	counts    Counts
}

func newState(s *shared, id string) *state {
	h := fnv.New64a()
	h.Write([]byte(id))
	return &state{shared: s, id: id, hash: h.Sum64(), faith: 1}
}

// configure takes the quota of d.
func (s *state) configure(d *tallygate.Deployment) {
	s.spec, s.burst = d, math.MaxInt64
	if d.PTU <= 0 && d.RPM > 0 {
		s.burst = smallest(d.RPM)
	}
	if d.PTU > 0 {
		s.bucket.size(d.PTU, drain(strings.ToLower(d.Base), s.opts.Drains))
	}
}

// free returns when the deployment may be tried. It is never while a
// half-open breaker's probe is out.
func (s *state) free() time.Duration {
	switch {
	case !s.breaker.open:
		return s.cool
	case s.breaker.probing:
		return never
	}
	return max(s.cool, s.breaker.until)
}

// known reports whether a quota is known, configured or told.
func (s *state) known() bool { return s.spec.PTU > 0 || s.limits() != (tally{}) }

// paced returns when one more request exceeds no slice of the configured requests a
// minute; now at the earliest.
func (s *state) paced(now time.Duration) time.Duration {
	if s.slices.ten.sum < s.burst {
		return now
	}
	return s.slices.opens(now, s.spec.RPM)
}

// look fills in v for a request, with the room when predict; it returns false when the
// deployment must be left alone.
func (s *state) look(v *view, now time.Duration, need size, predict bool) bool {
	if s.free() > now {
		return false
	}
	v.health, v.pace, v.busy, v.firstByte = healthy, 0, s.busy, time.Duration(s.firstByte)
	if predict {
		r := s.room(now, need, 1)
		v.pace = r.pace
		if !r.fits {
			v.health = full
		}
	} else if s.paced(now) > now {
		v.health = full
	}
	if s.breaker.failures > 0 && now < s.breaker.suspect {
		v.health = suspect
	}
	return true
}

// opening returns when the deployment can take a waiting request: when it is free and
// no slice is full, and then at once if there is room for certain, else in its
// next slot.
func (s *state) opening(now time.Duration, need size) time.Duration {
	at := s.free()
	if at == never {
		return at
	}
	at = max(at, s.paced(now))
	if s.slot <= at {
		return at
	}
	if r := s.room(now, need, 1); r.known && r.fits {
		return at
	}
	return s.slot
}

// lend takes the deployment, which is free, for one attempt and counts it as
// Azure will. Waited is that the request was let in from the queue.
func (s *state) lend(c *Candidate, now time.Duration, waited bool) {
	need := c.pick.need.size
	r := s.room(now, need, 1)
	c.at, c.predicted, c.full = now, r.known, !r.fits
	if s.breaker.open {
		s.breaker.probing, c.probe = true, true
	}
	if waited && !(r.known && r.fits) {
		c.slot, c.gap, c.slotted = s.slot, s.gap, true
		s.slot = max(s.slot, now) + s.gap
		s.gap /= 2
	}
	c.tally = need.tally()
	if s.spec.PTU > 0 {
		s.bucket.advance(now)
		c.tally.tokens = int64(s.bucket.cost(need))
		s.bucket.pour(float64(c.tally.tokens))
	} else {
		s.window.advance(now)
		limit := s.limits()
		if limit.requests > 0 && s.slices.many(limit.requests) {
			c.one, c.ten = s.slices.over(now, limit.requests)
		}
		if limit.tokens > 0 {
			c.tally.tokens = min(c.tally.tokens, limit.tokens) // more than that is refused or was not meant
		}
		s.window.add(c.tally)
		s.slices.add(now)
		c.mark = s.window.total
	}
	if w := s.kept[c.pick.need.group]; w != nil {
		w.advance(now)
		w.add(c.tally)
	}
	s.busy++
	s.counts.Lent++
}

// forget takes back what c was counted as: it never arrived, or costs nothing.
func (s *state) forget(c *Candidate, now time.Duration) {
	if s.spec.PTU > 0 {
		s.bucket.advance(now)
		s.bucket.pour(-float64(c.tally.tokens))
	} else {
		s.window.advance(now)
		s.window.drop(c.tally, c.at)
		s.slices.drop(c.at)
	}
	if w := s.kept[c.pick.need.group]; w != nil {
		w.advance(now)
		w.drop(c.tally, c.at)
	}
}

// giveBack ends the loan; it locks. A probe that said nothing lets another one go.
func (s *state) giveBack(c *Candidate) {
	s.mu.Lock()
	s.busy--
	released := c.probe && s.breaker.probing && !c.reported()
	if released {
		s.breaker.probing, c.probe = false, false
	}
	s.mu.Unlock()
	if released {
		s.kick()
	}
}
