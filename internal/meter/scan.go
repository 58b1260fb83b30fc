package meter

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Reading JSON that is whole in memory, without decoding it and without
// allocating. On valid JSON the functions agree with encoding/json; on anything
// else they stop where it ceases to make sense and yield what came before.

// members yields the members of the JSON object raw: the key, unescaped, and the
// value as it stands. It yields nothing when raw is no object.
func members(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := space(raw, 0)
		if i >= len(raw) || raw[i] != '{' {
			return
		}
		for i = space(raw, i+1); i < len(raw) && raw[i] == '"'; i = space(raw, i+1) {
			end := skipString(raw, i)
			if end < 0 {
				return
			}
			key := raw[i+1 : end-1]
			if bytes.IndexByte(key, '\\') >= 0 {
				key = appendText(nil, raw[i:end])
			}
			if i = space(raw, end); i >= len(raw) || raw[i] != ':' {
				return
			}
			i = space(raw, i+1)
			if end = skipValue(raw, i); end < 0 || !yield(key, raw[i:end]) {
				return
			}
			if i = space(raw, end); i >= len(raw) || raw[i] != ',' {
				return
			}
		}
	}
}

// elements yields the elements of the JSON array raw; none when it is no array.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		i := space(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		for i < len(raw) && (raw[i] == '[' || raw[i] == ',') {
			i = space(raw, i+1)
			end := skipValue(raw, i)
			if end < 0 || !yield(raw[i:end]) {
				return
			}
			i = space(raw, end)
		}
	}
}

// member returns the last member of that name, or nil.
func member(raw []byte, name string) (value []byte) {
	for k, v := range members(raw) {
		if string(k) == name {
			value = v
		}
	}
	return value
}

// space returns the index of the first byte from i on that is no white space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipValue returns the index behind the value that begins at i, -1 when there is
// none or it does not end.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	from := i
	for i < len(b) && scalar(b[i]) {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

// scalar reports whether c can be part of a number or a literal.
func scalar(c byte) bool {
	return c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// skipString returns the index behind the string that begins at i, or -1.
func skipString(b []byte, i int) int {
	for from := i + 1; ; {
		n := bytes.IndexByte(b[from:], '"')
		if n < 0 {
			return -1
		}
		at := from + n
		slash := at
		for slash > i+1 && b[slash-1] == '\\' {
			slash--
		}
		if (at-slash)%2 == 0 {
			return at + 1
		}
		from = at + 1
	}
}

// skipNested returns the index behind the object or array that begins at i, or -1.
func skipNested(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			i--
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// text returns the contents of the JSON string raw; nil when raw is no string.
// It allocates only when the string holds escapes.
func text(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return nil
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return appendText(nil, raw)
}

// appendText appends the contents of the JSON string raw to dst; nothing when raw
// is no string. What is no valid escape becomes the replacement character.
func appendText(dst, raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return dst
	}
	return appendInner(dst, raw[1:len(raw)-1])
}

// appendInner appends what is between the quotes of a JSON string.
func appendInner(dst, raw []byte) []byte {
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
			r := unicodeEscape(raw)
			raw = raw[min(4, len(raw)):]
			if utf16.IsSurrogate(r) {
				// Only a pair makes a character; half a pair is replaced.
				low := rune(utf8.RuneError)
				if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
					low = unicodeEscape(raw[2:])
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

// unicodeEscape returns the code unit of the four hex digits b begins with.
func unicodeEscape(b []byte) rune {
	if len(b) < 4 {
		return utf8.RuneError
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return utf8.RuneError
		}
		r = r<<4 | rune(c)
	}
	return r
}

// mend closes the strings and brackets that are open at the end of a JSON text
// that was cut off, so that what came of it can be read.
func mend(cut []byte) []byte {
	var open []byte
	for i := 0; i < len(cut); i++ {
		switch c := cut[i]; c {
		case '"':
			end := skipString(cut, i)
			if end < 0 {
				if escape := bytes.LastIndexByte(cut, '\\'); escape > len(cut)-6 && escape > i {
					cut = cut[:escape] // it may be half
				}
				cut = append(cut[:len(cut):len(cut)], '"')
				i = len(cut)
				break
			}
			i = end - 1
		case '{', '[':
			open = append(open, c+2) // '}' and ']' are two on
		case '}', ']':
			open = open[:max(0, len(open)-1)]
		}
	}
	if len(open) == 0 {
		return cut
	}
	slices.Reverse(open)
	return append(cut[:len(cut):len(cut)], open...)
}

// isNull reports whether raw is absent or null.
func isNull(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// isObject reports whether raw is an object.
func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// scalarText returns a string's contents or a number's digits, for error codes
// that come as either; empty for anything else.
func scalarText(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '"' {
		return string(text(raw))
	}
	if _, err := strconv.ParseInt(string(raw), 10, 64); err == nil && json.Valid(raw) {
		return string(raw)
	}
	return ""
}
