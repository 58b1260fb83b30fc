package limit

import (
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// group holds the accounts of all rules that count the same. It outlives a reload.
type group struct {
	counts   string
	quantity tallygate.Quantity
	period   tallygate.Period
	length   time.Duration
	zone     *time.Location
	order    func() uint64 // numbers accounts

	mu       sync.Mutex
	accounts map[string]*account // by subject
	sweepAt  int                 // how many accounts make a look for idle ones worth while
}

// sweepFirst is how many accounts a group may have before it looks for idle ones.
const sweepFirst = 1024

func newGroup(r *rule, order func() uint64) *group {
	return &group{
		counts: r.counts(), quantity: r.Quantity, period: r.Period, length: r.Length, zone: r.Zone,
		order: order, accounts: make(map[string]*account), sweepAt: sweepFirst,
	}
}

// account returns the account of a subject, and makes it if need be.
func (g *group) account(subject string, now int64) *account {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.accounts[subject]; ok {
		return a
	}
	if len(g.accounts) >= g.sweepAt {
		g.sweep(now)
	}
	a := &account{group: g, subject: subject, order: g.order()}
	a.begin(now)
	g.accounts[subject] = a
	return a
}

// known returns the account of a subject, nil when there is none.
func (g *group) known(subject string) *account {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.accounts[subject]
}

// sweep removes accounts that are as good as new. Whoever still has one sees that
// it is gone. Called with mu held.
func (g *group) sweep(now int64) {
	for subject, a := range g.accounts {
		a.mu.Lock()
		if a.idle(now) {
			a.gone = true
			delete(g.accounts, subject)
		}
		a.mu.Unlock()
	}
	g.sweepAt = max(2*len(g.accounts), sweepFirst)
}

// all returns the accounts there are.
func (g *group) all() []*account {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]*account, 0, len(g.accounts))
	for _, a := range g.accounts {
		out = append(out, a)
	}
	return out
}
