package config

import (
	"fmt"
	"strings"
)

// suggest returns a hint naming the known word nearest to what was written, or
// nothing when none is near.
func suggest(written string, known []string) string {
	return didYouMean(nearest(written, known))
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}

// nearest returns the known word that differs from what was written in the fewest
// letters, of several the first; empty when all differ in more than a
// third.
func nearest(written string, known []string) string {
	const longest, most = 64, 1000 // bounds the work on absurd input
	if len(written) > longest || len(known) > most {
		return ""
	}
	written = plain(written)
	least, near := min(max(1, len(written)/3), len(written)-1)+1, ""
	for _, word := range known {
		if len(word) > longest {
			continue
		}
		known := plain(word)
		if max(len(known)-len(written), len(written)-len(known)) >= least {
			continue // too long or short to be nearer
		}
		if n := distance(written, known); n < least {
			least, near = n, word
		}
	}
	return near
}

// plain is a word without what people write differently: case, _, - and spaces.
func plain(s string) string {
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
