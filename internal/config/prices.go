package config

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Prices is what tokens cost beyond the built-in list.
type Prices struct {
	// File is the path of a price list that overrides the built-in one; empty is
	// none. It has not been read.
	File string
	// Unknown is what is counted for a model without a price; nil is nothing, so
	// that limits of money refuse it.
	Unknown *Price
	// Rates are what one unit of another currency is worth in Currency, by ISO 4217
	// code, as decimal digits with at most one point.
	Rates map[string]string
	// PTU is what an hour of one provisioned throughput unit costs; 0 is unsaid, so that
	// what these serve costs nothing.
	PTU tallygate.Money
}

// Price is what a million tokens cost, in Currency.
type Price struct {
	Prompt, Completion tallygate.Money
}

func (p *Prices) fields() tree.Fields {
	return tree.Fields{
		{Key: "file", Codec: tree.Path(&p.File), Doc: "Price list that overrides the built-in one, relative to this file."},
		{Key: "unknown", Codec: unknownPrice(&p.Unknown), Doc: "What a limit of money does with a model that has no price: refuse, or count {prompt, completion} for a million tokens."},
		{Key: "rates", Codec: tree.Table(&p.Rates, currencyFault, rate), Doc: "What one unit of another currency is worth in the gateway's, for price lists in that currency."},
		{Key: "ptu", Codec: hourly(&p.PTU), Doc: "What an hour of one provisioned throughput unit costs, such as 1.00 or 1.00 USD/h: limits of money and reports then count a nominal price of what such deployments serve."},
	}
}

// unknownPrice is the word refuse, or a price.
func unknownPrice(p **Price) tree.Codec {
	table := func(price *Price) tree.Fields {
		return tree.Fields{
			{Key: "prompt", Required: true, Codec: money(&price.Prompt), Doc: "Price of a million prompt tokens."},
			{Key: "completion", Required: true, Codec: money(&price.Completion), Doc: "Price of a million completion tokens."},
		}
	}
	word := tree.Choice(new(string), "refuse")
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			if v.Node.Kind != yaml.MappingNode {
				word.Decode(d, v)
				return
			}
			*p = new(Price)
			d.Section(v, table(*p))
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if *p == nil {
				return tree.PlainNode("refuse")
			}
			return tree.Inline(tree.Section(table(*p))).Encode(pr)
		},
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{word.Schema(), tree.SectionSchema(table(new(Price)))}}
		},
	}
}

// hourly is an amount of money for an hour, which may be said: 1.00 USD/h.
func hourly(p *tallygate.Money) tree.Codec {
	c := money(p)
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "an amount of money for an hour", true)
			if !ok {
				return
			}
			bare := *v.Node
			bare.Tag, bare.Style, bare.Value = "!!str", 0, strings.TrimSpace(strings.TrimSuffix(s, "/h"))
			raw := d.Mark(v.Path).Raw
			money(p).Decode(d, tree.Value{Node: &bare, Path: v.Path})
			if m := d.Mark(v.Path); raw != "" {
				m.Raw = raw
				d.SetMark(v.Path, m)
			}
			if *p > maxHourly {
				*p = 0
				d.Wrong(v, "", "must be at most %s for an hour of one unit", maxHourly)
			}
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if *p == 0 {
				return nil
			}
			return c.Encode(pr)
		},
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{
				{"type": "number", "minimum": 0},
				{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]+)?( [A-Z]{3})?(/h)?$|\$\{`},
			}}
		},
	}
}

// maxHourly is the most that an hour of one provisioned throughput unit may cost.
const maxHourly = 10_000 * tallygate.Unit

// rate is an exchange rate: a decimal number above 0, kept as it is written.
func rate(p *string) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "an exchange rate", true)
			if !ok {
				return
			}
			whole, fraction, dot := strings.Cut(s, ".")
			switch {
			case !tree.IsDigits(whole) || len(whole) > 1 && whole[0] == '0' || dot && !tree.IsDigits(fraction) || len(s) > 40:
				d.Wrong(v, "", "is not a decimal number such as 0.92")
			case strings.Trim(s, "0.") == "":
				d.Wrong(v, "", "must be more than 0")
			default:
				*p = s
			}
		},
		Encode: func(*tree.Printer) *yaml.Node { return tree.PlainNode(*p) },
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{{"type": "number", "minimum": 0}, {"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?$|\$\{`}}}
		},
	}
}

func (d *reading) checkPrices(p *Prices, currency string) {
	if p.File != "" {
		_, _ = d.Open(p.File) // noted; what is wrong with it is said where it is read
	}
	for _, code := range slices.Sorted(maps.Keys(p.Rates)) {
		if code == currency && d.Sound("currency") {
			d.WrongAt(tree.Join("prices.rates", code), "remove it", "is the gateway's own currency")
		}
	}
	if u := p.Unknown; u != nil && *u == (Price{}) && d.Sound("prices.unknown") {
		d.Note("prices.unknown", "models without a price are counted as free", "")
	}
}
