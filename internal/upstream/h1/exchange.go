package h1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// exchange is one request and its answer on a connection, from the first byte
// written to the last one read: all a request allocates, in one piece.
type exchange struct {
	c    *conn
	req  *http.Request
	stop func() bool // ends the watch over the request's context; nil without

	upload   *upload // the goroutine that writes the body; nil without
	writeErr error   // of the one write, without such a goroutine
	written  int     // bytes of the request that certainly left
	answered bool    // a byte of an answer came
	last     bool    // the connection is not to be used again

	res  http.Response
	te   [1]string
	body Body
}

// exchange sends a request and reads the answer's header. It owns the connection
// and out: on an error both are closed.
func (c *conn) exchange(req *http.Request, out *outgoing) (*http.Response, error) {
	x := &exchange{c: c, req: req, last: out.last}
	if ctx := req.Context(); ctx.Done() != nil {
		x.stop = context.AfterFunc(ctx, c.abort)
	}
	began := time.Time{}
	if c.reused {
		began = time.Now()
	}
	res, err := x.run(out)
	if err == nil {
		return res, nil
	}
	x.release(false)
	e := &Error{Phase: PhaseHeader, Err: err}
	switch {
	case x.upload.readErr() != nil:
		e.Phase, e.Err = PhaseWrite, x.upload.readErr()
		return nil, e
	case x.writeErr != nil:
		e.Phase, e.Unsent = PhaseWrite, x.written == 0
	}
	// What reacts to the request takes a round trip, as connecting did.
	soon := min(c.connect+50*time.Millisecond, time.Second)
	if c.reused && !x.answered && hungUp(err) && time.Since(began) < soon {
		e.Err = errors.Join(ErrStale, err)
	}
	return nil, e
}

// run writes the request and reads up to the answer's body.
func (x *exchange) run(out *outgoing) (*http.Response, error) {
	c := x.c
	c.await(true)
	if out.body != nil {
		x.upload = startUpload(c, out)
	} else {
		c.expectHeader() // from before the write: a server that does not read must not hold it
		x.written, x.writeErr = c.nc.Write(out.buf)
		out.free()
		if x.writeErr != nil && !hungUp(x.writeErr) {
			return nil, x.writeErr
		}
	}
	h, err := x.finalHead()
	if err != nil {
		return nil, err
	}
	c.await(false)
	return x.answer(h)
}

// finalHead reads headers until one that is not interim. An answer that came is
// read even where the request could not be written to its end.
func (x *exchange) finalHead() (head, error) {
	interim := 0
	for {
		h, err := x.c.readHead()
		x.answered = x.answered || x.c.w > 0
		switch {
		case err == io.EOF && x.answered:
			return h, io.ErrUnexpectedEOF
		case err != nil && x.writeErr != nil && !x.answered:
			return h, x.writeErr
		case err != nil:
			return h, err
		case h.code == http.StatusSwitchingProtocols:
			if len(x.req.Header["Upgrade"]) == 0 {
				return h, protocolError("101 Switching Protocols, which was not asked for")
			}
			return h, nil
		case h.code >= 200:
			return h, nil
		}
		if interim += h.size; interim > x.c.headerLimit() {
			return h, protocolError("interim answers of more than %d bytes", x.c.headerLimit())
		}
		if _, err := h.fields(); err != nil {
			return h, err
		}
	}
}

// answer makes the response that h begins.
func (x *exchange) answer(h head) (*http.Response, error) {
	res := &x.res
	res.Status, res.StatusCode = h.status, h.code
	res.Proto, res.ProtoMajor, res.ProtoMinor = "HTTP/1.1", 1, 1
	if h.minor == 0 {
		res.Proto, res.ProtoMinor = "HTTP/1.0", 0
	}
	res.Request, res.TLS = x.req, x.c.tls
	var err error
	if res.Header, err = h.fields(); err != nil {
		return nil, err
	}
	_, isChunked := res.Header["Transfer-Encoding"]
	f, err := framing(res, x.req.Method)
	if err != nil {
		return nil, err
	}
	res.Close = f == untilClose || h.minor == 0 || hasToken(res.Header["Connection"], "close")
	x.last = x.last || res.Close
	if isChunked {
		x.te[0] = "chunked"
		res.TransferEncoding = x.te[:]
		if err := announceTrailer(res); err != nil {
			return nil, err
		}
	}
	x.body.x, x.body.framing = x, f
	if f == sized {
		x.body.left = res.ContentLength
	}
	res.Body = &x.body
	switch {
	case h.code == http.StatusSwitchingProtocols:
		res.Body = &Upgraded{Body: &x.body, nc: x.c.nc}
	case f == empty || f == sized && res.ContentLength == 0:
		x.body.finish()
	}
	return res, nil
}

// release gives the connection back to the pool, if all is well with it and the
// caller thinks so too, and closes it otherwise. The exchange is over.
func (x *exchange) release(well bool) {
	c := x.c
	if x.stop != nil && !x.stop() {
		well = false // the context has ended; the connection is being closed
	}
	well = well && !x.last && x.writeErr == nil && c.readErr == nil && c.r == c.w
	if !well || !x.upload.complete() {
		c.abort()
		c.shrink()
		return
	}
	if !c.bodyBy.IsZero() {
		c.bodyBy = time.Time{}
		c.nc.SetReadDeadline(c.bodyBy)
	}
	c.t.putIdle(c)
}

func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(part, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// Upgraded is the body of a 101: the connection itself, from there on. Closing it
// closes the connection; so does the end of the request's context.
type Upgraded struct {
	*Body
	nc io.Writer
}

// Write sends p to the server. It may be called at the same time as Read.
func (u *Upgraded) Write(p []byte) (int, error) {
	n, err := u.nc.Write(p)
	if err != nil {
		return n, fmt.Errorf("write to upgraded connection: %w", err)
	}
	return n, nil
}
