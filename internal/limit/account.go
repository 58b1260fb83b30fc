package limit

import (
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/calendar"
)

// slots is into how many parts a sliding period is cut. A request leaves the
// period up to one part late, never early.
const slots = 60

// endless is the end of what has none.
const endless = int64(1<<63 - 1)

// span is a stretch of time in which an account counts: start included, end
// excluded, in nanoseconds since 1970.
type span struct {
	start, end  int64
	spent, held int64
}

// account counts one quantity for one subject. All but what never changes is
// guarded by mu; accounts are locked in their order.
type account struct {
	*group
	subject string
	order   uint64

	mu sync.Mutex
	// spans is a ring that ends with the newest. A sliding period has one for each
	// slot, and all count; a calendar has the running window, which counts, and the
	// one before, for requests that began there.
	spans       []span
	newest      int
	spent, held int64 // of the spans that count
	share       int64 // what the bank has leased us of the running window
	gone        bool  // it is not in its group any more
	line        []*waiter

	refused, would int64            // how often it said no, or would have
	warned         map[string]int64 // until when, by the limit's name
}

// sliding reports whether the account's period slides.
func (a *account) sliding() bool { return a.period == tallygate.Sliding }

// begin cuts the time around now. Called once.
func (a *account) begin(now int64) {
	switch {
	case a.sliding():
		a.spans = make([]span, slots+1)
		a.reset(now)
	case a.bounded():
		a.spans = make([]span, 2)
		a.reset(now)
	default:
		a.spans = []span{{end: endless}}
	}
}

// bounded reports whether the account's windows end.
func (a *account) bounded() bool {
	return a.period > tallygate.Sliding && a.period < tallygate.Lifetime && a.quantity != tallygate.Concurrent
}

// reset empties the account and puts now into its newest span.
func (a *account) reset(now int64) {
	n := len(a.spans)
	a.newest, a.spent, a.held = n-1, 0, 0
	if a.sliding() {
		start := now - now%a.slot()
		for i := range a.spans {
			at := start - int64(n-1-i)*a.slot()
			a.spans[i] = span{start: at, end: at + a.slot()}
		}
		return
	}
	a.spans[1] = a.window(now)
	a.spans[0] = a.window(a.spans[1].start - 1)
	a.share = 0
}

func (a *account) slot() int64 { return int64(a.length) / slots }

func (a *account) window(at int64) span {
	start, end := calendar.Window(a.period, time.Unix(0, at), a.zone)
	return span{start: start.UnixNano(), end: end.UnixNano()}
}

// advance makes the newest span that of now. A clock that steps back a little
// stays where it was; one that was wrong by more does not lock callers out until
// it is that late again.
func (a *account) advance(now int64) {
	last := &a.spans[a.newest]
	if now >= last.start && now < last.end || len(a.spans) == 1 {
		return
	}
	length := last.end - last.start
	if a.sliding() {
		length = int64(a.length)
	}
	switch {
	case now < last.start-length || now >= last.end+length && a.sliding():
		a.reset(now)
	case now >= last.start:
		for a.spans[a.newest].end <= now {
			a.next()
		}
	}
}

// next begins the span after the newest.
func (a *account) next() {
	end := a.spans[a.newest].end
	a.newest = (a.newest + 1) % len(a.spans)
	old := &a.spans[a.newest]
	if a.sliding() {
		a.spent, a.held = a.spent-old.spent, a.held-old.held
		*old = span{start: end, end: end + a.slot()}
		return
	}
	a.spent, a.held, a.share = 0, 0, 0
	*old = a.window(end)
}

// find returns the span that at is in, or the nearest there is.
func (a *account) find(at int64) *span {
	s := &a.spans[a.newest]
	if at >= s.start || len(a.spans) == 1 {
		return s
	}
	if !a.sliding() {
		if before := &a.spans[1-a.newest]; before.end == s.start && at >= before.start {
			return before
		}
		return s
	}
	back := min((s.start-at+a.slot()-1)/a.slot(), slots)
	return &a.spans[(a.newest+len(a.spans)-int(back))%len(a.spans)]
}

// from returns when a request that began then and is admitted now counts from. In a
// sliding period that is now: a client that sends its body slowly would else be
// forgotten as much sooner, and many that began together could follow each other.
func (a *account) from(began, now int64) int64 {
	if a.sliding() {
		return now
	}
	return began
}

// running reports whether what happens in s counts against what may come now.
func (a *account) running(s *span) bool { return a.sliding() || s == &a.spans[a.newest] }

// taken returns what is gone of the room in which s counts.
func (a *account) taken(s *span) (spent, held int64) {
	if a.running(s) {
		return a.spent, a.held
	}
	return s.spent, s.held
}

// add moves the counts of s.
func (a *account) add(s *span, spent, held int64) {
	s.spent += spent
	s.held += held
	if a.running(s) {
		a.spent += spent
		a.held += held
	}
}

// settle turns a hold in the span that began at start into what was used. A span
// that is over and forgotten keeps no count.
func (a *account) settle(start, held, spent int64) {
	if s := a.find(start); s.start == start {
		a.add(s, spent, -held)
	}
}

// wait returns after how long there is room for n of amount, if nothing else
// comes: at once when only holds are in the way, which end before their time, unless held
// says that what is held counts like what was spent.
func (a *account) wait(now, n, amount int64, held bool) time.Duration {
	if !a.sliding() {
		return time.Duration(a.spans[a.newest].end - now)
	}
	over := a.spent + n - amount
	if held {
		over += a.held
	}
	for i := 1; i <= len(a.spans) && over > 0; i++ {
		s := &a.spans[(a.newest+i)%len(a.spans)] // from the oldest on
		over -= s.spent
		if held {
			over -= s.held
		}
		if over <= 0 {
			return time.Duration(s.end + int64(a.length) - now)
		}
	}
	return 0
}

// idle reports whether the account tells nothing that an empty one would not.
func (a *account) idle(now int64) bool {
	for i := range a.spans {
		if s := &a.spans[i]; s.held != 0 || s.spent != 0 && (s.end > now || a.sliding() && s.end+int64(a.length) > now) {
			return false
		}
	}
	return true
}
