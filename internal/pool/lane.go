package pool

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// lane is the queue of the requests that wait for one model: first come, first
// served. One at a time has the turn and watches the clock; it gives the turn
// on when it holds a deployment, or gives up. So a deployment that comes back is
// met by one request, not by all.
type lane struct {
	waiting atomic.Int64
	kicked  chan struct{} // tells the one with the turn to look again

	mu      sync.Mutex
	line    []*waiter // by ticket
	turn    *waiter   // nil only when the line is empty
	tickets uint64
}

// waiter is a place in a lane. Only one that has had its turn joins again.
type waiter struct {
	ticket uint64
	turn   chan struct{} // gets one value each time it is this waiter's turn
}

func newLane() *lane { return &lane{kicked: make(chan struct{}, 1)} }

// join puts a newcomer at the end, and one that had its turn in vain back to where
// it belongs by its age.
func (l *lane) join(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.ticket == 0 {
		l.tickets++
		w.ticket = l.tickets
	}
	i, _ := slices.BinarySearchFunc(l.line, w, byTicket)
	l.line = slices.Insert(l.line, i, w)
	l.waiting.Add(1)
	if l.turn == nil {
		l.pass()
	}
}

// leave takes w out, and gives its turn on if it has it.
func (l *lane) leave(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, ok := slices.BinarySearchFunc(l.line, w, byTicket)
	if !ok {
		return
	}
	l.line = slices.Delete(l.line, i, i+1)
	l.waiting.Add(-1)
	if l.turn == w {
		l.pass()
	}
}

// pass gives the turn to the first in line; l is locked.
func (l *lane) pass() {
	l.turn = nil
	if len(l.line) > 0 {
		l.turn = l.line[0]
		l.turn.turn <- struct{}{}
	}
}

func (l *lane) kick() {
	select {
	case l.kicked <- struct{}{}:
	default:
	}
}

func byTicket(a, b *waiter) int { return cmp.Compare(a.ticket, b.ticket) }
