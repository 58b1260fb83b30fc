package price

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
)

// importer carries a foreign list through its reading. What it cannot read becomes a
// note, never a guess.
type importer struct {
	origin  string
	prices  []Price
	notes   []string
	ignored map[string]int // how often a setting was met that nothing here stands for
}

func (im *importer) note(format string, args ...any) {
	im.notes = append(im.notes, fmt.Sprintf(format, args...))
}

func (im *importer) ignore(setting string) {
	if im.ignored == nil {
		im.ignored = make(map[string]int)
	}
	im.ignored[setting]++
}

// add adds a price unless something is wrong with it, or an earlier one is for the
// same at the same time.
func (im *importer) add(p Price) bool {
	if err := p.check(); err != nil {
		im.note("%.200q left out: %v", p.Model, err)
		return false
	}
	if !slices.ContainsFunc(p.all(), func(r Rates) bool { return r != Rates{} }) {
		im.note("%.200q left out: its price is 0, which is more likely unknown", p.Model)
		return false
	}
	p.Origin = im.origin
	im.prices = append(im.prices, p)
	return true
}

func (p *Price) all() []Rates {
	all := []Rates{p.Rates}
	for _, t := range p.Tiers {
		all = append(all, t.Rates)
	}
	return all
}

// book makes a book of what was read.
func (im *importer) book(currency string) (*Book, []string, error) {
	for _, key := range slices.Sorted(maps.Keys(im.ignored)) {
		im.note("%.200s: not read (%d times)", key, im.ignored[key])
	}
	if len(im.prices) == 0 {
		return nil, im.notes, fmt.Errorf("import prices from %s: none could be read", im.origin)
	}
	b, err := New(currency, datedNames(), im.prices)
	if err != nil {
		return nil, im.notes, fmt.Errorf("import prices from %s: %w", im.origin, err)
	}
	return b, im.notes, nil
}

// datedNames are the suffixes that Azure gives to names of models: a date, a version
// of four digits, a fine-tuning job, "latest".
func datedNames() []string {
	return []string{
		"-20[0-9][0-9]-[01][0-9]-[0-3][0-9]",
		"-20[0-9][0-9]-[01][0-9]-[0-3][0-9].ft-*",
		"-[0-9][0-9][0-9][0-9]",
		"-[0-9][0-9][0-9][0-9].ft-*",
		".ft-*",
		"-latest",
	}
}

// steps are the prices of one thing by class and prompt size; above 0 is the base.
type steps map[Class]map[int64]tallygate.Money

// set notes that so many (per) of a class cost so much, for prompts above a size. Of
// two amounts for the same the dearer counts.
func (s steps) set(c Class, above int64, amount *big.Rat, per int64) error {
	one := new(big.Rat).Quo(amount, new(big.Rat).SetInt64(per))
	rate, err := rounded(c, one.Mul(one, new(big.Rat).SetInt64(int64(tallygate.Unit)*1_000_000)))
	if err != nil {
		return fmt.Errorf("%s %w", c, err)
	}
	if s[c] == nil {
		s[c] = make(map[int64]tallygate.Money)
	}
	s[c][above] = max(s[c][above], rate)
	return nil
}

// assemble makes rates and tiers of the steps for a model of that name.
func (s steps) assemble(model string) (Rates, []Tier, error) {
	s = maps.Clone(s)
	if s[Completion] == nil && embedding(model) {
		s[Completion] = map[int64]tallygate.Money{0: 0}
	}
	if s.silent(model) {
		return Rates{}, nil, fmt.Errorf("has no price for %s and %s", AudioIn, AudioOut)
	}
	sizes := map[int64]bool{0: true}
	for c, at := range s {
		if _, ok := at[0]; !ok {
			return Rates{}, nil, fmt.Errorf("has a price for %s in larger prompts only", c)
		}
		for above := range at {
			if above < 0 {
				return Rates{}, nil, errors.New("has a tier below 0")
			}
			sizes[above] = sizes[above] || c.token()
		}
	}
	var base Rates
	var tiers []Tier
	var d draft
	for _, above := range slices.Sorted(maps.Keys(sizes)) {
		for c, at := range s {
			if rate, ok := at[above]; ok && (above == 0 || c.token()) {
				d.rates[c], d.given[c] = rate, true
			}
		}
		r, err := d.complete()
		switch {
		case err != nil:
			return base, nil, err
		case above == 0:
			base = r
		case sizes[above]:
			tiers = append(tiers, Tier{Above: above, Rates: r})
		}
	}
	return base, tiers, nil
}

// embedding reports whether a model only reads: its completion costs nothing.
func embedding(name string) bool { return strings.Contains(strings.ToLower(name), "embedding") }

// silent reports whether a model is one of speech for which s has no price of speech:
// that of text must not stand in for it.
func (s steps) silent(name string) bool {
	name = strings.ToLower(name)
	return s[AudioIn] == nil && s[AudioOut] == nil && (strings.Contains(name, "audio") || strings.Contains(name, "realtime"))
}

// spellings returns a name and how Azure spells it, which writes gpt-35-turbo and
// leaves OpenAI's version off whisper.
func spellings(name string) []string {
	switch {
	case strings.HasPrefix(name, "gpt-3.5-"):
		return []string{name, "gpt-35-" + strings.TrimPrefix(name, "gpt-3.5-")}
	case name == "whisper-1":
		return []string{name, "whisper", "whisper-001"}
	}
	return []string{name}
}
