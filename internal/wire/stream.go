package wire

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// source is a body that is streamed through unread.
type source struct {
	broken func(error) error // says why the client's body did not come whole
	begin  []byte            // what was read of it to know what it is
	rest   io.Reader
	length int64 // -1 when unknown
	taken  atomic.Bool
}

func newSource(begin []byte, r *http.Request) *source {
	in := &intake{r: r, buf: &buffer{}}
	return &source{begin: begin, rest: r.Body, length: r.ContentLength, broken: in.broken}
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
	n, err := r.source.rest.Read(p)
	if err != nil && err != io.EOF {
		err = r.source.broken(err) // the client's doing, not the upstream's
	}
	return n, err
}

func (r *streamReader) Close() error {
	r.closed.Store(true)
	return nil
}
