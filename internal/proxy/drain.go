package proxy

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
)

// Drains bounds the requests that go on although their clients have left: what was sent
// the service works on to the end and bills, so its answer is read for the usage in it.
// Such a request stays what it was: it keeps its goroutine, its hold, and its room. All
// configurations of a gateway share one. Safe for concurrent use.
type Drains struct {
	// Base ends when requests on their way are given up.
	Base context.Context

	inFlight atomic.Int64
	mu       sync.Mutex
	all      int
	by       map[string]int // those of each payer
}

const (
	// drainsEach is how many of a payer's requests are drained at once. A quarter of all
	// that are on their way may be, or as many as one payer's.
	drainsEach = 8
	// drainsFirst is how many more there may be of payers that have none.
	drainsFirst = 8
	// drainTime is how long a request is drained at most.
	drainTime = 2 * time.Minute
	// lastWords is how long a stream is read on whose client has left: what is on its
	// way already was made, and is billed.
	lastWords = 50 * time.Millisecond
)

// enter counts a request that is on its way, until what it returns is called.
func (d *Drains) enter() (leave func()) {
	if d == nil {
		return func() {}
	}
	d.inFlight.Add(1)
	return d.left
}

func (d *Drains) left() { d.inFlight.Add(-1) }

// Now returns how many requests are being drained.
func (d *Drains) Now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all
}

// admit lets one more request of a payer be drained, if there is room.
func (d *Drains) admit(payer string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	most := max(drainsEach, int(d.inFlight.Load()/4))
	if d.by[payer] == 0 {
		most += drainsFirst // others' do not keep anybody from its only one
	}
	if d.by[payer] >= drainsEach || d.all >= most {
		return false
	}
	if d.by == nil {
		d.by = make(map[string]int)
	}
	d.by[payer]++
	d.all++
	return true
}

func (d *Drains) done(payer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.by[payer]--; d.by[payer] == 0 {
		delete(d.by, payer)
	}
}

// payer is who pays for what a request uses: a group or an event, else the caller.
func payer(e *tallygate.Entry) string {
	switch {
	case e.Event != "":
		return "event " + e.Event
	case e.Group != "":
		return "group " + e.Group
	}
	return "caller " + e.Caller
}

// errand is what a request does upstream, and until when: as long as its client waits, a
// moment longer when it is a stream, or to the end when it is one to be drained. The goroutine of the request begins and
// ends it.
type errand struct {
	context.Context // ends when the request is given up

	drains *Drains
	entry  *tallygate.Entry
	client context.Context
	stream bool
	cancel context.CancelCauseFunc // nil: the errand ends with its client
	stop   func() bool

	mu             sync.Mutex
	left, drained  bool
	over           bool
	timer          *time.Timer
	unwatchGivenUp func() bool
}

// begin begins the errand of a request. One that can be drained costs a few allocations
// more, and a goroutine only when its client leaves.
func (a *errand) begin(r *http.Request, e *tallygate.Entry, drains *Drains, stream bool) {
	a.Context, a.client, a.entry, a.drains, a.stream = r.Context(), r.Context(), e, drains, stream
	if drains == nil {
		return
	}
	a.Context, a.cancel = context.WithCancelCause(context.Background())
	a.stop = context.AfterFunc(a.client, a.leave)
}

// leave decides what becomes of the errand whose client has left.
func (a *errand) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over || a.left {
		return
	}
	a.left = true
	cause := context.Cause(a.client)
	if cause == nil { // it does not read
		cause = context.Canceled
	}
	switch {
	case !errors.Is(cause, context.Canceled):
		a.cancel(cause)
		return
	case a.stream:
		a.timer = time.AfterFunc(lastWords, func() { a.cancel(cause) })
		return
	case !a.drains.admit(payer(a.entry)):
		a.cancel(cause)
		return
	}
	a.drained = true
	a.timer = time.AfterFunc(drainTime, func() { a.cancel(context.Canceled) })
	base := a.drains.Base
	a.unwatchGivenUp = context.AfterFunc(base, func() { a.cancel(context.Cause(base)) })
}

// readOn reports whether an answer is read to its end whose client is gone.
func (a *errand) readOn() bool {
	if a.cancel == nil {
		return false
	}
	a.leave()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.drained || a.stream
}

// gone reports whether the client has left.
func (a *errand) gone() bool { return a.client.Err() != nil }

// end ends the errand, and with it what leave began.
func (a *errand) end() {
	if a.cancel == nil {
		return
	}
	a.stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
	if a.drained {
		a.drains.done(payer(a.entry))
		a.unwatchGivenUp()
	}
	a.cancel(nil)
}

// nobody is the writer for an answer whose client has left before it came. It takes as
// much as is read for the usage.
type nobody struct {
	header http.Header
	taken  int
}

func (w *nobody) Header() http.Header { return w.header }

func (w *nobody) WriteHeader(int) {}

func (w *nobody) Write(p []byte) (int, error) {
	if w.taken += len(p); w.taken > meter.MaxReadOn {
		return 0, context.Canceled
	}
	return len(p), nil
}
