package tokenizer

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
	// window is the size in bytes of the windows in which longer pieces are merged, to
	// begin with.
	window = 64
	// scanned is the longest text in bytes whose best pair is found by looking at all
	// pairs; for longer ones a heap is faster.
	scanned = 255
)

// countPiece returns the number of tokens of the piece text[i:j].
func (e *Encoding) countPiece(s *scratch, text []byte, i, j int) int {
	if e.find(text, i, j) != none {
		return 1
	}
	if j-i <= window {
		return e.scan(&s.scan, text[i:], j-i)
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
	e.mergeLong(s, text, i, j, func(base int, edges []int32) {
		for k, edge := range edges[1:] {
			dst = append(dst, e.find(text, base+int(edges[k]), base+int(edge)))
		}
	})
	return dst
}

// mergeLong merges text[i:j] window by window and calls add with the edges of tokens,
// which count from base, in order. Where a window has no edge to cut it at, or does not
// fit the next, it is made larger.
func (e *Encoding) mergeLong(s *scratch, text []byte, i, j int, add func(base int, edges []int32)) {
	size := window
	edges := e.merge(s, &s.now, text, i, min(i+size, j))
	for i+size < j {
		k := cutAt(edges, size*3/4)
		cut := i + int(edges[k])
		if k > 0 {
			behind := e.merge(s, &s.next, text, cut, min(cut+size, j))
			// The same token behind the edge as in this window needs no test: property 1.
			if behind[1] == edges[k+1]-edges[k] || e.fit(s, text, i+int(edges[k-1]), cut, cut+int(behind[1])) {
				add(i, edges[:k+1])
				i, edges = cut, behind
				s.now, s.next = s.next, s.now
				continue
			}
		}
		size *= 2
		edges = e.merge(s, &s.now, text, i, min(i+size, j))
	}
	add(i, edges)
}

// cutAt returns the last edge of a token that is not behind limit.
func cutAt(edges []int32, limit int) int {
	k := len(edges) - 2
	for int(edges[k]) > limit {
		k--
	}
	return k
}

// fit reports whether the tokens text[i:edge] and text[edge:j] stay apart when their
// bytes are merged together.
func (e *Encoding) fit(s *scratch, text []byte, i, edge, j int) bool {
	edges := e.merge(s, &s.pair, text, i, j)
	return len(edges) == 3 && i+int(edges[1]) == edge
}

// merge returns the edges of the tokens of text[i:j], counted from i, the first of
// which is 0 and the last j-i. They lie in buf and are valid until it is used again.
func (e *Encoding) merge(s *scratch, buf *[]int32, text []byte, i, j int) []int32 {
	edges := (*buf)[:0]
	if n := j - i; n <= scanned {
		e.scan(&s.scan, text[i:], n)
		edges = s.scan.edges(edges, n)
	} else {
		e.mergeHeap(&s.heap, text[i:], n)
		edges = s.heap.edges(edges, n)
	}
	*buf = edges
	return edges
}
