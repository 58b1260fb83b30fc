package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

// limits is the limits in the section of an owner, which are about that owner
// alone. Its name is asked for once the section was read as far as to the limits.
func limits(p *[]tallygate.Limit, of tallygate.Dimension, owner func() string) codec {
	return list(p, tallygate.Limit{Quantity: unsaid}, func(l *tallygate.Limit) codec { return oneLimit(l, of, owner) })
}

// oneLimit is one of them, which begins with the quantity unsaid.
func oneLimit(l *tallygate.Limit, of tallygate.Dimension, owner func() string) codec {
	c := inline(section(limitFields(l)))
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		decode(d, v)
		w := written{Limit: *l, path: v.path, of: of, owner: owner()}
		d.checkLimit(&w)
		if !d.has(join(v.path, "warn")) && l.Budget() && l.Amount > 0 {
			w.Warn = defaultWarn
		}
		if !d.has(join(v.path, "zone")) && calendar(l.Period) {
			w.Zone = d.whole.Zone
		}
		*l = w.Limit
		d.limits = append(d.limits, w)
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

func limitFields(l *tallygate.Limit) fields {
	filter := func(d tallygate.Dimension) codec { return list(&l.Match[d], "", name) }
	return fields{
		{key: "name", codec: name(&l.Name), doc: "Name of the limit in answers, metrics and reports; made from the rest unless said."},
		{key: "description", codec: description(&l.Description), doc: "What people should know of it; nothing depends on it."},
		{key: "requests", codec: amount(l, tallygate.Requests), doc: "Requests in each period. A limit has exactly one of requests, tokens, prompt_tokens, completion_tokens, money, concurrent; 0 forbids."},
		{key: "tokens", codec: amount(l, tallygate.Tokens), doc: "Tokens in each period, prompt and completion together: 200k, 5M."},
		{key: "prompt_tokens", codec: amount(l, tallygate.PromptTokens), doc: "Prompt tokens in each period."},
		{key: "completion_tokens", codec: amount(l, tallygate.CompletionTokens), doc: "Completion tokens in each period."},
		{key: "money", codec: amount(l, tallygate.Cost), doc: "Money in each period: 500, 0.01 or 500 EUR, with at most six decimals."},
		{key: "concurrent", codec: amount(l, tallygate.Concurrent), doc: "Requests on their way at the same time; it has no period."},
		{key: "per", codec: period(l), doc: "The period: hour, day, week, month or year of the calendar; event for as long as the event lasts; ever; minute or a time from 1s to 1h (10s, 30m), which slides: no stretch of time so long has more."},
		{key: "zone", codec: zone(&l.Zone), doc: "Time zone of a calendar period; that of the file unless said."},
		{key: "each", codec: each(&l.Each), doc: "What has a count of its own: key, caller, group, event, attendee, model, deployment, or a list of them. All share one unless said."},
		{key: "callers", codec: filter(tallygate.ByCaller), doc: "Callers it is about; * stands for any run of characters. All unless said."},
		{key: "groups", codec: filter(tallygate.ByGroup), doc: "Groups it is about."},
		{key: "models", codec: filter(tallygate.ByModel), doc: "Models it is about, by the name that is asked for."},
		{key: "deployments", codec: filter(tallygate.ByDeployment), doc: "Deployments it is about, as RESOURCE/NAME."},
		{key: "events", codec: filter(tallygate.ByEvent), doc: "Events it is about."},
		{key: "warn", codec: warn(l), doc: "Share at which a warning goes out, once in a period; 80% for budgets unless said, which are limits of a calendar period, of an event, for ever, or of money. 0 is none."},
		{key: "dry_run", codec: flag(&l.DryRun), doc: "Only count, and say what would have been refused."},
		{key: "answer", codec: answer(l), doc: "Status of a refusal by a budget: 429, or 403 as API Management does."},
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
func amount(l *tallygate.Limit, q tallygate.Quantity) codec {
	c := number(&l.Amount, 0, maxAmount, parseCount, counts[0], counts[1])
	if q == tallygate.Cost {
		c = money(&l.Amount)
	}
	decode, encode := c.decode, c.encode
	c.decode = func(d *decoder, v value) {
		l.Quantity, l.Amount = q, -1
		decode(d, v)
		if l.Amount == 0 {
			d.note(v.path, "a limit of 0 forbids everything that it is about", "")
		}
	}
	c.encode = func(p *printer) *yaml.Node {
		switch {
		case l.Quantity != q:
			return nil
		case l.Amount == 0:
			return plainNode("0")
		}
		return encode(p)
	}
	return c
}

// each is one dimension or a list of them.
func each(p *[]tallygate.Dimension) codec {
	words := make([]string, tallygate.Dimensions)
	for d := range tallygate.Dimensions {
		words[d] = d.String()
	}
	word := func(s *string) codec { return choice(s, words...) }
	return codec{
		decode: func(d *decoder, v value) {
			items := []value{v}
			if v.node.Kind == yaml.SequenceNode {
				items = d.items(v)
			}
			for _, it := range items {
				var s string
				word(&s).decode(d, it)
				dimension := tallygate.Dimension(slices.Index(words, s))
				switch {
				case s == "":
				case slices.Contains(*p, dimension):
					d.wrong(it, "", "is there twice")
				default:
					*p = append(*p, dimension)
				}
			}
		},
		encode: func(pr *printer) *yaml.Node {
			if len(*p) == 1 {
				return plainNode((*p)[0].String())
			}
			return list(p, 0, func(d *tallygate.Dimension) codec {
				return codec{encode: func(*printer) *yaml.Node { return plainNode(d.String()) }}
			}).encode(pr)
		},
		schema: func() schema {
			return schema{"anyOf": []schema{{"enum": words}, {"type": "array", "items": schema{"enum": words}}}}
		},
	}
}

// warn is the share of a limit from which on it warns.
func warn(l *tallygate.Limit) codec {
	c := percent(0)(&l.Warn)
	encode := c.encode
	c.encode = func(p *printer) *yaml.Node {
		if l.Warn == 0 && (l.Period == 0 || !l.Budget()) {
			return nil
		}
		return encode(p)
	}
	return c
}

// answer is the status of a refusal.
func answer(l *tallygate.Limit) codec {
	c := choice(new(string), "429", "403")
	c.decode = func(d *decoder, v value) {
		s, ok := d.scalar(v, "429 or 403", true)
		switch {
		case !ok:
		case s != "429" && s != "403":
			d.wrong(v, "", "must be 429 or 403")
		default:
			l.Forbid = s == "403"
		}
	}
	c.encode = func(*printer) *yaml.Node {
		switch {
		case l.Period == 0 || !l.Budget():
			return nil
		case l.Forbid:
			return plainNode("403")
		}
		return plainNode("429")
	}
	c.schema = func() schema {
		return schema{"anyOf": []schema{{"enum": []int{429, 403}}, {"type": "string", "pattern": `^(429|403)$|\$\{`}}}
	}
	return c
}
