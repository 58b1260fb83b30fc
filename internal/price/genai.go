package price

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FromGenAIPrices reads the data file of pydantic's genai-prices (MIT), whose prices
// are US dollars for 1,000,000 tokens on Azure's global deployments. What its provider
// "azure" has no price for is taken from "openai", as the file itself says to. The
// notes tell what was left out and why.
func FromGenAIPrices(data []byte) (*Book, []string, error) {
	var providers []struct {
		ID     string
		Models []genaiModel
	}
	if err := json.Unmarshal(data, &providers); err != nil {
		return nil, nil, fmt.Errorf("import prices from genai-prices: %w", err)
	}
	g := genai{importer: importer{origin: "genai-prices"}, priced: make(map[string]bool)}
	for _, id := range []string{"azure", "openai"} {
		for _, p := range providers {
			if p.ID != id {
				continue
			}
			var done []string
			for _, m := range p.Models {
				done = append(done, g.model(id, &m)...)
			}
			for _, name := range done {
				g.priced[name] = true
			}
		}
	}
	return g.book("USD")
}

// genai is the reading of genai-prices. priced has the names that an earlier provider
// gave a price.
type genai struct {
	importer
	priced map[string]bool
}

type genaiModel struct {
	ID       string          `json:"id"`
	Match    genaiClause     `json:"match"`
	Prices   json.RawMessage `json:"prices"`
	Comments string          `json:"price_comments"`
}

// genaiClause is a condition on a model's name. One field is set.
type genaiClause struct {
	Equals     string        `json:"equals"`
	StartsWith string        `json:"starts_with"`
	EndsWith   string        `json:"ends_with"`
	Contains   string        `json:"contains"`
	Regex      string        `json:"regex"`
	Or         []genaiClause `json:"or"`
	And        []genaiClause `json:"and"`
}

// model adds the prices of one model under its names, and returns the names that have
// one now.
func (g *genai) model(provider string, m *genaiModel) []string {
	if strings.Contains(m.Comments, "OpenRouter") {
		g.note("%s %.100q left out: the price is another reseller's", provider, m.ID)
		return nil
	}
	periods, err := g.periods(m)
	if err != nil {
		g.note("%s %.100q left out: %v", provider, m.ID, err)
		return nil
	}
	var done []string
	for _, name := range shortest(g.names(provider, m)) {
		if g.priced[name] || slices.Contains(done, name) {
			g.note("%s %.100q: %q has a price already", provider, m.ID, name)
			continue
		}
		if g.periodsOf(name, periods) {
			done = append(done, name)
		}
	}
	return done
}

// names returns the names and globs that the model is known by.
func (g *genai) names(provider string, m *genaiModel) []string {
	var names []string
	var walk func(c genaiClause)
	walk = func(c genaiClause) {
		for _, c := range c.Or {
			walk(c)
		}
		if c.StartsWith != "" {
			names = append(names, escape(strings.ToLower(c.StartsWith))+"*")
		}
		// Only the shortest name that has these letters is surely meant.
		if name := cmp.Or(c.Equals, c.Contains, c.EndsWith); name != "" {
			names = append(names, escape(strings.ToLower(name)))
		}
		if c.Regex != "" || len(c.And) > 0 {
			g.note("%s %.100q: names by regular expression or conjunction are not read", provider, m.ID)
		}
	}
	walk(m.Match)
	var azure []string
	for _, name := range names {
		if strings.Contains(name, ":") {
			g.note("%s %.100q: %.100q is no name of an Azure model", provider, m.ID, name)
			continue
		}
		azure = append(azure, spellings(name)...)
	}
	return azure
}

// shortest leaves out the names that another one stands for.
func shortest(names []string) []string {
	var kept []string
	endings := newGlobs(datedNames())
	for i, name := range names {
		implied := slices.Contains(names[:i], name) || slices.ContainsFunc(names, func(n string) bool {
			p := pattern{glob: newGlob(n)}
			return n != name && p.matches(name, endings)
		})
		if !implied {
			kept = append(kept, name)
		}
	}
	return kept
}

// escape takes a name's own wildcards their meaning.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// genaiPeriod is what a model costs from some day on.
type genaiPeriod struct {
	from  time.Time
	steps steps
}

// periods reads a model's prices: one set of them, or several with the days they
// begin.
func (g *genai) periods(m *genaiModel) ([]genaiPeriod, error) {
	var several []struct {
		Constraint *struct {
			Start string `json:"start_date"`
		}
		Prices json.RawMessage
	}
	if json.Unmarshal(m.Prices, &several) != nil {
		s, err := g.steps(m.ID, m.Prices)
		return []genaiPeriod{{steps: s}}, err
	}
	var periods []genaiPeriod
	for _, one := range several {
		s, err := g.steps(m.ID, one.Prices)
		if err != nil {
			return nil, err
		}
		p := genaiPeriod{steps: s}
		if one.Constraint != nil {
			if p.from, err = parseTime(one.Constraint.Start); err != nil {
				return nil, errors.New("has a price on a condition that is no start date")
			}
		}
		periods = append(periods, p)
	}
	slices.SortStableFunc(periods, func(p, q genaiPeriod) int { return p.from.Compare(q.from) })
	for i := 1; i < len(periods); i++ {
		if periods[i].from.Equal(periods[i-1].from) {
			return nil, errors.New("has two prices from the same day on")
		}
	}
	if len(periods) > 0 {
		periods[0].from = time.Time{} // the first counts when no other does
	}
	return periods, nil
}

// steps reads one set of prices.
func (g *genai) steps(id string, data []byte) (steps, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || len(fields) == 0 {
		return nil, errors.New("has no price")
	}
	s := make(steps)
	for key, value := range fields {
		c, per, ok := genaiClass(key)
		if !ok {
			g.ignore(key)
			continue
		}
		if key == "output_image_mtok" {
			g.note("%.100q: pictures in the completion have no class here; the dearer price counts for all of it", id)
		}
		if err := s.read(c, per, value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return s, nil
}

// genaiClass returns the class that a key of genai-prices is the price of, and of how
// many.
func genaiClass(key string) (c Class, per int64, ok bool) {
	switch key {
	case "input_mtok":
		return Prompt, 1_000_000, true
	case "cache_read_mtok":
		return Cached, 1_000_000, true
	case "cache_write_mtok":
		return CacheWrite, 1_000_000, true
	case "input_audio_mtok":
		return AudioIn, 1_000_000, true
	case "input_image_mtok":
		return Image, 1_000_000, true
	case "output_mtok", "output_image_mtok":
		return Completion, 1_000_000, true
	case "output_audio_mtok":
		return AudioOut, 1_000_000, true
	case "requests_kcount":
		return Call, 1000, true
	case "audio_hours", "input_audio_hours":
		return Second, 3600, true
	}
	return 0, 0, false
}

// read reads an amount, or a base with further amounts for larger prompts.
func (s steps) read(c Class, per int64, data []byte) error {
	var number json.Number
	if json.Unmarshal(data, &number) == nil && number != "" {
		return s.number(c, 0, per, number)
	}
	var tiered struct {
		Base  json.Number
		Tiers []struct {
			Start int64
			Price json.Number
		}
	}
	if err := json.Unmarshal(data, &tiered); err != nil {
		return errors.New("is neither a number nor a base with tiers")
	}
	errs := []error{s.number(c, 0, per, tiered.Base)}
	for _, t := range tiered.Tiers {
		errs = append(errs, s.number(c, t.Start, per, t.Price))
	}
	return errors.Join(errs...)
}

func (s steps) number(c Class, above, per int64, n json.Number) error {
	amount, err := exact(string(n))
	if err != nil {
		return err
	}
	return s.set(c, above, amount, per)
}

// periodsOf adds the prices of all periods under one name, or none of them.
func (g *genai) periodsOf(name string, periods []genaiPeriod) bool {
	var prices []Price
	for i, period := range periods {
		p := Price{Model: name, From: period.from}
		if i+1 < len(periods) {
			p.To = periods[i+1].from
		}
		var err error
		if p.Rates, p.Tiers, err = period.steps.assemble(name); err != nil {
			g.note("%.100q left out: %v", name, err)
			return false
		}
		prices = append(prices, p)
	}
	for _, p := range prices {
		if !g.add(p) {
			return false
		}
	}
	return true
}
