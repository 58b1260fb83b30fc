package price

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Marshal writes the book as a price file, from which Parse reads the same prices.
// Classes that cost what they would by default are left out.
func (b *Book) Marshal() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "currency: %s\n", b.currency)
	if len(b.suffixes) > 0 {
		out.WriteString("suffixes:\n")
		for _, s := range b.suffixes {
			fmt.Fprintf(&out, "  - %s\n", strconv.Quote(s))
		}
	}
	out.WriteString("prices:\n")
	for i := range b.prices {
		b.prices[i].marshal(&out)
	}
	return out.Bytes()
}

func (p *Price) marshal(out *bytes.Buffer) {
	fields := []string{"model: " + word(p.Model)}
	if p.SKU != "" {
		fields = append(fields, "sku: "+word(p.SKU))
	}
	if p.Region != "" {
		fields = append(fields, "region: "+word(p.Region))
	}
	if !p.From.IsZero() {
		fields = append(fields, "from: "+formatTime(p.From))
	}
	if !p.To.IsZero() {
		fields = append(fields, "to: "+formatTime(p.To))
	}
	said := p.said()
	fields = append(fields, p.Rates.fields(said)...)
	if len(p.Tiers) == 0 && len(p.Pictures) == 0 {
		fmt.Fprintf(out, "  - {%s}\n", strings.Join(fields, ", "))
		return
	}
	fmt.Fprintf(out, "  - %s\n", strings.Join(fields, "\n    "))
	if len(p.Pictures) > 0 {
		out.WriteString("    pictures:\n")
	}
	for i := range p.Pictures {
		fmt.Fprintf(out, "      - %s\n", p.Pictures[i].marshal())
	}
	if len(p.Tiers) > 0 {
		out.WriteString("    tiers:\n")
	}
	for c := Call; c < Classes; c++ {
		said[c] = false
	}
	for i := range p.Tiers {
		t := &p.Tiers[i]
		tier := append([]string{"above: " + formatCount(t.Above)}, t.Rates.fields(said)...)
		fmt.Fprintf(out, "      - {%s}\n", strings.Join(tier, ", "))
	}
}

// said tells which classes a file must name for the price to be read as it is.
func (p *Price) said() (said [Classes]bool) {
	tokens, pieces := false, len(p.Pictures) > 0
	for _, r := range append([]Tier{{Rates: p.Rates}}, p.Tiers...) {
		for c := range Classes {
			differs := c.whole() != c && r.Rates[c] != r.Rates[c.whole()]
			said[c] = said[c] || differs || !c.token() && r.Rates[c] != 0
			tokens = tokens || c.token() && r.Rates[c] != 0
			pieces = pieces || !c.token() && said[c]
		}
	}
	if tokens || len(p.Tiers) > 0 || !pieces {
		said[Prompt], said[Completion] = true, true
	}
	return said
}

func (r *Rates) fields(said [Classes]bool) []string {
	var fields []string
	for c := range Classes {
		if said[c] {
			fields = append(fields, fmt.Sprintf("%s: %s", c, formatRate(c, r[c])))
		}
	}
	return fields
}

// word writes a name, in quotes unless it can only be read as text.
func word(s string) string {
	first := s[0] | 0x20
	plain := first >= 'a' && first <= 'z' && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		plain = false
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
