package tallygate_test

import (
	"testing"

	"github.com/tallygate/tallygate"
)

// A glob is whole names with * for any run of characters, without regard to case.
func TestMatch(t *testing.T) {
	f := func(glob, name string, want bool) {
		t.Helper()
		if got := tallygate.Match(glob, name); got != want {
			t.Errorf("Match(%q, %q) = %v, want %v", glob, name, got, want)
		}
	}
	f("gpt-4o", "gpt-4o", true)
	f("gpt-4o", "GPT-4O", true)          // names are case-insensitive
	f("gpt-4o", "gpt-4o-mini", false)    // no star, no prefix
	f("gpt-4o*", "gpt-4o-mini", true)    // star at the end
	f("gpt-4o*", "gpt-4o", true)         // star may be empty
	f("*-mini", "gpt-4o-mini", true)     // star at the beginning
	f("gpt-*-mini", "gpt-4o-mini", true) // star in the middle
	f("gpt-*-mini", "gpt-4o-minimal", false)
	f("*a*b*", "xaxxbx", true)
	f("*a*b*", "xbxxax", false)
	f("*", "", true)
	f("", "", true)
	f("", "x", false)
	f("my dep/*", "my dep/x", true) // deployment names may hold anything
	f("*aaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)
}
