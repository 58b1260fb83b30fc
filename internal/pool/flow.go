package pool

import (
	"cmp"
	"time"
)

// Who is next is decided by start-time fair queueing (Goyal, Vin and Cheng, 1996). Each
// caller is a flow with a tag: what it has been given, in tokens by its weight. Who
// has the lowest tag is next, and pays. A flow that comes begins at the clock, which is
// the tag of whoever went last: it is owed nothing for the time it did not wait, and
// owes nothing. Of two flows that wait all the time, neither gets more than its
// share of the tokens by more than one request of each, whatever their sizes.

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
	cost   int64     // of all in line

	tag, share float64       // given as one of its class, and of what its group is kept
	held       time.Duration // it is passed over until then, see lane.hold
	last       uint64        // the turn it had last
}

// fair is the clock of flows that share something fairly.
type fair struct{ clock float64 }

// start is the tag of a flow as it counts now.
func (c *fair) start(tag float64) float64 { return max(c.clock, tag) }

// give charges a flow, whose turn it was by its tag.
func (c *fair) give(tag *float64, cost float64) {
	c.clock = c.start(*tag)
	*tag = c.clock + cost
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
	// due: someone in it has waited for half of the time it has.
	due reason = iota
	// kept: its group has not had what is kept for it.
	kept
	interactive
	batch
)

const (
	// patience is how many turns others have before a flow that is due goes.
	patience = 3
	// least is the tokens that a small request costs its caller in the queue, where the
	// quota does not tell: many small ones use up a deployment as well. Azure grants newer
	// models one request for a thousand tokens.
	least = 1000
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
	p := place{flow: f, why: interactive}
	if f.held > now {
		p.held = f.held
	}
	if f.batch {
		p.why = batch
	}
	p.start = l.classOf(f).start(f.tag)
	if s := l.groups[f.group]; !f.batch && s != nil && s.owed(l.served.minute) {
		p.why, p.start = kept, s.start(f.share)
	}
	if l.undue >= patience && f.due(now) {
		p.why, p.start = due, float64(f.last)
	}
	return p
}

// compare is negative when p goes before q. Among equals the shorter line goes first,
// being less of a flood, then who was there first.
func (p *place) compare(q *place) int {
	return cmp.Or(cmp.Compare(p.held, q.held), cmp.Compare(p.why, q.why), cmp.Compare(p.start, q.start),
		cmp.Compare(len(p.line), len(q.line)), byTicket(p.line[0], q.line[0]))
}

// due reports whether the first in line has waited for half of the time it has.
func (f *flow) due(now time.Duration) bool {
	w := f.line[0]
	return now-w.since >= (w.deadline-w.since)/2
}

func (l *lane) classOf(f *flow) *fair {
	if f.batch {
		return &l.class[1]
	}
	return &l.class[0]
}

// charge makes w's flow pay for the turn; l is locked.
func (l *lane) charge(w *waiter, f *flow, now time.Duration) {
	l.turns++
	f.last = l.turns
	w.paid, w.payee = float64(w.cost)/f.weight, l.reason
	switch c := l.classOf(f); l.reason {
	case due: // it went before its time, so the clock stands
		f.tag = c.start(f.tag) + w.paid
	case kept:
		l.groups[f.group].give(&f.share, w.paid)
	default:
		c.give(&f.tag, w.paid)
	}
	if w.since <= now && now-w.since >= (w.deadline-w.since)/2 {
		l.undue = 0
	} else {
		l.undue++
	}
	l.count(f, w.cost, 1, now)
}

// refund gives back what w paid for a turn that was in vain; l is locked.
func (l *lane) refund(w *waiter, f *flow, now time.Duration) {
	if w.paid == 0 {
		return
	}
	if w.payee == kept {
		f.share -= w.paid
	} else {
		f.tag -= w.paid
	}
	w.paid = 0
	l.count(f, -w.cost, -1, now)
}

func (l *lane) count(f *flow, tokens, requests int64, now time.Duration) {
	l.served.advance(now)
	l.served.add(tally{tokens, requests})
	if s := l.groups[f.group]; s != nil {
		s.served.advance(now)
		s.served.add(tally{tokens, requests})
	}
}

// flow returns the flow of that key, a new one if need be; l is locked.
func (l *lane) flow(k key) *flow {
	f := l.flows[k]
	if f == nil {
		f = &flow{key: k, weight: 1}
		l.flows[k] = f
	}
	return f
}

// forget drops what need not be remembered: a flow in which nobody waits and which owes
// nothing, and when nobody waits at all, everyone's debts; l is locked.
func (l *lane) forget(f *flow) {
	if l.waiting.Load() == 0 {
		clear(l.flows)
		l.undue = 0
		return
	}
	l.settle(f)
	if len(l.flows) > 2*len(l.active)+64 {
		for _, f := range l.flows {
			l.settle(f)
		}
	}
}

func (l *lane) settle(f *flow) {
	s := l.groups[f.group]
	if len(f.line) == 0 && f.tag <= l.classOf(f).clock && (s == nil || f.share <= s.clock) {
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
