package proxy

import (
	"net/http"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/wire"
)

// leastOutput and leastThinking are the fewest tokens that a request which names no
// bound is capped to: of what is shorter nobody has any use, and a model that reasons
// may spend as much before its first word.
const (
	leastOutput   = 64
	leastThinking = 1024
)

// LeastAnswer is the fewest tokens that a request which names no bound is capped to, of a
// model that reasons or of another.
func LeastAnswer(reasons bool) int64 {
	if reasons {
		return leastThinking
	}
	return leastOutput
}

// fit caps the answer to a request that names no bound for it, where a limit allows
// altogether less than the prompt and the model's largest answer: such a request could
// never be admitted. The cap follows from the limit's amount, and is at most half of it,
// so that it tells nothing of what others have used. d is nil for the limits that are
// known before a deployment is picked. The error is that of a limit which leaves too
// little for an answer.
func (p *Proxy) fit(n *need, who *tallygate.Identity, ask *wire.Request, e *tallygate.Entry, d *tallygate.Deployment) error {
	if !n.unsaid || p.RefuseUnsaid {
		return nil
	}
	whole := p.Limits.Whole(who, n.model, d)
	left := p.leaves(whole, n, e.Began)
	if left.limit == nil {
		return nil
	}
	if left.prompt && n.Rough {
		p.narrow(n, whole, ask, e)
		if left = p.leaves(whole, n, e.Began); left.limit == nil {
			return nil
		}
	}
	least := LeastAnswer(n.reasoning)
	switch {
	case left.tokens <= 0 && !left.half: // the prompt alone does not fit, which admission says best
		n.answer(least)
	case left.tokens < least:
		return limit.Cramped(left.limit, left.tokens, least, time.Now())
	default:
		n.answer(left.tokens)
		n.output = left.tokens
	}
	p.costs(n, e.Began)
	return nil
}

// refit is fit for the limits that are about a deployment. What another one was capped
// to does not count any more.
func (p *Proxy) refit(hold *limit.Hold, d *tallygate.Deployment, ask *wire.Request, e *tallygate.Entry, n *need) error {
	if !n.unsaid || !p.Limits.Late() {
		return nil
	}
	if n.early.known {
		n.output, n.Completion = n.early.output, n.early.completion
		n.pool.Output = n.Completion
		p.costs(n, e.Began)
	}
	n.early = early{true, n.output, n.Completion}
	err := p.fit(n, hold.Who(), ask, e, d)
	hold.Narrow(n.Need)
	return err
}

// early is what a request is capped to before a deployment is picked.
type early struct {
	known              bool
	output, completion int64
}

// answer bounds the completion tokens of each choice.
func (n *need) answer(tokens int64) {
	n.Completion = tokens * n.choices
	n.pool.Output = n.Completion
}

// leave is what limits leave for each choice of an answer.
type leave struct {
	tokens int64
	limit  *tallygate.Limit // that leaves so little; nil when all leave enough
	half   bool             // it is the half of the limit
	prompt bool             // a closer bound of the prompt may leave more
}

// leaves returns what the limits leave at least.
func (p *Proxy) leaves(whole *limit.Whole, n *need, at time.Time) (least leave) {
	consider := func(l *tallygate.Limit, room, half int64) {
		left := leave{min(room, half) / n.choices, l, half <= room, room < half}
		if least.limit == nil || left.tokens < least.tokens {
			left.prompt = left.prompt || least.prompt
			least = left
		}
	}
	if l := whole[tallygate.Tokens]; l != nil && l.Amount > 0 && n.Tokens() > l.Amount {
		consider(l, l.Amount-n.Prompt, l.Amount/2)
	}
	if l := whole[tallygate.CompletionTokens]; l != nil && l.Amount > 0 && n.Completion > l.Amount {
		consider(l, l.Amount, l.Amount/2)
	}
	if l := whole[tallygate.Cost]; l != nil && l.Amount > 0 && int64(n.Cost) > l.Amount && !n.Unpriced {
		amount := tallygate.Money(l.Amount)
		prompt := n.Bound
		prompt.Completion = 0
		base := p.Tariff.Bound(prompt, n.its.Deployments, at).Cost
		consider(l, p.Tariff.Answer(amount, n.Bound, n.its.Deployments, at), p.Tariff.Answer(base+amount/2, n.Bound, n.its.Deployments, at))
	}
	return least
}

// tellCap tells the caller to how many tokens the gateway bounded the answer.
func tellCap(h http.Header, n *need) {
	if n.output > 0 {
		h["X-Tallygate-Max-Tokens"] = []string{decimal(n.output)}
	} else {
		delete(h, "X-Tallygate-Max-Tokens")
	}
}
