package wire

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// keySet knows the keys of the objects that are open, to find those that come
// twice. Both of its lists are stacks: whenever a key is added, the objects inside
// its own have been closed, so its object's part is on top.
//
// Objects of a few keys are searched one by one; larger ones get a hash table, so
// that a body made of keys alone costs no more than linear time. The table's hash
// is seeded, which keeps anyone from making keys that meet in one slot.
type keySet struct {
	seed  maphash.Seed
	all   []keyRef
	slots []uint32 // the tables: index in the object's keys, plus 1; 0 is free
}

// keyRef is a key: the offset of its quote, and its hash.
type keyRef struct{ at, hash uint32 }

// frame is where an object's part of a keySet begins.
type frame struct{ keys, slots int }

// fewKeys is how many keys are searched one by one.
const fewKeys = 16

func (k *keySet) reset() { k.all, k.slots = k.all[:0], k.slots[:0] }

func (k *keySet) open() frame { return frame{len(k.all), len(k.slots)} }

func (k *keySet) close(f frame) { k.all, k.slots = k.all[:f.keys], k.slots[:f.slots] }

// addKey adds the key whose quote is at the offset at to its object, and reports
// whether that did not have it.
func (s *scanner) addKey(f frame, key []byte, at int) bool {
	own := s.keys.all[f.keys:]
	if len(own) >= fewKeys {
		return s.addToTable(f, key, at)
	}
	hash := fewHash(key)
	for _, other := range own {
		if other.hash == hash && s.sameKey(other, key) {
			return false
		}
	}
	s.keys.all = append(s.keys.all, keyRef{uint32(at), hash})
	return true
}

// fewHash tells a few keys apart quickly, by their ends and their length.
func fewHash(key []byte) uint32 {
	var h uint64
	switch n := len(key); {
	case n >= 8:
		h = binary.LittleEndian.Uint64(key) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(key[n-8:]), 29)
	case n >= 4:
		h = uint64(binary.LittleEndian.Uint32(key)) | uint64(binary.LittleEndian.Uint32(key[n-4:]))<<32
	case n > 0:
		h = uint64(key[0]) | uint64(key[n/2])<<8 | uint64(key[n-1])<<16
	}
	return uint32((h ^ uint64(len(key))) * 0x9e3779b97f4a7c15 >> 32)
}

// addToTable is addKey for an object that has fewKeys or more.
func (s *scanner) addToTable(f frame, key []byte, at int) bool {
	k := &s.keys
	own := k.all[f.keys:]
	if len(own) == fewKeys {
		for i := range own {
			own[i].hash = uint32(maphash.Bytes(k.seed, s.keyAt(own[i])))
		}
	}
	if 2*len(own) >= len(k.slots)-f.slots {
		k.rehash(f, 4*len(own))
	}
	hash := uint32(maphash.Bytes(k.seed, key))
	table := k.slots[f.slots:]
	i := int(hash) & (len(table) - 1)
	for ; table[i] != 0; i = (i + 1) & (len(table) - 1) {
		if other := own[table[i]-1]; other.hash == hash && s.sameKey(other, key) {
			return false
		}
	}
	k.all = append(k.all, keyRef{uint32(at), hash})
	table[i] = uint32(len(own) + 1)
	return true
}

// rehash gives the object a table of at least size slots, a power of two.
func (k *keySet) rehash(f frame, size int) {
	n := 4 * fewKeys
	for n < size {
		n *= 2
	}
	k.slots = slices.Grow(k.slots[:f.slots], n)[:f.slots+n]
	table := k.slots[f.slots:]
	clear(table)
	for j, ref := range k.all[f.keys:] {
		i := int(ref.hash) & (n - 1)
		for table[i] != 0 {
			i = (i + 1) & (n - 1)
		}
		table[i] = uint32(j + 1)
	}
}

// sameKey reports whether the key at ref is key. It is asked only of keys with the
// same hash, so it may read the key again.
func (s *scanner) sameKey(ref keyRef, key []byte) bool { return bytes.Equal(s.keyAt(ref), key) }

// keyAt reads the key at ref again, which was scanned before.
func (s *scanner) keyAt(ref keyRef) []byte {
	end, escaped := s.text(int(ref.at))
	raw := s.b[ref.at+1 : end-1]
	if escaped {
		return jsontext.AppendInner(nil, raw)
	}
	return raw
}
