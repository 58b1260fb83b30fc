package wire

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

// Body is what goes upstream as the body: the request's own bytes with the declared
// edits spliced in, or the unread stream. A Body may be used until its Request is
// closed; the readers it has made until they are closed themselves.
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

// Len returns the body's length in bytes: 0 when there is none, -1 when it is
// streamed and not known.
func (b *Body) Len() int64 { return b.length }

// Edits returns the members that the gateway has put into the body, which the service may
// refuse: not those of which it has changed the value alone.
func (b *Body) Edits() []string { return b.put[:b.puts] }

func (b *Body) edited(f field) {
	b.put[b.puts] = fieldNames[f]
	b.puts++
}

// NewReader returns the body anew, to be read by one goroutine and closed, which
// another may do meanwhile. A streamed body can be read once; readers after the
// first that took of it return an error.
func (b *Body) NewReader() io.ReadCloser {
	switch {
	case b.source != nil:
		return &streamReader{source: b.source}
	case b.buf == nil:
		return http.NoBody
	}
	b.buf.hold()
	return &reader{body: *b}
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

// piece returns the piece k: bytes of the request when it is even, else a splice's.
func (b *Body) piece(k int) []byte {
	if k%2 == 1 {
		by := b.splices[k/2].by
		return b.text[by.from:by.to]
	}
	from, to := 0, len(b.buf.b)
	if k > 0 {
		from = int(b.splices[k/2-1].at.to)
	}
	if k < 2*b.n {
		to = int(b.splices[k/2].at.from)
	}
	return b.buf.b[from:to]
}

var errClosed = errors.New("the body's reader is closed")

// reader reads a Body out of the request's buffer, which it holds until it is
// closed. The lock is there because transports close a body while they read it.
type reader struct {
	mu      sync.Mutex
	body    Body
	piece   int
	off     int // in the piece
	closed  bool
	writing bool // WriteTo is under way and releases the buffer at its end
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, errClosed
	}
	for n < len(p) && r.piece < r.body.pieces() {
		piece := r.body.piece(r.piece)
		did := copy(p[n:], piece[r.off:])
		n += did
		if r.off += did; r.off == len(piece) {
			r.piece, r.off = r.piece+1, 0
		}
	}
	if r.piece == r.body.pieces() {
		return n, io.EOF
	}
	return n, nil
}

// WriteTo implements io.WriterTo: it writes the pieces as they lie in memory.
func (r *reader) WriteTo(w io.Writer) (int64, error) {
	if !r.begin() {
		return 0, errClosed
	}
	defer r.end()
	var sum int64
	for ; r.piece < r.body.pieces(); r.piece, r.off = r.piece+1, 0 {
		n, err := w.Write(r.body.piece(r.piece)[r.off:])
		sum += int64(n)
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// begin keeps the buffer for WriteTo, which may not hold the lock while it waits
// for the network.
func (r *reader) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writing = !r.closed
	return r.writing
}

func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writing = false
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
		if !r.writing {
			r.body.buf.release()
		}
	}
	return nil
}
