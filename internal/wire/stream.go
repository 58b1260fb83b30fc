package wire

import (
	"errors"
	"io"
	"sync/atomic"
)

// source is a body that is streamed through unread.
type source struct {
	begin  []byte // what was read of it to know what it is
	rest   io.Reader
	length int64 // -1 when unknown
	taken  atomic.Bool
}

func newSource(begin []byte, rest io.Reader, length int64) *source {
	return &source{begin: begin, rest: rest, length: length}
}

var errTaken = errors.New("the body was streamed already and cannot be sent again")

// streamReader reads a source. Closing it does not close the request's body, which
// is its server's, so that an attempt that failed before it read anything can be
// followed by another.
type streamReader struct {
	source *source
	mine   bool // this reader has begun to take the source
	off    int
	closed atomic.Bool
}

func (r *streamReader) Read(p []byte) (int, error) {
	if r.closed.Load() {
		return 0, errClosed
	}
	if !r.mine {
		if r.source.taken.Swap(true) {
			return 0, errTaken
		}
		r.mine = true
	}
	if r.off < len(r.source.begin) {
		n := copy(p, r.source.begin[r.off:])
		r.off += n
		return n, nil
	}
	return r.source.rest.Read(p)
}

func (r *streamReader) Close() error {
	r.closed.Store(true)
	return nil
}
