// Package cost is what requests cost: what one costs at most before it is sent, on the
// dearest deployment that may serve it, what it did cost, and how far an amount reaches.
// Tokens, seconds and calls come from others (internal/op bounds them, internal/meter
// counts them); what they are worth is said here and nowhere else.
package cost

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/price"
)

// Options are where prices come from.
type Options struct {
	// List is the price list in use. Required.
	List *price.Book
	// Nominal are the prices of provisioned throughput, by the deployment's ID.
	Nominal map[string]*price.Price
	// Unknown is the price of what the list does not have; nil is not known.
	Unknown *price.Price
}

// Tariff knows what is charged. It never changes but for what it remembers. Safe for
// concurrent use.
type Tariff struct {
	Options
	mu    sync.RWMutex
	found map[*tallygate.Deployment]found
}

// found is a price that was looked up, and in which minute: prices change at a date, and
// deployments are few.
type found struct {
	price  *price.Price
	how    tallygate.Pricing
	minute int64
}

// New returns a tariff.
func New(o Options) *Tariff {
	return &Tariff{Options: o, found: make(map[*tallygate.Deployment]found)}
}

// Price returns what a deployment charges at a time: by an hour of provisioned throughput
// where that has a price, by the list, and else as is assumed. It is nil, and Unpriced,
// when nobody knows.
func (t *Tariff) Price(d *tallygate.Deployment, at time.Time) (*price.Price, tallygate.Pricing) {
	minute := at.Unix() / 60
	t.mu.RLock()
	f, ok := t.found[d]
	t.mu.RUnlock()
	if ok && f.minute == minute {
		return f.price, f.how
	}
	f = found{minute: minute}
	f.price, f.how = t.look(d, at)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found[d] = f
	return f.price, f.how
}

func (t *Tariff) look(d *tallygate.Deployment, at time.Time) (*price.Price, tallygate.Pricing) {
	if p := t.Nominal[d.ID()]; p != nil {
		return p, tallygate.Nominal
	}
	if p, ok := t.List.Find(strings.ToLower(d.Base), d.SKU, d.Region, at); ok {
		return p, tallygate.Listed
	}
	if t.Unknown != nil {
		return t.Unknown, tallygate.Assumed
	}
	return nil, tallygate.Unpriced
}

// Of returns what a usage costs, with pictures of a kind (Ask.Picture), on a deployment at
// a time; nothing, and Unpriced, when nobody knows. That is so as well where there is a
// price, and for nothing of what was used: what is not priced is not free.
func (t *Tariff) Of(u tallygate.Usage, picture string, d *tallygate.Deployment, at time.Time) (tallygate.Money, tallygate.Pricing) {
	p, how := t.Price(d, at)
	if p == nil || !p.Covers(&u) {
		return 0, tallygate.Unpriced
	}
	return p.Cost(u, picture), how
}

// Again returns what an entry costs by this tariff that has used so much. What nobody
// knows the deployment of keeps its cost, and what was settled by its hold costs what it
// can at most. It remembers nothing: entries have deployments of their own.
func (t *Tariff) Again(e *tallygate.Entry, u tallygate.Usage) (tallygate.Money, tallygate.Pricing) {
	if !e.Counted || !u.Known() || e.Deployment == nil {
		return e.Cost, e.Pricing
	}
	p, how := t.look(e.Deployment, e.Began)
	switch {
	case p == nil || !p.Covers(&u):
		return 0, tallygate.Unpriced
	case e.Outcome == tallygate.Unsettled:
		return p.Most(tallygate.Bound{
			Prompt: u.Prompt, Completion: u.Completion,
			Seconds: u.Seconds, Characters: u.Characters, Images: u.Images, Picture: e.Ask.Picture,
		}), how
	}
	return p.Cost(u, e.Ask.Picture), how
}

// Worst is what a request can cost at most.
type Worst struct {
	Cost tallygate.Money
	// Pricing is how that is known; Unpriced when one of the deployments has no price for
	// it, and then Cost is that of the others.
	Pricing tallygate.Pricing
}

// Bound returns the most that a request within the bound can cost, whichever of the
// deployments serves it, at a time.
func (t *Tariff) Bound(b tallygate.Bound, on []*tallygate.Deployment, at time.Time) (w Worst) {
	w.Pricing = tallygate.Free
	most := b.Whole()
	for _, d := range on {
		p, how := t.Price(d, at)
		if p == nil || !p.Covers(&most) {
			w.Pricing = tallygate.Unpriced
			continue
		}
		if w.Pricing != tallygate.Unpriced {
			w.Pricing = max(w.Pricing, how)
		}
		w.Cost = max(w.Cost, p.Most(b))
	}
	return w
}

// Answer returns how many tokens of an answer, b.Completion at most, an amount pays beside
// the rest of the bound, where they are dearest; less than 0 when it does not even pay
// that.
func (t *Tariff) Answer(amount tallygate.Money, b tallygate.Bound, on []*tallygate.Deployment, at time.Time) int64 {
	return most(-1, b.Completion, func(n int64) bool {
		b.Completion = n
		return t.Bound(b, on, at).Cost <= amount
	})
}

// Prompt returns how many tokens of a prompt, b.Prompt at most, an amount pays without an
// answer, where they are dearest.
func (t *Tariff) Prompt(amount tallygate.Money, b tallygate.Bound, on []*tallygate.Deployment, at time.Time) int64 {
	b.Completion = 0
	return most(0, b.Prompt, func(n int64) bool {
		b.Prompt = n
		return t.Bound(b, on, at).Cost <= amount
	})
}

// most returns the largest n from low to high that is good, low when none is; what is
// good ends somewhere.
func most(low, high int64, good func(int64) bool) int64 {
	for low < high {
		if middle := low + (high-low+1)/2; good(middle) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// Assumed is a price that is the same for every model: of the tokens of a prompt and of a
// completion, a million each.
func Assumed(prompt, completion tallygate.Money) *price.Price {
	p := &price.Price{Model: "*"}
	for c := range price.Classes {
		switch {
		case c < price.Completion:
			p.Rates[c] = prompt
		case c < price.Call:
			p.Rates[c] = completion
		}
	}
	return p
}

// wider returns the larger of two bounds; 0, which is unknown, bounds nothing.
func wider(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}

// longer returns the longer of two answers, of which an unknown one is as long as the
// usual model's.
func longer(a, b int64) int64 {
	return max(cmp.Or(a, tallygate.UnknownOutput), cmp.Or(b, tallygate.UnknownOutput))
}
