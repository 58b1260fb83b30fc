package tokenizer

import (
	"bytes"
	"compress/flate"
	_ "embed" // the vocabularies
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/bits"
	"strings"
)

// The vocabularies as gen writes them; data/NOTICE.txt names their source.
var (
	//go:embed data/o200k_base.bin
	o200kFile string
	//go:embed data/cl100k_base.bin
	cl100kFile string
	//go:embed data/p50k_base.bin
	p50kFile string
)

// r50k_base is the beginning of p50k_base.
const r50kTokens = 50256

// none is the rank of what is not a token.
const none = math.MaxUint32

// A vocabulary finds the rank of a token by its bytes. Lookups of substrings are the
// inner loop of everything here, and most fail, so each length has its own cheap way:
// one and two bytes index an array, up to eight are a key by themselves, and only
// longer ones are hashed and compared.
type vocabulary struct {
	bytes   []byte   // all tokens, one after another
	starts  []uint32 // token r is bytes[starts[r]:starts[r+1]]
	longest int

	single                [256]uint32
	double                []uint32 // by first byte | second byte << 8
	short                 []shortSlot
	filter                []uint64 // a bit for every hash that occurs in short, see findJoined
	long                  []longSlot
	shortShift, longShift uint8
}

// shortSlot holds a token of 3 to 8 bytes; key is its bytes, little endian, zero
// padded. size 0 marks a free slot.
type shortSlot struct {
	key  uint64
	rank uint32
	size uint32
}

// longSlot holds a token of 9 bytes and more; tag is part of its hash. rank none
// marks a free slot.
type longSlot struct {
	tag  uint32
	rank uint32
}

var errCorrupt = errors.New("embedded vocabulary is corrupt")

// loadVocabulary unpacks a file, all of it or its first limit tokens if limit is not
// negative.
func loadVocabulary(file string, limit int) (*vocabulary, error) {
	raw, err := io.ReadAll(flate.NewReader(strings.NewReader(file)))
	if err != nil {
		return nil, err
	}
	if len(raw) < 4 {
		return nil, errCorrupt
	}
	n := int(binary.LittleEndian.Uint32(raw))
	raw = raw[4:]
	if len(raw) < n || n < limit {
		return nil, errCorrupt
	}
	sizes, text := raw[:n], raw[n:]
	if limit >= 0 {
		sizes = sizes[:limit]
	}
	v := &vocabulary{bytes: text, starts: make([]uint32, 1, len(sizes)+1)}
	end := uint32(0)
	for _, size := range sizes {
		end += uint32(size)
		v.starts = append(v.starts, end)
		v.longest = max(v.longest, int(size))
	}
	if int(end) > len(text) || limit < 0 && int(end) != len(text) {
		return nil, errCorrupt
	}
	v.bytes = bytes.Clone(text[:end])
	v.index(sizes)
	return v, nil
}

// index fills the tables. Hash tables are at most 5/8 full.
func (v *vocabulary) index(sizes []byte) {
	var short, long int
	for _, size := range sizes {
		switch {
		case size > 8:
			long++
		case size > 2:
			short++
		}
	}
	shortBits, longBits := bits.Len(uint(short*8/5)), bits.Len(uint(long*8/5))
	v.short, v.shortShift = make([]shortSlot, 1<<shortBits), uint8(64-shortBits)
	v.long, v.longShift = make([]longSlot, 1<<longBits), uint8(64-longBits)
	v.filter = make([]uint64, len(v.short)*8/64)
	v.double = make([]uint32, 1<<16)
	for i := range v.single {
		v.single[i] = none
	}
	for i := range v.double {
		v.double[i] = none
	}
	for i := range v.long {
		v.long[i].rank = none
	}
	for rank, size := range sizes {
		v.insert(uint32(rank), int(size))
	}
}

func (v *vocabulary) insert(rank uint32, size int) {
	i := int(v.starts[rank])
	switch {
	case size == 0: // the place of a special token
	case size == 1:
		v.single[v.bytes[i]] = rank
	case size == 2:
		v.double[binary.LittleEndian.Uint16(v.bytes[i:])] = rank
	case size <= 8:
		key := shortKey(v.bytes, i, i+size)
		hash := shortHash(key)
		bit := hash >> (v.shortShift - 3)
		v.filter[bit/64] |= 1 << (bit % 64)
		slot := hash >> v.shortShift
		for v.short[slot].size != 0 {
			slot = (slot + 1) & uint64(len(v.short)-1)
		}
		v.short[slot] = shortSlot{key, rank, uint32(size)}
	default:
		hash := longHash(v.bytes[i : i+size])
		slot := hash >> v.longShift
		for v.long[slot].rank != none {
			slot = (slot + 1) & uint64(len(v.long)-1)
		}
		v.long[slot] = longSlot{uint32(hash), rank}
	}
}

// find returns the rank of text[i:j], or none. It takes the bounds instead of a slice
// because it reads on behind j when it can.
func (v *vocabulary) find(text []byte, i, j int) uint32 {
	switch size := j - i; {
	case size == 1:
		return v.single[text[i]]
	case size == 2:
		return v.double[uint16(text[i])|uint16(text[i+1])<<8]
	case size <= 8:
		return v.findShort(shortKey(text, i, j), size)
	case size <= v.longest:
		return v.findLong(text[i:j])
	}
	return none
}

// findJoined is find for the joined bytes of two parts. Most make no token, and a filter
// of one bit for each eighth of a slot, small enough for a near cache, says so without
// a look at the table. The size is at least 2.
func (v *vocabulary) findJoined(text []byte, i, j int) uint32 {
	size := j - i
	if size <= 2 || size > 8 {
		return v.find(text, i, j)
	}
	key := shortKey(text, i, j)
	bit := shortHash(key) >> (v.shortShift - 3)
	if v.filter[bit/64]>>(bit%64)&1 == 0 {
		return none
	}
	return v.findShort(key, size)
}

func (v *vocabulary) findShort(key uint64, size int) uint32 {
	mask := uint64(len(v.short) - 1)
	for slot := shortHash(key) >> v.shortShift; ; slot++ {
		s := &v.short[slot&mask]
		if s.key == key && int(s.size) == size {
			return s.rank
		}
		if s.size == 0 {
			return none
		}
	}
}

func (v *vocabulary) findLong(token []byte) uint32 {
	hash := longHash(token)
	mask := uint64(len(v.long) - 1)
	for slot := hash >> v.longShift; ; slot++ {
		s := v.long[slot&mask]
		if s.rank == none {
			return none
		}
		if s.tag == uint32(hash) && string(v.token(s.rank)) == string(token) {
			return s.rank
		}
	}
}

// token returns the bytes of a token, none if there is no such token.
func (v *vocabulary) token(rank uint32) []byte {
	if int(rank) >= len(v.starts)-1 {
		return nil
	}
	return v.bytes[v.starts[rank]:v.starts[rank+1]]
}

const multiplier = 0x9E3779B97F4A7C15 // 2^64 over the golden ratio

func shortHash(key uint64) uint64 { return (key ^ key>>29) * multiplier }

// longHash hashes 9 bytes or more. Its highest bits choose the slot, its lowest 32 are the tag.
func longHash(p []byte) uint64 {
	h := uint64(len(p))
	last := binary.LittleEndian.Uint64(p[len(p)-8:])
	for ; len(p) > 8; p = p[8:] {
		h = (h ^ binary.LittleEndian.Uint64(p)) * multiplier
		h ^= h >> 32
	}
	h = (h ^ last) * multiplier
	return h ^ h>>32
}

// shortKey returns the 1 to 8 bytes text[i:j] as a number, with one load wherever
// eight bytes are at hand.
func shortKey(text []byte, i, j int) uint64 {
	size := uint(j-i) * 8
	if i+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[i:]) & (1<<size - 1)
	}
	key := uint64(0)
	for k := j - 1; k >= i; k-- {
		key = key<<8 | uint64(text[k])
	}
	return key
}
