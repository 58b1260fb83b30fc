package price

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"
)

// Find returns the price of a model at a place and an instant. Where several match,
// the one that says more about the place wins: SKU and region, then region, then SKU,
// then anywhere. Of those the one with the model's very name wins, then the one whose
// name the model's continues with a suffix that the list declares, or whose glob
// matches it, with the most letters. So a price for one SKU of all models goes before
// one for any SKU of this model. Case does not matter. Find allocates nothing for
// names in lower case.
func (b *Book) Find(model, sku, region string, at time.Time) (*Price, bool) {
	name := strings.ToLower(model)
	best, rank := b.names[name].find(sku, region, at), -1
	for _, n := range b.lengths {
		if n > len(name) {
			break
		}
		for _, p := range b.heads[name[:n]] {
			if !wins(p.place, p.rank, best, rank) || !p.matches(name, b.endings) {
				continue
			}
			if found := p.shelf.find(sku, region, at); found != nil && wins(found.place(), p.rank, best, rank) {
				best, rank = found, p.rank
			}
		}
	}
	return best, best != nil
}

// wins reports whether a price that says so much about the place, under a pattern of
// that rank, goes before the best one so far.
func wins(place, rank int, best *Price, than int) bool {
	return best == nil || place > best.place() || place == best.place() && rank < than
}

// place is how much a price says about where it counts.
func (p *Price) place() int {
	n := 0
	if p.SKU != "" {
		n++
	}
	if p.Region != "" {
		n += 2
	}
	return n
}

// index sorts the prices onto shelves, one for each name, and those into heads, by
// the letters that a name must begin with.
func (b *Book) index() {
	b.names, b.heads = make(map[string]*shelf), make(map[string][]*pattern)
	for i := range b.prices {
		name := strings.ToLower(b.prices[i].Model)
		if b.names[name] == nil {
			b.names[name] = &shelf{}
		}
		b.names[name].put(&b.prices[i])
	}
	var patterns []*pattern
	for name, s := range b.names {
		patterns = append(patterns, &pattern{glob: newGlob(name), shelf: s, place: s.prices[0].place()})
	}
	slices.SortFunc(patterns, comparePatterns)
	for i, p := range patterns {
		p.rank = i
		b.heads[p.head] = append(b.heads[p.head], p)
		b.lengths = append(b.lengths, len(p.head))
		if p.wild() {
			delete(b.names, p.text)
		}
	}
	slices.Sort(b.lengths)
	b.lengths = slices.Compact(b.lengths)
}

// shelf holds the prices of one name, those first that say the most about the place.
type shelf struct{ prices []*Price }

func (s *shelf) put(p *Price) {
	s.prices = append(s.prices, p)
	slices.SortStableFunc(s.prices, func(p, q *Price) int { return cmp.Compare(q.place(), p.place()) })
}

// find returns the first price that counts, or nil. A nil shelf is empty.
func (s *shelf) find(sku, region string, at time.Time) *Price {
	if s == nil {
		return nil
	}
	for _, p := range s.prices {
		if (p.SKU == "" || strings.EqualFold(p.SKU, sku)) && (p.Region == "" || strings.EqualFold(p.Region, region)) && p.in(at) {
			return p
		}
	}
	return nil
}

// wildcards are the characters that make a glob of a name.
const wildcards = `*?[\`

// glob is a pattern of path.Match, in lower case, and the text it begins with: most
// names are told apart by that alone.
type glob struct{ text, head string }

func newGlob(text string) glob {
	text = strings.ToLower(text)
	head := text
	if i := strings.IndexAny(text, wildcards); i >= 0 {
		head = text[:i]
	}
	return glob{text, head}
}

// matches reports whether the glob matches s. Globs were checked when they were read.
func (g *glob) matches(s string) bool {
	if !strings.HasPrefix(s, g.head) {
		return false
	}
	if len(g.head) == len(g.text) {
		return len(s) == len(g.text)
	}
	ok, _ := path.Match(g.text, s)
	return ok
}

func newGlobs(texts []string) []glob {
	globs := make([]glob, len(texts))
	for i, text := range texts {
		globs[i] = newGlob(text)
	}
	return globs
}

// pattern is a name that stands for more than itself: by its own wildcards, or with
// one of the suffixes.
type pattern struct {
	glob
	shelf *shelf
	place int // the most that one of its prices says about the place
	rank  int // 0 is the one that goes before all others
}

func (p *pattern) wild() bool { return len(p.head) < len(p.text) }

// matches reports whether the pattern stands for name, which is in lower case.
func (p *pattern) matches(name string, suffixes []glob) bool {
	if p.wild() {
		return p.glob.matches(name)
	}
	rest, ok := strings.CutPrefix(name, p.text)
	return ok && slices.ContainsFunc(suffixes, func(s glob) bool { return s.matches(rest) })
}

// comparePatterns puts those with more letters first, and of those with as many the
// names before the globs, then by the alphabet.
func comparePatterns(p, q *pattern) int {
	if c := cmp.Compare(letters(q.text), letters(p.text)); c != 0 {
		return c
	}
	if p.wild() != q.wild() {
		if q.wild() {
			return -1
		}
		return 1
	}
	return strings.Compare(p.text, q.text)
}

// letters counts the characters of a glob that stand for themselves.
func letters(glob string) int {
	n, class := 0, false
	for _, r := range glob {
		switch {
		case class:
			class = r != ']'
		case r == '[':
			class = true
		case r != '*' && r != '?' && r != '\\':
			n++
		}
	}
	return n
}
