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

	spec *tallygate.Deployment // as configured last
	busy int

	cool    time.Duration // left alone until then
	why     Reason        // it was left alone last
	blocked bool          // refused by key or network until an answer proves otherwise
	breaker breaker

	window   window // standard deployments
	tokens   gauge
	requests gauge
	faith    float64 // in what the headers say is left; halved when it proved too little
	// What answers have disproved: that requests are counted by the second, by ten
	// seconds, and that the number told is a minute's.
	slices struct{ noOne, noTen, noMinute bool }
	bucket bucket // provisioned ones

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
	s.spec = d
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

// look fills in v for a request, with the room when predict; it returns false when the
// deployment must be left alone.
func (s *state) look(v *view, now time.Duration, need Need, predict bool) bool {
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
	}
	if s.breaker.failures > 0 && now < s.breaker.suspect {
		v.health = suspect
	}
	return true
}

// opening returns when the deployment can take a waiting request: when it is free,
// and then at once if there is room for certain, else in its next slot.
func (s *state) opening(now time.Duration, need Need) time.Duration {
	at := s.free()
	if at == never || s.slot <= at {
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
	r := s.room(now, c.need, 1)
	c.at, c.predicted, c.full = now, r.known, !r.fits
	if s.breaker.open {
		s.breaker.probing, c.probe = true, true
	}
	if waited && !(r.known && r.fits) {
		s.slot = max(s.slot, now) + s.gap
		s.gap /= 2
	}
	if s.spec.PTU > 0 {
		s.bucket.advance(now)
		c.cost = s.bucket.cost(c.need)
		s.bucket.pour(c.cost)
	} else {
		s.window.advance(now)
		c.one, c.ten = s.window.slices(s.limits().requests)
		c.tally = c.need.tally()
		if limit := s.limits().tokens; limit > 0 {
			c.tally.tokens = min(c.tally.tokens, limit) // more than that is refused or was not meant
		}
		s.window.add(c.tally)
		c.mark = s.window.total
	}
	s.busy++
	s.counts.Lent++
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
