//go:build !race

package tokenizer

import "testing"

// Counting allocates nothing once scratch space is warm. (The race detector makes pools
// forget on purpose.)
func TestCountAllocatesNothing(t *testing.T) {
	for _, d := range corpus(t) {
		e := testEncoding(t, "o200k_base")
		text := []byte(d.text)[:min(len(d.text), 4000)]
		if n := testing.AllocsPerRun(10, func() { e.Count(text) }); n >= 1 {
			t.Errorf("%s: Count makes %v allocations", d.name, n)
		}
		if n := testing.AllocsPerRun(10, func() { e.CountString(string(text[:0])) }); n >= 1 {
			t.Errorf("%s: CountString makes %v allocations", d.name, n)
		}
		c := e.NewCounter()
		c.Write(text)
		if n := testing.AllocsPerRun(10, func() { c.Reset(); c.Write(text); c.Count() }); n >= 1 {
			t.Errorf("%s: a Counter makes %v allocations", d.name, n)
		}
	}
}
