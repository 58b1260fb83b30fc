package wire

import (
	"sync"
	"sync/atomic"
)

// buffer holds a body. Requests and the readers of their bodies share it: a
// transport may still read after it has returned an answer, and memory that went
// to another request meanwhile would send that one's bytes. The last one to
// release it gives it back.
type buffer struct {
	b    []byte
	refs atomic.Int32
}

// classes are the capacities that buffers begin with, and that are kept for reuse;
// larger ones are left to the garbage collector, so that a few large bodies do not
// pin their memory.
var classes = [...]int{4 << 10, 32 << 10, 256 << 10, 1 << 20}

var buffers [len(classes)]sync.Pool

// newBuffer returns an empty buffer for n bytes, or for the largest class when n
// is larger: a length that is only claimed is not taken at its word.
func newBuffer(n int64) *buffer {
	class := 0
	for class < len(classes)-1 && int64(classes[class]) < n {
		class++
	}
	buf, _ := buffers[class].Get().(*buffer)
	if buf == nil {
		buf = &buffer{b: make([]byte, 0, classes[class])}
	}
	buf.refs.Store(1)
	return buf
}

// grow makes room for more; want is the length expected in the end, 0 when unknown.
func (buf *buffer) grow(want int64) {
	size := int64(2 * cap(buf.b))
	if want > int64(cap(buf.b)) && want < 2*size {
		size = want
	}
	larger := make([]byte, len(buf.b), size)
	copy(larger, buf.b)
	buf.b = larger
}

func (buf *buffer) hold() { buf.refs.Add(1) }

func (buf *buffer) release() {
	if buf.refs.Add(-1) > 0 {
		return
	}
	for class, size := range classes {
		if cap(buf.b) == size {
			buf.b = buf.b[:0]
			buffers[class].Put(buf)
			return
		}
	}
}
