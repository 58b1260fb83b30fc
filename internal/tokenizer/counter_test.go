package tokenizer

import (
	"strings"
	"testing"
)

// A text cut anywhere, within characters and contractions too, counts as in one piece,
// and Count may be asked at any time.
func TestCounterCutAnywhere(t *testing.T) {
	for _, name := range encodingNames {
		e := testEncoding(t, name)
		for _, text := range goldenTexts {
			for cut := range len(text) + 1 {
				c := e.NewCounter()
				c.Write([]byte(text[:cut]))
				if got, want := c.Count(), e.CountString(text[:cut]); got != want {
					t.Fatalf("%s: %q: %d tokens so far, want %d", name, text[:cut], got, want)
				}
				c.Write([]byte(text[cut:]))
				if got, want := c.Count(), e.CountString(text); got != want {
					t.Fatalf("%s: %q cut at %d: %d tokens, want %d", name, text, cut, got, want)
				}
			}
		}
	}
}

// What settle counts stays right whatever follows: a beginning is settled by force and
// every kind of text is put behind it.
func TestCounterSettlesOnlyWhatIsSure(t *testing.T) {
	r := random(11)
	for range 300 {
		head, tail := anyText(&r), anyText(&r)
		for _, name := range encodingNames {
			e := testEncoding(t, name)
			c := e.NewCounter()
			c.Write([]byte(head))
			c.settle()
			c.Write([]byte(tail))
			c.settle()
			if got, want := c.Count(), e.CountString(head+tail); got != want {
				t.Fatalf("%s: %q then %q: %d tokens, want %d", name, head, tail, got, want)
			}
		}
	}
}

func FuzzCounter(f *testing.F) {
	for i, text := range goldenTexts {
		f.Add(text, goldenTexts[len(goldenTexts)-1-i])
	}
	f.Fuzz(func(t *testing.T, head, tail string) {
		for _, name := range encodingNames[:3] {
			e := testEncoding(t, name)
			c := e.NewCounter()
			c.Write([]byte(head))
			c.settle()
			c.Write([]byte(tail))
			if got, want := c.Count(), e.CountString(head+tail); got != want {
				t.Fatalf("%s: %q then %q: %d tokens, want %d", name, head, tail, got, want)
			}
		}
	})
}

// Memory is bounded whatever comes: a run without end is cut, its count is wrong by a
// few tokens per cut at most, and what follows is counted right.
func TestCounterIsBounded(t *testing.T) {
	e := testEncoding(t, "o200k_base")
	for _, unit := range []string{"a", " ", "\xff"} {
		c := e.NewCounter()
		part, times := strings.Repeat(unit, 1000), 150/len(unit)
		for range times {
			c.Write([]byte(part))
			if len(c.kept) >= maxKept {
				t.Fatalf("%q: %d bytes are kept", unit, len(c.kept))
			}
		}
		if cap(c.kept) > 4*maxKept {
			t.Errorf("%q: the buffer has grown to %d bytes", unit, cap(c.kept))
		}
		c.Write([]byte(" the end."))
		want := e.CountString(strings.Repeat(part, times) + " the end.")
		cuts := times*len(part)/(maxKept/2) + 1
		if got := c.Count(); got < want-4*cuts || got > want+4*cuts {
			t.Errorf("%q: %d tokens, want %d within %d", unit, got, want, 4*cuts)
		}
		c.Reset()
		c.Write([]byte("hello world"))
		if c.Count() != 2 {
			t.Errorf("after Reset: %d tokens, want 2", c.Count())
		}
	}
}

// Words, sentences and code keep the Counter small, with or without punctuation.
func TestCounterKeepsLittle(t *testing.T) {
	e := testEncoding(t, "o200k_base")
	for _, d := range corpus(t)[:7] {
		c := e.NewCounter()
		for range 50 {
			c.Write([]byte(d.text))
		}
		if cap(c.kept) > 4096 {
			t.Errorf("%s: the buffer has grown to %d bytes", d.name, cap(c.kept))
		}
	}
	c := e.NewCounter()
	for range 100_000 {
		c.Write([]byte("word "))
	}
	if cap(c.kept) > 4096 {
		t.Errorf("words without punctuation: the buffer has grown to %d bytes", cap(c.kept))
	}
}
