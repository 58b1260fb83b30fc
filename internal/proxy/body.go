package proxy

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// reading says how the request of a caller is read. Its body takes of its event's share of
// the memory, else of its group's or its own: names within an event are made up at will.
func (p *Proxy) reading(who *tallygate.Identity) wire.Options {
	o := wire.Options{Table: p.Operations, MaxBody: p.MaxBody, MaxUpload: p.MaxUpload, Memory: p.Bodies, Payer: wire.Payer{Kind: "caller", Name: who.ID}}
	switch {
	case who.Event != "":
		o.Payer = wire.Payer{Kind: "event", Name: who.Event}
	case who.Group != "":
		o.Payer = wire.Payer{Kind: "group", Name: who.Group}
	}
	return o
}

// hurry bounds how long a client may take between two pieces of its body, and how slow
// it may be altogether, so that one that trickles cannot hold a request open for ever.
func (p *Proxy) hurry(w http.ResponseWriter, r *http.Request) {
	if p.BodyTimeout <= 0 || r.ContentLength == 0 {
		return
	}
	b := &hurriedBody{ReadCloser: r.Body, control: http.NewResponseController(w), limit: p.BodyTimeout}
	b.allow(time.Now())
	r.Body = b
}

// unread prepares for an answer before the body's end: without it the server would
// read the rest of the body before it writes. The connection ends with the answer,
// since the rest is still on it.
func unread(w http.ResponseWriter, r *http.Request) *hurriedBody {
	b, ok := r.Body.(*hurriedBody)
	if !ok || b.ended.Load() || r.ProtoMajor != 1 {
		return nil
	}
	_ = b.control.EnableFullDuplex()
	w.Header().Set("Connection", "close")
	return b
}

// linger sends the answer and reads on for a moment: a client that is still writing
// when the connection closes loses the answer with it.
func (b *hurriedBody) linger() {
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

type hurriedBody struct {
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
func (b *hurriedBody) allow(now time.Time) {
	b.allowed = now
	_ = b.control.SetReadDeadline(now.Add(b.limit - b.waited)) // a writer without deadlines has none to miss
}

// Read reads under a deadline of its own. It is the connection's deadline, and the
// server goes on reading there to see whether the client is still there: so it is
// taken back with the body's end. A body that missed it keeps it, or the server
// would wait for the rest before it lets the refusal out.
func (b *hurriedBody) Read(p []byte) (int, error) {
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
func (b *hurriedBody) measure(n int, took time.Duration) {
	b.came += int64(n)
	b.waited += took
	if b.came >= int64(b.waited.Seconds()*leastRate) {
		if b.waited > b.limit/16 {
			b.allowed = time.Time{} // it has all its time again
		}
		b.came, b.waited = 0, 0
	}
}

// late reports whether the request's body did not come in time. The server then
// ends the request's context, as if the client had left.
func late(r *http.Request) bool {
	b, ok := r.Body.(*hurriedBody)
	return ok && b.late.Load()
}

// allow tells which methods a route has, when the request's is not one.
func allow(w http.ResponseWriter, ask *wire.Request) {
	if ask.Allow != "" {
		w.Header().Set("Allow", ask.Allow)
	}
}
