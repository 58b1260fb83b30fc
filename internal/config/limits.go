package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// limits is the limits in the section of an owner, which are about that owner
// alone. Its name is asked for once the section was read as far as to the limits.
func limits(p *[]tallygate.Limit, of tallygate.Dimension, owner func() string) tree.Codec {
	return tree.List(p, tallygate.Limit{Quantity: unsaid}, func(l *tallygate.Limit) tree.Codec { return oneLimit(l, of, owner) })
}

// oneLimit is one of them, which begins with the quantity unsaid.
func oneLimit(l *tallygate.Limit, of tallygate.Dimension, owner func() string) tree.Codec {
	c := tree.Inline(tree.Section(limitFields(l)))
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		decode(d, v)
		w := written{Limit: *l, path: v.Path, of: of, owner: owner()}
		readingOf(d).checkLimit(&w)
		if !d.Has(tree.Join(v.Path, "warn")) && l.Budget() && l.Amount > 0 {
			w.Warn = defaultWarn
		}
		if !d.Has(tree.Join(v.Path, "zone")) && calendar(l.Period) {
			w.Zone = readingOf(d).whole.Zone
		}
		*l = w.Limit
		readingOf(d).limits = append(readingOf(d).limits, w)
	}
	return c
}

// nobody is the owner of the limits that have none.
func nobody() string { return "" }

const (
	// unsaid is the quantity of a limit that does not say what it counts.
	unsaid = tallygate.Concurrent + 1
	// maxAmount is the largest amount of a limit: of requests, tokens, or whole units
	// of money. What is above it is a mistake.
	maxAmount = 1 << 40
	// defaultWarn is the share of a budget, in percent, at which it warns.
	defaultWarn = 80
)

// calendar says whether a period begins by the calendar, and so in a time zone.
func calendar(p tallygate.Period) bool { return p >= tallygate.Hour && p <= tallygate.Year }

func limitFields(l *tallygate.Limit) tree.Fields {
	filter := func(d tallygate.Dimension) tree.Codec { return tree.List(&l.Match[d], "", tree.Name) }
	return tree.Fields{
		{Key: "name", Codec: tree.Name(&l.Name), Doc: "Name of the limit in answers, metrics and reports; made from the rest unless said."},
		{Key: "description", Codec: tree.Description(&l.Description), Doc: "What people should know of it; nothing depends on it."},
		{Key: "requests", Codec: amount(l, tallygate.Requests), Doc: "Requests in each period. A limit has exactly one of requests, tokens, prompt_tokens, completion_tokens, money, seconds, images, characters, concurrent; 0 forbids."},
		{Key: "tokens", Codec: amount(l, tallygate.Tokens), Doc: "Tokens in each period, prompt and completion together: 200k, 5M."},
		{Key: "prompt_tokens", Codec: amount(l, tallygate.PromptTokens), Doc: "Prompt tokens in each period."},
		{Key: "completion_tokens", Codec: amount(l, tallygate.CompletionTokens), Doc: "Completion tokens in each period."},
		{Key: "money", Codec: amount(l, tallygate.Cost), Doc: "Money in each period: 500, 0.01 or 500 EUR, with at most six decimals."},
		{Key: "seconds", Codec: amount(l, tallygate.Seconds), Doc: "Seconds of sound that is transcribed in each period: 3600, 100k."},
		{Key: "images", Codec: amount(l, tallygate.Images), Doc: "Pictures that are made in each period."},
		{Key: "characters", Codec: amount(l, tallygate.Characters), Doc: "Characters that are spoken in each period: 100k."},
		{Key: "concurrent", Codec: amount(l, tallygate.Concurrent), Doc: "Requests on their way at the same time; it has no period."},
		{Key: "per", Codec: period(l), Doc: "The period: hour, day, week, month or year of the calendar; event for as long as the event lasts; ever; minute or a time from 1s to 1h (10s, 30m), which slides: no stretch of time so long has more."},
		{Key: "zone", Codec: zone(&l.Zone), Doc: "Time zone of a calendar period; that of the file unless said."},
		{Key: "each", Codec: each(&l.Each), Doc: "What has a count of its own: key, caller, group, event, attendee, model, deployment, or a list of them. All share one unless said."},
		{Key: "callers", Codec: filter(tallygate.ByCaller), Doc: "Callers it is about; * stands for any run of characters. All unless said."},
		{Key: "groups", Codec: filter(tallygate.ByGroup), Doc: "Groups it is about."},
		{Key: "models", Codec: filter(tallygate.ByModel), Doc: "Models it is about, by the name that is asked for."},
		{Key: "deployments", Codec: filter(tallygate.ByDeployment), Doc: "Deployments it is about, as RESOURCE/NAME."},
		{Key: "events", Codec: filter(tallygate.ByEvent), Doc: "Events it is about."},
		{Key: "warn", Codec: warn(l), Doc: "Share at which a warning goes out, once in a period; 80% for budgets unless said, which are limits of a calendar period, of an event, for ever, or of money. 0 is none."},
		{Key: "dry_run", Codec: tree.Flag(&l.DryRun), Doc: "Only count, and say what would have been refused."},
		{Key: "answer", Codec: answer(l), Doc: "Status of a refusal by a budget: 429, or 403 as API Management does."},
	}
}

// quantityKeys are the keys of which a limit has one, as the quantities are named.
func quantityKeys() []string {
	keys := make([]string, unsaid)
	for q := range unsaid {
		keys[q] = q.String()
	}
	return keys
}

// amount is how much of the quantity q the limit allows.
func amount(l *tallygate.Limit, q tallygate.Quantity) tree.Codec {
	c := tree.Number(&l.Amount, 0, maxAmount, tree.ParseCount, tree.Counts[0], tree.Counts[1])
	if q == tallygate.Cost {
		c = money(&l.Amount)
	}
	decode, encode := c.Decode, c.Encode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		l.Quantity, l.Amount = q, -1
		decode(d, v)
		if l.Amount == 0 {
			d.Note(v.Path, "a limit of 0 forbids everything that it is about", "")
		}
	}
	c.Encode = func(p *tree.Printer) *yaml.Node {
		switch {
		case l.Quantity != q:
			return nil
		case l.Amount == 0:
			return tree.PlainNode("0")
		}
		return encode(p)
	}
	return c
}

// each is one dimension or a list of them.
func each(p *[]tallygate.Dimension) tree.Codec {
	words := make([]string, tallygate.Dimensions)
	for d := range tallygate.Dimensions {
		words[d] = d.String()
	}
	word := func(s *string) tree.Codec { return tree.Choice(s, words...) }
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			items := []tree.Value{v}
			if v.Node.Kind == yaml.SequenceNode {
				items = d.Items(v)
			}
			for _, it := range items {
				var s string
				word(&s).Decode(d, it)
				dimension := tallygate.Dimension(slices.Index(words, s))
				switch {
				case s == "":
				case slices.Contains(*p, dimension):
					d.Wrong(it, "", "is there twice")
				default:
					*p = append(*p, dimension)
				}
			}
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if len(*p) == 1 {
				return tree.PlainNode((*p)[0].String())
			}
			return tree.List(p, 0, func(d *tallygate.Dimension) tree.Codec {
				return tree.Codec{Encode: func(*tree.Printer) *yaml.Node { return tree.PlainNode(d.String()) }}
			}).Encode(pr)
		},
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{{"enum": words}, {"type": "array", "items": tree.Schema{"enum": words}}}}
		},
	}
}

// warn is the share of a limit from which on it warns.
func warn(l *tallygate.Limit) tree.Codec {
	c := percent(0)(&l.Warn)
	encode := c.Encode
	c.Encode = func(p *tree.Printer) *yaml.Node {
		if l.Warn == 0 && (l.Period == 0 || !l.Budget()) {
			return nil
		}
		return encode(p)
	}
	return c
}

// answer is the status of a refusal.
func answer(l *tallygate.Limit) tree.Codec {
	c := tree.Choice(new(string), "429", "403")
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		s, ok := d.Scalar(v, "429 or 403", true)
		switch {
		case !ok:
		case s != "429" && s != "403":
			d.Wrong(v, "", "must be 429 or 403")
		default:
			l.Forbid = s == "403"
		}
	}
	c.Encode = func(*tree.Printer) *yaml.Node {
		switch {
		case l.Period == 0 || !l.Budget():
			return nil
		case l.Forbid:
			return tree.PlainNode("403")
		}
		return tree.PlainNode("429")
	}
	c.Schema = func() tree.Schema {
		return tree.Schema{"anyOf": []tree.Schema{{"enum": []int{429, 403}}, {"type": "string", "pattern": `^(429|403)$|\$\{`}}}
	}
	return c
}
