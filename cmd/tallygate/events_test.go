package main

import (
	"bytes"
	"strings"
	"testing"
)

// Only a yes is a yes.
func TestConsent(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, " YES \n": true, "yes": true, "n\n": false, "\n": false, "": false, "yep\n": false} {
		var words bytes.Buffer
		if err := consent(strings.NewReader(answer), &words, "Delete it?"); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
		if !strings.HasPrefix(words.String(), "Delete it? [y/N] ") {
			t.Errorf("asked %q", words.String())
		}
	}
}
