package proxy

import (
	"net/http"
	"time"
)

// longAnswer is how many bytes of an answer the network takes on its own, so that
// nobody waits for the client to read them.
const longAnswer = 32 << 10

// patient is a ResponseWriter that gives a client only so long to take each piece of a
// long answer: who stops reading would otherwise hold its place, in limits of requests
// at once and at the deployment, until it leaves.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
	allowed time.Time // when the deadline was last moved
}

// patiently returns the writer for an answer. The deadline is the connection's, so a
// connection of HTTP/2, which others share, has none.
func (p *Proxy) patiently(w http.ResponseWriter, r *http.Request, res *http.Response) (http.ResponseWriter, func()) {
	short := res.ContentLength >= 0 && res.ContentLength <= longAnswer
	if p.BodyTimeout <= 0 || r.ProtoMajor != 1 || short {
		return w, func() {}
	}
	out := &patient{ResponseWriter: w, control: http.NewResponseController(w), limit: p.BodyTimeout}
	return out, func() { _ = out.control.SetWriteDeadline(time.Time{}) } // the connection goes on
}

// Write implements io.Writer.
func (w *patient) Write(p []byte) (int, error) {
	if now := time.Now(); now.Sub(w.allowed) > w.limit/16 {
		w.allowed = now
		_ = w.control.SetWriteDeadline(now.Add(w.limit)) // a writer without deadlines has none to miss
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *patient) Unwrap() http.ResponseWriter { return w.ResponseWriter }
