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
	blocked bool          // refused by key, network or name until an answer proves otherwise
	accuser string        // the one payer for whose requests it was; empty when there were several
	breaker breaker
	era     uint64 // how often all this was forgotten

	// resting is that nothing has been answered since it was left alone. One request
	// then goes first, the trial, and others until it is answered, or trialEnd, not.
	resting  bool
	trial    *Candidate
	trialEnd time.Duration
	// hasty is that it refused and asked to come again at once, and hastyAt when.
	hasty    bool
	hastyAt  time.Duration
	servedAt time.Duration // it answered below 400 last; 0 is never

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

// free returns when the deployment may be tried for a payer, empty for any. It is never
// while a half-open breaker's probe is out, and while the first request after a rest is on
// its way it is when that one is taken to be served.
func (s *state) free(payer string) time.Duration {
	at := s.cool
	if payer != "" && s.blocked && s.why == Barred && s.accuser != "" && s.accuser != payer {
		at = 0 // what one asks for may be refused, and not the gateway: another one's request tells
	}
	if s.breaker.open {
		if s.breaker.probing {
			return never
		}
		at = max(at, s.breaker.until)
	}
	if s.trial != nil {
		at = max(at, s.trialEnd)
	}
	return at
}

const (
	// trialLeast and trialMost bound how long others stand back for the first request
	// after a rest: a refusal mostly comes at once, an answer may take minutes.
	trialLeast = time.Second
	trialMost  = 5 * time.Second
)

// try makes c the one that goes first after a rest, if one must.
func (s *state) try(c *Candidate, now time.Duration) {
	if !s.resting {
		return
	}
	if s.trial != nil { // it was not refused in its time
		s.trial, s.resting = nil, false
		return
	}
	s.trial = c
	s.trialEnd = now + min(max(time.Duration(2*s.firstByte), trialLeast), trialMost)
}

// tried ends c's trial, and reports whether it was one.
func (s *state) tried(c *Candidate) bool {
	if s.trial != c {
		return false
	}
	s.trial = nil
	return true
}

// release lets another request go where c was sent to probe, or to be the first after a
// rest, without having told. It reports whether there was such a thing.
func (s *state) release(c *Candidate) bool {
	released := s.tried(c)
	if c.probe && s.breaker.probing && c.era == s.era {
		s.breaker.probing, released = false, true
	}
	c.probe = false
	return released
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
func (s *state) look(v *view, now time.Duration, need *need, predict bool) bool {
	if s.free(need.payer) > now {
		return false
	}
	v.health, v.pace, v.busy, v.firstByte = healthy, 0, s.busy, time.Duration(s.firstByte)
	if predict {
		r := s.room(now, need.size, 1)
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
func (s *state) opening(now time.Duration, need *need) time.Duration {
	at := s.free(need.payer)
	if at == never {
		return at
	}
	at = max(at, s.paced(now))
	if s.slot <= at {
		return at
	}
	if r := s.room(now, need.size, 1); r.known && r.fits {
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
	c.era = s.era
	if s.breaker.open {
		s.breaker.probing, c.probe = true, true
	} else {
		s.try(c, now)
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
	released := !c.reported() && s.release(c)
	s.mu.Unlock()
	if released {
		s.kick()
	}
}
