package simulator

import (
	"net/http"
	"time"
)

// eventStream writes server-sent events to a client. It flushes the first event and
// whenever it pauses, and leaves the rest to the server's buffer, which makes it
// cheap without delays and immediate with them.
type eventStream struct {
	c    *call
	rc   *http.ResponseController
	buf  []byte // scratch for the event being built
	sent int
	// broken is what the operation sends to say that it failed; without a type it does
	// not say why.
	broken func(code, message, typ string) []byte
	// held is how many chunks wait for their burst.
	held int
	owed time.Duration
}

// open begins a stream.
func (c *call) open(broken func(code, message, typ string) []byte) *eventStream {
	h := c.w.Header()
	h["Content-Type"] = []string{"text/event-stream; charset=utf-8"}
	h["X-Accel-Buffering"] = []string{"no"}
	c.rec.Status = http.StatusOK
	c.w.WriteHeader(http.StatusOK)
	c.begun(nil)
	return &eventStream{c: c, rc: http.NewResponseController(c.w), broken: broken}
}

// send writes one event. It reports false when there is no more to do: the client has
// left, or a fault has ended the stream.
func (e *eventStream) send(event []byte) bool {
	if f := e.c.fault; f != nil && f.Kind.breaksOff() && e.sent == f.Chunks {
		if !e.breakOff(f, event) {
			return false
		}
	}
	if e.c.r.Context().Err() != nil || !e.write(event) {
		return false
	}
	e.sent++
	e.c.rec.Events = e.sent
	return e.sent != 1 || e.flush()
}

func (e *eventStream) write(b []byte) bool {
	f := e.c.fault
	if f == nil || f.Kind != Dribble {
		_, err := e.c.w.Write(b)
		return err == nil
	}
	step := max(1, f.Chunks)
	for len(b) > 0 {
		n := min(step, len(b))
		if _, err := e.c.w.Write(b[:n]); err != nil || !e.flush() || !e.c.sleep(f.Delay) {
			return false
		}
		b = b[n:]
	}
	return true
}

func (e *eventStream) flush() bool {
	err := e.rc.Flush()
	return err == nil || err == http.ErrNotSupported
}

// breakOff is what a fault does before the event; it reports whether to go on.
func (e *eventStream) breakOff(f *Fault, event []byte) bool {
	switch f.Kind {
	case ResetStream:
		e.flush()
		e.c.reset()
	case StallStream:
		e.flush()
		return e.c.hold(f.Delay) == nil
	case TruncateJSON:
		e.write(event[:len(event)/2])
	case ErrorEvent:
		e.write(e.broken("", serverErrorMessage(e.c.requestID), "server_error"))
	case FailedEvent:
		e.write(e.broken("", "", ""))
	}
	return false
}

// refuse sends the refusal that a Refusal fault puts inside a 200.
func (e *eventStream) refuse() {
	e.send(e.broken("no_capacity", noCapacityMessage, "too_many_requests"))
	e.c.complete = true
}

// wait sends what is there and waits.
func (e *eventStream) wait(d time.Duration) bool {
	return d <= 0 || e.flush() && e.c.sleep(d)
}

// pause waits after a chunk, at the pace of the simulator. Chunks of a burst leave
// together, after the time of all of them.
func (e *eventStream) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	e.held++
	e.owed += d
	if e.held < e.c.dep.Burst {
		return true
	}
	d, e.held, e.owed = e.owed, 0, 0
	return e.wait(d)
}

// done ends the stream.
func (e *eventStream) done() {
	if f := e.c.fault; f != nil && f.Kind == NoDone || e.send([]byte("data: [DONE]\n\n")) {
		e.c.complete = true
	}
}
