package tallygate_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
)

// A word with few mistakes, or cut short, is recognised; another word is not.
func TestNearest(t *testing.T) {
	f := func(word, want string, among ...string) {
		t.Helper()
		if got := tallygate.Nearest(word, among); got != want {
			t.Errorf("Nearest(%q, %q) = %q, want %q", word, among, got, want)
		}
	}
	f("lsiten", "listen", "log", "listen", "ledger")          // swapped letters are one mistake
	f("trustedProxies", "trusted_proxies", "trusted_proxies") // another spelling of the same words is none
	f("KEEP-ALIVE", "keep_alive", "keep_alive")
	f("ky", "key", "name", "key") // short words may differ in one letter
	f("x", "", "y")               // but not in all of them
	f("", "", "a", "")
	f("banana", "", "listen", "models")
	f("model", "models", "models", "mode") // of equals the first
	f("modle", "model", "models", "model") // the fewest mistakes
	f("out", "output", "output", "audit")  // the beginning of one word
	f("prom", "", "prompt", "promptly")    // but not of several
	f("o", "", "output")                   // and not just a letter
	f("out", "cut", "output", "cut")       // a mistake is likelier
	f(strings.Repeat("a", 65), "", strings.Repeat("a", 65))
	f("word", "", slices.Repeat([]string{"word"}, 1001)...)
}

// Whatever was written, the nearest is one of the words or none; and what only needs
// a letter more, less or changed is found among words that are far away.
func TestNearestIsAmong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word, among := rapid.String().Draw(t, "word"), rapid.SliceOf(rapid.String()).Draw(t, "among")
		if near := tallygate.Nearest(word, among); near != "" && !slices.Contains(among, near) {
			t.Fatalf("%q is none of %q", near, among)
		}
		meant := rapid.StringMatching(`[a-z]{3,20}`).Draw(t, "meant")
		i := rapid.IntRange(0, len(meant)-1).Draw(t, "letter")
		for _, wrong := range []string{meant[:i] + meant[i+1:], meant[:i] + "z" + meant[i:], meant[:i] + "z" + meant[i+1:]} {
			if near := tallygate.Nearest(wrong, []string{"0123456789", meant}); near != meant {
				t.Fatalf("Nearest(%q) = %q, want %q", wrong, near, meant)
			}
		}
	})
}
