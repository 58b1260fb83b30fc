package pool

import (
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/tallygate/tallygate"
)

// Err returns why the loop ended without an answer, as a *tallygate.Error; nil when
// a candidate answered. It looks at the deployments as they are now:
//
//   - NotFound, DeploymentNotFound: the pool has no such model.
//   - Canceled: the context was canceled before an answer.
//   - What the line gave for it: candidates were skipped, none failed, and the rest
//     had no room.
//   - Throttled: some deployment refused with 429, or would have, or what room it has
//     is kept for others. RetryAfter is the time until the
//     first of those may be tried again: a request that comes then is
//     offered a candidate, and one that comes earlier is not offered that one.
//   - Throttled: the queue is too long. RetryAfter is the time after which, as the queue
//     moves, a request with as much time gets its turn; a second at least.
//   - Unavailable: none works. RetryAfter is when the next may be tried, a second when
//     that depends on a request that is on its way to one, 0 when one may be tried now.
//
// Whoever would rather relay the upstream's own refusal finds it in Last.
func (k *Pick) Err() error {
	switch {
	case k.answered:
		return nil
	case k.model == nil:
		return &tallygate.Error{
			Kind: tallygate.NotFound, Code: "DeploymentNotFound", Param: "model",
			Message: fmt.Sprintf("There is no deployment or model %q here. Check the deployment in the URL, or the body's model, against the names you were given.", k.rare().name),
		}
	case k.canceled:
		return &tallygate.Error{Kind: tallygate.Canceled, Message: "The request was given up before a deployment answered it.", Err: k.gone}
	}
	now := k.pool.now()
	throttled, any := k.soonestOf(now)
	rare := k.rare()
	switch {
	case rare.refusal != nil && k.latest == nil && rare.crowded == 0:
		return rare.refusal
	case rare.crowded > 0 && (throttled < never || any <= now):
		after := rare.crowded
		if any > now {
			after = max(after, throttled-now)
		}
		return &tallygate.Error{
			Kind: tallygate.Throttled, RetryAfter: after, Err: k.cause(),
			Message: fmt.Sprintf("Too many requests wait for %q already. Please retry after %d seconds.", k.model.name, int(math.Ceil(after.Seconds()))),
		}
	case throttled < never || k.throttled:
		after := time.Millisecond // what refused may be tried again already
		if throttled < never {
			after = throttled - now
		}
		return &tallygate.Error{
			Kind: tallygate.Throttled, RetryAfter: after, Err: k.cause(),
			Message: fmt.Sprintf("All deployments of %q are at their limit. Please retry after %d seconds.", k.model.name, int(math.Ceil(after.Seconds()))),
		}
	}
	what := fmt.Sprintf("No deployment of %q works", k.model.name)
	if k.model.name == "" { // of no model: what a resource keeps
		what = "The resource does not answer this"
	}
	e := &tallygate.Error{
		Kind: tallygate.Unavailable, Err: k.cause(),
		Message: what + " at the moment. Try again later; if it lasts, tell whoever runs this gateway.",
	}
	switch {
	case any == never: // a probe is out, and may come back at any moment
		e.RetryAfter = time.Second
	case any > now:
		e.RetryAfter = any - now
	}
	return e
}

// cause tells the operator what the last attempt came to.
func (k *Pick) cause() error {
	switch {
	case k.gone != nil:
		return fmt.Errorf("find a deployment: %w", k.gone)
	case k.latest == nil:
		return nil
	case k.last.Err != nil:
		return fmt.Errorf("try %s: %w", k.latest.id, k.last.Err)
	}
	return fmt.Errorf("try %s: status %d", k.latest.id, k.last.Status)
}

// soonestOf returns when the first deployment may be tried of those that are
// cooling after a 429 or are full for this request, and of any; never when there is
// none.
func (k *Pick) soonestOf(now time.Duration) (throttled, any time.Duration) {
	k.pool.mu.Lock()
	defer k.pool.mu.Unlock()
	throttled, any = never, never
	held := k.heldIn(now)
	for m, e := range k.entries() {
		free, why := e.state.free(k.need.payer), e.state.why
		at := max(free, held(m, e))
		if k.model.wait > 0 {
			at = max(at, e.state.paced(now))
		}
		any = min(any, at)
		switch {
		case at > now && (why == Throttled || at > free):
			throttled = min(throttled, at)
		case at <= now && why == Throttled && e.state.hasty:
			throttled = min(throttled, now+time.Millisecond) // it said: at once
		}
	}
	return throttled, any
}

// entries goes through the deployments of the model and its fallbacks, without those
// that the line skipped.
func (k *Pick) entries() iter.Seq2[*model, *entry] {
	return func(yield func(*model, *entry) bool) {
		if !k.entriesOf(k.model, yield) {
			return
		}
		for _, m := range k.model.fallback {
			if !k.entriesOf(m, yield) {
				return
			}
		}
	}
}

func (k *Pick) entriesOf(m *model, yield func(*model, *entry) bool) bool {
	for _, e := range m.entries {
		if !k.passed(e.state) && !yield(m, e) {
			return false
		}
	}
	return true
}
