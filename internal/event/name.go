package event

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName bounds a name, in characters.
const maxName = 80

// cleanName returns a name as it is kept and shown: without what cannot be seen, as marks
// that turn the direction of text around it, and with single spaces. ok is false for what
// can be no name: nothing that is seen, too long, a slash, a control character.
func cleanName(s string) (name string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxName*utf8.UTFMax || !utf8.ValidString(s) {
		return "", false
	}
	for _, c := range s {
		if c == '/' || unicode.IsControl(c) || c == utf8.RuneError {
			return "", false
		}
	}
	shown := func(c rune) rune {
		if unseen(c) && !joins(c) {
			return -1
		}
		return c
	}
	name = strings.Join(strings.Fields(norm.NFC.String(strings.Map(shown, s))), " ")
	return name, likeness(name) != "" && utf8.RuneCountInString(name) <= maxName
}

// likeness is what two spellings of one name have in common: neither case, width and
// accents' encoding, nor what cannot be seen, makes another person of it. (Letters of
// different alphabets that look alike do.)
func likeness(name string) string {
	seen := func(c rune) rune {
		if unseen(c) {
			return -1
		}
		return c
	}
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(strings.Map(seen, name)))), " ")
}

// unseen reports whether a character has no look of its own: formats, fillers, variants.
func unseen(c rune) bool {
	return unicode.In(c, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// joins reports whether an unseen character changes the look of those beside it, in
// Persian or in pictures of several people.
func joins(c rune) bool {
	return c == '\u200c' || c == '\u200d' || unicode.Is(unicode.Variation_Selector, c)
}
