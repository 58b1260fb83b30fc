package limit

import (
	"fmt"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/calendar"
)

// Whole is what the limits about a request allow altogether, whatever of it is left: of
// each quantity the limit with the least amount, nil where there is none. Limits that
// only count are not among them.
type Whole [tallygate.Concurrent]*tallygate.Limit

// Whole returns what the limits allow that are about a request and known at once, or
// those that are about the deployment d. It is shared: do not change it.
func (l *Limits) Whole(who *tallygate.Identity, model string, d *tallygate.Deployment) *Whole {
	return &l.plan(who, model, d, time.Now().UnixNano()).whole
}

// Late reports whether some limit is about deployments.
func (l *Limits) Late() bool { return l.late }

// note takes a rule's amount into account.
func (w *Whole) note(r *rule) {
	if r.Quantity >= tallygate.Concurrent || r.DryRun {
		return
	}
	if least := w[r.Quantity]; least == nil || r.Amount < least.Amount {
		w[r.Quantity] = &r.Limit
	}
}

// Cramped is the refusal of a request that names no bound for its answer, by a limit
// which leaves room for so few tokens of one, even while nothing of it is used. It tells
// the wait until all of the limit is there, and what to do instead.
func Cramped(l *tallygate.Limit, left, least int64, now time.Time) error {
	e := &tallygate.Error{Kind: tallygate.Throttled, Code: "RateLimitReached", Param: "max_tokens"}
	after := ""
	switch {
	case l.Period == tallygate.Sliding:
		e.RetryAfter = l.Length
		after = fmt.Sprintf(" All of the limit is there again after %d seconds at most.", int64((l.Length+time.Second-1)/time.Second))
	case l.Period > tallygate.Sliding && l.Period < tallygate.Lifetime:
		_, end := calendar.Window(l.Period, now, location(l.Zone))
		e.RetryAfter = end.Sub(now)
		after = " It renews at " + end.Format(time.RFC3339) + "."
	}
	if l.Budget() {
		e.Kind, e.Code = tallygate.Exhausted, "insufficient_quota"
	}
	e.Message = fmt.Sprintf("This request names no max_tokens, and with its prompt the limit %q leaves %d tokens at most for an answer, "+
		"which are too few to answer with unasked (%d are the least). Name max_tokens, or send a shorter prompt.%s", l.Name, max(left, 0), least, after)
	return e
}
