package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
)

// Link computes one link of the chain of hashes that a store keeps over its
// entries: the SHA-256 of the link before it, the sequence number of its first
// entry (8 bytes, big endian), and the canonical encodings of its entries.
//
// The chain shows that entries were removed or altered by somebody who did not
// make the chain fit again. Whoever may write to the store can do that; keep the
// last link elsewhere from time to time to show it even then.
//
// The zero Link is ready for Begin. It is not safe for concurrent use.
type Link struct {
	h   hash.Hash
	buf []byte
}

// Begin starts a link on the one before it; all zeros stand before the first.
func (l *Link) Begin(previous [sha256.Size]byte, first int64) {
	if l.h == nil {
		l.h = sha256.New()
	}
	l.h.Reset()
	l.h.Write(previous[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(first))
	l.h.Write(n[:])
}

// Add adds the next entry by its canonical encoding, and returns the encoding's
// CRC32C, by which a store can tell which entry of a broken link is at fault.
func (l *Link) Add(encoding string) uint32 {
	if l.h == nil {
		l.h = sha256.New()
	}
	l.buf = append(l.buf[:0], encoding...)
	l.h.Write(l.buf)
	return crc32.Checksum(l.buf, castagnoli())
}

// Sum returns the link.
func (l *Link) Sum() (sum [sha256.Size]byte) {
	l.h.Sum(sum[:0])
	return sum
}
