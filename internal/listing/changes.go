package listing

import (
	"io"
	"strings"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Changes prints what becomes of prices.
func Changes(w io.Writer, changes *api.PriceChanges) error {
	if len(changes.Changes) == 0 {
		return nil
	}
	rows := [][]string{{"model", "for", "was", "is"}}
	for _, c := range changes.Changes {
		p := c.Is
		if p == nil {
			p = c.Was
		}
		rows = append(rows, []string{console.Printable(p.Model, 64), Scope(p), inShort(c.Was), inShort(c.Is)})
	}
	rows = console.WithoutEmpty(rows, 1)
	left := len(rows[0]) - 2
	gap := console.Fit(rows, 0, left-1, left, left+1)
	console.Squeeze(rows, 0, left-1, left, left+1)
	return console.Align(w, rows, left, gap)
}

// inShort is a price in one cell: prompt (cached) / completion, and what else there is.
func inShort(p *api.Price) string {
	if p == nil {
		return "-"
	}
	var parts []string
	if prompt := p.Rates["prompt"]; prompt != "" {
		if cached := p.Rates["cached"]; cached != "" {
			prompt += " (" + cached + ")"
		}
		parts = append(parts, prompt+" / "+p.Rates["completion"])
	}
	if other := shownRates(p.Rates, p.Pictures)[0]; other != "" {
		parts = append(parts, other)
	}
	if len(p.Tiers) > 0 {
		parts = append(parts, "tiers")
	}
	return strings.Join(parts, ", ")
}
