package pool

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// lane is the queue of the requests that wait for one model. One at a time has the
// turn and watches the clock; it gives the turn on when it holds a deployment, or
// gives up. So a deployment that comes back is met by one request, not by all. Whose
// turn it is the flows decide (see flow.go). One who comes and goes before the one
// with the turn takes it over, as long as that one only watches.
type lane struct {
	waiting atomic.Int64

	mu      sync.Mutex
	most    int // who may wait
	turn    *waiter
	reason  reason // why it is that one's turn
	claimed bool   // the turn is used and cannot be taken over
	tickets uint64
	began   time.Duration // somebody waits since then
	served  window        // turns used

	flows  map[key]*flow
	active []*flow // those in which someone waits

	weights float64        // of the active
	turns   uint64         // used so far
	crowds  map[string]int // how many of each wait
	undue   int64          // tokens since batch had a turn
	class   [2]fair        // interactive, batch
	groups  map[string]*share
}

// waiter is a request's place in a lane. Only one that has had its turn joins again.
type waiter struct {
	key
	crowd    string
	weight   float64
	cost     int64
	deadline time.Duration

	flow   *flow
	ticket uint64
	since  time.Duration // it waits
	paid   float64       // for a turn, and to whom
	payee  reason
	poke   chan struct{} // look again
}

func newLane(most int) *lane {
	return &lane{most: most, flows: map[key]*flow{}, groups: map[string]*share{}, crowds: map[string]int{}}
}

// join puts a newcomer at the end of its caller's requests, and one that had its turn in
// vain back to where it belongs by its age. It refuses a newcomer whose caller, or crowd, has
// taken half of what was left of the line: so there is room for others, however
// many one caller sends.
func (l *lane) join(w *waiter, now time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.flow(w.key)
	if w.ticket == 0 {
		if max(len(f.line), l.crowds[w.crowd]) >= l.most-int(l.waiting.Load()) {
			l.settle(f)
			return false
		}
		l.tickets++
		w.ticket, w.since = l.tickets, now
	} else {
		l.refund(w, f, now)
	}
	if l.waiting.Load() == 0 {
		l.began = now
	}
	w.flow = f
	if len(f.line) == 0 {
		l.begin(f)
		f.weight = w.weight
		l.weights += f.weight
		l.active = append(l.active, f)
	}
	i, _ := slices.BinarySearchFunc(f.line, w, byTicket)
	f.line = slices.Insert(f.line, i, w)
	if w.crowd != "" {
		l.crowds[w.crowd]++
	}
	l.waiting.Add(1)
	if !l.claimed {
		l.overtake(f, now)
	}
	return true
}

// leave takes w out, and gives its turn on if it has it. Used says that it holds a
// deployment by it, for which its caller pays.
func (l *lane) leave(w *waiter, used bool, now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := w.flow
	if f == nil {
		return
	}
	if l.turn == w {
		if used {
			l.charge(w, now)
		}
		l.turn, l.claimed = nil, false
	}
	w.flow = nil
	i, _ := slices.BinarySearchFunc(f.line, w, byTicket)
	f.line = slices.Delete(f.line, i, i+1)
	if n := l.crowds[w.crowd]; n > 1 {
		l.crowds[w.crowd] = n - 1
	} else {
		delete(l.crowds, w.crowd)
	}
	if len(f.line) == 0 {
		i := slices.Index(l.active, f)
		l.active = slices.Delete(l.active, i, i+1)
		l.weights -= f.weight
	}
	l.waiting.Add(-1)
	l.settle(f)
	if l.turn == nil {
		l.pass(now)
	}
}

// look reports whether w has the turn, as things are now.
func (l *lane) look(w *waiter, now time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.claimed {
		l.pass(now)
	}
	return l.turn == w
}

// claim begins to use the turn, if w has it still.
func (l *lane) claim(w *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claimed = l.claimed || l.turn == w
	return l.turn == w
}

// hold passes w's caller over until a time, since what it waits for is kept from
// it and not from others; all says that the same is true of every caller alike. It
// reports whether w has the turn all the same, for want of anyone else.
func (l *lane) hold(w *waiter, until, now time.Duration, all bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.active {
		// What was foretold stands until it is over, or two would pass the turn to
		// each other for ever.
		if f.held <= now && (f == w.flow || all && f.batch == w.batch && f.group == w.group) {
			f.held = until
		}
	}
	if !l.claimed {
		l.pass(now)
	}
	return l.turn == w
}

// pass gives the turn to whom it is due; l is locked.
func (l *lane) pass(now time.Duration) {
	if f, why := l.choose(now); f != nil {
		l.give(f, why)
	}
}

// give gives the turn to the first of f; l is locked.
func (l *lane) give(f *flow, why reason) {
	l.reason = why
	if l.turn != f.line[0] {
		l.turn = f.line[0]
		l.turn.wake()
	}
}

// kick makes the one with the turn look again.
func (l *lane) kick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turn != nil {
		l.turn.wake()
	}
}

func (w *waiter) wake() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

func byTicket(a, b *waiter) int { return cmp.Compare(a.ticket, b.ticket) }
