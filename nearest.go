package tallygate

import "strings"

// Nearest returns the word of among that was probably meant by word, for "did you
// mean": the one that differs in the fewest letters, of several the first; or else the
// only one that begins with word. It is empty when none differs in a third of the
// letters or less, and none or several begin so. Case, dashes, underscores and spaces
// do not count. Letters are bytes; what is absurdly long is near to nothing.
func Nearest(word string, among []string) string {
	const longest, most = 64, 1000 // bounds the work on absurd input
	if len(word) > longest || len(among) > most {
		return ""
	}
	written := bare(word)
	least, near := min(max(1, len(written)/3), len(written)-1)+1, ""
	longer, begun := 0, ""
	for _, w := range among {
		if len(w) > longest {
			continue
		}
		known := bare(w)
		if len(written) > 1 && strings.HasPrefix(known, written) {
			longer, begun = longer+1, w
		}
		if max(len(known)-len(written), len(written)-len(known)) >= least {
			continue // too long or short to be nearer
		}
		if n := distance(written, known); n < least {
			least, near = n, w
		}
	}
	if near == "" && longer == 1 {
		return begun
	}
	return near
}

// bare is a word without what people write differently: case, _, - and spaces.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// distance is the number of letters to insert, delete, replace or swap with their
// neighbour to make b of a.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
