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
// Cooldown.Max; 401, 403 and 404 for Max, and raise its alarm; no answer, 408,
// 424 and 5xx count towards its breaker, and cool it when they ask for it.
// Another status says nothing about the deployment, and neither does an Err that
// is context.Canceled: the client went away (a time-out must not look like that).
// It may follow Answered, once, when the answer broke off.
func (c *Candidate) Failed(f Failure) {
	if c.failed || c.skipped {
		return
	}
	c.pick.failed(c, f)
	if f.Err != nil && f.Status < 400 {
		f.Status = 0 // an answer that broke off is none
	}
	if f.Status == 0 && errors.Is(f.Err, context.Canceled) {
		return
	}
	late, probed := c.answered, c.probe
	if late {
		c.probe = false // it has told what it was sent for
	}
	c.failed, c.settled = true, true
	s, t := c.state, read(f.Header)
	t.after = retryAfter(f.Header, time.Now())
	now := s.now()
	s.mu.Lock()
	s.counts.count(f.Status)
	if !late {
		s.takeBack(c, f.Status == 0, now)
	}
	change := s.judge(c, f.Status, &t, now)
	s.mu.Unlock()
	if probed {
		s.kick()
	}
	if change.To != 0 {
		change.Deployment, change.Status, change.Err = c.Deployment, f.Status, f.Err
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
func (s *state) judge(c *Candidate, status int, t *told, now time.Duration) Change {
	switch {
	case status == http.StatusTooManyRequests:
		s.breaker.succeed(c.probe) // it is alive
		s.refused(c, t, now)
		return s.leave(now, cmp.Or(t.after, t.reset(), s.opts.Cooldown.Default), Throttled)
	case barred(status):
		s.breaker.succeed(c.probe)
		s.blocked = true
		return s.leave(now, s.opts.Cooldown.Max, Barred)
	case status == 0 || failing(status):
		var change Change
		if s.breaker.fail(now, c.probe, s.opts.Cooldown) {
			s.why = Failing
			change = Change{To: Failing, For: s.breaker.until - now}
		}
		if t.after > 0 {
			if cooled := s.leave(now, t.after, Failing); change.To == 0 {
				change = cooled
			}
		}
		return change
	}
	s.breaker.succeed(c.probe)
	return Change{}
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
	if until <= s.cool {
		return Change{}
	}
	fresh := s.cool <= now
	s.cool, s.why = until, why
	if !fresh {
		return Change{}
	}
	return Change{To: why, For: until - now}
}

func (s *state) tell(c Change) {
	if s.opts.Changed != nil {
		s.opts.Changed(c)
	}
}
