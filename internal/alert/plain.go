package alert

import (
	"strings"
	"unicode"
)

// maxPlain is how much of a name is told, in characters.
const maxPlain = 100

// Plain returns a name that anybody may have made up so that it can stand in a text that
// chat systems show: no mark-up of theirs, no mention of people or channels, no address
// to click at, and nothing that hides or turns around what is beside it.
func Plain(s string) string {
	var b strings.Builder
	n, before := 0, rune(0)
	for _, c := range s {
		if n++; n > maxPlain {
			b.WriteRune('…')
			break
		}
		word := unicode.IsLetter(c) || unicode.IsDigit(c)
		switch {
		case word, unicode.IsMark(c) && n > 1, c == ' ', strings.ContainsRune("-+,='", c):
		case (c == '.' || c == '@' || c == '_') && (unicode.IsLetter(before) || unicode.IsDigit(before)): // as in an e-mail address
		default:
			c = '?'
		}
		b.WriteRune(c)
		before = c
	}
	return b.String()
}

// Quote returns a name that the operator gave in quotes, so that it cannot be taken for
// mark-up: what is not printable as an escape, and &, < and > as chat systems have them
// escaped.
func Quote(s string) string {
	return `"` + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)) + `"`
}
