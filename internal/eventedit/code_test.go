package eventedit

import (
	"testing"

	"github.com/tallygate/tallygate/internal/event"
)

// A code that is made up can be one, and is another one each time.
func TestNewCode(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		code := NewCode()
		if !event.ValidCode(code) || seen[code] {
			t.Fatalf("the code %q is no code, or came twice", code)
		}
		seen[code] = true
	}
}
