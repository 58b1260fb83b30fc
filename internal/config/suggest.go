package config

import (
	"fmt"

	"github.com/tallygate/tallygate"
)

// suggest returns a hint naming the known word nearest to what was written, or
// nothing when none is near.
func suggest(written string, known []string) string {
	return didYouMean(nearest(written, known))
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}

// nearest returns the known word that was probably meant; empty when none is near.
func nearest(written string, known []string) string {
	return tallygate.Nearest(written, known)
}

// EventID returns the id of an event that gives none, which is made from its name;
// empty when the name has no letter or digit for one.
func EventID(name string) string { return slug(name) }
