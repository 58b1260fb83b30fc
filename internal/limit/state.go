package limit

import (
	"cmp"
	"slices"
	"time"

	"github.com/tallygate/tallygate"
)

// State is how one limit stands for one subject.
type State struct {
	Limit   *tallygate.Limit
	Subject string // such as "caller=search-team"; empty when all share one count
	// Spent and Held are in the limit's quantity; what is left is the limit's amount
	// less both.
	Spent, Held int64
	// Resets is when the window ends; zero when it does not, or slides.
	Resets time.Time
	// Refused counts requests that were refused for it since the start, and Would
	// those that would have been, were it not on trial.
	Refused, Would int64
}

// Left is what is left: never negative, although more than the limit may be gone
// when it was lowered.
func (s *State) Left() int64 { return max(s.Limit.Amount-s.Spent-s.Held, 0) }

// Of returns how the limits stand that are somebody's own and do not depend on the
// model: what it may be told is left.
func (l *Limits) Of(who *tallygate.Identity) []State {
	now := time.Now().UnixNano()
	v := values{
		tallygate.ByKey: who.Key, tallygate.ByCaller: who.ID, tallygate.ByGroup: who.Group,
		tallygate.ByEvent: who.Event, tallygate.ByAttendee: who.Attendee,
	}
	var out []State
	for _, r := range l.rules {
		if r.own && !r.late && !r.DryRun && r.about(&v) {
			out = append(out, r.group.account(r.subjectOf(&v), now).state(r, now))
		}
	}
	return out
}

// States returns how all limits stand, in the order of the limits and by subject.
// Subjects that have not asked yet have none.
func (l *Limits) States() []State {
	return l.StatesOf(func(*tallygate.Limit) bool { return true })
}

// StatesOf is States of the limits that are asked about alone.
func (l *Limits) StatesOf(about func(*tallygate.Limit) bool) []State {
	now := time.Now().UnixNano()
	var out []State
	for _, r := range l.rules {
		if !about(&r.Limit) {
			continue
		}
		first := len(out)
		for _, a := range r.group.all() {
			out = append(out, a.state(r, now))
		}
		if first == len(out) && len(r.Each) == 0 {
			out = append(out, State{Limit: &r.Limit})
		}
		slices.SortFunc(out[first:], func(a, b State) int { return cmp.Compare(a.Subject, b.Subject) })
	}
	return out
}

// state is how the rule stands for the account's subject.
func (a *account) state(r *rule, now int64) State {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advance(now)
	s := State{Limit: &r.Limit, Subject: a.subject, Spent: a.spent, Held: a.held, Refused: a.refused, Would: a.would}
	if a.bounded() {
		s.Resets = time.Unix(0, a.spans[a.newest].end).In(location(a.zone))
	}
	return s
}

// Debt returns what was used beyond holds since the start: it must not happen, so
// it should be 0.
func (l *Limits) Debt(q tallygate.Quantity) int64 {
	if int(q) >= len(l.shared.debt) {
		return 0
	}
	return l.shared.debt[q].Load()
}
