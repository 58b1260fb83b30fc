package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Body is what goes upstream as the body: the request's own bytes with the declared
// edits spliced in, and behind them what is streamed. A Body may be used until its
// Request is closed; the readers it has made until they are closed themselves.
type Body struct {
	buf     *buffer
	source  *source
	length  int64
	splices [4]splice // in the order of their places
	n       int
	text    []byte    // of all the splices
	put     [2]string // members that the gateway has put in
	puts    int
}

// splice replaces the bytes at a place by a part of the Body's text.
type splice struct{ at, by span }

// Len returns the body's length in bytes: 0 when there is none, -1 when part of it is
// streamed and it is not known.
func (b *Body) Len() int64 { return b.length }

// Edits returns the members that the gateway has put into the body, which the service may
// refuse: not those of which it has changed the value alone.
func (b *Body) Edits() []string { return b.put[:b.puts] }

func (b *Body) edited(f Field) {
	b.put[b.puts] = fieldNames[f]
	b.puts++
}

// NewReader returns the body anew, to be read by one goroutine and closed, which
// another may do meanwhile. What is streamed can be read once; readers after the
// first that took of it return an error there.
func (b *Body) NewReader() io.ReadCloser {
	if b.buf == nil {
		return http.NoBody
	}
	b.buf.hold()
	r := &reader{body: *b}
	if b.source != nil {
		r.rest = &streamReader{source: b.source}
	}
	return r
}

// WriteTo writes the body and implements io.WriterTo.
func (b *Body) WriteTo(w io.Writer) (int64, error) {
	r := b.NewReader()
	defer r.Close()
	return io.Copy(w, r)
}

// pieces is how many pieces the body has: bytes of the request and texts of the
// splices by turns.
func (b *Body) pieces() int { return 2*b.n + 1 }

// place returns where the piece k is: in the request's bytes when k is even, else in the
// text of the splices.
func (b *Body) place(k int) (from, to int64) {
	if k%2 == 1 {
		by := b.splices[k/2].by
		return int64(by.from), int64(by.to)
	}
	if k > 0 {
		from = int64(b.splices[k/2-1].at.to)
	}
	if k < 2*b.n {
		return from, int64(b.splices[k/2].at.from)
	}
	return from, b.buf.size()
}

var errClosed = errors.New("the body's reader is closed")

// reader reads a Body out of the request's buffer, which it holds until it is
// closed, and then the stream. The lock is there because transports close a body while
// they read it; nobody holds it while waiting for the network.
type reader struct {
	mu     sync.Mutex
	body   Body
	rest   *streamReader // nil when nothing is streamed
	piece  int
	off    int64 // in the piece
	closed bool
	busy   bool // a WriteTo is under way and releases the buffer at its end
}

// next returns what comes next of what is in memory, and moves on by as much; what is on
// disk is read into p. Nothing and no error is the end.
func (r *reader) next(p []byte) ([]byte, error) {
	for ; r.piece < r.body.pieces(); r.piece, r.off = r.piece+1, 0 {
		from, to := r.body.place(r.piece)
		if from += r.off; from >= to {
			continue
		}
		var b []byte
		switch {
		case r.piece%2 == 1:
			b = r.body.text[from:to]
		case from < r.body.buf.file.length():
			n, err := r.body.buf.readAt(p, from, to)
			if err != nil {
				return nil, fmt.Errorf("read the body from disk: %w", err)
			}
			b = p[:n]
		default:
			b = r.body.buf.memoryAt(from, to)
		}
		r.off += int64(len(b))
		return b, nil
	}
	return nil, nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.kept(p)
	if n > 0 || err != nil || len(p) == 0 {
		return n, err
	}
	if r.rest == nil {
		return 0, io.EOF
	}
	return r.rest.Read(p)
}

// kept reads what is in memory or on disk.
func (r *reader) kept(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, errClosed
	}
	for n < len(p) {
		b, err := r.next(p[n:])
		if err != nil {
			return n, err
		}
		if len(b) == 0 {
			if r.rest == nil {
				return n, io.EOF
			}
			return n, nil
		}
		did := copy(p[n:], b)
		r.off -= int64(len(b) - did)
		n += did
	}
	return n, nil
}

// WriteTo implements io.WriterTo: it writes the pieces as they lie in memory.
func (r *reader) WriteTo(w io.Writer) (sum int64, err error) {
	if !r.begin() {
		return 0, errClosed
	}
	defer r.end()
	var scratch []byte // for what is on disk
	if r.body.buf.file != nil || r.rest != nil {
		p, _ := pages.Get().(*page)
		if p == nil {
			p = new(page)
		}
		defer pages.Put(p)
		scratch = p[:32<<10]
	}
	for {
		b, err := r.next(scratch)
		if len(b) == 0 && err == nil && r.rest != nil {
			b, err = r.stream(scratch)
		}
		n, failed := w.Write(b)
		sum += int64(n)
		switch {
		case err == io.EOF, len(b) == 0 && err == nil:
			return sum, failed
		case failed != nil:
			return sum, failed
		case err != nil:
			return sum, err
		}
	}
}

// stream reads some of the rest.
func (r *reader) stream(p []byte) ([]byte, error) {
	for {
		n, err := r.rest.Read(p)
		if n > 0 || err != nil {
			return p[:n], err
		}
	}
}

// begin keeps the buffer for WriteTo, which may not hold the lock while it waits
// for the network.
func (r *reader) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = !r.closed
	return r.busy
}

func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = false
	if r.closed {
		r.body.buf.release()
	}
}

// Close gives the reader's hold of the buffer back. Closing twice does nothing.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		if r.rest != nil {
			r.rest.Close()
		}
		if !r.busy {
			r.body.buf.release()
		}
	}
	return nil
}
