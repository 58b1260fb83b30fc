// Package slow bounds what clients that are slow may hold: a body that trickles, an answer
// that nobody reads. A deadline of a connection is moved with each piece that goes the
// right way, and taken back when the rest is nobody's business.
package slow

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Hurry bounds how long a client may take between two pieces of a request's body, and how
// slow it may be altogether, so that one that trickles cannot hold a request open for
// ever; for all that no handler reads of it, too. A limit of 0 is no bound.
func Hurry(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	if limit <= 0 || r.ContentLength == 0 {
		return
	}
	b := &Body{ReadCloser: r.Body, control: http.NewResponseController(w), limit: limit}
	b.allow(time.Now())
	r.Body = b
}

// Unread prepares for an answer before the end of a body that Hurry bounds: without it
// the server would read the rest of the body before it writes. The connection ends with
// the answer, since the rest is still on it. It returns that body; nil when nothing is
// left of it, or nothing can be done.
func Unread(w http.ResponseWriter, r *http.Request) *Body {
	b, ok := r.Body.(*Body)
	if !ok || b.ended.Load() || r.ProtoMajor != 1 {
		return nil
	}
	_ = b.control.EnableFullDuplex()
	w.Header().Set("Connection", "close")
	return b
}

// Linger sends the answer and reads on for a moment: a client that is still writing
// when the connection closes loses the answer with it. A nil
// Body does nothing.
func (b *Body) Linger() {
	if b == nil || b.late.Load() || b.control.Flush() != nil {
		return
	}
	_ = b.control.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, b.ReadCloser, lingerBytes)
}

const (
	lingerTime  = 2 * time.Second
	lingerBytes = 64 << 20
)

// leastRate is the slowest that a body may come, in bytes a second of the time that
// somebody waits for it.
const leastRate = 16 << 10

// Body is a request's body that must not come too slowly.
type Body struct {
	io.ReadCloser
	control *http.ResponseController
	limit   time.Duration
	allowed time.Time     // when the deadline was last moved
	came    int64         // since the rate was last looked at
	waited  time.Duration // for that
	ended   atomic.Bool
	late    atomic.Bool // a piece did not come in time
}

// allow gives the next piece its time: the limit, less what was waited for so far for
// too little.
func (b *Body) allow(now time.Time) {
	b.allowed = now
	_ = b.control.SetReadDeadline(now.Add(b.limit - b.waited)) // a writer without deadlines has none to miss
}

// Read reads under a deadline of its own. It is the connection's deadline, and the
// server goes on reading there to see whether the client is still there: so it is
// taken back with the body's end. A body that missed it keeps it, or the server
// would wait for the rest before it lets the refusal out.
func (b *Body) Read(p []byte) (int, error) {
	began := time.Now()
	if b.waited > 0 || began.Sub(b.allowed) > b.limit/16 {
		b.allow(began)
	}
	n, err := b.ReadCloser.Read(p)
	b.measure(n, time.Since(began))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		b.late.Store(true)
	}
	if err == io.EOF {
		b.ended.Store(true)
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// measure counts what came in a time. What came fast enough is forgotten; what did not
// takes of the time for what is to come.
func (b *Body) measure(n int, took time.Duration) {
	b.came += int64(n)
	b.waited += took
	if b.came >= int64(b.waited.Seconds()*leastRate) {
		if b.waited > b.limit/16 {
			b.allowed = time.Time{} // it has all its time again
		}
		b.came, b.waited = 0, 0
	}
}

// Late reports whether the request's body did not come in time. The server then
// ends the request's context, as if the client had left.
func Late(r *http.Request) bool {
	b, ok := r.Body.(*Body)
	return ok && b.late.Load()
}

// Deadline is the time in which all of a request's body must have come; Forget takes it
// back. What a handler leaves of the body the server reads, to find the connection's next
// request behind. A limit of 0 is no bound; a writer without deadlines has none to miss.
func Deadline(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	if limit > 0 && r.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(limit))
	}
}

// Forget takes a Deadline back, when the body is there: it was the body's alone.
func Forget(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}
