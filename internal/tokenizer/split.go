package tokenizer

// A splitFunc returns the end of the piece that begins at text[i], i < len(text). The
// text must be UTF-8. Pieces are what the encoding's pattern matches, one after
// another; every character belongs to one. Tokens never cross them.
//
// The three functions are the published patterns written out. In each, the comment
// before a step is the alternative of the pattern that it stands for, and where the
// pattern backtracks, the comment says where to.
type splitFunc func(text []byte, i int) int

// splitO200k is the pattern of o200k_base.
func splitO200k(text []byte, i int) int {
	c, size := classAt(text, i)
	next := i + size
	switch {
	// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
	// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
	// A mark could be the optional prefix as well as the word's beginning; both
	// readings end at the same place.
	case c&(upper|lower) != 0:
		return contraction(text, word(text, i))
	case c&prefix != 0 && isAt(text, next, upper|lower):
		return contraction(text, word(text, next))

	case c&number != 0:
		return digits(text, next)

	//  ?[^\s\p{L}\p{N}]+[\r\n/]*
	case c&other != 0, text[i] == ' ' && isAt(text, next, other):
		for i = run(text, next, other); i < len(text) && (text[i] == '\r' || text[i] == '\n' || text[i] == '/'); i++ {
		}
		return i
	}
	return spaces(text, i)
}

// word returns the end of the first two alternatives of o200k_base, without prefix
// and contraction. A character of upper or lower is at text[i].
//
// The upper run is greedy. If a lower character follows, the first alternative takes
// the lower run too. If none does, the first alternative gives back up to the last
// character that is in both sets, which then is the whole lower run; if there is none,
// it fails and the second takes the upper run as it is.
func word(text []byte, i int) int {
	both := 0
	for i < len(text) {
		c, size := classAt(text, i)
		if c&upper == 0 {
			if c&lower != 0 {
				return runWord(text, i+size, lower)
			}
			break
		}
		i += size
		if c&lower != 0 {
			both = i
		}
	}
	if both > 0 {
		return both
	}
	return i
}

// splitCl100k is the pattern of cl100k_base.
func splitCl100k(text []byte, i int) int {
	// (?i:'s|'t|'re|'ve|'m|'ll|'d)
	if end := contraction(text, i); end > i {
		return end
	}
	c, size := classAt(text, i)
	next := i + size
	switch {
	// [^\r\n\p{L}\p{N}]?\p{L}+
	case c&letter != 0, c&prefix != 0 && isAt(text, next, letter):
		return runWord(text, next, letter)

	case c&number != 0:
		return digits(text, next)

	//  ?[^\s\p{L}\p{N}]+[\r\n]*
	case c&other != 0, text[i] == ' ' && isAt(text, next, other):
		return run(text, run(text, next, other), newline)
	}
	return spaces(text, i)
}

// splitR50k is the pattern of r50k_base and p50k_base.
func splitR50k(text []byte, i int) int {
	// 's|'t|'re|'ve|'m|'ll|'d, in lower case only
	if end := contraction(text, i); end > i && isLower(text[i+1:end]) {
		return end
	}
	c, size := classAt(text, i)
	next := i + size
	if text[i] == ' ' && next < len(text) {
		//  ? before each of the next three
		if after, size := classAt(text, next); after&space == 0 {
			c, next = after, next+size
		}
	}
	switch {
	case c&letter != 0: // \p{L}+
		return runWord(text, next, letter)
	case c&number != 0: // \p{N}+
		return run(text, next, number)
	case c&other != 0: // [^\s\p{L}\p{N}]+
		return run(text, next, other)
	}
	// \s+(?!\S)|\s+
	end, last := spaceRun(text, i)
	if end < len(text) && last > i {
		return last
	}
	return end
}

// digits returns the end of \p{N}{1,3}, the first of which ends at text[i].
func digits(text []byte, i int) int {
	for range 2 {
		if i == len(text) {
			break
		}
		c, size := classAt(text, i)
		if c&number == 0 {
			break
		}
		i += size
	}
	return i
}

// spaces returns the end of \s*[\r\n]+|\s+(?!\S)|\s+ from the space at text[i]: up to
// the run's last line break; failing that, all of it if the text ends there; failing
// that, all but its last character, which is left to begin the next piece; failing
// that, its only one.
func spaces(text []byte, i int) int {
	end, last := spaceRun(text, i)
	for k := end; k > i; k-- {
		if text[k-1] == '\r' || text[k-1] == '\n' {
			return k
		}
	}
	if end < len(text) && last > i {
		return last
	}
	return end
}

// spaceRun returns the end of the run of \s from text[i] and where its last character begins.
func spaceRun(text []byte, i int) (end, last int) {
	for end = i; end < len(text); {
		c, size := classAt(text, end)
		if c&space == 0 {
			break
		}
		last = end
		end += size
	}
	return end, last
}

// contraction returns the end of (?i:'s|'t|'re|'ve|'m|'ll|'d)? at text[i]. Folding
// case, the long s (U+017F) is an s too.
func contraction(text []byte, i int) int {
	if i+1 >= len(text) || text[i] != '\'' {
		return i
	}
	switch second, third := text[i+1]|0x20, byteAt(text, i+2); {
	case second == 's' || second == 't' || second == 'm' || second == 'd':
		return i + 2
	case (second == 'r' || second == 'v') && third|0x20 == 'e', second == 'l' && third|0x20 == 'l':
		return i + 3
	case text[i+1] == 0xC5 && third == 0xBF:
		return i + 3
	}
	return i
}

func byteAt(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

func isLower(p []byte) bool {
	for _, b := range p {
		if b < 'a' || b > 'z' {
			return false
		}
	}
	return true
}
