package config

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

func (p *Prices) fields() fields {
	return fields{
		{key: "file", codec: path(&p.File), doc: "Price list that overrides the built-in one, relative to this file."},
		{key: "unknown", codec: unknownPrice(&p.Unknown), doc: "What a limit of money does with a model that has no price: refuse, or count {prompt, completion} for a million tokens."},
		{key: "rates", codec: table(&p.Rates, currencyFault, rate), doc: "What one unit of another currency is worth in the gateway's, for price lists in that currency."},
		{key: "ptu", codec: hourly(&p.PTU), doc: "What an hour of one provisioned throughput unit costs, such as 1.00 or 1.00 USD/h: limits of money and reports then count a nominal price of what such deployments serve."},
	}
}

// unknownPrice is the word refuse, or a price.
func unknownPrice(p **Price) codec {
	table := func(price *Price) fields {
		return fields{
			{key: "prompt", required: true, codec: money(&price.Prompt), doc: "Price of a million prompt tokens."},
			{key: "completion", required: true, codec: money(&price.Completion), doc: "Price of a million completion tokens."},
		}
	}
	word := choice(new(string), "refuse")
	return codec{
		decode: func(d *decoder, v value) {
			if v.node.Kind != yaml.MappingNode {
				word.decode(d, v)
				return
			}
			*p = new(Price)
			d.section(v, table(*p))
		},
		encode: func(pr *printer) *yaml.Node {
			if *p == nil {
				return plainNode("refuse")
			}
			return inline(section(table(*p))).encode(pr)
		},
		schema: func() schema {
			return schema{"anyOf": []schema{word.schema(), sectionSchema(table(new(Price)))}}
		},
	}
}

// hourly is an amount of money for an hour, which may be said: 1.00 USD/h.
func hourly(p *tallygate.Money) codec {
	c := money(p)
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "an amount of money for an hour", true)
			if !ok {
				return
			}
			bare := *v.node
			bare.Tag, bare.Style, bare.Value = "!!str", 0, strings.TrimSpace(strings.TrimSuffix(s, "/h"))
			raw := d.marks[v.path].raw
			money(p).decode(d, value{&bare, v.path})
			if m := d.marks[v.path]; raw != "" {
				m.raw = raw
				d.marks[v.path] = m
			}
			if *p > maxHourly {
				*p = 0
				d.wrong(v, "", "must be at most %s for an hour of one unit", maxHourly)
			}
		},
		encode: func(pr *printer) *yaml.Node {
			if *p == 0 {
				return nil
			}
			return c.encode(pr)
		},
		schema: func() schema {
			return schema{"anyOf": []schema{
				{"type": "number", "minimum": 0},
				{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]+)?( [A-Z]{3})?(/h)?$|\$\{`},
			}}
		},
	}
}

// maxHourly is the most that an hour of one provisioned throughput unit may cost.
const maxHourly = 10_000 * tallygate.Unit

// rate is an exchange rate: a decimal number above 0, kept as it is written.
func rate(p *string) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "an exchange rate", true)
			if !ok {
				return
			}
			whole, fraction, dot := strings.Cut(s, ".")
			switch {
			case !isDigits(whole) || len(whole) > 1 && whole[0] == '0' || dot && !isDigits(fraction) || len(s) > 40:
				d.wrong(v, "", "is not a decimal number such as 0.92")
			case strings.Trim(s, "0.") == "":
				d.wrong(v, "", "must be more than 0")
			default:
				*p = s
			}
		},
		encode: func(*printer) *yaml.Node { return plainNode(*p) },
		schema: func() schema {
			return schema{"anyOf": []schema{{"type": "number", "minimum": 0}, {"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?$|\$\{`}}}
		},
	}
}

func (d *decoder) checkPrices(p *Prices, currency string) {
	if p.File != "" {
		_, _ = d.open(p.File) // noted; what is wrong with it is said where it is read
	}
	for _, code := range slices.Sorted(maps.Keys(p.Rates)) {
		if code == currency && d.sound("currency") {
			d.wrongAt(join("prices.rates", code), "remove it", "is the gateway's own currency")
		}
	}
	if u := p.Unknown; u != nil && *u == (Price{}) && d.sound("prices.unknown") {
		d.note("prices.unknown", "models without a price are counted as free", "")
	}
}
