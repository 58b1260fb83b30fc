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
	model    *model // nil when the pool has none of that name
	need     need
	affinity uint64

	tried    []*state // in this round
	triedBuf [4]*state
	latest   *state // failed last
	place    *waiter

	last     Failure
	pending  []pending // refusals of which nobody knows yet whose fault they are
	attempts int
	gone     error // the context's cause, when it ended the loop
	rarities *rarities

	waited    bool // this round was waited for
	slept     time.Duration
	answered  bool
	throttled bool // some attempt was refused with 429, or not made to spare it that
	fellBack  bool
	canceled  bool // gone rather than out of time
	disliked  bool // some deployment says that the request is to blame
}

// rarities are what few picks have.
type rarities struct {
	name    string        // as asked for, when there is no model of that name
	skipped []*state      // by the line
	refusal error         // of the line, for the one skipped last
	crowded time.Duration // the queue was too long: come back after that
}

func (k *Pick) rare() *rarities {
	if k.rarities == nil {
		k.rarities = &rarities{}
	}
	return k.rarities
}

// passed reports whether the line skipped the deployment.
func (k *Pick) passed(s *state) bool {
	return k.rarities != nil && slices.Contains(k.rarities.skipped, s)
}

// Pick starts to look for a deployment of ask.Model. It costs nothing until its
// candidates are asked for. A negative need counts as 0, an absurd one as most.
func (p *Pool) Pick(ask *tallygate.Ask, need Need) *Pick {
	k := &Pick{pool: p, model: p.models[strings.ToLower(ask.Model)], need: need.bounded(p.epoch), affinity: ask.Affinity}
	if k.model == nil {
		k.rare().name = ask.Model
	}
	k.tried = k.triedBuf[:0]
	return k
}

// Candidates lends one deployment after the other until the loop ends. It ends by
// itself when all were offered or are cooling, and no wait is configured or
// worth while: a wait that must end after ctx's deadline, the need's, or after the
// model's Wait since now, is not begun. Use it once.
func (k *Pick) Candidates(ctx context.Context) iter.Seq[*Candidate] {
	return func(yield func(*Candidate) bool) { k.run(ctx, yield) }
}

func (k *Pick) run(ctx context.Context, yield func(*Candidate) bool) {
	if k.model == nil {
		return
	}
	defer k.resolve(false)
	defer k.leave(false)
	var began time.Duration
	if k.model.wait > 0 {
		began = k.pool.now()
	}
	for round := 0; k.admit(ctx, round, began); round++ {
		k.tried = k.tried[:0]
		for c := k.next(); c != nil; c = k.next() {
			// The place in the queue is kept until a deployment is held, so that the one
			// behind sees it counted.
			k.leave(true)
			if !k.lend(c, yield) || k.left(ctx) {
				return
			}
		}
		k.leave(false)
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
	c := &Candidate{Deployment: v.Deployment, state: v.state, pick: k}
	v.state.lend(c, now, k.waited)
	k.tried = append(k.tried, v.state)
	k.attempts++
	return c
}

// views returns the deployments of m to choose from: those not tried in this round
// and not cooling, nor full for this request, of the best health and tier there is.
func (k *Pick) views(m *model, now time.Duration, vs []view) []view {
	var v view
	need, held, paced, some := &k.need, k.held(m, now) > now, k.model.wait > 0, k.rarities != nil
	for _, e := range m.entries {
		if slices.Contains(k.tried, e.state) || some && k.passed(e.state) {
			continue
		}
		if !e.state.look(&v, now, need, m.strategy == Headroom) {
			continue
		}
		if held && e.state.known() || paced && e.state.paced(now) > now {
			k.throttled = true
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

func (k *Pick) skip(c *Candidate, err error) {
	r := k.rare()
	r.skipped, r.refusal = append(r.skipped, c.state), err
	k.attempts--
}

func (k *Pick) failed(c *Candidate, f Failure) {
	k.last, k.latest, k.answered = f, c.state, false
	k.throttled = k.throttled || f.Status == http.StatusTooManyRequests
	k.disliked = k.disliked || f.Blame == BlameRequest
}

// Attempts returns how many deployments were lent so far, without those skipped.
func (k *Pick) Attempts() int { return k.attempts }

// FellBack reports whether the candidate lent last is of a fallback model.
func (k *Pick) FellBack() bool { return k.fellBack }

// Last returns the failure reported last; false when there was none.
func (k *Pick) Last() (Failure, bool) { return k.last, k.latest != nil }
