package simulator

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// misbehave does what the fault does before an answer begins; the kinds that concern
// a stream wait for it.
func (c *call) misbehave() *apiError {
	f := c.fault
	switch f.Kind {
	case Status:
		return c.faultStatus(f)
	case Garbage:
		return f.dress(edgeError(http.StatusBadGateway), c.sim.now())
	case Reset:
		return c.reset()
	case Stall:
		return c.hold(f.Delay)
	case SlowHeaders:
		if c.r.ProtoMajor != 1 {
			return c.hold(f.Delay)
		}
		c.w = &slowWriter{ResponseWriter: c.w, delay: f.Delay}
	case Refusal:
		if !c.stream {
			return f.dress(c.throttleBody(NoCapacity, "", 0), c.sim.now())
		}
		if f.RetryAfter == "" {
			f.RetryAfter = "10"
		}
		f.hint(c.w.Header(), c.sim.now())
	}
	return nil
}

// faultStatus is the error that a Status fault answers.
func (c *call) faultStatus(f *Fault) *apiError {
	e := plainError(f.Status, c.requestID)
	if f.Status == http.StatusTooManyRequests {
		e = c.throttleBody(f.Body, "token", f.after(c.sim.now()))
	}
	return f.dress(e, c.sim.now())
}

// dress gives an error what the fault says about its body and headers.
func (f *Fault) dress(e *apiError, now time.Time) *apiError {
	if f.Raw != "" {
		e.body, e.contentType = []byte(f.Raw), f.ContentType
	}
	if f.Gzip {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(e.body) // a bytes.Buffer does not fail
		z.Close()
		e.body = b.Bytes()
	}
	e.header = func(h http.Header) {
		f.hint(h, now)
		for name, v := range f.Header {
			h.Set(name, v)
		}
		if f.Gzip {
			h.Set("Content-Encoding", "gzip")
		}
	}
	return e
}

// hint sets the fault's retry-after headers.
func (f *Fault) hint(h http.Header, now time.Time) {
	switch v := f.RetryAfter; {
	case v == "" || v == "none":
	case v == "date":
		h.Set("retry-after", now.Add(f.RetryIn).UTC().Format(http.TimeFormat))
	case strings.HasSuffix(v, "ms"):
		ms, err := strconv.ParseInt(strings.TrimSuffix(v, "ms"), 10, 64)
		if err != nil {
			h.Set("retry-after", v)
			return
		}
		retryAfter(h, time.Duration(ms)*time.Millisecond)
	default:
		h.Set("retry-after", v)
	}
}

// after is the seconds that the message of a fault's 429 speaks of.
func (f *Fault) after(now time.Time) int64 {
	h := http.Header{}
	f.hint(h, now)
	if n, err := strconv.ParseInt(h.Get("retry-after"), 10, 64); err == nil {
		return n
	}
	return 10
}

// reset tears the connection down without a word more. What was flushed before may
// or may not arrive, as with a real reset.
func (c *call) reset() *apiError {
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil { // HTTP/2, or not a connection at all
		panic(http.ErrAbortHandler)
	}
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		t.SetLinger(0) // close with a reset; failing that, a plain close will do
	}
	conn.Close()
	return gone()
}

// hold keeps still for d, or for as long as the client stays when d is 0.
func (c *call) hold(d time.Duration) *apiError {
	if d > 0 {
		if c.sleep(d) {
			return nil
		}
		return gone()
	}
	<-c.r.Context().Done()
	return gone()
}

// sleep waits and reports whether the client stayed.
func (c *call) sleep(d time.Duration) bool {
	ctx := c.r.Context()
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// slowWriter collects an answer to send its header lines one by one.
type slowWriter struct {
	http.ResponseWriter
	delay  time.Duration
	status int
	body   bytes.Buffer
}

// Unwrap lets http.ResponseController reach the connection.
func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *slowWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *slowWriter) Write(b []byte) (int, error) { return w.body.Write(b) }

// FlushError keeps http.ResponseController from flushing what is being collected.
func (w *slowWriter) FlushError() error { return nil }

// send writes the answer to the bare connection and closes it. Without a connection to
// take over, the answer comes whole after the delay.
func (w *slowWriter) send(c *call) {
	if w.status == 0 {
		return
	}
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		if c.sleep(w.delay) {
			w.ResponseWriter.WriteHeader(w.status)
			w.ResponseWriter.Write(w.body.Bytes()) // the client may be gone: nothing to do
		}
		return
	}
	defer conn.Close()
	h := w.Header()
	setInt(h, "Content-Length", int64(w.body.Len()))
	h.Set("Connection", "close")
	lines := []string{"HTTP/1.1 " + strconv.Itoa(w.status) + " " + http.StatusText(w.status) + "\r\n"}
	for name, values := range h {
		for _, v := range values {
			lines = append(lines, name+": "+v+"\r\n")
		}
	}
	slices.Sort(lines[1:])
	lines = append(lines, "\r\n"+w.body.String())
	for _, line := range lines {
		if _, err := conn.Write([]byte(line)); err != nil || !c.sleep(w.delay) {
			return
		}
	}
}
