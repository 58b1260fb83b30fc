package console

import "github.com/tallygate/tallygate"

// DidYouMean names the word that was probably meant, after prefix; empty when none is
// near.
func DidYouMean(word string, among []string, prefix string) string {
	near := tallygate.Nearest(word, among)
	if near == "" {
		return ""
	}
	return "; did you mean " + prefix + near + "?"
}
