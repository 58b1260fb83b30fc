package pool

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Pick finds deployments for one request. It belongs to one goroutine.
type Pick struct {
	pool     *Pool
	name     string // as asked for
	model    *model // nil when the pool has none of that name
	need     Need
	affinity uint64

	tried    []*state // in this round
	triedBuf [8]*state
	latest   *state // failed last
	place    *waiter
	waited   bool // this round was waited for

	last      Failure
	attempts  int
	answered  bool
	throttled bool // some attempt was refused with 429
	fellBack  bool
	gone      error // the context's cause, when it ended the loop
	canceled  bool  // rather than run out of time
}

// most bounds a need, so that sums of needs stay far from overflow.
const most = 1 << 36

// Pick starts to look for a deployment of ask.Model. It costs nothing until its
// candidates are asked for. A negative need counts as 0, an absurd one as most.
func (p *Pool) Pick(ask *tallygate.Ask, need Need) *Pick {
	need = Need{min(max(need.Prompt, 0), most), min(max(need.Output, 0), most)}
	k := &Pick{pool: p, name: ask.Model, model: p.models[strings.ToLower(ask.Model)], need: need, affinity: ask.Affinity}
	k.tried = k.triedBuf[:0]
	return k
}

// Candidates lends one deployment after the other until the loop ends. It ends by
// itself when all were offered or are cooling, and no wait is configured or
// worth while: a wait that must end after ctx's deadline, or after the model's
// Wait since now, is not begun. Use it once.
func (k *Pick) Candidates(ctx context.Context) iter.Seq[*Candidate] {
	return func(yield func(*Candidate) bool) { k.run(ctx, yield) }
}

func (k *Pick) run(ctx context.Context, yield func(*Candidate) bool) {
	if k.model == nil {
		return
	}
	defer k.leave()
	var began time.Duration
	if k.model.wait > 0 {
		began = k.pool.now()
	}
	for round := 0; k.admit(ctx, round, began); round++ {
		for c := k.next(); c != nil; c = k.next() {
			// The place in the queue is kept until a deployment is held, so that the one
			// behind sees it counted.
			k.leave()
			if !k.lend(c, yield) || k.left(ctx) {
				return
			}
		}
		k.leave()
		k.tried = k.tried[:0]
	}
}

// left reports whether ctx has ended, and remembers why: no further deployment is
// troubled then.
func (k *Pick) left(ctx context.Context) bool {
	if ctx.Err() == nil {
		return false
	}
	k.gone, k.canceled = context.Cause(ctx), ctx.Err() == context.Canceled
	return true
}

// lend runs the loop body with c in flight.
func (k *Pick) lend(c *Candidate, yield func(*Candidate) bool) bool {
	defer c.state.giveBack(c)
	return yield(c)
}

// next takes the best deployment that is left: of the model, else of a fallback.
func (k *Pick) next() *Candidate {
	now := k.pool.now()
	k.pool.mu.Lock()
	defer k.pool.mu.Unlock()
	if c := k.from(k.model, now); c != nil {
		k.fellBack = false
		return c
	}
	for _, m := range k.model.fallback {
		if c := k.from(m, now); c != nil {
			k.fellBack = true
			return c
		}
	}
	return nil
}

func (k *Pick) from(m *model, now time.Duration) *Candidate {
	var buf [16]view
	vs := k.views(m, now, buf[:0])
	if len(vs) == 0 {
		return nil
	}
	v := m.choose(vs, k.affinity, k.pool.shared)
	c := &Candidate{Deployment: v.Deployment, state: v.state, pick: k, need: k.need}
	v.state.lend(c, now, k.waited)
	k.tried = append(k.tried, v.state)
	k.attempts++
	return c
}

// views returns the deployments of m to choose from: those not tried in this round
// and not cooling, of the best health and tier there is.
func (k *Pick) views(m *model, now time.Duration, vs []view) []view {
	var v view
	for _, e := range m.entries {
		if slices.Contains(k.tried, e.state) {
			continue
		}
		if !e.state.look(&v, now, k.need, m.strategy == Headroom) {
			continue
		}
		v.entry = e
		if e.state == k.latest {
			v.health = again
		}
		order := 0
		if len(vs) > 0 {
			order = v.compare(&vs[0])
		}
		if order < 0 {
			vs = vs[:0]
		}
		if order <= 0 {
			vs = append(vs, v)
		}
	}
	return vs
}

func (k *Pick) failed(c *Candidate, f Failure) {
	k.last, k.latest, k.answered = f, c.state, false
	k.throttled = k.throttled || f.Status == http.StatusTooManyRequests
}

// Attempts returns how many deployments were lent so far.
func (k *Pick) Attempts() int { return k.attempts }

// FellBack reports whether the candidate lent last is of a fallback model.
func (k *Pick) FellBack() bool { return k.fellBack }

// Last returns the failure reported last; false when there was none.
func (k *Pick) Last() (Failure, bool) { return k.last, k.latest != nil }
