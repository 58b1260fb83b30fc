package wire

import (
	"bytes"
	"hash/maphash"
)

// keySet knows the keys of the objects that are open, to find those that come
// twice. Both of its lists are stacks: whenever a key is added, the objects inside
// its own have been closed, so its object's part is on top.
//
// Objects of a few keys are searched one by one; larger ones get a hash table, so
// that a body made of keys alone costs no more than linear time. The seed keeps
// anyone from making keys that meet in one slot.
type keySet struct {
	seed  maphash.Seed
	all   []keyRef
	slots []uint32 // the tables: index in all, plus 1; 0 is free
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

// add adds the key whose quote is at the offset at, and reports whether the object
// did not have it.
func (k *keySet) add(s *scanner, f frame, key []byte, at int) bool {
	ref := keyRef{uint32(at), uint32(maphash.Bytes(k.seed, key))}
	own := k.all[f.keys:]
	if len(own) < fewKeys {
		for _, other := range own {
			if other.hash == ref.hash && s.sameKey(other, key) {
				return false
			}
		}
		k.all = append(k.all, ref)
		return true
	}
	if 2*len(own) >= len(k.slots)-f.slots {
		k.rehash(f, 4*len(own))
	}
	table := k.slots[f.slots:]
	i := int(ref.hash) & (len(table) - 1)
	for ; table[i] != 0; i = (i + 1) & (len(table) - 1) {
		if other := own[table[i]-1]; other.hash == ref.hash && s.sameKey(other, key) {
			return false
		}
	}
	k.all = append(k.all, ref)
	table[i] = uint32(len(own) + 1)
	return true
}

// rehash gives the object a table of at least size slots, a power of two.
func (k *keySet) rehash(f frame, size int) {
	n := 4 * fewKeys
	for n < size {
		n *= 2
	}
	k.slots = k.slots[:f.slots]
	for range n {
		k.slots = append(k.slots, 0)
	}
	table := k.slots[f.slots:]
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
func (s *scanner) sameKey(ref keyRef, key []byte) bool {
	raw := s.b[ref.at+1 : s.text(int(ref.at))-1]
	if hasEscape(raw) {
		raw = appendText(nil, raw)
	}
	return bytes.Equal(raw, key)
}
