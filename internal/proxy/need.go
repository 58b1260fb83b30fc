package proxy

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/cost"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/op"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/wire"
)

// need is what a request needs of limits and pool.
type need struct {
	limit.Need
	pool pool.Need
	// model is the model's name in lower case, and its what is known of it; empty when
	// there is none of that name.
	model string
	its   Model
	// output bounds the completion tokens of a choice that are asked for upstream,
	// where the gateway itself bounds them; 0 where it does not.
	output    int64
	reasoning bool
	// unsaid says that the request names no bound for its answer, although it can;
	// choices is how many answers it asks for.
	unsaid  bool
	until   time.Time     // it can wait for room in limits
	waited  time.Duration // it did
	choices int64
	early   early
	unit    *op.Unit
	// pricing tells how the bound of the cost is known.
	pricing tallygate.Pricing
	worst   op.Worst
}

// Model is what the line knows of a model.
type Model struct {
	cost.Model
	// MaxTokens caps the completion tokens of each choice.
	MaxTokens tallygate.Cap
	// Wait is how long a request may wait for room.
	Wait time.Duration
}

// deadline is until when the client waits: what it says in X-Tallygate-Max-Wait (a
// duration such as 5s, or seconds), or the read timeout that OpenAI's SDKs tell.
func deadline(h http.Header, began time.Time) time.Time {
	for _, name := range [...]string{"X-Tallygate-Max-Wait", "X-Stainless-Timeout"} {
		said := h.Get(name)
		if said == "" {
			continue
		}
		wait, err := time.ParseDuration(said)
		if err != nil {
			var s float64
			if s, err = strconv.ParseFloat(said, 64); err == nil && s < 1e9 {
				wait = time.Duration(s * float64(time.Second))
			}
		}
		if err == nil && wait > 0 {
			return began.Add(wait)
		}
	}
	return time.Time{}
}

// need bounds what the request can use. The error is that of a cap, or that nobody can
// bound it.
func (p *Proxy) need(who *tallygate.Identity, ask *wire.Request, now time.Time) (need, error) {
	n := need{model: strings.ToLower(ask.Model), unit: p.Operations.Of(ask)}
	if err := p.bounded(who, ask); err != nil {
		return n, err
	}
	its, known := p.Models[n.model]
	if !known {
		n.model = "" // no limit has to remember a name that anyone may make up
	}
	choices := max(ask.Choices, 1)
	n.choices = choices
	n.unsaid = ask.MaxTokens == 0 && ask.CanCap() && n.unit.Unsaid == 0 // else it is the service that bounds it
	n.its, n.reasoning = its, its.Reasoning
	out := ask.MaxTokens
	if limit := who.MaxTokens.Tighter(its.MaxTokens); limit.Tokens > 0 && ask.CanCap() {
		if limit.Reject && ask.MaxTokens > limit.Tokens {
			return n, &tallygate.Error{
				Kind: tallygate.BadRequest, Code: "MaxTokensExceeded", Param: "max_tokens",
				Message: fmt.Sprintf("max_tokens may be %d at most here, and %d was asked for.", limit.Tokens, ask.MaxTokens),
			}
		}
		if out == 0 {
			out = n.unit.Short(limit.Tokens)
		}
		if ask.MaxTokens == 0 || ask.MaxTokens > limit.Tokens {
			out = min(out, limit.Tokens)
			if out < n.unit.Least {
				return n, tooShort(out, n.unit.Least)
			}
			n.output = out
		}
	}
	n.pool = pool.Need{
		Prompt: (ask.PromptChars() + 3) / 4, Output: out * choices,
		Who: who.ID, Weight: who.Weight, Group: who.Group, Batch: who.Batch,
	}
	if !n.unit.Works(ask) {
		return n, nil
	}
	n.worst = n.unit.Bound(ask, its.Capacity, out)
	n.Bound, n.Rough, n.Tier = n.worst.Bound, ask.Peeked(), ask.Tier()
	p.costs(&n, now)
	return n, nil
}

// tooShort refuses a response that the gateway would have to bound to less than the
// service takes.
func tooShort(output, least int64) error {
	return &tallygate.Error{
		Kind: tallygate.BadRequest, Code: "MaxTokensTooSmall", Param: "max_output_tokens",
		Message: fmt.Sprintf("You may have %d completion tokens a request here, and the Responses API gives no fewer than %d. "+
			"Use chat completions, or ask whoever runs this gateway to raise max_tokens.", output, least),
	}
}

// admit takes the hold. Only when a limit has no room for the body's length are the
// prompt's tokens counted, since that costs more than all else.
func (p *Proxy) admit(ctx context.Context, hold *limit.Hold, who *tallygate.Identity, ask *wire.Request, e *tallygate.Entry, n *need) error {
	if err := p.fit(n, who, ask, e, nil); err != nil {
		return err
	}
	err := p.Limits.Admit(ctx, hold, who, n.model, e.Began, n.Need)
	if err != nil && hold.Rough() {
		p.narrow(n, p.Limits.Whole(who, n.model, nil), ask, e)
		err = p.Limits.Admit(ctx, hold, who, n.model, e.Began, n.Need)
	}
	if err != nil && hold.Waits() {
		began := time.Now()
		err = hold.Await(ctx, n.until, err)
		n.waited = time.Since(began)
	}
	e.Hold, e.Pricing = n.Bound, n.pricing
	return err
}

// patience notes until when the request can wait for room: as long as its model lets it,
// and as its client does.
func (n *need) patience(began time.Time) {
	n.until = began.Add(n.its.Wait)
	if !n.pool.Deadline.IsZero() && n.pool.Deadline.Before(n.until) {
		n.until = n.pool.Deadline
	}
	n.Patient = n.its.Wait > 0 && time.Now().Before(n.until)
}

// move moves the hold to a deployment, like admit.
func (p *Proxy) move(ctx context.Context, hold *limit.Hold, d *tallygate.Deployment, ask *wire.Request, e *tallygate.Entry, n *need) error {
	if err := p.refit(hold, d, ask, e, n); err != nil {
		return err
	}
	err := hold.On(ctx, d)
	if err != nil && hold.Rough() && n.Rough {
		p.narrow(n, p.Limits.Whole(hold.Who(), n.model, d), ask, e)
		hold.Narrow(n.Need)
		err = hold.On(ctx, d)
	}
	e.Hold, e.Pricing = n.Bound, n.pricing
	return err
}

// narrow bounds the need by the prompt's tokens, unless these are found to be more than
// a limit allows altogether: then the rest of them is not worth the time, and the bound
// stays that of the length.
func (p *Proxy) narrow(n *need, whole *limit.Whole, ask *wire.Request, e *tallygate.Entry) {
	n.Rough = false
	most := p.worth(n, whole, e.Began)
	counted, ok := p.count(ask, n.its.Bases, most)
	switch {
	case !ok:
	case most > 0 && counted > most:
		n.AtLeast = counted
	case counted+counted/32+32 < n.Prompt: // with what the service adds by itself
		n.Prompt = counted + counted/32 + 32
		p.costs(n, e.Began)
	}
}

// worth is up to how many tokens a prompt is worth counting, 0 when all of it is.
func (p *Proxy) worth(n *need, whole *limit.Whole, at time.Time) (most int64) {
	for _, q := range [...]tallygate.Quantity{tallygate.Tokens, tallygate.PromptTokens} {
		if l := whole[q]; l != nil && (most == 0 || l.Amount < most) {
			most = max(l.Amount, 1)
		}
	}
	if l := whole[tallygate.Cost]; l != nil && !n.Unpriced {
		pays := max(p.Tariff.Prompt(tallygate.Money(l.Amount), n.Bound, n.its.Deployments, at), 1)
		if most == 0 || pays < most {
			most = pays
		}
	}
	return most
}

// count bounds the prompt by counting it, up to a little more than most. What the service
// adds by itself is not among it; files and what is elsewhere cannot be counted.
func (p *Proxy) count(ask *wire.Request, bases []string, most int64) (n int64, ok bool) {
	if files, _, refers := ask.Beyond(); files > 0 || refers || len(bases) == 0 {
		return 0, false
	}
	p.Counted()
	for _, base := range bases {
		if n = max(n, p.Meter.PromptBound(p.Operations.Of(ask).Answer, base, ask.JSON(), most)); most > 0 && n > most {
			break
		}
	}
	return n, true
}
