package config

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// suggest returns a hint naming the known word nearest to what was written, or
// nothing when none is near.
func suggest(written string, known []string) string {
	return tree.DidYouMean(tallygate.Nearest(written, known))
}
