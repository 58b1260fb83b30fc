package wire

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// source is what of a body could not be kept: it is streamed through behind what was.
type source struct {
	r     *http.Request
	form  *formReader // reads along; nil when it is no form
	kept  int64       // the bytes before it
	limit int64       // the largest body that is taken
	taken atomic.Bool
}

var errTaken = errors.New("the body was streamed already and cannot be sent again")

// streamReader reads a source. Closing it does not close the request's body, which
// is its server's, so that an attempt that failed before it read of the source can be
// followed by another.
type streamReader struct {
	*source
	mine   bool // this reader has begun to take the source
	came   int64
	closed atomic.Bool
}

func (r *streamReader) Read(p []byte) (int, error) {
	if r.closed.Load() {
		return 0, errClosed
	}
	if !r.mine {
		if r.taken.Swap(true) {
			return 0, errTaken
		}
		r.mine = true
	}
	n, err := r.r.Body.Read(p)
	r.came += int64(n)
	switch {
	case r.kept+r.came > r.limit:
		return 0, tooLarge(r.limit)
	case err != nil && err != io.EOF:
		return n, broken(r.r, r.kept+r.came, err) // the client's doing, not the upstream's
	case r.form == nil:
		return n, err
	}
	// Nothing leaves that was not looked at.
	if wrong := r.form.feed(p[:n]); wrong != nil {
		return 0, wrong
	}
	if err == io.EOF {
		if wrong := r.form.end(); wrong != nil {
			return 0, wrong
		}
	}
	return n, err
}

func (r *streamReader) Close() error {
	r.closed.Store(true)
	return nil
}
