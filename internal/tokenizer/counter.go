package tokenizer

import "unicode/utf8"

// A Counter counts the tokens of a text that arrives in parts, as Count would count
// the whole. It keeps only the end of the text whose pieces later text could still
// change: no more than some kilobytes of any ordinary text.
//
// It never keeps more than 256 KiB of text. To get near that, a text must go on for
// 128 KiB without a character of another kind than the ones before: letters and marks,
// digits, spaces, or punctuation with line breaks. Such a run is counted as if
// it ended there, and each cut can make the count wrong by a few tokens. Every other
// text is counted exactly, wherever its parts begin and end, within a character too.
//
// A Counter belongs to one goroutine. Encoding.NewCounter makes one.
type Counter struct {
	encoding *Encoding
	counted  int    // tokens of the text that is no longer kept
	kept     []byte // the text that is not yet counted
	due      int    // the length of kept at which counting is next tried
}

const (
	// batch is the least length of kept, in bytes, at which counting is tried.
	batch = 512
	// maxKept bounds the length of kept in bytes.
	maxKept = 256 << 10
)

// NewCounter returns a Counter of a text that is empty so far.
func (e *Encoding) NewCounter() *Counter { return &Counter{encoding: e, due: batch} }

// Write adds p to the text. It never fails.
func (c *Counter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), c.due-len(c.kept))
		c.kept = append(c.kept, rest[:n]...)
		rest = rest[n:]
		if len(c.kept) == c.due {
			c.settle()
		}
	}
	return len(p), nil
}

// Count returns the number of tokens of the text so far, as if it ended here. More
// may be written after it.
func (c *Counter) Count() int { return c.counted + c.encoding.Count(c.kept) }

// Reset makes the text empty again and keeps the buffer.
func (c *Counter) Reset() { c.counted, c.kept, c.due = 0, c.kept[:0], batch }

// settle counts the pieces at the beginning of what is kept that no later text can
// change, and keeps the rest. It is tried again when the rest has doubled, so that the
// work stays in proportion to the text however small its parts are.
func (c *Counter) settle() {
	e := c.encoding
	s := e.borrow()
	defer e.scratch.Put(s)
	tail := unfinished(c.kept)
	text := c.kept[:len(c.kept)-tail]
	if !utf8.Valid(text) {
		s.text = append(appendLossy(s.text[:0], text), c.kept[len(text):]...)
		c.kept = append(c.kept[:0], s.text...)
		text = c.kept[:len(c.kept)-tail]
	}
	i, sure := 0, lastRun(text)
	for i < len(text) {
		j := e.split(text, i)
		if j >= sure || text[j] == '\'' && j+len("'re") > len(text) {
			break
		}
		c.counted += e.countPiece(s, text, i, j)
		i = j
	}
	if len(c.kept)-i >= maxKept/2 {
		for i < len(text) {
			j := e.split(text, i)
			c.counted += e.countPiece(s, text, i, j)
			i = j
		}
	}
	c.kept = c.kept[:copy(c.kept, c.kept[i:])]
	c.due = max(batch, 2*len(c.kept))
}

// lastRun returns where the letters and marks, or else the spaces, begin with which the
// text ends; len(text) if it ends with neither.
//
// Where a piece ends, no pattern looks further ahead than the run of letters and
// marks or the run of spaces that begins there, one character behind that, and one
// contraction. So a piece is sure if it ends before the last run and not at an apostrophe
// whose contraction may be incomplete.
func lastRun(text []byte) int {
	var sets class
	for i := len(text); i > 0; {
		k := i - 1
		for !utf8.RuneStart(text[k]) {
			k--
		}
		c, _ := classAt(text, k)
		if sets == 0 {
			if sets = upper | lower; c&space != 0 {
				sets = space
			}
		}
		if c&sets == 0 {
			return i
		}
		i = k
	}
	return 0
}
