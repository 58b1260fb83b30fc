package catalog

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Kinds are all that models do.
func Kinds() []string {
	return []string{"chat", "completion", "embedding", "image", "speech", "transcription", "realtime", "video"}
}

// IsKind reports whether models can be of that kind.
func IsKind(kind string) bool { return slices.Contains(Kinds(), kind) }

// guess is what names are likely to be of a kind, as globs in lower case.
type guess struct {
	Kind  string   `json:"kind"`
	Names []string `json:"names"`
}

// guess returns the likely kind of a model that is not known, by its name in lower
// case. Most models chat, so one whose name tells nothing is taken for such.
func (c *Catalog) guess(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:] // what comes before is who made it
	for _, g := range c.guesses {
		if slices.ContainsFunc(g.Names, func(glob string) bool {
			ok, _ := path.Match(glob, name)
			return ok
		}) {
			return g.Kind
		}
	}
	return "chat"
}

// checkGuesses refuses what could never match.
func (c *Catalog) checkGuesses() error {
	for _, g := range c.guesses {
		if !IsKind(g.Kind) {
			return fmt.Errorf("read catalogue: there is no kind %q to guess", g.Kind)
		}
		for _, glob := range g.Names {
			if _, err := path.Match(glob, ""); err != nil {
				return fmt.Errorf("read catalogue: guess %q: %w", glob, err)
			}
		}
	}
	return nil
}
