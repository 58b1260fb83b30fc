package tokenizer

import "unicode/utf8"

// replacement is U+FFFD in UTF-8.
const replacement = "\uFFFD"

// appendLossy appends text to dst with every maximal ill-formed part replaced by
// U+FFFD, as Unicode recommends (chapter 3, "U+FFFD Substitution of Maximal
// Subparts") and the usual lossy decoders do. Go's own conversion would replace every
// byte of such a part.
func appendLossy(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			dst = append(dst, text[i])
			i++
			continue
		}
		size, want := subpart(text[i:])
		if size == want {
			dst = append(dst, text[i:i+size]...)
		} else {
			dst = append(dst, replacement...)
		}
		i += size
	}
	return dst
}

// subpart looks at the beginning of p, which is not empty. It returns the length in
// bytes of the longest beginning that is, or could become, one well-formed character,
// at least 1, and the length that the character has when complete; want is 0 if the
// first byte can begin none.
func subpart(p []byte) (size, want int) {
	low, high := byte(0x80), byte(0xBF) // what the second byte may be
	switch b := p[0]; {
	case b < 0x80:
		return 1, 1
	case b < 0xC2:
		return 1, 0
	case b < 0xE0:
		want = 2
	case b < 0xF0:
		want = 3
		if b == 0xE0 {
			low = 0xA0
		} else if b == 0xED {
			high = 0x9F
		}
	case b < 0xF5:
		want = 4
		if b == 0xF0 {
			low = 0x90
		} else if b == 0xF4 {
			high = 0x8F
		}
	default:
		return 1, 0
	}
	for size = 1; size < min(want, len(p)); size++ {
		if p[size] < low || p[size] > high {
			break
		}
		low, high = 0x80, 0xBF
	}
	return size, want
}

// unfinished returns the length in bytes, 0 to 3, of the end of p that may become a
// character when more follows.
func unfinished(p []byte) int {
	for n := 1; n <= min(3, len(p)); n++ {
		tail := p[len(p)-n:]
		if utf8.RuneStart(tail[0]) {
			if size, want := subpart(tail); size == n && size < want {
				return n
			}
			return 0
		}
	}
	return 0
}
