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
	best := b.names[name].find(sku, region, at)
	for i := range b.patterns {
		p := &b.patterns[i]
		if best != nil && best.place() >= p.shelf.most || !p.matches(name, b.suffixes) {
			continue
		}
		if found := p.shelf.find(sku, region, at); found != nil && (best == nil || found.place() > best.place()) {
			best = found
		}
	}
	return best, best != nil
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

// shelf holds the prices of one name, those first that say the most about the place.
type shelf struct {
	prices []*Price
	most   int // the first one's place
}

func (s *shelf) put(p *Price) {
	s.prices = append(s.prices, p)
	slices.SortStableFunc(s.prices, func(p, q *Price) int { return cmp.Compare(q.place(), p.place()) })
	s.most = s.prices[0].place()
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

// pattern is a name that stands for more than itself: with one of the suffixes, or by
// its own wildcards.
type pattern struct {
	shelf *shelf
	stem  string // in lower case
	wild  bool
}

// matches reports whether the pattern stands for name, which is in lower case.
// Patterns and suffixes were checked when they were read.
func (p *pattern) matches(name string, suffixes []string) bool {
	if p.wild {
		ok, _ := path.Match(p.stem, name)
		return ok
	}
	rest, ok := strings.CutPrefix(name, p.stem)
	return ok && matchesAny(suffixes, rest)
}

func matchesAny(globs []string, s string) bool {
	for _, g := range globs {
		if ok, _ := path.Match(g, s); ok {
			return true
		}
	}
	return false
}

// comparePatterns puts those with more letters first, and of those with as many the
// names before the globs, then by the alphabet.
func comparePatterns(p, q pattern) int {
	wild := func(p pattern) int {
		if p.wild {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(letters(q.stem), letters(p.stem)), cmp.Compare(wild(p), wild(q)), strings.Compare(p.stem, q.stem))
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
