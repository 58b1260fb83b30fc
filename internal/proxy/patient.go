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

// patiently returns the writer for an answer. The deadline is the connection's, which
// nobody else uses before HTTP/2; for later ones see Patient.
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

// Patient is patience with a client of HTTP/2, for everything that is written on a
// stream: a client says there how much it will take, and may take nothing, so that no
// answer is short. A piece that it does not take in time ends the stream, and the
// request's context with it; other streams of the connection go on. Who stops reading
// the connection is the server's to cut (http.HTTP2Config.WriteByteTimeout).
//
// end is to be called when the handler returns: what is still buffered leaves after
// it. Requests of HTTP/1 and a limit of 0 get w itself.
func Patient(w http.ResponseWriter, r *http.Request, limit time.Duration) (out http.ResponseWriter, end func()) {
	if r.ProtoMajor < 2 || limit <= 0 {
		return w, func() {}
	}
	s := &patientStream{w, http.NewResponseController(w), limit}
	return s, s.allow
}

// patientStream moves the stream's deadline. Unlike a connection's it ends the stream
// when its time comes, also if nothing is being written; so it is there only while
// something is.
type patientStream struct {
	http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
}

func (w *patientStream) allow() {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.limit)) // a writer without deadlines has none to miss
}

func (w *patientStream) lift() { _ = w.control.SetWriteDeadline(time.Time{}) }

// Write implements io.Writer.
func (w *patientStream) Write(p []byte) (int, error) {
	w.allow()
	defer w.lift()
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController calls to flush.
func (w *patientStream) FlushError() error {
	w.allow()
	defer w.lift()
	return w.control.Flush()
}

// Unwrap lets http.ResponseController reach the stream.
func (w *patientStream) Unwrap() http.ResponseWriter { return w.ResponseWriter }
