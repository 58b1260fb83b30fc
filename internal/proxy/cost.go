package proxy

import (
	"time"

	"github.com/tallygate/tallygate"
)

// costs bounds what the request can cost. It is unpriced when one of the deployments is.
func (p *Proxy) costs(n *need, at time.Time) {
	w := p.Tariff.Bound(n.Bound, n.its.Deployments, at)
	n.Cost, n.pricing, n.Unpriced = w.Cost, w.Pricing, w.Pricing == tallygate.Unpriced || n.Tier != ""
}

// charge fills in what the request costs: nothing, unless a deployment worked on it.
func (p *Proxy) charge(e *tallygate.Entry) {
	if !e.Counted || !e.Usage.Known() || e.Deployment == nil {
		return
	}
	e.Cost, e.Pricing = p.Tariff.Of(e.Usage, e.Ask.Picture, e.Deployment, e.Began)
}

// settle fills in what the request is counted with, whichever way it ended, and
// turns its hold into that. What was given up by a panic while a deployment worked
// on it counts as held, because nobody knows better.
func (p *Proxy) settle(e *tallygate.Entry, panicked bool) {
	switch {
	case panicked && e.Counted && !e.Usage.Known():
		e.Usage = e.Hold.Whole()
	case e.Outcome == tallygate.Refused, e.Outcome == tallygate.Failed && !e.Usage.Known():
		e.Counted = false // no deployment did anything for it
	}
	if e.Usage.Source == tallygate.Estimated || e.Usage.Source == tallygate.Partial {
		within(&e.Usage, &e.Hold)
	}
	e.Pricing = tallygate.Free // as held, until it is known better
	p.charge(e)
}

// within keeps an estimate of our own within what the request could use at most: of a
// prompt longer than the model's window nothing is read.
func within(u *tallygate.Usage, hold *tallygate.Bound) {
	u.Prompt, u.Completion = min(u.Prompt, hold.Prompt), min(u.Completion, hold.Completion)
	u.Total = min(u.Total, u.Prompt+u.Completion)
	u.Seconds, u.Characters, u.Images = min(u.Seconds, hold.Seconds), min(u.Characters, hold.Characters), min(u.Images, hold.Images)
}
