package simulator

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// misbehave does what the fault does before an answer begins; the kinds that concern
// the answer's body or a stream wait for it.
func (c *call) misbehave() *apiError {
	f := c.fault
	f.hint(c.w.Header(), c.sim.now())
	switch f.Kind {
	case Status:
		return c.faultStatus(f)
	case Garbage:
		return f.dress(edgeError(http.StatusBadGateway))
	case Answer:
		return f.dress(&apiError{status: cmp.Or(f.Status, http.StatusOK), body: []byte{}})
	case Reset:
		return c.reset()
	case Stall:
		return c.hold(f.Delay)
	case SlowHeaders:
		if c.r.ProtoMajor != 1 {
			return c.hold(f.Delay)
		}
	case Refusal:
		if !c.stream {
			return f.dress(c.throttleBody(NoCapacity, "", 0))
		}
		if f.RetryAfter == "" {
			setInt(c.w.Header(), "retry-after", 10)
		}
	}
	return nil
}

// faultStatus is the error that a Status fault answers.
func (c *call) faultStatus(f *Fault) *apiError {
	e := c.codedError(f)
	switch {
	case e != nil:
	case f.Status == http.StatusTooManyRequests:
		e = c.throttleBody(f.Body, "token", f.after(c.sim.now()))
	default:
		e = plainError(f.Status, c.requestID)
	}
	return f.dress(e)
}

// dress gives an error the body that the fault says.
func (f *Fault) dress(e *apiError) *apiError {
	if f.Raw != "" {
		e.body, e.contentType = []byte(f.Raw), ""
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
