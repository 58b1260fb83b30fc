package signup

import (
	"os"
	"strings"
	"testing"
)

// The number at a text's beginning has its thousands apart; fractions and what follows
// stay as they are.
func TestGrouped(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "0": "0", "999": "999", "1000": "1,000", "4000 tokens": "4,000 tokens", "5000000 tokens for the event": "5,000,000 tokens for the event",
		"123456": "123,456", "1500.00 USD": "1,500.00 USD", "0.000125 EUR": "0.000125 EUR", "each 5000": "each 5000",
	} {
		if got := Grouped(text); got != want {
			t.Errorf("Grouped(%q) = %q, want %q", text, got, want)
		}
	}
}

// The page's script puts the key where the playground looks for it.
func TestPlaygroundFindsTheKey(t *testing.T) {
	const place = "const place = 'tallygate.key'"
	for _, name := range []string{"assets/page.js", "../../ui/src/store/keys.ts"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), place) || !strings.Contains(string(text), "sessionStorage") {
			t.Errorf("%s keeps the key elsewhere", name)
		}
	}
}
