package tokenizer

import "slices"

// heapMerge is the state of a merge that finds the best pair with a heap. It is indexed
// like scanMerge. A pair whose rank has changed stays in the heap and is passed over
// when its turn comes.
type heapMerge struct {
	ranks      []uint32 // the rank of the part joined with the one behind it
	next, prev []int32
	heap       heap
}

// mergeHeap merges the first n bytes of text.
func (v *vocabulary) mergeHeap(m *heapMerge, text []byte, n int) {
	m.ranks = slices.Grow(m.ranks[:0], n)[:n]
	m.next = slices.Grow(m.next[:0], n)[:n]
	m.prev = slices.Grow(m.prev[:0], n+1)[:n+1]
	m.heap = m.heap[:0]
	for k := range n {
		m.next[k], m.prev[k] = int32(k+1), int32(k-1)
		m.ranks[k] = none
		if k+1 < n {
			m.set(v.double[uint16(text[k])|uint16(text[k+1])<<8], int32(k))
		}
	}
	for len(m.heap) > 0 {
		top := m.heap.pop()
		at := int32(top)
		if m.ranks[at] != uint32(top>>32) {
			continue
		}
		gone := m.next[at]
		end := m.next[gone]
		m.next[at], m.prev[end] = end, at
		m.ranks[gone], m.ranks[at] = none, none
		if int(end) < n {
			m.set(v.findJoined(text, int(at), int(m.next[end])), at)
		}
		if left := m.prev[at]; left >= 0 {
			m.set(v.findJoined(text, int(left), int(end)), left)
		}
	}
}

// set notes the rank of the pair at a position.
func (m *heapMerge) set(rank uint32, at int32) {
	m.ranks[at] = rank
	if rank != none {
		m.heap.push(uint64(rank)<<32 | uint64(at))
	}
}

// edges appends to dst where the parts of the n bytes begin, and n.
func (m *heapMerge) edges(dst []int32, n int) []int32 {
	for at := int32(0); int(at) < n; at = m.next[at] {
		dst = append(dst, at)
	}
	return append(dst, int32(n))
}

// heap is a binary heap of rank << 32 | position, the least at its root.
type heap []uint64

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
