package slow

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

// Answer returns the writer for a request's answer of so many bytes, -1 being unknown. The
// deadline is the connection's, which nobody else uses before HTTP/2; for later ones see
// Patient. end is to be called when the answer is out. With a limit of 0 out is w itself.
func Answer(w http.ResponseWriter, r *http.Request, length int64, limit time.Duration) (out http.ResponseWriter, end func()) {
	short := length >= 0 && length <= longAnswer
	if limit <= 0 || r.ProtoMajor != 1 || short {
		return w, func() {}
	}
	p := &patient{ResponseWriter: w, control: http.NewResponseController(w), limit: limit}
	return p, func() { _ = p.control.SetWriteDeadline(time.Time{}) } // the connection goes on
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

// Patient is the same for what is no answer of the line: out gives a client so long to take each
// piece, however short the answer is. A client of HTTP/2 says how much it will take, and
// may take nothing; a piece that it does not take in time ends its stream, and the
// request's context with it, while other streams of the connection go on. Who stops
// reading the connection is the server's to cut (http.HTTP2Config.WriteByteTimeout).
//
// end is to be called when the handler returns. With a limit of 0 out is w itself.
func Patient(w http.ResponseWriter, r *http.Request, limit time.Duration) (out http.ResponseWriter, end func()) {
	control := http.NewResponseController(w)
	switch {
	case limit <= 0:
		return w, func() {}
	case r.ProtoMajor == 1:
		return &patient{ResponseWriter: w, control: control, limit: limit}, func() { _ = control.SetWriteDeadline(time.Time{}) }
	}
	s := &patientStream{w, control, limit}
	return s, s.allow // for what is still buffered, and leaves after the handler
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
