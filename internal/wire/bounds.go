package wire

import (
	"bytes"
	"fmt"
	"math"
)

const (
	// maxCount is where the Ask's counts end: no model makes as many tokens, and a
	// product of two of them does not overflow.
	maxCount = math.MaxInt32
	// maxTokens is the largest bound that is taken: up to there every JSON parser
	// reads the same number.
	maxTokens = 1 << 53
	// maxChoices is the most completions that OpenAI makes of a prompt.
	maxChoices = 128
)

// readBounds reads the fields that bound what the request costs. The error is the
// first that cannot be counted with; the other fields are read all the same.
func (q *Request) readBounds(s *scanner) (err error) {
	r := q.route.rule
	least := int64(1)
	if r.Echo {
		least = 0
	}
	for _, f := range r.Bounds {
		n, e := q.countAt(f, least, maxTokens)
		if err == nil && e != nil {
			err = e
		}
		q.MaxTokens = max(q.MaxTokens, min(n, maxCount))
	}
	for _, f := range r.Counts {
		n, e := q.countAt(f, 0, maxChoices) // 0 is the service's to refuse
		if err == nil && e != nil {
			err = e
		}
		q.Choices = max(q.Choices, min(n, maxCount))
	}
	if r.EachPrompt {
		q.Choices = min(q.Choices*q.prompts(s), maxCount)
	}
	return err
}

// countAt returns a field that is a count from least to most; 0 when it is absent
// or no count at all.
func (q *Request) countAt(f Field, least, most int64) (int64, error) {
	raw := q.at(f)
	if raw == nil {
		return 0, nil
	}
	n, ok := whole(raw)
	switch {
	case !ok || n < least:
		return 0, wrongType(f, fmt.Sprintf("a whole number, %d or more", least))
	case n > most:
		return n, wrongType(f, fmt.Sprintf("a whole number of at most %d", most))
	}
	return n, nil
}

// whole returns what a JSON value amounts to if it is a number, whole and not
// negative, be it written 1000, 1e3 or 1000.0. All that are larger than
// math.MaxInt64 amount to that.
func whole(raw []byte) (n int64, ok bool) {
	raw, negative := bytes.CutPrefix(raw, []byte("-"))
	if raw[0] < '0' || raw[0] > '9' {
		return 0, false
	}
	var power int64 // of ten, by which n is to be multiplied
	if e := bytes.IndexAny(raw, "eE"); e >= 0 {
		raw, power = raw[:e], exponent(raw[e+1:])
	}
	if point := bytes.IndexByte(raw, '.'); point >= 0 {
		power -= int64(len(raw) - point - 1)
	}
	var zeros int64 // that are not in n yet
	for _, c := range raw {
		switch c {
		case '.':
		case '0':
			zeros++
		default:
			n = shift(n, zeros+1, int64(c-'0'))
			zeros = 0
		}
	}
	if power += zeros; n > 0 && (power < 0 || negative) {
		return 0, false
	}
	return shift(n, power, 0), true
}

// shift returns n with so many digits appended, the last of them given and the
// others zeros; math.MaxInt64 when that is too large.
func shift(n, digits, last int64) int64 {
	for ; digits > 0 && n > 0; digits-- {
		if n > math.MaxInt64/10-1 {
			return math.MaxInt64
		}
		n *= 10
	}
	return n + last
}

// exponent returns a JSON number's exponent, bounded: beyond a body's length no
// digits make up for it.
func exponent(raw []byte) int64 {
	const absurd = 1 << 40
	var e int64
	for _, c := range raw {
		if c >= '0' && c <= '9' {
			e = min(10*e+int64(c-'0'), absurd)
		}
	}
	if raw[0] == '-' {
		return -e
	}
	return e
}

// prompts counts the prompts of a completion, each of which is completed: the
// strings and the lists in an array. An array of numbers is one prompt of tokens.
func (q *Request) prompts(s *scanner) int64 {
	raw := q.at(FieldPrompt)
	if len(raw) == 0 || raw[0] != '[' {
		return 1
	}
	if bytes.IndexByte(raw, '"') < 0 && bytes.IndexByte(raw[1:], '[') < 0 {
		return 1
	}
	return max(s.elements(int(q.peek.spans[FieldPrompt].from)), 1)
}

// elements counts the elements of the array at i, which was scanned before.
func (s *scanner) elements(i int) (n int64) {
	s.keys.reset()
	for i = s.space(i + 1); s.b[i] != ']'; n++ {
		if i = s.space(s.value(i)); s.b[i] == ',' {
			i = s.space(i + 1)
		}
	}
	return n
}
