package limit

import (
	"context"
	"time"

	"github.com/tallygate/tallygate"
)

// Need is the most a request can use.
type Need struct {
	tallygate.Bound
	// Unpriced says that its cost is not known: limits of money then refuse it.
	Unpriced bool
	// Tier is the tier of service that it asks for, where that is why.
	Tier string
	// Rough says that the prompt is bounded by its length, and that it will be
	// counted if there is no room: a refusal of tokens or money is not final.
	Rough bool
	// Patient says that it can wait for what its caller's own requests hold (Await).
	Patient bool
	// AtLeast is how many tokens the prompt has at least, where it was counted up to
	// there only; 0 is not known. A refusal by a limit that allows less tells it.
	AtLeast int64
}

// Hold is what a request has been admitted with. The zero Hold holds nothing. It
// belongs to one request and is not safe for concurrent use.
type Hold struct {
	limits *Limits
	who    *tallygate.Identity
	model  string
	began  int64
	need   Need
	takes  []take
	buffer [8]take
	early  int // how many of takes do not depend on the deployment
	rough  bool
	// blocked is the account of the caller's own in which only holds are in the way, and
	// place the request's in its line; nil for none.
	blocked *account
	place   *waiter

	// Requests, Tokens and Budget are the room in the limit of the caller's own that
	// has the least of it, as of admission.
	Requests, Tokens, Budget Room
	// Would names the limits on trial that would have refused the request.
	Would []string
}

// Room is what is left of a limit.
type Room struct {
	Known bool
	// Limit and Left are in the limit's quantity.
	Limit, Left int64
	// Reset is how long it takes at most until all of it is there again; 0 when it
	// never is.
	Reset time.Duration
}

// take is what is held of one account.
type take struct {
	*account
	rule *rule
	span int64 // where the span began
	n    int64
}

// Admit takes a hold for a request that began at a time and needs at most need, on
// all limits that are about it and do not depend on the deployment, or on none. h
// must be empty. The error is a *tallygate.Error: Throttled with the time to wait,
// Exhausted or Forbidden for a budget, BadRequest when the request could never fit,
// or Unavailable when the bank cannot be asked.
func (l *Limits) Admit(ctx context.Context, h *Hold, who *tallygate.Identity, model string, began time.Time, need Need) error {
	const absurd = 1 << 50 // keeps sums of what is held within an int64, on trial too
	need.Prompt, need.Completion = min(max(need.Prompt, 0), absurd), min(max(need.Completion, 0), absurd)
	need.Seconds, need.Characters, need.Images = min(max(need.Seconds, 0), absurd), min(max(need.Characters, 0), absurd), min(max(need.Images, 0), absurd)
	need.Cost = min(max(need.Cost, 0), absurd)
	h.limits, h.who, h.model, h.began, h.need = l, who, model, began.UnixNano(), need
	h.takes = h.buffer[:0]
	h.rough, h.blocked, h.Would = false, nil, nil
	err := h.take(ctx, nil)
	h.early = len(h.takes)
	return err
}

// Rough reports whether the last Admit or On refused a need that was bounded roughly,
// for a limit that a closer bound might fit into.
func (h *Hold) Rough() bool { return h.rough }

// Who returns whom the hold was taken for; nil before Admit.
func (h *Hold) Who() *tallygate.Identity { return h.who }

// Narrow gives the request a closer bound, with which On asks from now on. What is
// held already stays held.
func (h *Hold) Narrow(need Need) { h.need = need }

// On moves the hold to a deployment: what limits on another held is given back.
// When there is no room on this one the error says so, and the request holds what
// it does without any.
func (h *Hold) On(ctx context.Context, d *tallygate.Deployment) error {
	if h.limits == nil || !h.limits.late {
		return nil
	}
	h.free(h.takes[h.early:], nil)
	h.takes = h.takes[:h.early]
	return h.take(ctx, d)
}

// take holds the need on all limits of the plan, or none.
func (h *Hold) take(ctx context.Context, d *tallygate.Deployment) error {
	l := h.limits
	h.blocked = nil
	for try := 0; ; try++ {
		now := time.Now().UnixNano()
		if l.opt.Bank != nil {
			h.began = now // a share is of the running window
		}
		p := l.plan(h.who, h.model, d, now)
		if len(p.places) == 0 {
			return nil
		}
		if p.money && h.need.Unpriced {
			return unpriced(p, h.model, h.need.Tier)
		}
		if !p.lock() {
			p.unlock()
			l.forget(p)
			continue
		}
		v := h.judge(p, now)
		if v.rule != nil && v.waits {
			h.blocked = v.account
		}
		if v.rule == nil && !v.short {
			h.commit(p, now)
		}
		for i := range p.places {
			h.look(&p.places[i], now)
		}
		p.unlock()
		switch {
		case v.rule != nil:
			h.rough = v.rough
			l.tell(&v)
			return v.err(l.opt.Currency)
		case !v.short:
			return nil
		case try == maxLeases:
			return unavailable(nil)
		}
		if err := l.lease(ctx, p, h); err != nil {
			return err
		}
	}
}

// judge looks whether the need fits everywhere. The verdict is that of the limit
// which makes the request wait longest, of those that no closer bound of the prompt
// fits into when there are such. Called with the plan locked.
func (h *Hold) judge(p *plan, now int64) (v verdict) {
	for i := range p.places {
		pl := &p.places[i]
		pl.advance(now)
		spent, held := pl.taken(pl.find(pl.from(h.began, now)))
		n := h.need.amount(pl.Quantity)
		if n <= pl.Amount-spent-held && !(pl.own && h.behind(pl.account)) {
			v.short = v.short || h.limits.opt.Bank != nil && !pl.DryRun && n > pl.share-spent-held
			continue
		}
		if pl.DryRun {
			continue
		}
		w := verdict{rule: pl.rule, subject: pl.subject, need: n, spent: spent, held: held}
		w.rough = h.need.Rough && pl.countsTokens() && h.need.mayFit(pl.Quantity, pl.Amount-spent-held)
		if pl.Quantity == tallygate.Tokens {
			w.prompt = h.need.Prompt
		}
		if (pl.Quantity == tallygate.Tokens || pl.Quantity == tallygate.PromptTokens) && h.need.AtLeast > pl.Amount {
			w.least = h.need.AtLeast
		}
		w.decide(pl.account, now)
		w.account, w.waits = pl.account, h.need.Patient && pl.own && w.why == inTheWay && !w.rough
		if !w.rough && !w.waits {
			pl.refused++
		}
		if v.rule == nil || w.graver(&v) {
			w.short = v.short
			v = w
		}
	}
	return v
}

// commit holds the need. Called with the plan locked, after judge.
func (h *Hold) commit(p *plan, now int64) {
	for i := range p.places {
		pl := &p.places[i]
		s := pl.find(pl.from(h.began, now))
		n := h.need.amount(pl.Quantity)
		again := i > 0 && pl.account == p.places[i-1].account // two limits on one account hold once
		if pl.DryRun {
			spent, held := pl.taken(s)
			if again {
				held -= n
			}
			if n > pl.Amount-spent-held {
				h.Would = append(h.Would, pl.Name)
				pl.would++
			}
		}
		if !again {
			pl.add(s, 0, n)
			h.takes = append(h.takes, take{pl.account, pl.rule, s.start, n})
		}
	}
}

// look notes what is left, if that is the caller's to know.
func (h *Hold) look(pl *place, now int64) {
	var r *Room
	switch {
	case !pl.own || pl.DryRun:
		return
	case pl.Quantity == tallygate.Requests:
		r = &h.Requests
	case pl.Quantity == tallygate.Tokens:
		r = &h.Tokens
	case pl.Quantity == tallygate.Cost:
		r = &h.Budget
	default:
		return
	}
	left := max(pl.Amount-pl.account.spent-pl.account.held, 0)
	if r.Known && r.Left <= left {
		return
	}
	*r = Room{Known: true, Limit: pl.Amount, Left: left}
	switch {
	case pl.sliding():
		r.Reset = pl.account.length
	case pl.bounded():
		r.Reset = time.Duration(pl.spans[pl.newest].end - now)
	}
}

// Settle turns the hold into what the entry says was used, on every limit. Only the
// first call of a hold counts.
func (h *Hold) Settle(e *tallygate.Entry) {
	h.free(h.takes, e)
	h.takes = nil
}

// Rest gives back what is held of limits of requests at once: the request is on its way
// no longer. The rest stays held.
func (h *Hold) Rest() {
	var rest []take
	for i, t := range h.takes {
		if t.quantity == tallygate.Concurrent {
			h.free(h.takes[i:i+1], nil)
		} else {
			rest = append(rest, t)
		}
	}
	h.takes = rest
}

// Release gives everything back.
func (h *Hold) Release() {
	h.free(h.takes, nil)
	h.takes = nil
}

// free settles takes with what the entry used, or with nothing.
func (h *Hold) free(takes []take, e *tallygate.Entry) {
	for i := range takes {
		t := &takes[i]
		n := int64(0)
		if e != nil {
			n = used(e, t.quantity)
		}
		if n > t.n && t.quantity != tallygate.Concurrent {
			h.limits.shared.debt[t.quantity].Add(n - t.n)
		}
		t.mu.Lock()
		t.settle(t.span, t.n, n)
		t.wake()
		notice, due := t.warn(t.rule)
		t.mu.Unlock()
		if due && h.limits.opt.Notify != nil {
			h.limits.opt.Notify(notice)
		}
	}
}

// warn reports whether the limit has come to its warning share for the first time
// in the window. Called with the account locked.
func (a *account) warn(r *rule) (n Notice, due bool) {
	if r.Warn <= 0 || a.spent < share(r.Amount, r.Warn) || r.Amount <= 0 {
		return n, false
	}
	return a.notice(r, "warn")
}

// share returns so many percent of an amount, rounded up.
func share(amount int64, percent int) int64 {
	return amount/100*int64(percent) + (amount%100*int64(percent)+99)/100
}

// notice makes a notice of one kind, unless the window has had one.
func (a *account) notice(r *rule, kind string) (n Notice, due bool) {
	s := &a.spans[a.newest]
	until := s.end
	if a.sliding() {
		until = s.end + int64(a.length)
	}
	if a.warned[kind+r.Name] > s.start {
		return n, false
	}
	if a.warned == nil {
		a.warned = make(map[string]int64)
	}
	a.warned[kind+r.Name] = until
	n = Notice{Limit: &r.Limit, Subject: a.subject, Spent: a.spent, Refused: kind == "refuse"}
	if a.bounded() {
		n.Resets = time.Unix(0, s.end)
	}
	return n, true
}
