package jsontext

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns the contents of the JSON string raw; nil when raw is no string.
// It allocates only when the string holds escapes.
func Text(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return nil
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return AppendText(nil, raw)
}

// Unquote returns the contents of a JSON string that is given without its quotes.
func Unquote(inner []byte) string {
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	return string(AppendInner(nil, inner))
}

// AppendText appends the contents of the JSON string raw to dst; nothing when raw
// is no string. What is no valid escape becomes the replacement character.
func AppendText(dst, raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return dst
	}
	return AppendInner(dst, raw[1:len(raw)-1])
}

// AppendInner appends the contents of a JSON string that is given without its quotes.
func AppendInner(dst, raw []byte) []byte {
	for {
		n := bytes.IndexByte(raw, '\\')
		if n < 0 || n+1 >= len(raw) {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:n]...)
		c := raw[n+1]
		raw = raw[n+2:]
		switch c {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			r := unit(raw)
			raw = raw[min(4, len(raw)):]
			if utf16.IsSurrogate(r) {
				// Only a pair makes a character; half a pair is replaced.
				low := rune(utf8.RuneError)
				if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
					low = unit(raw[2:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					raw = raw[6:]
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
}

// unit returns the code unit of the four hex digits b begins with.
func unit(b []byte) rune {
	if r, ok := hex4(b, 0); ok {
		return r
	}
	return utf8.RuneError
}
