package pool

import (
	"context"
	"time"
)

const (
	// rest is the time before the second round when some deployment could be tried
	// again at once: it failed, but is not cooling. It doubles with each round.
	rest    = 250 * time.Millisecond
	restMax = 4 * time.Second
	// jitter spreads the replicas that wait for the same deployment; it is no more than
	// a fiftieth of what is waited, so that pacing stays close to the quota.
	jitter = 20 * time.Millisecond
	// glance is how often the one with the turn looks again at least: room comes back
	// sooner than foretold when a request used less than its estimate.
	glance = time.Second
)

// admit reports whether a round may begin, having waited for it if need be. The
// first begins at once unless others wait already.
func (k *Pick) admit(ctx context.Context, round int, began time.Duration) bool {
	m := k.model
	if m.wait <= 0 || round == 0 && m.lane.waiting.Load() == 0 {
		return round == 0
	}
	if k.empty() || k.disliked {
		return false // there is nobody to wait for, or nothing
	}
	deadline := k.deadline(ctx, began)
	k.waited = true
	now := k.pool.now()
	defer func() { k.slept += k.pool.now() - now }()
	if at, _ := k.opening(now); len(k.tried) > 0 && at <= now {
		pause := min(rest<<min(round-1, 10), restMax)
		if now+pause > deadline || !k.sleep(ctx, pause) {
			return false
		}
	}
	return k.await(ctx, deadline)
}

// Waited returns how long the request has waited for room, all rounds together.
func (k *Pick) Waited() time.Duration { return k.slept }

// deadline returns when a wait must end that began.
func (k *Pick) deadline(ctx context.Context, began time.Duration) time.Duration {
	deadline := began + k.model.wait
	if end, ok := ctx.Deadline(); ok {
		deadline = min(deadline, end.Sub(k.pool.epoch))
	}
	return min(deadline, k.need.deadline)
}

// await queues until it is this request's turn and some deployment can take it. It
// returns true while still holding the turn, and false as soon as it is clear
// that the deadline cannot be met.
func (k *Pick) await(ctx context.Context, deadline time.Duration) bool {
	now := k.pool.now()
	if at, _ := k.opening(now); late(at, deadline) || now >= deadline || !k.join(deadline, now) {
		return false
	}
	timer := time.NewTimer(deadline - now)
	defer timer.Stop()
	for {
		again, ok := k.watch(deadline)
		if again <= 0 {
			return ok
		}
		timer.Reset(again)
		select {
		case <-timer.C:
		case <-k.place.poke:
		case <-ctx.Done():
			if k.left(ctx); !k.canceled {
				k.outlasted(k.pool.now())
			}
			return false
		}
	}
}

// join queues, unless there is no place or no hope.
func (k *Pick) join(deadline, now time.Duration) bool {
	l, newcomer, quota := k.model.lane, k.place == nil, k.quota()
	if newcomer {
		n := &k.need
		k.place = &waiter{
			key: key{n.who, n.group, n.batch}, crowd: n.crowd, weight: float64(n.weight), cost: max(n.tokens(), quota.dearth()),
			poke: make(chan struct{}, 1),
		}
	}
	k.place.deadline = deadline
	wait, late := time.Duration(0), false
	if newcomer {
		wait, late = l.forecast(k.place, quota.requests, now)
	}
	if late || !l.join(k.place, now) {
		k.rare().crowded = max(wait-(deadline-now), time.Second)
		return false
	}
	return true
}

// watch looks whether the wait is over: it returns 0 then, and whether a deployment
// can be had. Else it returns when to look again.
func (k *Pick) watch(deadline time.Duration) (again time.Duration, ok bool) {
	l, w := k.model.lane, k.place
	for {
		now := k.pool.now()
		mine := l.look(w, now)
		if !mine && now < deadline {
			return deadline - now, false
		}
		at, bare := k.opening(now)
		switch {
		case mine && at <= now && l.claim(w):
			return 0, true
		case now >= deadline:
			k.outlasted(now)
			return 0, false
		case at <= now: // overtaken
			continue
		case late(at, deadline):
			return 0, false
		case at > bare && !l.hold(w, at, now, true), k.rarities != nil && !l.hold(w, at, now, false):
			continue
		}
		again := min(at, deadline) - now
		spread := time.Duration(k.pool.draw() % uint64(min(jitter, again/50)+1))
		return min(again+spread, deadline-now, glance), false
	}
}

// outlasted notes what to tell of a wait that came to its end in the queue.
func (k *Pick) outlasted(now time.Duration) {
	wait, _ := k.model.lane.forecast(k.place, k.quota().requests, now)
	k.rare().crowded = max(wait-(k.place.deadline-k.place.since), time.Second)
}

// late reports whether a deployment that can be tried at a time comes too late. One
// whose probe is out may come back at any moment.
func late(at, deadline time.Duration) bool { return at > deadline && at < never }

// opening returns when the first deployment can take this request, and when it could
// if nothing were kept for others; never when only a probe's outcome can tell.
func (k *Pick) opening(now time.Duration) (at, bare time.Duration) {
	k.pool.mu.Lock()
	defer k.pool.mu.Unlock()
	at, bare = never, never
	held := k.heldIn(now)
	for m, e := range k.entries() {
		opens := e.state.opening(now, &k.need)
		at, bare = min(at, max(opens, held(m, e))), min(bare, opens)
	}
	return at, bare
}

// quota is what all deployments together are given in a minute, by configuration, of
// which requests are never exceeded; 0 where that is not known of one.
func (k *Pick) quota() tally {
	k.pool.mu.Lock()
	defer k.pool.mu.Unlock()
	var sum, unknown tally
	for _, e := range k.entries() {
		s := e.state
		sum.add(tally{s.spec.TPM, s.spec.RPM}, 1)
		if s.spec.PTU > 0 || s.spec.TPM <= 0 {
			unknown.tokens++
		}
		if s.spec.PTU > 0 || s.spec.RPM <= 0 || s.slices.noTen {
			unknown.requests++
		}
	}
	if unknown.tokens > 0 {
		sum.tokens = 0
	}
	if unknown.requests > 0 {
		sum.requests = 0
	}
	return sum
}

// dearth is the tokens that use up a quota as fast as one request does: what a request
// costs its caller at least, so that each pays for what it takes most of.
func (t tally) dearth() int64 {
	if t.tokens == 0 || t.requests == 0 {
		return least
	}
	return max(t.tokens/t.requests, 1)
}

// empty reports whether no deployment of the model and its fallbacks is left.
func (k *Pick) empty() bool {
	for range k.entries() {
		return false
	}
	return true
}

// sleep waits for d; it reports false when ctx ended first.
func (k *Pick) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return !k.left(ctx)
	}
}

// leave gives up the place in the queue, if there is one. Used says that a deployment
// is held by it.
func (k *Pick) leave(used bool) {
	if k.place != nil {
		k.model.lane.leave(k.place, used, k.pool.now())
	}
}
