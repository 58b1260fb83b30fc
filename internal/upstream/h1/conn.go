package h1

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A connection reads into 4 KiB, which is all an idle stream holds. When two reads
// in a row have filled that, more is coming than it can take, and a larger buffer
// is borrowed; after one, the rest of a burst may be all there is for long.
const (
	smallBuffer = 4 << 10
	largeBuffer = 32 << 10
)

var largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}

var errBufferFull = errors.New("buffer full")

// conn is one connection. It belongs to the pool, or to one request and then its
// answer's body.
type conn struct {
	t   *Transport
	key key
	raw net.Conn // closing it ends everything at once
	nc  net.Conn // raw, or TLS over it
	tls *tls.ConnectionState

	small, buf []byte
	large      *[largeBuffer]byte // what buf is, when it was borrowed
	r, w       int                // buf[r:w] was received and not yet consumed
	full       int                // how many reads in a row have filled buf
	readErr    error              // sticky

	abort     func()      // closes raw; safe at any time, from anywhere
	probe     func() bool // nil where there is none
	connect   time.Duration
	idleSince time.Time
	reused    bool

	mu       sync.Mutex // guards awaiting and with it the header deadline
	awaiting bool       // for an answer's header
	bodyBy   time.Time  // read deadline set for a body
}

// quiet reports whether an idle connection is as it should be: open, nothing sent
// by the server. It looks at the socket and, with TLS, at what that has read ahead.
func (c *conn) quiet() bool {
	if c.probe != nil && !c.probe() {
		return false
	}
	if c.tls == nil {
		return true
	}
	// A read whose time is over gets what TLS holds, but nothing from the socket.
	c.nc.SetReadDeadline(time.Unix(1, 0))
	n, err := c.nc.Read(c.small[:1])
	c.nc.SetReadDeadline(time.Time{})
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
}

// close ends a connection that nobody uses. With TLS it says so to the server.
func (c *conn) close() {
	c.shrink()
	c.nc.Close()
}

// shrink gives a borrowed buffer back. Nothing may be in it.
func (c *conn) shrink() {
	c.r, c.w, c.full = 0, 0, 0
	c.move(c.small)
}

// move takes what is buffered to the beginning of another buffer, or the same.
func (c *conn) move(to []byte) {
	n := copy(to, c.buf[c.r:c.w])
	if c.large != nil && len(to) != largeBuffer {
		largeBuffers.Put(c.large)
		c.large = nil
	}
	c.buf, c.r, c.w = to, 0, n
}

// fill reads once, behind what is buffered. A buffer full of unconsumed bytes
// grows up to limit bytes; beyond, the error is errBufferFull.
func (c *conn) fill(limit int) error {
	if c.readErr != nil {
		return c.readErr
	}
	held := c.w - c.r
	switch {
	case held == len(c.buf) && held >= limit:
		return errBufferFull
	case held == len(c.buf) && held > smallBuffer:
		c.move(make([]byte, min(2*held, limit)))
	case len(c.buf) == smallBuffer && (c.full > 1 || held == smallBuffer):
		large := largeBuffers.Get().(*[largeBuffer]byte)
		c.move(large[:])
		c.large = large
	case c.full == 0 && len(c.buf) > smallBuffer && held < smallBuffer:
		c.move(c.small)
	case c.r > 0:
		c.move(c.buf)
	}
	n, err := c.read(c.buf[c.w:])
	c.w += n
	if c.full++; c.w < len(c.buf) {
		c.full = 0
	}
	return err
}

// read reads at least one byte, or returns an error. An error that came with
// bytes is kept for the next call.
func (c *conn) read(p []byte) (int, error) {
	if c.readErr != nil {
		return 0, c.readErr
	}
	for range 100 {
		n, err := c.nc.Read(p)
		if err != nil {
			c.readErr = err
		}
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	c.readErr = io.ErrNoProgress
	return 0, c.readErr
}

// expectHeader bounds the wait for the answer's header from now on, if it is not
// there yet.
func (c *conn) expectHeader() {
	if c.t.ResponseHeaderTimeout <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awaiting {
		c.nc.SetDeadline(time.Now().Add(c.t.ResponseHeaderTimeout))
	}
}

// await marks the time in which a header deadline may be set; at its end the
// deadline is lifted.
func (c *conn) await(on bool) {
	if c.t.ResponseHeaderTimeout <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaiting = on
	if !on {
		c.nc.SetDeadline(time.Time{})
	}
}

// expectBody bounds the wait for the body's next bytes. The deadline is moved
// only when a quarter of the time has gone, since moving it has a cost.
func (c *conn) expectBody() {
	timeout := c.t.BodyTimeout
	if timeout <= 0 {
		return
	}
	if now := time.Now(); c.bodyBy.Sub(now) < timeout-timeout/4 {
		c.bodyBy = now.Add(timeout)
		c.nc.SetReadDeadline(c.bodyBy)
	}
}
