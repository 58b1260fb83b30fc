package h1

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

var (
	errBodyLong  = errors.New("request body is longer than its ContentLength")
	errBodyShort = errors.New("request body is shorter than its ContentLength")
)

// lastWrite is how long the end of an answer waits for the end of the upload, so
// that a connection is not closed because a goroutine was not yet scheduled.
const lastWrite = 5 * time.Millisecond

// upload is the goroutine that writes a body too large for one write.
type upload struct {
	ended  chan struct{}         // nothing is written any more
	sent   atomic.Bool           // all of it was
	failed atomic.Pointer[error] // reading the body did
}

// startUpload writes out on c, and closes it at the end. The goroutine ends when
// all is written, when the connection is closed, or when the body's Read fails.
func startUpload(c *conn, out *outgoing) *upload {
	u := &upload{ended: make(chan struct{})}
	out.wire = c.nc
	go func() {
		defer out.drop()
		defer close(u.ended)
		err := out.copyBody()
		if err == nil {
			err = out.flush()
		}
		switch {
		case err == nil:
			c.expectHeader()
			u.sent.Store(true)
		case !out.broken:
			u.failed.Store(&err)
			c.abort()
		}
		// Where the connection broke, whoever reads from it finds out why.
	}()
	return u
}

// complete reports whether the body went out whole; true where there is none. It
// waits a moment for the last write.
func (u *upload) complete() bool {
	if u == nil || u.sent.Load() {
		return true
	}
	select {
	case <-u.ended:
	case <-time.After(lastWrite):
	}
	return u.sent.Load()
}

// readErr is why the body could not be read, if that is what happened.
func (u *upload) readErr() error {
	if u == nil || u.failed.Load() == nil {
		return nil
	}
	return *u.failed.Load()
}

// copyBody takes the body into buf, and writes buf whenever it is full.
func (o *outgoing) copyBody() error {
	if o.left < 0 {
		return o.copyChunked()
	}
	if from, ok := o.body.(io.WriterTo); ok {
		if _, err := from.WriteTo(o); err != nil {
			return err
		}
		if o.left > 0 {
			return errBodyShort
		}
		return nil
	}
	for o.left > 0 {
		if len(o.buf) == cap(o.buf) {
			if err := o.flush(); err != nil {
				return err
			}
		}
		space := o.buf[len(o.buf):cap(o.buf)]
		n, err := o.body.Read(space[:min(int64(len(space)), o.left)])
		o.buf = o.buf[:len(o.buf)+n]
		o.left -= int64(n)
		switch {
		case err == io.EOF && o.left > 0:
			return errBodyShort
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read request body: %w", err)
		}
	}
	var one [1]byte
	if n, err := o.body.Read(one[:]); n > 0 {
		return errBodyLong
	} else if err != nil && err != io.EOF {
		return fmt.Errorf("read request body: %w", err)
	}
	return nil
}

// copyChunked writes a body of unknown length, each read as one chunk, at once.
func (o *outgoing) copyChunked() error {
	const size, end = len("ffff\r\n"), len("\r\n")
	for {
		if cap(o.buf)-len(o.buf) < cap(o.buf)/2 { // behind a long header
			if err := o.flush(); err != nil {
				return err
			}
		}
		start := len(o.buf)
		n, err := o.body.Read(o.buf[start+size : cap(o.buf)-end])
		if n > 0 {
			o.buf = fmt.Appendf(o.buf, "%04x\r\n", n)
			o.buf = append(o.buf[:start+size+n], "\r\n"...)
			if ferr := o.flush(); ferr != nil {
				return ferr
			}
		}
		switch {
		case err == io.EOF:
			o.buf = append(o.buf, "0\r\n\r\n"...)
			return nil
		case err != nil:
			return fmt.Errorf("read request body: %w", err)
		}
	}
}

// Write takes a part of a body of known length.
func (o *outgoing) Write(p []byte) (int, error) {
	if int64(len(p)) > o.left {
		return 0, errBodyLong
	}
	o.left -= int64(len(p))
	total := len(p)
	for len(p) > cap(o.buf)-len(o.buf) {
		if len(o.buf) == 0 { // larger than the buffer: straight on
			return total, o.write(p)
		}
		n := copy(o.buf[len(o.buf):cap(o.buf)], p)
		o.buf, p = o.buf[:len(o.buf)+n], p[n:]
		if err := o.flush(); err != nil {
			return 0, err
		}
	}
	o.buf = append(o.buf, p...)
	return total, nil
}

func (o *outgoing) flush() error {
	if len(o.buf) == 0 {
		return nil
	}
	err := o.write(o.buf)
	o.buf = o.buf[:0]
	return err
}

func (o *outgoing) write(p []byte) error {
	_, err := o.wire.Write(p)
	if err != nil {
		o.broken = true
	}
	return err
}
