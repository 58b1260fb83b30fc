package tokenizer

import (
	"slices"
	"strings"
	"testing"
)

// wholeEdges merges text in one go, with the heap.
func wholeEdges(e *Encoding, text string) []int32 {
	var m heapMerge
	e.mergeHeap(&m, []byte(text), len(text))
	return m.edges(nil, len(text))
}

// windowEdges merges text window by window.
func windowEdges(e *Encoding, text string) []int32 {
	edges := []int32{0}
	e.mergeLong(new(scratch), []byte(text), 0, len(text), func(base int, part []int32) {
		for _, edge := range part[1:] {
			edges = append(edges, int32(base)+edge)
		}
	})
	return edges
}

// fallingChain returns a text whose every pair of bytes has a lower rank than the one before, as
// long as the vocabulary has one: merging it begins at its end, so that what its
// beginning becomes depends on where it ends. No window of it can be cut blindly.
func fallingChain(e *Encoding, alphabet string) string {
	longest := map[byte]string{}
	for i := range len(alphabet) {
		longest[alphabet[i]] = alphabet[i : i+1]
	}
	type pair struct {
		rank uint32
		a, b byte
	}
	var pairs []pair
	for i := range len(alphabet) {
		for k := range len(alphabet) {
			a, b := alphabet[i], alphabet[k]
			if rank := e.double[uint16(a)|uint16(b)<<8]; rank != none {
				pairs = append(pairs, pair{rank, a, b})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int { return int(x.rank) - int(y.rank) })
	best := ""
	for _, p := range pairs {
		if chain := string(p.a) + longest[p.b]; len(chain) > len(longest[p.a]) {
			longest[p.a] = chain
		}
		if len(longest[p.a]) > len(best) {
			best = longest[p.a]
		}
	}
	return best
}

const lowerCase = "abcdefghijklmnopqrstuvwxyz"

func everyByte() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

// Merging window by window gives the tokens of merging in one go, also of texts made
// so that a window's tokens depend on far ones.
func TestWindowsAreExact(t *testing.T) {
	r := random(5)
	for _, name := range encodingNames {
		e := testEncoding(t, name)
		letters, all := fallingChain(e, lowerCase), fallingChain(e, everyByte())
		t.Logf("%s: falling chains of %d letters, %d bytes", name, len(letters), len(all))
		texts := []string{
			strings.Repeat(letters, 20), strings.Repeat(all, 20), letters + letters[:len(letters)/2] + letters,
			strings.Repeat("a", 3000), strings.Repeat("ab", 2000), strings.Repeat("-=", 2000), strings.Repeat(" ", 3000), strings.Repeat("\n ", 900),
			repeat(5000, func() string { return r.of(lowerCase) }), repeat(5000, func() string { return r.of("ab") }), repeat(5000, func() string { return r.of(" -") }),
			randomBytes(&r, 5000),
		}
		for range 300 {
			unit := repeat(1+r.below(20), func() string { return r.of("etaoin shrdlu-=_\n") })
			texts = append(texts, strings.Repeat(unit, 1+r.below(1500/len(unit))))
		}
		for _, text := range texts {
			if got, want := windowEdges(e, text), wholeEdges(e, text); !slices.Equal(got, want) {
				t.Fatalf("%s: %.200q…: edges differ from those of the whole", name, text)
			}
		}
	}
}

// The heap, the scan and the oracle give the same tokens of the same bytes.
func FuzzMerge(f *testing.F) {
	for _, text := range goldenTexts {
		f.Add([]byte(text), uint8(3))
	}
	f.Add([]byte("a"), uint8(255))
	f.Add([]byte("ab "), uint8(100))
	f.Fuzz(func(t *testing.T, unit []byte, times uint8) {
		text := strings.Repeat(string(unit), 1+int(times))
		if len(unit) == 0 || len(text) > 2000 {
			return
		}
		for _, name := range encodingNames[:3] {
			e := testEncoding(t, name)
			want := wholeEdges(e, text)
			if got := windowEdges(e, text); !slices.Equal(got, want) {
				t.Fatalf("%s: %q: windows give %d, whole %d", name, text, got, want)
			}
			if len(text) > scanned {
				continue
			}
			var m scanMerge
			n := e.scan(&m, []byte(text), len(text))
			if got := m.edges(nil, len(text)); !slices.Equal(got, want) || n != len(want)-1 {
				t.Fatalf("%s: %q: scan gives %d, heap %d", name, text, got, want)
			}
			edges := []int32{0}
			for _, token := range oracleMerge(e.vocabulary, text) {
				edges = append(edges, edges[len(edges)-1]+int32(len(e.token(token))))
			}
			if len(edges) > 2 && !slices.Equal(edges, want) {
				t.Fatalf("%s: %q: oracle gives %d, heap %d", name, text, edges, want)
			}
		}
	})
}
