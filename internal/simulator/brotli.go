package simulator

import "io"

// storedBrotli writes a body in the brotli format (RFC 7932) without making it smaller:
// every write becomes a meta-block of bytes as they are. Whoever does not decode finds
// the content encoding in the header and no JSON in the body.
type storedBrotli struct {
	out   io.Writer
	begun bool
}

// maxMetaBlock is how many bytes a length of four nibbles says.
const maxMetaBlock = 1 << 16

// Write implements io.Writer.
func (w *storedBrotli) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n := min(len(b)-done, maxMetaBlock)
		if err := w.block(b[done : done+n]); err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// block writes one meta-block: not the last (0), its length less one in four nibbles
// (00), stored (1), and on to a whole byte. The window's size (0: 16 bits) leads the first.
func (w *storedBrotli) block(b []byte) error {
	head := uint32(len(b)-1)<<3 | 1<<19
	if !w.begun {
		head <<= 1
		w.begun = true
	}
	_, err := w.out.Write(append([]byte{byte(head), byte(head >> 8), byte(head >> 16)}, b...))
	return err
}

// Flush is there for its like: nothing is held back.
func (w *storedBrotli) Flush() error { return nil }

// Close writes the end: an empty last meta-block (11).
func (w *storedBrotli) Close() error {
	last := byte(3)
	if !w.begun {
		last <<= 1
	}
	_, err := w.out.Write([]byte{last})
	return err
}
