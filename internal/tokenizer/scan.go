package tokenizer

import "math"

// scanMerge is the state of a merge that finds the best pair by looking at all of
// them. Everything is indexed by the position where a part begins, so that nothing
// has to move when parts are joined, and sized so that no index needs a check.
type scanMerge struct {
	// pairs holds, for the part and the one behind it, the rank that they have
	// joined << 8 | position: the least of all is the best pair, the leftmost among
	// equals. noPair stands where there is none.
	pairs [scanned + 1]uint32
	next  [scanned + 1]uint8 // where the next part begins
	prev  [scanned + 1]uint8 // where the part before begins
}

const noPair = math.MaxUint32

// scan merges the first n bytes of text, 1 to scanned of them, and returns the number
// of their tokens.
func (v *vocabulary) scan(m *scanMerge, text []byte, n int) int {
	for k := range n - 1 {
		m.pairs[k] = packPair(v.double[uint16(text[k])|uint16(text[k+1])<<8], uint8(k))
		m.next[k], m.prev[k+1] = uint8(k+1), uint8(k)
	}
	m.next[n-1] = uint8(n)
	padded := (n + 3) &^ 3
	for k := n - 1; k < padded; k++ {
		m.pairs[k] = noPair
	}

	for parts := n; ; parts-- {
		best := least(m.pairs[:padded])
		if best == noPair {
			return parts
		}
		at := uint8(best)
		gone := m.next[at]
		end := m.next[gone]
		m.pairs[gone] = noPair
		m.next[at] = end
		m.pairs[at] = noPair
		if int(end) < n {
			m.prev[end] = at
			m.pairs[at] = packPair(v.findJoined(text, int(at), int(m.next[end])), at)
		}
		if at > 0 {
			left := m.prev[at]
			m.pairs[left] = packPair(v.findJoined(text, int(left), int(end)), left)
		}
	}
}

func packPair(rank uint32, at uint8) uint32 {
	if rank == none {
		return noPair
	}
	return rank<<8 | uint32(at)
}

// least returns the least of pairs, whose number is a multiple of 4. Four minima at
// once keep the processor busy.
func least(pairs []uint32) uint32 {
	a, b, c, d := uint32(noPair), uint32(noPair), uint32(noPair), uint32(noPair)
	for ; len(pairs) >= 4; pairs = pairs[4:] {
		a, b, c, d = min(a, pairs[0]), min(b, pairs[1]), min(c, pairs[2]), min(d, pairs[3])
	}
	return min(a, b, c, d)
}

// edges appends to dst where the parts of the n bytes begin, and n.
func (m *scanMerge) edges(dst []int32, n int) []int32 {
	for at := 0; at < n; at = int(m.next[at]) {
		dst = append(dst, int32(at))
	}
	return append(dst, int32(n))
}
