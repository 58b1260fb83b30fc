package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Fault says where a text ceases to be JSON, and why.
type Fault struct {
	At   int // byte offset
	What string
}

func fail(at int, what string) (end int, escaped bool, wrong *Fault) {
	return -1, false, &Fault{At: at, What: what}
}

// Space returns the index of the first byte from i on that is no white space.
func Space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		switch b[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
	return i
}

// String scans the string whose quote is at i: the index behind its closing quote, and
// whether it has escapes; or what is wrong with it, as RFC 8259 and UTF-8 have it. Eight
// bytes are looked at in one go while nothing in them is special, which is most of a body.
func String(b []byte, i int) (end int, escaped bool, wrong *Fault) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for i++; ; {
		for len(b)-i >= 8 {
			w := binary.LittleEndian.Uint64(b[i:])
			quote, slash := w^ones*'"', w^ones*'\\'
			// The top bit of a byte is set if it is a quote, a backslash, a control
			// character or not ASCII; the lowest such byte is always told rightly.
			special := (quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w | w
			if special &= tops; special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return fail(len(b), "a string has no closing quote")
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped, nil
		case c == '\\':
			escaped = true
			if i, wrong = escape(b, i); wrong != nil {
				return -1, true, wrong
			}
		case c < ' ':
			return fail(i, "a control character in a string must be escaped")
		case c < utf8.RuneSelf:
			i++
		default:
			if i = runes(b, i); i < 0 {
				return fail(-i-1, "a string is not valid UTF-8")
			}
		}
	}
}

// runes returns the index behind the characters from i on that are not ASCII; -1 minus
// the index of what is no UTF-8.
func runes(b []byte, i int) int {
	for i < len(b) && b[i] >= utf8.RuneSelf {
		// The common ones first: two bytes, and three that are neither overlong
		// nor half of a surrogate pair.
		if c := b[i]; c-0xc2 < 0xe0-0xc2 && i+1 < len(b) && b[i+1]&0xc0 == 0x80 {
			i += 2
			continue
		} else if c-0xe1 < 0xed-0xe1 && i+2 < len(b) && b[i+1]&0xc0 == 0x80 && b[i+2]&0xc0 == 0x80 {
			i += 3
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return -i - 1
		}
		i += size
	}
	return i
}

// escape scans the escape whose backslash is at i.
func escape(b []byte, i int) (end int, wrong *Fault) {
	if i+1 >= len(b) {
		return -1, &Fault{At: len(b), What: "a string has no closing quote"}
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		r, ok := hex4(b, i+2)
		if !ok {
			return -1, &Fault{At: i, What: `expected four hexadecimal digits behind \u`}
		}
		if !utf16.IsSurrogate(r) {
			return i + 6, nil
		}
		if len(b) > i+7 && b[i+6] == '\\' && b[i+7] == 'u' {
			if low, ok := hex4(b, i+8); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
				return i + 12, nil
			}
		}
		return -1, &Fault{At: i, What: `a \u escape is half of a surrogate pair`}
	}
	return -1, &Fault{At: i, What: "unknown escape in a string"}
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte, i int) (rune, bool) {
	if len(b) < i+4 {
		return 0, false
	}
	var r rune
	for _, c := range b[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// Number scans the number that begins at i: the index behind it, or what is wrong.
func Number(b []byte, i int) (end int, wrong *Fault) {
	if b[i] == '-' {
		i++
	}
	start := i
	i = digits(b, i)
	if i == start {
		return -1, &Fault{At: i, What: "expected a digit"}
	}
	if b[start] == '0' && i > start+1 {
		return -1, &Fault{At: start, What: "a number must not begin with 0"}
	}
	if i < len(b) && b[i] == '.' {
		start = i + 1
		if i = digits(b, start); i == start {
			return -1, &Fault{At: i, What: "expected a digit behind the decimal point"}
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		start = i + 1
		if start < len(b) && (b[start] == '+' || b[start] == '-') {
			start++
		}
		if i = digits(b, start); i == start {
			return -1, &Fault{At: i, What: "expected a digit in the exponent"}
		}
	}
	return i, nil
}

// digits returns the index of the first byte from i on that is no digit.
func digits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}
