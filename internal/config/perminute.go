package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// perMinute reads PowerProxy's max_tokens_per_minute_in_k into limits of a caller,
// as which it is printed: a number is for each model alone, and a section names
// models with a number for each.
func perMinute(c *Caller) tree.Codec {
	limit := func(tokens int64) tallygate.Limit {
		return tallygate.Limit{Quantity: tallygate.Tokens, Amount: tokens, Period: tallygate.Sliding, Length: time.Minute}
	}
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			if v.Node.Kind != yaml.MappingNode {
				var tokens int64
				thousands(&tokens).Decode(d, v)
				each := limit(tokens)
				each.Each = []tallygate.Dimension{tallygate.ByModel}
				c.Limits = append(c.Limits, each)
				return
			}
			var models map[string]int64
			tree.Table(&models, tree.IDFault, thousands).Decode(d, v)
			for _, model := range inOrderOf(d, v.Path, models) {
				one := limit(models[model])
				one.Match[tallygate.ByModel] = []string{model}
				c.Limits = append(c.Limits, one)
			}
			readingOf(d).perModel = append(readingOf(d).perModel, perModel{v.Path, c.Models, models})
		},
		Encode: func(*tree.Printer) *yaml.Node { return nil },
		Schema: func() tree.Schema {
			number := thousands(new(int64)).Schema()
			return tree.Schema{"anyOf": []tree.Schema{number, {"type": "object", "additionalProperties": number}}}
		},
	}
}

// thousands is a number of thousands that comes out whole. Nothing and less than
// that allow nothing.
func thousands(p *int64) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "a number of thousands", true)
			if !ok {
				return
			}
			n, err := tree.ParseNumber(strings.TrimPrefix(s, "-"), []tree.Unit{{Factor: 1000}}, "is not a number of thousands such as 30 or 0.02")
			switch {
			case err != nil:
				d.Fail(v, err)
				return
			case n > maxAmount:
				d.Wrong(v, "30 is thirty thousand", "is too large")
				return
			case n == 0 || strings.HasPrefix(s, "-"):
				n = 0
				d.Note(v.Path, "0 and less allow nothing: every request gets a 429", "")
			}
			*p = n
		},
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{{"type": "number"}, {"type": "string", "pattern": `^-?[0-9][0-9_]*(\.[0-9]+)?$|\$\{`}}}
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
func (d *reading) checkPerModel(p perModel, models *names) {
	said := make(map[string]int)
	for _, model := range inOrderOf(d.Decoder, p.path, p.tokens) {
		at := tree.Join(p.path, model)
		d.Unique(said, at, model)
		switch {
		case !models.has(model):
			d.WrongAt(at, suggest(model, models.list), "no deployment serves this model")
		case !anyMatches(p.usable, model):
			d.WrongAt(at, "", "the caller may not use this model")
		}
	}
	if models.partial || !d.Sound(p.path) || !d.Sound(tree.Join(tree.Parent(p.path), "models")) {
		return
	}
	for _, model := range models.list {
		if _, ok := said[strings.ToLower(model)]; !ok && anyMatches(p.usable, model) {
			d.WrongAt(p.path, "add it, or name the caller's models in models", "says nothing of the model %s, which the caller may use", d.Quote("", model))
			return
		}
	}
}
