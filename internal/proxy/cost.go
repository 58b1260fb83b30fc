package proxy

import (
	"time"

	"github.com/tallygate/tallygate"
)

// Price is what the tokens of one deployment cost.
type Price interface {
	// Cost returns what the usage costs, in so many calls.
	Cost(u tallygate.Usage, calls int64) tallygate.Money
	// Most returns the most that a usage within the bound can cost, however it is made
	// up.
	Most(tallygate.Bound) tallygate.Money
}

// Prices knows the price of a deployment at a time; a nil Price with Unpriced when
// nobody does.
type Prices func(d *tallygate.Deployment, at time.Time) (Price, tallygate.Pricing)

// costs bounds what the request can cost: as much as on the dearest deployment that
// may serve it. It is unpriced when one of them is.
func (p *Proxy) costs(n *need, at time.Time) {
	n.Cost, n.Unpriced, n.pricing = 0, false, tallygate.Free
	for _, d := range n.bounds.Deployments {
		price, how := p.Prices(d, at)
		if how == tallygate.Unpriced {
			n.Unpriced, n.pricing = true, how
			continue
		}
		if !n.Unpriced {
			n.pricing = max(n.pricing, how)
		}
		n.Cost = max(n.Cost, price.Most(n.Bound))
	}
}

// most is what the request can cost with so many completion tokens, of the deployments
// that have a price.
func (p *Proxy) most(n *need, completion int64, at time.Time) (most tallygate.Money) {
	b := n.Bound
	b.Completion = completion
	for _, d := range n.bounds.Deployments {
		if price, how := p.Prices(d, at); how != tallygate.Unpriced {
			most = max(most, price.Most(b))
		}
	}
	return most
}

// charge fills in what the request costs: nothing, unless a deployment worked on it.
func (p *Proxy) charge(e *tallygate.Entry) {
	if !e.Counted || !e.Usage.Known() || e.Deployment == nil {
		return
	}
	price, how := p.Prices(e.Deployment, e.Began)
	e.Pricing = how
	if how != tallygate.Unpriced {
		e.Cost = price.Cost(e.Usage, p.Operations.Calls(&e.Ask))
	}
}

// settle fills in what the request is counted with, whichever way it ended, and
// turns its hold into that. What was given up by a panic while a deployment worked
// on it counts as held, because nobody knows better.
func (p *Proxy) settle(e *tallygate.Entry, panicked bool) {
	switch {
	case panicked && e.Counted && !e.Usage.Known():
		e.Usage = held(e)
	case e.Outcome == tallygate.Refused, e.Outcome == tallygate.Failed && !e.Usage.Known():
		e.Counted = false // no deployment did anything for it
	}
	if e.Usage.Source == tallygate.Estimated || e.Usage.Source == tallygate.Partial {
		within(&e.Usage, &e.Hold)
	}
	e.Pricing = tallygate.Free // as held, until it is known better
	p.charge(e)
}

// held is the usage of a request of which nobody knows better.
func held(e *tallygate.Entry) tallygate.Usage {
	return tallygate.Usage{Source: tallygate.Held, Prompt: e.Hold.Prompt, Completion: e.Hold.Completion, Total: e.Hold.Tokens(), Seconds: e.Hold.Seconds}
}

// within keeps an estimate of our own within what the request could use at most: of a
// prompt longer than the model's window nothing is read.
func within(u *tallygate.Usage, hold *tallygate.Bound) {
	u.Prompt, u.Completion = min(u.Prompt, hold.Prompt), min(u.Completion, hold.Completion)
	u.Total = min(u.Total, u.Prompt+u.Completion)
	u.Seconds = min(u.Seconds, hold.Seconds)
}
