package tokenizer

import "slices"

// A piece begins as its single bytes; then, again and again, the two neighbours whose
// joined bytes have the lowest rank are joined, the leftmost first among equals, until
// no two neighbours make a token. What is left are the piece's tokens.
//
// Long pieces are merged in windows. That is exact because of two properties:
//
//  1. If [… a b …] are the tokens of a text, then [a b] are the tokens of the bytes
//     of a and b: no join ever crossed an edge of these bytes, so what happened inside
//     is what happens to them alone.
//  2. If the tokens of every two neighbours of a sequence are these two, then the
//     sequence is the tokens of its whole text. For suppose that some join crosses an
//     edge, and take the first. Up to it, the two neighbours of that edge went the way
//     that they go alone, and the join is the best of all places, so also the best
//     between these two: alone they would have joined there too.
//
// So the tokens of one window, up to any edge, may be followed by those of a window
// that begins at that edge, if the two tokens at the edge pass the test of property 2.

const (
	// scanned is the longest text in bytes whose best pair is found by looking at all
	// pairs; for longer ones a heap is faster.
	scanned = 256
	// window is the size in bytes of the windows in which longer pieces are merged, if
	// it does. Three quarters of it must hold the longest token, of 128 bytes.
	window = 256
)

// parts are the parts of a text in the course of its merge. Positions count from the
// beginning of that text.
type parts struct {
	starts []int32  // where each part begins, and at last the text's end
	ranks  []uint32 // the rank of each part joined with the one behind it, or none
}

// grow makes room for a text of n bytes.
func (p *parts) grow(n int) {
	p.starts = slices.Grow(p.starts[:0], n+1)[:n+1]
	p.ranks = slices.Grow(p.ranks[:0], n)[:n]
}

// countPiece returns the number of tokens of the piece text[i:j].
func (e *Encoding) countPiece(s *scratch, text []byte, i, j int) int {
	if e.find(text, i, j) != none {
		return 1
	}
	if j-i <= scanned {
		return len(e.merge(s, &s.now, text, i, j)) - 1
	}
	n := 0
	e.mergeLong(s, text, i, j, func(_ int, edges []int32) { n += len(edges) - 1 })
	return n
}

// encodePiece appends the tokens of the piece text[i:j] to dst.
func (e *Encoding) encodePiece(s *scratch, dst []uint32, text []byte, i, j int) []uint32 {
	if token := e.find(text, i, j); token != none {
		return append(dst, token)
	}
	add := func(base int, edges []int32) {
		for k, edge := range edges[1:] {
			dst = append(dst, e.find(text, base+int(edges[k]), base+int(edge)))
		}
	}
	if j-i <= scanned {
		add(i, e.merge(s, &s.now, text, i, j))
	} else {
		e.mergeLong(s, text, i, j, add)
	}
	return dst
}

// mergeLong merges text[i:j] window by window and calls add with the edges of tokens,
// which count from base, in order. Where two windows do not fit together, the first
// is made larger.
func (e *Encoding) mergeLong(s *scratch, text []byte, i, j int, add func(base int, edges []int32)) {
	size := window
	edges := e.merge(s, &s.now, text, i, min(i+size, j))
	for i+size < j {
		k := len(edges) - 2
		for int(edges[k]) > size*3/4 {
			k--
		}
		cut := i + int(edges[k])
		behind := e.merge(s, &s.next, text, cut, min(cut+window, j))
		if !e.fit(s, text, i+int(edges[k-1]), cut, cut+int(behind[1])) {
			size *= 2
			edges = e.merge(s, &s.now, text, i, min(i+size, j))
			continue
		}
		add(i, edges[:k+1])
		i, size, edges = cut, window, behind
		s.now, s.next = s.next, s.now
	}
	add(i, edges)
}

// fit reports whether the tokens text[i:edge] and text[edge:j] stay apart when their
// bytes are merged together.
func (e *Encoding) fit(s *scratch, text []byte, i, edge, j int) bool {
	edges := e.merge(s, &s.pair, text, i, j)
	return len(edges) == 3 && i+int(edges[1]) == edge
}

// merge returns the edges of the tokens of text[i:j], counted from i, the first of
// which is 0 and the last j-i. They are valid until p is used again.
func (e *Encoding) merge(s *scratch, p *parts, text []byte, i, j int) []int32 {
	p.grow(j - i)
	text = text[i:]
	n := j - i
	for k := range p.starts {
		p.starts[k] = int32(k)
	}
	for k := range n - 1 {
		p.ranks[k] = e.double[uint16(text[k])|uint16(text[k+1])<<8]
	}
	p.ranks[n-1] = none
	if n <= scanned {
		return e.mergeScanned(p, text)
	}
	return e.mergeHeap(s, p, text)
}

// mergeScanned finds the best pair by looking at all of them.
func (v *vocabulary) mergeScanned(p *parts, text []byte) []int32 {
	starts, ranks := p.starts, p.ranks
	for {
		at, best := 0, uint32(none)
		for k, rank := range ranks {
			if rank < best {
				at, best = k, rank
			}
		}
		if best == none {
			return starts
		}
		copy(starts[at+1:], starts[at+2:])
		copy(ranks[at+1:], ranks[at+2:])
		starts, ranks = starts[:len(starts)-1], ranks[:len(ranks)-1]
		if at+2 < len(starts) {
			ranks[at] = v.find(text, int(starts[at]), int(starts[at+2]))
		} else {
			ranks[at] = none
		}
		if at > 0 {
			ranks[at-1] = v.find(text, int(starts[at-1]), int(starts[at+1]))
		}
	}
}
