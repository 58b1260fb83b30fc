package config

import (
	"fmt"

	"github.com/tallygate/tallygate"
)

// suggest returns a hint naming the known word nearest to what was written, or
// nothing when none is near.
func suggest(written string, known []string) string {
	return didYouMean(tallygate.Nearest(written, known))
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}
