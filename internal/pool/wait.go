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
	// jitter spreads the replicas that wait for the same deployment.
	jitter = 20 * time.Millisecond
)

// admit reports whether a round may begin, having waited for it if need be. The
// first begins at once unless others wait already.
func (k *Pick) admit(ctx context.Context, round int, began time.Duration) bool {
	m := k.model
	if m.wait <= 0 || round == 0 && m.lane.waiting.Load() == 0 {
		return round == 0
	}
	if k.empty() {
		return false
	}
	deadline := began + m.wait
	if end, ok := ctx.Deadline(); ok {
		deadline = min(deadline, end.Sub(k.pool.epoch))
	}
	k.waited = true
	now := k.pool.now()
	if round > 0 && k.opening(now) <= now {
		pause := min(rest<<min(round-1, 10), restMax)
		if now+pause > deadline || !k.sleep(ctx, pause) {
			return false
		}
	}
	return k.await(ctx, deadline)
}

// await queues until it is this request's turn and some deployment can take it. It
// returns true while still holding the turn, and false as soon as it is clear
// that the deadline cannot be met.
func (k *Pick) await(ctx context.Context, deadline time.Duration) bool {
	now := k.pool.now()
	if late(k.opening(now), deadline) || now >= deadline {
		return false
	}
	if k.place == nil {
		k.place = &waiter{turn: make(chan struct{}, 1)}
	}
	l := k.model.lane
	l.join(k.place)
	timer := time.NewTimer(deadline - now)
	defer timer.Stop()
	select {
	case <-k.place.turn:
	case <-timer.C:
		return false
	case <-ctx.Done():
		return !k.left(ctx)
	}
	for {
		now = k.pool.now()
		at := k.opening(now)
		if at <= now {
			return true
		}
		if now >= deadline || late(at, deadline) {
			return false
		}
		spread := time.Duration(k.pool.draw() % uint64(jitter))
		timer.Reset(min(min(at, deadline)-now+spread, deadline-now))
		select {
		case <-timer.C:
		case <-l.kicked:
		case <-ctx.Done():
			return !k.left(ctx)
		}
	}
}

// late reports whether a deployment that can be tried at a time comes too late. One
// whose probe is out may come back at any moment.
func late(at, deadline time.Duration) bool { return at > deadline && at < never }

// opening returns when the first deployment can take this request; never when only
// a probe's outcome can tell.
func (k *Pick) opening(now time.Duration) time.Duration {
	k.pool.mu.Lock()
	defer k.pool.mu.Unlock()
	first := never
	for e := range k.entries() {
		first = min(first, e.state.opening(now, k.need))
	}
	return first
}

// empty reports whether the model and its fallbacks have no deployment at all.
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

// leave gives up the place in the queue, if there is one.
func (k *Pick) leave() {
	if k.place != nil {
		k.model.lane.leave(k.place)
	}
}
