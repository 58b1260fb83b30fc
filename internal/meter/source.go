package meter

import "io"

// pieces is a body that gives what has arrived without a buffer of the reader's:
// a slice of at least one byte, valid until the next call, or an error.
type pieces interface {
	Next() ([]byte, error)
}

// source reads an answer's body piece by piece.
type source struct {
	body   io.Reader
	pieces pieces // nil: read into buffer
	buffer []byte
}

// bufferSize is what is read at once from a body without Next, in bytes.
const bufferSize = 8 << 10

// open returns the source of a body. Its buffer is pooled: shut gives it back.
func (m *Meter) open(body io.Reader) source {
	if p, ok := body.(pieces); ok {
		return source{pieces: p}
	}
	return source{body: body, buffer: m.buffers.Get().(*[bufferSize]byte)[:]}
}

// shut gives a source's buffer back.
func (m *Meter) shut(s *source) {
	if s.buffer != nil {
		m.buffers.Put((*[bufferSize]byte)(s.buffer))
		s.buffer = nil
	}
}

// next returns the next piece, valid until the next call. It may come with an
// error, and without one it may be empty.
func (s *source) next() ([]byte, error) {
	if s.pieces != nil {
		return s.pieces.Next()
	}
	n, err := s.body.Read(s.buffer)
	return s.buffer[:n], err
}
