package simulator

import "unicode/utf8"

// maxPiece is the most bytes of a word that make one piece.
const maxPiece = 8

// piece returns the length in bytes of the first piece of a text that is not empty: a
// word of up to eight bytes with the space before it, a run of white space (less
// the space that belongs to a word), or one other character.
func piece(s string) int {
	i := 0
	if s[0] == ' ' && len(s) > 1 && wordByte(s[1]) {
		i = 1
	}
	if wordByte(s[i]) {
		end := i
		for end < len(s) && end-i < maxPiece && wordByte(s[end]) {
			end++
		}
		return runeEnd(s, i, end)
	}
	if !space(s[0]) {
		return 1
	}
	end := 1
	for end < len(s) && space(s[end]) {
		end++
	}
	if end > 1 && end < len(s) && s[end-1] == ' ' && wordByte(s[end]) {
		end--
	}
	return end
}

// runeEnd moves end back to where no character of s[from:] is cut in two.
func runeEnd(s string, from, end int) int {
	if end == len(s) {
		return end
	}
	for back := end; back > from; back-- {
		if utf8.RuneStart(s[back]) {
			return back
		}
	}
	return end
}

func wordByte(b byte) bool {
	return b >= utf8.RuneSelf || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9'
}

func space(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// countPieces is the number of pieces of a text.
func countPieces(s string) int64 {
	var n int64
	for len(s) > 0 {
		s = s[piece(s):]
		n++
	}
	return n
}

// cutPieces returns the first n pieces of a text.
func cutPieces(s string, n int64) string {
	rest := s
	for ; n > 0 && len(rest) > 0; n-- {
		rest = rest[piece(rest):]
	}
	return s[:len(s)-len(rest)]
}
