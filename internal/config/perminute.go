package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

// perMinute reads PowerProxy's max_tokens_per_minute_in_k into limits of a caller,
// as which it is printed: a number is for each model alone, and a section names
// models with a number for each.
func perMinute(c *Caller) codec {
	limit := func(tokens int64) tallygate.Limit {
		return tallygate.Limit{Quantity: tallygate.Tokens, Amount: tokens, Period: tallygate.Sliding, Length: time.Minute}
	}
	return codec{
		decode: func(d *decoder, v value) {
			if v.node.Kind != yaml.MappingNode {
				var tokens int64
				thousands(&tokens).decode(d, v)
				each := limit(tokens)
				each.Each = []tallygate.Dimension{tallygate.ByModel}
				c.Limits = append(c.Limits, each)
				return
			}
			var models map[string]int64
			table(&models, idFault, thousands).decode(d, v)
			for _, model := range inOrderOf(d, v.path, models) {
				one := limit(models[model])
				one.Match[tallygate.ByModel] = []string{model}
				c.Limits = append(c.Limits, one)
			}
			d.perModel = append(d.perModel, perModel{v.path, c.Models, models})
		},
		encode: func(*printer) *yaml.Node { return nil },
		schema: func() schema {
			number := thousands(new(int64)).schema()
			return schema{"anyOf": []schema{number, {"type": "object", "additionalProperties": number}}}
		},
	}
}

// thousands is a number of thousands that comes out whole. Nothing and less than
// that allow nothing.
func thousands(p *int64) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "a number of thousands", true)
			if !ok {
				return
			}
			n, err := parseNumber(strings.TrimPrefix(s, "-"), []unit{{"", 1000}}, "is not a number of thousands such as 30 or 0.02")
			switch {
			case err != nil:
				d.fail(v, err)
				return
			case n > maxAmount:
				d.wrong(v, "30 is thirty thousand", "is too large")
				return
			case n == 0 || strings.HasPrefix(s, "-"):
				n = 0
				d.note(v.path, "0 and less allow nothing: every request gets a 429", "")
			}
			*p = n
		},
		schema: func() schema {
			return schema{"anyOf": []schema{{"type": "number"}, {"type": "string", "pattern": `^-?[0-9][0-9_]*(\.[0-9]+)?$|\$\{`}}}
		},
	}
}

// perModel is a section of tokens a minute by model.
type perModel struct {
	path   string
	usable []string // globs over the models the caller may use
	tokens map[string]int64
}

// checkPerModel checks that the section has the models that the caller may use, and
// no others: PowerProxy has no answer for one that is missing.
func (d *decoder) checkPerModel(p perModel, models *names) {
	said := make(map[string]int)
	for _, model := range inOrderOf(d, p.path, p.tokens) {
		at := join(p.path, model)
		d.unique(said, at, model)
		switch {
		case !models.has(model):
			d.wrongAt(at, suggest(model, models.list), "no deployment serves this model")
		case !anyMatches(p.usable, model):
			d.wrongAt(at, "", "the caller may not use this model")
		}
	}
	if models.partial || !d.sound(p.path) || !d.sound(join(parent(p.path), "models")) {
		return
	}
	for _, model := range models.list {
		if _, ok := said[strings.ToLower(model)]; !ok && anyMatches(p.usable, model) {
			d.wrongAt(p.path, "add it, or name the caller's models in models", "says nothing of the model %s, which the caller may use", d.quote("", model))
			return
		}
	}
}
