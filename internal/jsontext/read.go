package jsontext

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
)

// Members yields the members of the JSON object raw: the key, unescaped, and the
// value as it stands. It yields nothing when raw is no object.
func Members(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		i := Space(raw, 0)
		if i >= len(raw) || raw[i] != '{' {
			return
		}
		for i = Space(raw, i+1); i < len(raw) && raw[i] == '"'; i = Space(raw, i+1) {
			end := SkipString(raw, i)
			if end < 0 {
				return
			}
			key := raw[i+1 : end-1]
			if bytes.IndexByte(key, '\\') >= 0 {
				key = AppendText(nil, raw[i:end])
			}
			if i = Space(raw, end); i >= len(raw) || raw[i] != ':' {
				return
			}
			i = Space(raw, i+1)
			if end = SkipValue(raw, i); end < 0 || !yield(key, raw[i:end]) {
				return
			}
			if i = Space(raw, end); i >= len(raw) || raw[i] != ',' {
				return
			}
		}
	}
}

// Elements yields the elements of the JSON array raw; none when it is no array.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		i := Space(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		for i < len(raw) && (raw[i] == '[' || raw[i] == ',') {
			i = Space(raw, i+1)
			end := SkipValue(raw, i)
			if end < 0 || !yield(raw[i:end]) {
				return
			}
			i = Space(raw, end)
		}
	}
}

// Member returns the last member of that name, or nil.
func Member(raw []byte, name string) (value []byte) {
	for k, v := range Members(raw) {
		if string(k) == name {
			value = v
		}
	}
	return value
}

// SkipValue returns the index behind the value that begins at i, -1 when there is
// none or it does not end.
func SkipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return SkipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	from := i
	for i < len(b) && Scalar(b[i]) {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

// Scalar reports whether c can be part of a number or a literal.
func Scalar(c byte) bool {
	return c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// SkipString returns the index behind the string that begins at i, or -1.
func SkipString(b []byte, i int) int {
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
			if i = SkipString(b, i); i < 0 {
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

// Mend closes the strings and brackets that are open at the end of a JSON text
// that was cut off, so that what came of it can be read.
func Mend(cut []byte) []byte {
	var open []byte
	for i := 0; i < len(cut); i++ {
		switch c := cut[i]; c {
		case '"':
			end := SkipString(cut, i)
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

// IsNull reports whether raw is absent or null.
func IsNull(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// IsObject reports whether raw is an object.
func IsObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// ScalarText returns a string's contents or a number's digits, for error codes
// that come as either; empty for anything else.
func ScalarText(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '"' {
		return string(Text(raw))
	}
	if _, err := strconv.ParseInt(string(raw), 10, 64); err == nil && json.Valid(raw) {
		return string(raw)
	}
	return ""
}
