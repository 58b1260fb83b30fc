package pool

import (
	"cmp"
	"time"
)

// Who is next is decided by start-time fair queueing (Goyal, Vin and Cheng, 1996). Each
// caller is a flow with a tag: what it has been given, in tokens by its weight. Who
// has the lowest tag is next, and pays. A flow that comes begins at the clock, which is
// the tag of whoever went last: it is owed nothing for the time it did not wait.
// Since tags rise by what is paid alone, of two flows that wait all the time neither
// gets more than its share of the tokens by more than one request of each, whatever
// their sizes. And since the clock moves with each turn that another waits for, those
// who come fall behind one who waits, however many come.

// key names a flow.
type key struct {
	who, group string
	batch      bool
}

// flow is the requests of one caller that wait, and what it has been given.
type flow struct {
	key
	weight float64
	line   []*waiter // by ticket

	keeps      *share        // what its group is kept; nil is nothing
	tag, given float64       // given as one of its class, and of what its group is kept
	held       time.Duration // it is passed over until then, see lane.hold
}

// fair is the clock of flows that share something fairly.
type fair struct{ clock float64 }

// give charges f tokens, whose turn it was by that tag of its, while flows of so much weight
// wait, with its own.
func (c *fair) give(f *flow, tag *float64, tokens int64, weights float64) {
	cost := float64(tokens)
	c.clock = max(c.clock, *tag) + cost/weights*(1-f.weight/weights)
	*tag += cost / f.weight
}

// share is what a group is kept of the turns.
type share struct {
	fair
	percent int64
	served  window
}

// owed reports whether the group got less than its share of the last minute's tokens.
func (s *share) owed(total tally) bool {
	return s.percent > 0 && s.served.minute.tokens*100 <= s.percent*total.tokens
}

// reason is why a flow is next. Lower ones go first.
type reason uint8

const (
	// due: it is batch, and has waited for half of the time it has.
	due reason = iota
	// kept: its group has not had what is kept for it.
	kept
	interactive
	batch
)

const (
	// patience is how many times a batch request's tokens others are given before it goes
	// when it is due.
	patience = 3
	// least is the tokens that a small request costs its caller in the queue, where the
	// quota does not tell: many small ones use up a deployment as well. Azure grants newer
	// models one request for a thousand tokens.
	least = 1000
	// sweep is after how many turns those are looked for who owe nothing any more.
	sweep = 1000
)

// place is a flow as it stands in comparison.
type place struct {
	*flow
	held  time.Duration // 0 unless in force
	why   reason
	start float64
}

// choose returns the flow whose turn it is, nil when none waits; l is locked.
func (l *lane) choose(now time.Duration) (*flow, reason) {
	if len(l.active) == 0 {
		return nil, 0
	}
	l.advance(now)
	best := l.place(l.active[0], now)
	for _, f := range l.active[1:] {
		if p := l.place(f, now); p.compare(&best) < 0 {
			best = p
		}
	}
	return best.flow, best.why
}

// advance moves to now what was given in the last minute.
func (l *lane) advance(now time.Duration) {
	l.served.advance(now)
	for _, s := range l.groups {
		s.served.advance(now)
	}
}

// overtake gives the turn to f, in which someone has just begun to wait, if it goes
// before the one who has it; l is locked.
func (l *lane) overtake(f *flow, now time.Duration) {
	l.advance(now)
	p := l.place(f, now)
	if l.turn != nil && l.turn.flow != f {
		if q := l.place(l.turn.flow, now); p.compare(&q) >= 0 {
			return
		}
	}
	l.give(f, p.why)
}

func (l *lane) place(f *flow, now time.Duration) place {
	if f.held > 0 && f.held <= now {
		f.held = 0
		l.begin(f) // it is owed nothing for the time it could not use
	}
	p := place{flow: f, held: f.held, why: interactive, start: f.tag}
	switch {
	case f.batch && f.line[0].due(now) && l.undue >= patience*f.line[0].cost:
		p.why = due
	case f.batch:
		p.why = batch
	case f.keeps != nil && f.keeps.owed(l.served.minute):
		p.why, p.start = kept, f.given
	}
	return p
}

// begin brings the tags of a flow up to the clocks.
func (l *lane) begin(f *flow) {
	f.tag = max(f.tag, l.classOf(f).clock)
	if f.keeps != nil {
		f.given = max(f.given, f.keeps.clock)
	}
}

// compare is negative when p goes before q. Among equals the shorter line goes first,
// being less of a flood, then who was there first.
func (p *place) compare(q *place) int {
	switch {
	case p.held != q.held:
		return cmp.Compare(p.held, q.held)
	case p.why != q.why:
		return cmp.Compare(p.why, q.why)
	case p.start != q.start:
		return cmp.Compare(p.start, q.start)
	case len(p.line) != len(q.line):
		return cmp.Compare(len(p.line), len(q.line))
	}
	return byTicket(p.line[0], q.line[0])
}

// due reports whether w has waited for half of the time it has.
func (w *waiter) due(now time.Duration) bool { return now-w.since >= (w.deadline-w.since)/2 }

func (l *lane) classOf(f *flow) *fair {
	if f.batch {
		return &l.class[1]
	}
	return &l.class[0]
}

// charge makes w's flow pay for the turn; l is locked.
func (l *lane) charge(w *waiter, now time.Duration) {
	f := w.flow
	w.paid, w.payee = float64(w.cost)/f.weight, l.reason
	if l.reason == kept {
		f.keeps.give(f, &f.given, w.cost, l.weights)
	} else {
		l.classOf(f).give(f, &f.tag, w.cost, l.weights)
	}
	if f.batch {
		l.undue = 0
	} else {
		l.undue += w.cost
	}
	l.count(f, w.cost, 1, now)
	if l.turns++; l.turns%sweep == 0 {
		for _, f := range l.flows {
			l.settle(f)
		}
	}
}

// refund gives back what w paid for a turn that was in vain; l is locked.
func (l *lane) refund(w *waiter, f *flow, now time.Duration) {
	if w.paid == 0 {
		return
	}
	if w.payee == kept {
		f.given -= w.paid
	} else {
		f.tag -= w.paid
	}
	w.paid = 0
	l.count(f, -w.cost, -1, now)
}

func (l *lane) count(f *flow, tokens, requests int64, now time.Duration) {
	l.served.advance(now)
	l.served.add(tally{tokens, requests})
	if s := f.keeps; s != nil {
		s.served.advance(now)
		s.served.add(tally{tokens, requests})
	}
}

// flow returns the flow of that key, a new one if need be; l is locked.
func (l *lane) flow(k key) *flow {
	f := l.flows[k]
	if f == nil {
		f = &flow{key: k, weight: 1, keeps: l.groups[k.group]}
		l.flows[k] = f
	}
	return f
}

// settle forgets a flow in which nobody waits and which owes nothing, and when nobody
// waits at all, everyone's debts; l is locked.
func (l *lane) settle(f *flow) {
	switch {
	case l.waiting.Load() == 0:
		clear(l.flows)
		l.undue, l.weights = 0, 0
	case len(f.line) == 0 && f.tag <= l.classOf(f).clock && (f.keeps == nil || f.given <= f.keeps.clock):
		delete(l.flows, f.key)
	}
}

// keep sets what is kept for groups.
func (l *lane) keep(rs []Reserve) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.groups {
		s.percent = 0
	}
	for _, r := range rs {
		if l.groups[r.Group] == nil {
			l.groups[r.Group] = &share{}
		}
		l.groups[r.Group].percent = int64(r.Share)
	}
	for _, f := range l.flows {
		f.keeps = l.groups[f.group]
	}
}

// queue is the lane's figures.
func (l *lane) queue(model string, now time.Duration) Queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := Queue{Model: model}
	for _, f := range l.active {
		if f.batch {
			q.Batch += len(f.line)
		} else {
			q.Interactive += len(f.line)
		}
		q.Longest = max(q.Longest, now-f.line[0].since)
	}
	return q
}
