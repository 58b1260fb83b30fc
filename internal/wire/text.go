package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// text scans the string whose quote is at i. It returns the index behind its closing
// quote, and whether it has escapes. Eight bytes are looked at in one go while
// nothing in them is special, which is most of a body.
func (s *scanner) text(i int) (end int, escaped bool) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	b := s.b
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
			return s.fail(len(b), "a string has no closing quote"), escaped
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped
		case c == '\\':
			escaped = true
			i = s.escape(i)
		case c < ' ':
			i = s.fail(i, "a control character in a string must be escaped")
		case c < utf8.RuneSelf:
			i++
		default:
			i = s.runes(i)
		}
		if i < 0 {
			return -1, escaped
		}
	}
}

// runes scans characters from i on that are not ASCII.
func (s *scanner) runes(i int) int {
	b := s.b
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
			return s.fail(i, "a string is not valid UTF-8")
		}
		i += size
	}
	return i
}

// escape scans the escape whose backslash is at i.
func (s *scanner) escape(i int) int {
	if i+1 >= len(s.b) {
		return s.fail(len(s.b), "a string has no closing quote")
	}
	switch s.b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		r, ok := hex4(s.b, i+2)
		if !ok {
			return s.fail(i, `expected four hexadecimal digits behind \u`)
		}
		if !utf16.IsSurrogate(r) {
			return i + 6
		}
		if len(s.b) > i+7 && s.b[i+6] == '\\' && s.b[i+7] == 'u' {
			if low, ok := hex4(s.b, i+8); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
				return i + 12
			}
		}
		return s.fail(i, `a \u escape is half of a surrogate pair`)
	}
	return s.fail(i, "unknown escape in a string")
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

// unquote returns the contents of a scanned string, given without its quotes.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	return string(appendText(nil, raw))
}

// appendText appends the contents of a scanned string, given without its quotes.
func appendText(dst, raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			continue
		}
		i++
		switch c := raw[i]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(raw, i+1)
			i += 4
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw, i+3)
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
