package console

import (
	"strconv"
	"strings"
	"unicode"
)

// ShellWord quotes s for a shell where it needs that.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("-_./:@", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Wrapped breaks text at spaces into lines of at most width runes, where it can.
func Wrapped(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// WithoutMiddle cuts text that is longer than most runes in its middle: names of limits
// and subjects begin alike, and differ at their end. What follows the last : / or =, such
// as how much a limit allows, stays whole where it can.
func WithoutMiddle(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	tail := (most - 1) * 2 / 3
	if last := len([]rune(strings.TrimLeft(s[strings.LastIndexAny(s, ":/=")+1:], " "))); last > tail && last+2 <= most {
		tail = last
	}
	return string(runes[:most-1-tail]) + "…" + string(runes[len(runes)-tail:])
}

// Printable returns s for a terminal: names of models and users come from callers,
// who must not steer it. Longer text than most runes is cut.
func Printable(s string, most int) string {
	runes := []rune(s)
	if len(runes) > most {
		runes = append(runes[:most-1], '…')
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '\uFFFD'
		}
	}
	return string(runes)
}

// Counted writes a number of things; things is their plural.
func Counted(n int64, things string) string {
	if n == 1 {
		if stem, ok := strings.CutSuffix(things, "ies"); ok {
			things = stem + "y"
		} else {
			things = strings.TrimSuffix(things, "s")
		}
	}
	return Grouped(n) + " " + things
}

// Grouped writes a number with its thousands apart.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
