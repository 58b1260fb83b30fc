package tokenizer

import "slices"

// mergeHeap finds the best pair with a heap. While it works, p is indexed by the
// position where a part begins: starts holds where the next part begins, ranks the
// rank of the part joined with the next. A pair whose rank has changed stays in the
// heap and is passed over when its turn comes.
func (v *vocabulary) mergeHeap(s *scratch, p *parts, text []byte) []int32 {
	next, ranks := p.starts, p.ranks
	n := len(ranks)
	before := slices.Grow(s.before[:0], n+1)[:n+1]
	s.before = before
	for k := range next {
		next[k], before[k] = int32(k+1), int32(k-1)
	}
	h := s.heap[:0]
	for k, rank := range ranks {
		if rank != none {
			h = append(h, pair(rank, int32(k)))
		}
	}
	h.init()

	for len(h) > 0 {
		top := h.pop()
		at := int32(top)
		if ranks[at] != uint32(top>>32) {
			continue
		}
		gone := next[at]
		end := next[gone]
		next[at], before[end] = end, at
		ranks[gone] = none
		ranks[at] = none
		if int(end) < n {
			ranks[at] = v.find(text, int(at), int(next[end]))
		}
		if ranks[at] != none {
			h.push(pair(ranks[at], at))
		}
		if left := before[at]; left >= 0 {
			ranks[left] = v.find(text, int(left), int(end))
			if ranks[left] != none {
				h.push(pair(ranks[left], left))
			}
		}
	}
	s.heap = h

	edges := next[:0]
	for at := int32(0); int(at) < n; {
		after := next[at]
		edges = append(edges, at)
		at = after
	}
	return append(edges, int32(n))
}

// heap is a binary heap of pairs, the least at its root: the lowest rank, and among
// equal ranks the leftmost.
type heap []uint64

func pair(rank uint32, at int32) uint64 { return uint64(rank)<<32 | uint64(at) }

func (h heap) init() {
	for k := len(h)/2 - 1; k >= 0; k-- {
		h.down(k)
	}
}

func (h *heap) push(x uint64) {
	*h = append(*h, x)
	a := *h
	k := len(a) - 1
	for k > 0 && a[(k-1)/2] > x {
		a[k] = a[(k-1)/2]
		k = (k - 1) / 2
	}
	a[k] = x
}

func (h *heap) pop() uint64 {
	a := *h
	top, last := a[0], len(a)-1
	a[0] = a[last]
	*h = a[:last]
	if last > 0 {
		h.down(0)
	}
	return top
}

func (h heap) down(k int) {
	x := h[k]
	for {
		child := 2*k + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1] < h[child] {
			child++
		}
		if h[child] >= x {
			break
		}
		h[k] = h[child]
		k = child
	}
	h[k] = x
}
