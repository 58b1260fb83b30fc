package ledger

import (
	"errors"
	"io"
	"os"
)

// tail reads the records of the open journal in order, as far as they are safe on
// disk. It belongs to one goroutine.
type tail struct {
	j      *journal
	dec    decoder
	number int64 // of the last record read

	seg *segment // being read; nil before the first
	f   *os.File
	off int64 // of the first byte not read yet
	buf []byte
	at  int // of the first byte of buf not parsed yet; buf[at:] begins at off
}

// next returns the next record; it is valid until the following call. ok is false
// when there is none yet.
func (t *tail) next() (f frame, ok bool) {
	for {
		if t.seg != nil {
			if f, n := parseFrame(t.buf[t.at:], t.seg.salt, t.number); n > 0 {
				t.pass(f, n)
				return f, true
			}
			end := t.endOf(t.seg)
			if t.off < end {
				if f, ok := t.refill(end); ok {
					return f, true
				}
				continue
			}
		}
		if !t.turn() {
			return f, false
		}
	}
}

// pass notes that a frame of n bytes was read, and what is missing before it.
func (t *tail) pass(f frame, n int) {
	if f.number > t.number+1 {
		t.damage(damage{from: t.number + 1, to: f.number - 1, promised: true, why: "unreadable"})
	}
	t.number = f.number
	t.at += n
	t.off += int64(n)
}

func (t *tail) endOf(s *segment) int64 {
	t.j.mu.Lock()
	defer t.j.mu.Unlock()
	return s.end
}

// readAhead is how much is read at once. It holds the largest frame many times.
const readAhead = 512 << 10

// refill reads more of the segment. When what comes next is no frame, although a
// whole one would fit, it goes on to the next one that is; ok says it found one.
func (t *tail) refill(end int64) (f frame, ok bool) {
	t.load(min(end-t.off, readAhead))
	if _, n := parseFrame(t.buf, t.seg.salt, t.number); n > 0 {
		return f, false // next will take it
	}
	t.load(end - t.off)
	f, skipped, n, ok := nextFrame(t.buf, t.seg.salt, t.number)
	if ok {
		t.at, t.off = skipped, t.off+int64(skipped)
		t.pass(f, n)
		return f, true
	}
	t.lostTail()
	return f, false
}

// lostTail gives up the rest of the segment.
func (t *tail) lostTail() {
	t.j.mu.Lock()
	end, last := t.seg.end, t.seg.last
	t.j.mu.Unlock()
	if last > t.number {
		t.damage(damage{from: t.number + 1, to: last, promised: true, why: "unreadable"})
		t.number = last
	}
	t.buf, t.at, t.off = t.buf[:0], 0, end
}

// load reads n bytes at off. What the disk cannot read counts as zeros, so that
// one bad sector costs no more than the records in it.
func (t *tail) load(n int64) {
	if int64(cap(t.buf)) < n {
		t.buf = make([]byte, n)
	}
	t.buf, t.at = t.buf[:n], 0
	readOrZero(t.f, t.buf, t.off)
}

// readOrZero fills p from f at off, block by block when it cannot be read whole,
// and with zeros where it cannot be read at all. It returns the last error.
func readOrZero(f io.ReaderAt, p []byte, off int64) error {
	_, err := f.ReadAt(p, off)
	if err == nil {
		return nil
	}
	const block = 4096
	for at := 0; at < len(p); at += block {
		part := p[at:min(at+block, len(p))]
		if n, err := f.ReadAt(part, off+int64(at)); err != nil {
			clear(part[n:])
		}
	}
	return err
}

// turn goes on to the next segment; false when there is none, or the present one
// may still grow.
func (t *tail) turn() bool {
	t.j.mu.Lock()
	defer t.j.mu.Unlock()
	if t.seg != nil && t.off < t.seg.end {
		return true // it grew before it was sealed
	}
	if t.seg != nil && !t.seg.sealed {
		return false
	}
	for _, s := range t.j.segments {
		if t.seg != nil && s.segment <= t.seg.segment {
			continue
		}
		f, err := os.Open(s.path)
		if err != nil {
			t.j.stats.LastError = err
			return false // tried again when the journal grows
		}
		t.close()
		t.seg, t.f, t.off = s, f, segmentHead
		return true
	}
	return false
}

func (t *tail) close() {
	if t.f != nil {
		t.f.Close() // only read from
	}
	t.f, t.buf, t.at = nil, t.buf[:0], 0
}

// damage is a run of records that cannot be read.
type damage struct {
	segment  string
	from, to int64
	promised bool // they had been safe on disk once
	why      string
}

// damage notes that records are lost, and keeps their segment from being removed.
func (t *tail) damage(d damage) {
	if t.seg != nil {
		d.segment = t.seg.path
	}
	t.j.mu.Lock()
	defer t.j.mu.Unlock()
	if t.seg != nil {
		t.seg.damaged = true
	}
	t.j.stats.Damaged += d.to - d.from + 1
	t.j.stats.LastError = errDamaged
	t.j.log.Error("The journal is damaged: records that were safe on disk cannot be read.",
		"segment", d.segment, "from", d.from, "to", d.to, "why", d.why)
}

var errDamaged = errors.New("the journal is damaged")
