package pool

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"
)

// failing reports whether a status means that the deployment does not work, as
// against refusing or disliking the request.
func failing(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusFailedDependency
}

// barred reports whether a status means that the gateway may not use the
// deployment at all: a wrong key, a network rule, no such deployment.
func barred(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound
}

// Failed says that the attempt came to nothing and what the upstream said. A
// refusal (429) cools the deployment down for as long as it asks, at most
// Cooldown.Max; 401, 403 and 404, and BlameConfig, for Max, and raise its alarm; no
// answer, 408, 424 and 5xx count towards its breaker, and cool it when they ask for it.
// Another status says nothing about the deployment, and neither does an Err that
// is context.Canceled: the client went away (a time-out must not look like that).
// It may follow Answered, once, when the answer broke off.
//
// A refusal that the request may have caused (Failure.Request) counts against nobody
// until another deployment answers the request. When another one refuses it in the
// same way it never does.
func (c *Candidate) Failed(f Failure) {
	if c.failed || c.skipped {
		return
	}
	c.pick.failed(c, f)
	unsent := f.Status == 0
	if f.Err != nil && f.Status < 400 && f.Blame == BlameStatus {
		f.Status = 0 // an answer that broke off is none
	}
	if f.Status == 0 && errors.Is(f.Err, context.Canceled) {
		return
	}
	late := c.answered
	c.failed, c.settled = true, true
	t := read(f.Header)
	t.retry(&f, time.Now())
	s, kind := c.state, f.class()
	s.mu.Lock()
	s.counts.count(kind)
	if !late {
		s.takeBack(c, unsent, s.now())
	}
	s.mu.Unlock()
	if f.Request != 0 && f.Status != 0 && !late && (kind == broken || kind == disliked) {
		c.pick.postpone(c, &f, &t)
		return
	}
	c.charge(&f, &t)
}

// charge counts a failure against the deployment.
func (c *Candidate) charge(f *Failure, t *told) {
	s := c.state
	now := s.now()
	s.mu.Lock()
	probed := s.tried(c) || c.probe // others wait for what it tells
	if c.answered {
		c.probe = false // it has told what it was sent for
	}
	var change Change
	if c.era == s.era {
		change = s.judge(c, f, t, now)
	}
	s.release(c)
	s.mu.Unlock()
	if probed {
		s.kick()
	}
	if change.To != 0 {
		change.Deployment, change.Status, change.Code, change.Err = c.Deployment, f.Status, f.Code, f.Err
		s.tell(change)
	}
}

// takeBack corrects the count by what an attempt that failed cost. A provisioned
// deployment pays nothing for it. A standard one counts refused requests too, but
// not those that never arrived, for which those without an answer are taken.
func (s *state) takeBack(c *Candidate, unsent bool, now time.Duration) {
	if s.spec.PTU > 0 || unsent {
		s.forget(c, now)
	}
}

// judge decides what a failure means for the deployment's health.
func (s *state) judge(c *Candidate, f *Failure, t *told, now time.Duration) Change {
	seen := evidence{f.Request, f.Payer}
	switch kind := f.class(); kind {
	case throttled:
		s.breaker.succeed(c.probe) // it is alive
		if limit := cmp.Or(t.tokens.limit, s.limits().tokens); limit > 0 && c.pick.need.tokens() > limit {
			s.tokens.limit = cmp.Or(s.tokens.limit, t.tokens.limit)
			return Change{} // no deployment of this size ever has room for it: that says nothing of others
		}
		s.refused(c, t, now)
		return s.leave(now, s.restFor(c, t, now), Throttled)
	case refusing:
		if s.serves(now) && !s.breaker.fail(now, c.probe, seen, s.opts.Cooldown) {
			return Change{} // it has just served others: what this one asks for may be refused, not the gateway
		}
		s.accuse(&seen)
		s.breaker = breaker{}
		return s.leave(now, s.opts.Cooldown.Max, Barred)
	case broken, disliked:
		var change Change
		if s.breaker.fail(now, c.probe, seen, s.opts.Cooldown) {
			s.why = Failing
			change = Change{To: Failing, For: s.breaker.until - now}
		}
		if t.after > 0 && kind == broken {
			if cooled := s.leave(now, t.after, Failing); change.To == 0 {
				change = cooled
			}
		}
		return change
	}
	s.breaker.succeed(c.probe)
	return Change{}
}

// accuse notes for whose requests the deployment refuses the gateway: for those of one
// payer alone, as far as is known, it is closed to that one, and another's tries it.
func (s *state) accuse(e *evidence) {
	by := ""
	if e.request != 0 && s.breaker.of(e.payer) {
		by = e.payer
	}
	if !s.blocked || s.accuser != by {
		if s.blocked {
			by = ""
		}
		s.accuser = by
	}
	s.blocked = true
}

// restFor is how long a deployment that refused is left alone. One that says it may be
// asked again at once is, once; when it then refuses again its word is worth nothing.
func (s *state) restFor(c *Candidate, t *told, now time.Duration) time.Duration {
	if t.atOnce {
		switch {
		case !s.hasty:
			s.hasty, s.hastyAt = true, now
			return 0
		case c.at < s.hastyAt: // it was on its way when the other one was refused
			return 0
		}
	}
	return cmp.Or(t.after, t.reset(), s.opts.Cooldown.Default)
}

// serves reports whether the deployment has served a request of late.
func (s *state) serves(now time.Duration) bool {
	return s.servedAt > 0 && now-s.servedAt < s.opts.Cooldown.Max
}

// refused learns from a 429.
func (s *state) refused(c *Candidate, t *told, now time.Duration) {
	s.faith = 1 // one quota at least is as short as anything said
	if c.predicted && c.full {
		s.counts.FullRefused++
	} else if c.predicted {
		s.counts.RoomRefused++
	}
	if s.spec.PTU > 0 && t.after > 0 {
		s.bucket.advance(now)
		s.bucket.refused(min(t.after, s.opts.Cooldown.Max))
	}
	s.slices.noOne = s.slices.noOne && !c.one
	s.slices.noTen = s.slices.noTen && !c.ten
	s.slices.noMinute = false
	if t.tokensIn == 0 && c.full {
		t.tokensIn = t.after // the tokens were out, as foreseen: they are back when the minute ends
	}
	s.learn(c, t, now)
}

// firstGap is the time between the first two waiting requests that go to a
// deployment after it was cooling and nothing is known about its room. Each
// further one halves it, so that they flow within a second unless refused.
const firstGap = 250 * time.Millisecond

// leave cools the deployment for d, within bounds, and never shortens what it was told before.
func (s *state) leave(now, d time.Duration, why Reason) Change {
	until := now + min(d, s.opts.Cooldown.Max)
	s.gap = firstGap
	s.resting = true
	fresh := s.cool <= now
	if !fresh && until <= s.cool {
		return Change{}
	}
	s.cool, s.why = until, why
	if !fresh || d == 0 {
		return Change{}
	}
	return Change{To: why, For: until - now}
}

func (s *state) tell(c Change) {
	if s.opts.Changed != nil {
		s.opts.Changed(c)
	}
}
