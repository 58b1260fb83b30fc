package pool

import (
	"sort"
	"time"
)

// Reserve keeps a share of a model's room for the callers of a group (Need.Group).
// What the group has not used of it in this minute is kept free: to others the
// deployments are full before their room falls below that. The group itself may use
// all the room there is.
//
// The room is what the usable deployments of the model have in a minute, in tokens
// and in requests, counted as Azure counts. A deployment whose quota is neither
// configured nor told has no room that could be kept; there the share holds in the
// queue alone, where the group gets at least that much of the tokens that are served
// in turn.
type Reserve struct {
	Group string
	// Share is in percent of the room.
	Share int
}

// account sums up one quantity over a model's deployments.
type account struct {
	limit, free float64 // a minute's, and what is left of it
	need        float64 // of the request
}

// spare is what is left when the request was served and all is kept that must be;
// negative when there is too little. It is never negative when nothing must be kept: a
// prediction alone closes no deployment.
func (a *account) spare(kept float64) float64 {
	if kept <= 0 {
		return 0
	}
	// Even a request that is larger than all it may use goes when all of that is free.
	return a.free - min(a.need, max(a.limit-kept, 0)) - kept
}

// held returns until when the deployments of m whose quota is known are full for this
// request because of what is kept for others; 0 when they are not. The pool is
// locked.
func (k *Pick) held(m *model, now time.Duration) time.Duration {
	if !m.keeps {
		return 0
	}
	return k.heldNow(m, now)
}

func (k *Pick) heldNow(m *model, now time.Duration) time.Duration {
	const step, steps = 100 * time.Millisecond, 610 // a minute, and the second that a window has more
	if k.spare(m, now, now) >= 0 {
		return 0
	}
	n := sort.Search(steps, func(i int) bool { return k.spare(m, now, now+time.Duration(i+1)*step) >= 0 })
	return now + time.Duration(n+1)*step
}

// heldIn returns held by deployment: 0 for one whose quota is not known. It is computed
// once for each model that it is asked for in a row. The pool is locked.
func (k *Pick) heldIn(now time.Duration) func(*model, *entry) time.Duration {
	var of *model
	var until time.Duration
	return func(m *model, e *entry) time.Duration {
		if m != of {
			of, until = m, k.held(m, now)
		}
		if until > 0 && e.state.known() {
			return until
		}
		return 0
	}
}

// spare returns what m has to spare for this request at a time, now or later, if
// nothing more is used by then: the lesser of tokens and requests, as parts of a
// minute's.
func (k *Pick) spare(m *model, now, at time.Duration) float64 {
	tokens, requests := account{}, account{need: 1}
	for _, e := range m.entries {
		if s := e.state; s.free("") <= now {
			s.account(&tokens, &requests, k.need.size, now, at)
		}
	}
	var keep struct{ tokens, requests float64 }
	for _, r := range m.reserves {
		if r.Group == k.need.group {
			continue
		}
		used, part := m.usedBy(r.Group, now, at), float64(r.Share)/100
		keep.tokens += max(part*tokens.limit-float64(used.tokens), 0)
		keep.requests += max(part*requests.limit-float64(used.requests), 0)
	}
	if k.need.batch && m.batchShare > 0 {
		part := 1 - float64(m.batchShare)/100
		keep.tokens = max(keep.tokens, part*tokens.limit)
		keep.requests = max(keep.requests, part*requests.limit)
	}
	return min(tokens.spare(keep.tokens)/max(tokens.limit, 1), requests.spare(keep.requests)/max(requests.limit, 1))
}

// account adds the deployment's room at a time, as far as it is known.
func (s *state) account(tokens, requests *account, need size, now, at time.Duration) {
	if s.spec.PTU > 0 {
		s.bucket.advance(now)
		level := max(0, s.bucket.level-s.bucket.capacity*(at-now).Minutes())
		tokens.limit += s.bucket.capacity
		tokens.free += max(0, s.bucket.capacity-level)
		tokens.need = max(tokens.need, s.bucket.cost(need))
		return
	}
	s.window.advance(now)
	limit, used, later := s.limits(), s.window.used(), s.window.usedAt(at)
	if limit.tokens > 0 {
		left := s.tokens.blend(limit.tokens, limit.tokens-used.tokens, now, s.window.total.tokens, s.faith)
		tokens.limit += float64(limit.tokens)
		tokens.free += max(0, left+float64(used.tokens-later.tokens))
		tokens.need = max(tokens.need, float64(need.tokens()))
	}
	if limit.requests > 0 {
		left := s.requests.blend(limit.requests, limit.requests-used.requests, now, s.window.total.requests, s.faith)
		requests.limit += float64(limit.requests)
		requests.free += max(0, left+float64(used.requests-later.requests))
	}
}

// usedBy returns what a group has used in this minute of the deployments in use.
func (m *model) usedBy(group string, now, at time.Duration) tally {
	var sum tally
	for _, e := range m.entries {
		s := e.state
		w := s.kept[group]
		if w == nil || s.free("") > now {
			continue
		}
		w.advance(now)
		switch end := s.window.phase.end; {
		case s.spec.PTU > 0 || s.window.phase.agreed == 0:
			sum.add(w.since(recent(at)), 1)
		case at < end:
			sum.add(w.since(begins(end)), 1)
		}
	}
	return sum
}

// usedAt is what will count against the quota at a time, now or later, of what was
// used until now; advance must have been called.
func (w *window) usedAt(at time.Duration) tally {
	switch {
	case w.phase.agreed == 0:
		return w.since(recent(at))
	case at < w.phase.end:
		return w.fixed
	}
	return tally{}
}

// recent returns the oldest second that counts at a time.
func recent(at time.Duration) int64 { return int64(at/time.Second) - span + 1 }
