package ledger

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/tallygate/tallygate"
)

// A frame is one record in a segment:
//
//	length u32 | crc u32 | number u64 | index u32 | kind u8 | body
//
// Length counts kind and body. The checksum (CRC32C, begun with the segment's
// salt) covers everything behind itself. Index is how many records were written
// before this one in the same group: since a group is written only after the one
// before it is safe on disk, a frame proves that all numbers up to its own less
// index less 1 had been promised. That is how a tail that was never promised
// (torn) is told from a record that was (damaged).
const frameHead = 20

type kind uint8

const (
	intentKind kind = iota + 1
	entryKind
	closeKind // the last record of a clean stop; no body
)

type frame struct {
	number  int64
	index   uint32
	kind    kind
	payload []byte // body; part of the buffer it was read from
}

// promised returns the highest number this frame proves was safe on disk.
func (f *frame) promised() int64 { return f.number - int64(f.index) - 1 }

// castagnoli returns the CRC32C table; crc32 makes it once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendFrame appends a record with e as its body; e is nil for closeKind.
func appendFrame(b []byte, salt uint32, f frame, e *tallygate.Entry) []byte {
	at := len(b)
	var head [frameHead + 1]byte
	binary.LittleEndian.PutUint64(head[8:], uint64(f.number))
	binary.LittleEndian.PutUint32(head[16:], f.index)
	head[20] = byte(f.kind)
	b = append(b, head[:]...)
	if e != nil {
		b = AppendEntry(b, e)
	} else {
		b = append(b, f.payload...)
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-frameHead))
	binary.LittleEndian.PutUint32(b[at+4:], crc32.Update(salt, castagnoli(), b[at+8:]))
	return b
}

// parseFrame reads the frame at the beginning of b and returns its length, or 0
// when there is no valid one whose number is above after.
func parseFrame(b []byte, salt uint32, after int64) (f frame, n int) {
	if len(b) < frameHead+1 {
		return f, 0
	}
	size := binary.LittleEndian.Uint32(b)
	number := binary.LittleEndian.Uint64(b[8:])
	k := kind(b[20])
	if size == 0 || size > maxPayload || int(size) > len(b)-frameHead ||
		k < intentKind || k > closeKind || number >= 1<<62 || int64(number) <= after {
		return f, 0
	}
	n = frameHead + int(size)
	if crc32.Update(salt, castagnoli(), b[8:n]) != binary.LittleEndian.Uint32(b[4:]) {
		return f, 0
	}
	f = frame{int64(number), binary.LittleEndian.Uint32(b[16:]), k, b[frameHead+1 : n : n]}
	return f, n
}

// nextFrame finds the first valid frame in b with a number above after. skipped
// counts the bytes before it; without one, ok is false and skipped is len(b).
//
// The salt keeps a client from planting a frame in a text it sends, to be found
// here when the record around it is damaged.
func nextFrame(b []byte, salt uint32, after int64) (f frame, skipped, n int, ok bool) {
	for at := 0; len(b)-at > frameHead; at++ {
		if f, n = parseFrame(b[at:], salt, after); n > 0 {
			return f, at, n, true
		}
	}
	return f, len(b), 0, false
}

// used returns how much of b there is before the zeros at its end.
func used(b []byte) int {
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	return n
}
