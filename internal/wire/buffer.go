package wire

import (
	"iter"
	"sync"
	"sync/atomic"
)

// buffer holds a body: in one piece, or in pages, or its beginning in a file and what
// follows in pages. Requests and the readers of their bodies share it: a transport may
// still read after it has returned an answer, and memory that went to another request
// meanwhile would send that one's bytes. The last one to release it gives it back.
type buffer struct {
	b     []byte  // the body while it is in one piece; nil when it is in pages
	pages []*page // full but for the last
	last  int     // how much of the last page is the body's
	file  *spill  // what comes before the pages; nil when nothing does
	account
	refs atomic.Int32
}

// pageSize is what large bodies grow by as they come, in bytes: nothing is copied, and
// no more is taken than has come.
const pageSize = 256 << 10

type page [pageSize]byte

// classes are the capacities of bodies in one piece that are kept for reuse. Larger
// pieces are left to the garbage collector, so that a few large bodies do not pin
// their memory.
var classes = [...]int{4 << 10, 32 << 10, pageSize, 2 * pageSize, 4 * pageSize}

var (
	buffers [len(classes)]sync.Pool // of *buffer
	pages   sync.Pool               // of *page
)

// takeBuffer returns an empty buffer of a class.
func takeBuffer(class int) *buffer {
	buf, _ := buffers[class].Get().(*buffer)
	if buf == nil {
		buf = &buffer{b: make([]byte, 0, classes[class])}
	}
	return buf
}

// newBuffer returns an empty buffer for a body that claims n bytes. It is not taken at
// its word: the buffer grows as the body comes.
func newBuffer(a account, n int64) (*buffer, error) {
	class := 0
	if n > int64(classes[0]) {
		class = 1
	}
	if err := a.charge(int64(classes[class])); err != nil {
		return nil, err
	}
	buf := takeBuffer(class)
	buf.account = a
	buf.refs.Store(1)
	return buf, nil
}

// size is how much of the body is there, in bytes.
func (buf *buffer) size() int64 {
	n := int64(len(buf.b)) + buf.file.length()
	if len(buf.pages) > 0 {
		n += int64(len(buf.pages)-1)*pageSize + int64(buf.last)
	}
	return n
}

// room returns where the next bytes of the body go, after growing if there is no room.
func (buf *buffer) room() ([]byte, error) {
	switch {
	case len(buf.pages) > 0 && buf.last == pageSize:
		if err := buf.charge(pageSize); err != nil {
			return nil, err
		}
		buf.addPage()
	case len(buf.pages) > 0:
	case len(buf.b) < cap(buf.b):
		return buf.b[len(buf.b):cap(buf.b)], nil
	case cap(buf.b) < pageSize:
		if err := buf.widen(); err != nil {
			return nil, err
		}
		return buf.b[len(buf.b):cap(buf.b)], nil
	default: // its first page takes the place of the piece
		buf.addPage()
		buf.last = copy(buf.pages[0][:], buf.b)
		recycle(&buffer{b: buf.b})
		buf.b = nil
		return buf.room()
	}
	return buf.pages[len(buf.pages)-1][buf.last:], nil
}

// filled says that n bytes were put into the room.
func (buf *buffer) filled(n int) {
	if len(buf.pages) > 0 {
		buf.last += n
	} else {
		buf.b = buf.b[:len(buf.b)+n]
	}
}

// widen moves a body in one piece to the next class.
func (buf *buffer) widen() error {
	class := 0
	for classes[class] <= cap(buf.b) {
		class++
	}
	if err := buf.charge(int64(classes[class] - cap(buf.b))); err != nil {
		return err
	}
	larger := takeBuffer(class)
	larger.b = append(larger.b, buf.b...)
	larger.b, buf.b = buf.b, larger.b
	recycle(larger)
	return nil
}

// addPage adds an empty page, which is charged for already.
func (buf *buffer) addPage() {
	p, _ := pages.Get().(*page)
	if p == nil {
		p = new(page)
	}
	buf.pages, buf.last = append(buf.pages, p), 0
}

// dropPages gives the first n pages back.
func (buf *buffer) dropPages(n int) {
	for i, p := range buf.pages[:n] {
		pages.Put(p)
		buf.pages[i] = nil
	}
	buf.pages = buf.pages[n:]
	buf.credit(int64(n) * pageSize)
}

// join makes one piece of a body in pages. Such bodies are large, and for a moment there
// twice; so it is done by one at a time.
func (buf *buffer) join() {
	if len(buf.pages) == 0 {
		return
	}
	if m := buf.of; m != nil {
		m.joining.Lock()
		defer m.joining.Unlock()
	}
	size := int(buf.size())
	var whole []byte
	for class, most := range classes {
		if size <= most {
			whole = takeBuffer(class).b
			break
		}
	}
	if whole == nil {
		whole = make([]byte, 0, size)
	}
	for piece := range buf.memory() {
		whole = append(whole, piece...)
	}
	buf.b = whole
	for _, p := range buf.pages {
		pages.Put(p)
	}
	buf.pages, buf.last = nil, 0 // what they were charged the piece is
}

// toDisk moves full pages to a file, and reports whether there is room again. When the
// disk takes no more the body stays where it is.
func (buf *buffer) toDisk() bool {
	if buf.of == nil || buf.of.dir == "" || len(buf.pages) == 0 {
		return false
	}
	if buf.file == nil {
		if buf.file = newSpill(buf.of.dir); buf.file == nil {
			return false
		}
	}
	for buf.last == pageSize || len(buf.pages) > 1 {
		if !roomOn(buf.of.dir) || !buf.chargeDisk(pageSize) || !buf.file.add(buf.pages[0][:]) {
			return false
		}
		if len(buf.pages) == 1 {
			buf.last = 0 // to be filled again
			return true
		}
		buf.dropPages(1)
	}
	return true
}

// memoryAt returns the body's bytes from one place on, up to another or to where the next
// page begins. They must not be in the file.
func (buf *buffer) memoryAt(from, to int64) []byte {
	if buf.pages == nil {
		return buf.b[from:to]
	}
	from, to = from-buf.file.length(), to-buf.file.length()
	in := from % pageSize
	return buf.pages[from/pageSize][in:min(in+to-from, pageSize)]
}

// memory returns what of the body is in memory, piece by piece.
func (buf *buffer) memory() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if len(buf.b) > 0 && !yield(buf.b) {
			return
		}
		for i, p := range buf.pages {
			n := pageSize
			if i == len(buf.pages)-1 {
				n = buf.last
			}
			if !yield(p[:n]) {
				return
			}
		}
	}
}

// readAt copies the body's bytes from one place on, up to another, as far as it goes at
// once.
func (buf *buffer) readAt(p []byte, from, to int64) (int, error) {
	if onDisk := buf.file.length(); from < onDisk {
		return buf.file.readAt(p[:min(int64(len(p)), min(to, onDisk)-from)], from)
	}
	return copy(p, buf.memoryAt(from, to)), nil
}

func (buf *buffer) hold() { buf.refs.Add(1) }

func (buf *buffer) release() {
	if buf.refs.Add(-1) > 0 {
		return
	}
	for _, p := range buf.pages {
		pages.Put(p)
	}
	buf.pages, buf.last = nil, 0
	buf.file.close()
	buf.file = nil
	buf.account.close()
	recycle(buf)
}

// recycle keeps a buffer in one piece for reuse.
func recycle(buf *buffer) {
	for class, size := range classes {
		if cap(buf.b) == size {
			buf.b = buf.b[:0]
			buffers[class].Put(buf)
			return
		}
	}
}
