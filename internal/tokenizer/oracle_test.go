package tokenizer

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The oracle is the tokenizer in its plainest form: the published patterns in a
// regexp engine, and a merge that looks at all pairs every time.

// oraclePatterns are the published patterns up to their last two alternatives,
// \s+(?!\S)|\s+, which Go's engine does not know and oracleSplit adds. \s is that of
// Unicode.
var oraclePatterns = map[string]*regexp.Regexp{
	"o200k_base": oraclePattern(`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
		`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
		`|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|[\s]*[\r\n]+`),
	"cl100k_base": oraclePattern(`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|[\s]*[\r\n]+`),
	"p50k_base":   oraclePattern(`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+`),
}

func oraclePattern(p string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.ReplaceAll(p, `\s`, `\s\v\x{85}\p{Z}`) + `)`)
}

func oracleSplit(pattern *regexp.Regexp, text string) int {
	if m := pattern.FindStringIndex(text); m != nil {
		return m[1]
	}
	rest := strings.TrimLeftFunc(text, unicode.IsSpace)
	end := len(text) - len(rest)
	_, last := utf8.DecodeLastRuneInString(text[:end])
	if rest != "" && end > last {
		return end - last
	}
	return end
}

func oracleMerge(v *vocabulary, piece string) []uint32 {
	ranks := func(p string) uint32 { return v.find([]byte(p), 0, len(p)) }
	if token := ranks(piece); token != none {
		return []uint32{token}
	}
	parts := strings.Split(piece, "")
	if !utf8.ValidString(piece) || len(parts) != len(piece) {
		parts = nil
		for i := range len(piece) {
			parts = append(parts, piece[i:i+1])
		}
	}
	for {
		at, best := 0, uint32(none)
		for k := range len(parts) - 1 {
			if rank := ranks(parts[k] + parts[k+1]); rank < best {
				at, best = k, rank
			}
		}
		if best == none {
			break
		}
		parts = slices.Replace(parts, at, at+2, parts[at]+parts[at+1])
	}
	var tokens []uint32
	for _, p := range parts {
		tokens = append(tokens, ranks(p))
	}
	return tokens
}

// newerThanGo reports whether text has a character whose class Go's Unicode version
// may not know.
func newerThanGo(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool { return classAtRune(c) != goClass(c) })
}

func classAtRune(c rune) class {
	k, _ := classAt([]byte(string(c)), 0)
	return k
}

// goClass is the class of c by package unicode.
func goClass(c rune) class {
	var k class
	set := func(bit class, in bool) {
		if in {
			k |= bit
		}
	}
	both := unicode.In(c, unicode.Lm, unicode.Lo, unicode.M)
	set(upper, both || unicode.In(c, unicode.Lu, unicode.Lt))
	set(lower, both || unicode.Is(unicode.Ll, c))
	set(space, unicode.IsSpace(c))
	set(newline, c == '\r' || c == '\n')
	set(number, unicode.IsNumber(c))
	set(letter, unicode.IsLetter(c))
	set(prefix, k&(newline|number|letter) == 0)
	set(other, k&(space|number|letter) == 0)
	return k
}

// Go's Unicode tables and the reference's differ only in characters that one of the
// two versions does not have yet, and in at most a few whose category was corrected.
func TestClassesAgainstGo(t *testing.T) {
	var corrected []rune
	newer := 0
	for c := range rune(utf8.MaxRune + 1) {
		if c > 0x33FFF && c < 0xE0000 {
			continue // planes that no version has assigned
		}
		ours, theirs := classAtRune(c), goClass(c)
		switch {
		case ours == theirs || !utf8.ValidRune(c):
		case ours == prefix|other || theirs == prefix|other: // as what is not assigned
			newer++
		default:
			corrected = append(corrected, c)
		}
	}
	t.Logf("%d characters are only in one of the reference's version and Go's, Unicode %s; corrected: %U", newer, unicode.Version, corrected)
	if len(corrected) > 20 {
		t.Errorf("%d characters have two different classes: %U", len(corrected), corrected)
	}
}

func checkAgainstOracle(t *testing.T, name, text string) {
	t.Helper()
	e := testEncoding(t, name)
	pattern := oraclePatterns[name]
	valid := appendLossy(nil, []byte(text))
	if newerThanGo(string(valid)) {
		return
	}
	var want []uint32
	for i := 0; i < len(valid); {
		end := i + oracleSplit(pattern, string(valid[i:]))
		if got := e.split(valid, i); got != end {
			t.Fatalf("%s: %q: piece %q, want %q", name, text, valid[i:got], valid[i:end])
		}
		want = append(want, oracleMerge(e.vocabulary, string(valid[i:end]))...)
		i = end
	}
	if got := e.Encode(nil, []byte(text)); !slices.Equal(got, want) {
		t.Fatalf("%s: %q:\n got %d\nwant %d", name, text, got, want)
	}
	if n := e.Count([]byte(text)); n != len(want) {
		t.Fatalf("%s: %q: Count is %d, want %d", name, text, n, len(want))
	}
}

// Whatever the bytes, tokens are those of the oracle, and decode to the text.
func FuzzEncode(f *testing.F) {
	for _, text := range goldenTexts {
		f.Add(text)
	}
	for seed := range 20 {
		r := random(seed)
		f.Add(anyText(&r))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4000 {
			return
		}
		for name := range oraclePatterns {
			checkAgainstOracle(t, name, text)
			e := testEncoding(t, name)
			back, err := e.Decode(e.Encode(nil, []byte(text)))
			if want := appendLossy(nil, []byte(text)); err != nil || !slices.Equal(back, want) {
				t.Fatalf("%s: %q decodes to %q, error %v", name, text, back, err)
			}
		}
	})
}

// Seeded random texts have the oracle's tokens.
func TestRandomTextsAgainstOracle(t *testing.T) {
	r := random(7)
	for range 100 {
		text := anyText(&r)
		for name := range oraclePatterns {
			checkAgainstOracle(t, name, text)
		}
	}
}
