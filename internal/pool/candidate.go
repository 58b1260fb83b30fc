package pool

import (
	"net/http"
	"time"

	"github.com/tallygate/tallygate"
)

// Candidate is a deployment lent for one attempt. Its Model is the fallback's when
// the pool fell back. Use it from one goroutine at a time; reports may come after
// the loop body has ended, but a probe's must come before.
type Candidate struct {
	*tallygate.Deployment
	state *state
	pick  *Pick

	at        time.Duration // when lent
	tally     tally         // what it counts as, in the window or the bucket
	mark      tally         // window.total then
	slot, gap time.Duration // the deployment's before
	slotted   bool          // it took that slot
	probe     bool          // the one request a half-open breaker lets through
	era       uint64        // the deployment's
	predicted bool          // a prediction was made
	full      bool          // it said: no room
	one, ten  bool          // it exceeded a slice's part of the requests

	answered, failed, settled, skipped bool
}

// Answer is what the upstream answered, as soon as its header was read.
type Answer struct {
	Status int
	Header http.Header
	// FirstByte is the time from sending to the first byte; 0 is not measured.
	FirstByte time.Duration
}

// Failure is why an attempt came to nothing.
type Failure struct {
	// Status is the upstream's; 0 when it did not answer. For a refusal inside of a
	// stream it is the status the refusal stands for, such as 429.
	Status int
	Header http.Header // may be nil
	// Code is the refusal's error code: two of the same status and code are the same.
	Code string
	// Err is what went wrong when there is no answer, or when it broke off.
	Err error
	// Blame is whom it speaks against, where the status does not tell.
	Blame Blame
	// After is how long the refusal's words ask to be left alone; 0 when they do not.
	// Its header goes before them.
	After time.Duration
	// Request is a hash of the request that failed, by which a breaker tells different
	// ones apart, and Payer whom it is for: a group or an event, not one of its people.
	// 0 says that no request can cause this, as one that never arrived cannot.
	Request uint64
	Payer   string
}

func (c *Candidate) reported() bool { return c.answered || c.failed || c.skipped }

// Answered says that the upstream answers, whatever the status that is relayed:
// the deployment is alive, and its headers tell about its room. An answer with a
// status that Failed would act on (408, 429, 5xx) is a failure. Only the first
// report of an attempt counts.
func (c *Candidate) Answered(a Answer) {
	if a.Status == http.StatusTooManyRequests || failing(a.Status) {
		c.Failed(Failure{Status: a.Status, Header: a.Header})
		return
	}
	if c.reported() {
		return
	}
	c.answered, c.pick.answered = true, true
	served := a.Status < 400
	s, t := c.state, read(a.Header)
	now := s.now()
	s.mu.Lock()
	current := c.era == s.era
	closed := current && s.breaker.succeed(c.probe)
	unblocked := served && s.blocked && current
	if served {
		if current {
			if unblocked && s.why == Barred && c.at < s.cool && s.accuser != "" && s.accuser != c.pick.need.payer {
				s.cool = c.at // it was closed to another one only, and is well
			}
			s.blocked, s.hasty, s.servedAt = false, false, max(now, 1)
		}
		s.served(c)
	}
	proven := s.tried(c)
	if proven && s.cool <= c.at {
		s.resting = false
	}
	s.learn(c, &t, now)
	if a.FirstByte > 0 && served {
		s.measure(a.FirstByte)
	}
	s.mu.Unlock()
	c.pick.resolve(served)
	if closed || unblocked || proven {
		s.kick()
	}
	if closed || unblocked {
		s.tell(Change{Deployment: c.Deployment, To: Recovered, Status: a.Status})
	}
}

// served keeps the score of the predictions.
func (s *state) served(c *Candidate) {
	s.counts.Served++
	if c.predicted && c.full {
		s.counts.FullServed++
		s.faith /= 2
	} else if c.predicted {
		s.counts.RoomServed++
	}
	// What was served although it exceeded a slice shows that it is not counted so.
	s.slices.noOne = s.slices.noOne || c.one
	s.slices.noTen = s.slices.noTen || c.ten
	// A told number of requests may be a slice's own.
	if told := s.requests.limit; told > 0 && s.window.minute.requests > told {
		s.slices.noMinute = true
	}
}

// measure smooths the time to the first byte; the last ten answers weigh most.
func (s *state) measure(took time.Duration) {
	if s.firstByte == 0 {
		s.firstByte = float64(took)
		return
	}
	s.firstByte += (float64(took) - s.firstByte) / 5
}

// prompt is how soon an answer must come for its count-down to tell the phase.
const prompt = 2 * time.Second

// learn corrects what is thought to be left by what the header told.
func (s *state) learn(c *Candidate, t *told, now time.Duration) {
	if s.spec.PTU > 0 {
		if t.utilizationKnown {
			s.bucket.advance(now)
			s.bucket.see(t.utilization)
		}
		return
	}
	s.window.advance(now)
	if now-c.at <= prompt {
		s.window.hint(now, t.tokensIn)
	}
	s.tokens.see(t.tokens, c.at, backAt(now, t.tokensIn), c.mark.tokens)
	s.requests.see(t.requests, c.at, backAt(now, t.requestsIn), c.mark.requests)
}

// backAt returns when what comes back after d is back; 0 when d was not said.
func backAt(now, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return now + d
}

// Settled says what the request used. Azure corrects a provisioned deployment's
// utilisation by it, so the pool does too; a standard deployment's estimate
// stands. A usage that is not known gives the estimate back. The second call does
// nothing, nor does one after Failed or Skip.
func (c *Candidate) Settled(u tallygate.Usage) {
	if c.settled {
		return
	}
	c.settled = true
	s := c.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spec.PTU <= 0 {
		return
	}
	now := s.now()
	more := s.bucket.actual(u) - float64(c.tally.tokens)
	s.bucket.advance(now)
	s.bucket.pour(more)
	if w := s.kept[c.pick.need.group]; w != nil {
		w.advance(now)
		w.add(tally{tokens: int64(more)})
	}
}

// Skip says that the request does not go to this deployment for a reason of the
// line's own, err: a limit on that deployment has no room, say. It is no failure of
// the deployment: its estimate is given back, and others may have it at once. The
// loop goes on to the next candidate and does not offer this one again; see
// [Pick.Err] for when there is none. It comes in the place of Answered and Failed,
// before anything was sent; after one of them it does nothing.
func (c *Candidate) Skip(err error) {
	if c.reported() {
		return
	}
	c.skipped, c.settled = true, true
	c.pick.skip(c, err)
	s := c.state
	now := s.now()
	s.mu.Lock()
	s.forget(c, now)
	held := c.probe || c.slotted || s.trial == c // what others wait for
	if c.slotted && s.slot == max(c.slot, c.at)+c.gap {
		s.slot, s.gap = c.slot, c.gap
	}
	s.release(c)
	s.counts.Skipped++
	s.mu.Unlock()
	if held {
		s.kick()
	}
}
