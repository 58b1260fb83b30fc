package limit

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tallygate/tallygate"
)

// Options say what limits work with.
type Options struct {
	// Bank hands out the shares of limits that several gateways share. Nil is for a
	// gateway alone: all there is of every limit is its own.
	Bank Bank
	// Holder names this gateway to the bank.
	Holder string
	// Past tells what was used before; nil means nothing was.
	Past Past
	// Notify is told of limits that are used up to their warning share, once a
	// window, and of budgets that refuse, likewise. It is called without locks in a
	// request's goroutine and must return at once. May be nil.
	Notify func(Notice)
	// Currency names the unit of money in messages, such as "EUR".
	Currency string
}

// Notice tells of a limit that is nearly, or wholly, used up.
type Notice struct {
	Limit   *tallygate.Limit
	Subject string // such as "caller=search-team"; empty for one that all share
	// Spent of Limit.Amount is used; Refused says that a request was refused for it.
	Spent   int64
	Refused bool
	// Resets is when the window ends; zero when it does not, or slides.
	Resets time.Time
}

// Limits holds requests to their limits. The set of limits never changes: a reload
// makes a new one with Next. Safe for concurrent use.
type Limits struct {
	opt    Options
	rules  []*rule
	late   bool // some rule is about deployments
	shared *shared

	mu    sync.RWMutex
	plans map[planKey]*plan
}

// shared is what all Limits made of each other by Next share.
type shared struct {
	orders atomic.Uint64
	debt   [tallygate.Concurrent]atomic.Int64
}

// planKey is what decides which limits are about a request. deployment is empty
// for those that are known before one is picked.
type planKey struct {
	caller          *tallygate.Caller
	key, model      string
	deployment      string
	afterDeployment bool
}

// plan is the limits that are about a request, in the order of their accounts.
type plan struct {
	key    planKey
	places []place
	money  bool // some of them bounds money
	whole  Whole
}

type place struct {
	*rule
	*account
}

// maxPlans bounds the plans remembered; beyond it they are made anew.
const maxPlans = 50_000

// New returns the limits. What was used before comes from opt.Past; the error is
// that of asking it.
func New(ctx context.Context, limits []tallygate.Limit, opt Options) (*Limits, error) {
	return (&Limits{opt: opt, shared: new(shared)}).Next(ctx, limits)
}

// Next returns the limits of a changed configuration, which go on from what was
// used already. A limit that counts what none did before begins with the past;
// requests that are on their way do not count in it. Holds taken before settle
// where they were taken.
func (l *Limits) Next(ctx context.Context, limits []tallygate.Limit) (*Limits, error) {
	next := &Limits{opt: l.opt, shared: l.shared, plans: make(map[planKey]*plan)}
	known := make(map[string]*group)
	for _, r := range l.rules {
		known[r.group.counts] = r.group
	}
	var fresh []*rule
	for _, limit := range limits {
		r := newRule(limit)
		counts := r.counts()
		if known[counts] == nil {
			known[counts] = newGroup(r, func() uint64 { return l.shared.orders.Add(1) })
			fresh = append(fresh, r)
		}
		r.group = known[counts]
		next.rules = append(next.rules, r)
		next.late = next.late || r.late
	}
	if err := l.recall(ctx, fresh); err != nil {
		return nil, err
	}
	return next, nil
}

// plan returns the limits that are about the request: those known at once, or
// those that are about the deployment d.
func (l *Limits) plan(who *tallygate.Identity, model string, d *tallygate.Deployment, now int64) *plan {
	k := planKey{caller: who.Caller, key: who.Key, model: model}
	if d != nil {
		k.deployment, k.afterDeployment = d.ID(), true
	}
	l.mu.RLock()
	p := l.plans[k]
	l.mu.RUnlock()
	if p != nil {
		return p
	}
	p = l.newPlan(who, &k, now)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.plans) >= maxPlans {
		clear(l.plans)
	}
	l.plans[k] = p
	return p
}

func (l *Limits) newPlan(who *tallygate.Identity, k *planKey, now int64) *plan {
	v := values{
		tallygate.ByKey: who.Key, tallygate.ByCaller: who.ID, tallygate.ByGroup: who.Group,
		tallygate.ByEvent: who.Event, tallygate.ByAttendee: who.Attendee,
		tallygate.ByModel: strings.ToLower(k.model), tallygate.ByDeployment: k.deployment,
	}
	p := &plan{key: *k}
	for _, r := range l.rules {
		if r.late == k.afterDeployment && r.about(&v) {
			p.places = append(p.places, place{r, r.group.account(r.subjectOf(&v), now)})
			p.whole.note(r)
			p.money = p.money || r.Quantity == tallygate.Cost && !r.DryRun
		}
	}
	slices.SortStableFunc(p.places, func(a, b place) int { return int(a.order) - int(b.order) })
	return p
}

// forget drops a plan that has an account which is gone.
func (l *Limits) forget(p *plan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.plans[p.key] == p {
		delete(l.plans, p.key)
	}
}

// lock takes the locks of all accounts, each once: two limits that count the same
// have one account. It reports whether all are still in their groups.
func (p *plan) lock() (current bool) {
	current = true
	for i := range p.places {
		if i == 0 || p.places[i].account != p.places[i-1].account {
			p.places[i].mu.Lock()
			current = current && !p.places[i].gone
		}
	}
	return current
}

func (p *plan) unlock() {
	for i := range p.places {
		if i == 0 || p.places[i].account != p.places[i-1].account {
			p.places[i].mu.Unlock()
		}
	}
}
