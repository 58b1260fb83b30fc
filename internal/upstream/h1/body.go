package h1

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// Who holds the connection beneath a Body.
const (
	resting int32 = iota // nobody; whoever swaps it holds it
	reading              // a Next or Read
	over                 // given back or closed
)

var errNoWait = errors.New("nothing more was received")

// Body is an answer's body. Next and Read may be mixed, by one goroutine at a
// time; Close may be called by another one at any time and ends them. At the end
// of the body the connection is ready for the next request; a Close before that
// closes it, unless the rest was received already.
type Body struct {
	x       *exchange
	state   atomic.Int32
	framing bodyFraming
	left    int64  // bytes still to come, of the body or of the chunk
	step    step   // within chunked framing
	pending []byte // what Read left of the last slice
	err     error  // sticky; io.EOF at the end
}

// Next returns the next bytes of the body, without its chunked framing, as a slice
// of the connection's read buffer: valid until the next call of Next, Read or
// Close. It waits until there is at least one byte, then returns all that has been
// received, over chunks. At the end it returns io.EOF alone. When the body breaks
// off, the error is an [*Error] with io.ErrUnexpectedEOF, ErrProtocol, or the
// network's or the context's error in its chain.
func (b *Body) Next() ([]byte, error) {
	if !b.state.CompareAndSwap(resting, reading) {
		return nil, b.gone()
	}
	p, err := b.pending, error(nil)
	if b.pending = nil; len(p) == 0 {
		p, err = b.advance()
	}
	return p, b.rest(err)
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(resting, reading) {
		return 0, b.gone()
	}
	if len(b.pending) == 0 && len(p) > 0 {
		if b.passable(len(p)) {
			n, err := b.readThrough(p)
			return n, b.rest(err)
		}
		var err error
		if b.pending, err = b.advance(); err != nil {
			return 0, b.rest(err)
		}
	}
	n := copy(p, b.pending)
	b.pending = b.pending[n:]
	return n, b.rest(nil)
}

// Close ends the body. It never waits for the server.
func (b *Body) Close() error {
	switch b.state.Swap(over) {
	case resting:
		b.x.release(b.received())
	case reading: // by another goroutine: its read fails now
		b.x.c.abort()
		if b.x.stop != nil {
			b.x.stop()
		}
	}
	return nil
}

// gone is what reading gives when the connection was let go of.
func (b *Body) gone() error {
	if b.err != nil {
		return b.err
	}
	return http.ErrBodyReadAfterClose
}

// rest lets go of the connection after a read that gave err: for the next read, or
// for good. It returns the error that the caller gets.
func (b *Body) rest(err error) error {
	if err == nil {
		if b.state.CompareAndSwap(reading, resting) {
			return nil
		}
		return http.ErrBodyReadAfterClose
	}
	if !b.state.CompareAndSwap(reading, over) {
		return http.ErrBodyReadAfterClose // closed meanwhile, and that was why
	}
	if err != io.EOF {
		if cause := b.x.req.Context().Err(); cause != nil {
			err = cause
		}
		err = &Error{Phase: PhaseBody, Addr: b.x.req.URL.Host, Err: err}
	}
	b.err = err
	b.x.release(err == io.EOF)
	return err
}

// advance returns the next received bytes, reading when there are none.
func (b *Body) advance() ([]byte, error) {
	c := b.x.c
	for {
		switch {
		case b.framing == chunked:
			if p, err := b.unchunk(); p != nil || err != nil {
				return p, err
			}
		case b.framing == sized && b.left == 0:
			return nil, io.EOF
		case c.r < c.w:
			p := c.buf[c.r:c.w]
			if b.framing == sized {
				p = p[:min(int64(len(p)), b.left)]
				b.left -= int64(len(p))
			}
			c.r += len(p)
			return p, nil
		}
		c.expectBody()
		if err := c.fill(0); err != nil {
			return nil, b.ended(err)
		}
	}
}

// passable reports whether the next n bytes may be read past the buffer.
func (b *Body) passable(n int) bool {
	if n <= smallBuffer || b.x.c.r < b.x.c.w {
		return false
	}
	return b.framing == untilClose || b.left > 0 && (b.framing == sized || b.step == inChunk)
}

// readThrough reads straight into p.
func (b *Body) readThrough(p []byte) (int, error) {
	if b.framing != untilClose {
		p = p[:min(int64(len(p)), b.left)]
	}
	b.x.c.expectBody()
	n, err := b.x.c.read(p)
	if b.framing != untilClose {
		b.left -= int64(n)
	}
	if b.framing == chunked && b.left == 0 {
		b.step = behind
	}
	return n, b.ended(err)
}

// ended turns a read error into what it means for the body.
func (b *Body) ended(err error) error {
	if err == io.EOF && b.framing != untilClose {
		return io.ErrUnexpectedEOF
	}
	return err
}

// received consumes the rest of the body and reports whether it was all there.
func (b *Body) received() bool {
	c := b.x.c
	if c.readErr != nil {
		return false
	}
	c.readErr = errNoWait // the buffer is read, the connection is not
	for {
		if _, err := b.advance(); err != nil {
			c.readErr = nil
			return err == io.EOF
		}
	}
}

// finish marks a body without bytes.
func (b *Body) finish() {
	b.state.Store(over)
	b.err = io.EOF
	b.x.release(true)
}

// trailer takes the fields behind the last chunk into the response.
func (b *Body) trailer(raw []byte, lines int) error {
	if lines == 0 {
		return nil
	}
	canonical(raw)
	fields, err := head{text: string(raw), lines: lines}.fields()
	if err != nil {
		return err
	}
	res := &b.x.res
	if res.Trailer == nil {
		res.Trailer = make(http.Header, len(fields))
	}
	for name, values := range fields {
		if !trailerMay(name) {
			return protocolError("%s in the trailer", name)
		}
		res.Trailer[name] = values
	}
	return nil
}
