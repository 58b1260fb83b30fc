package config

import (
	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

func (c *Caller) codec() codec {
	inner := section(fields{
		{key: "name", required: true, codec: id(&c.Name), doc: "Name of the caller in limits, logs and the ledger, for ever."},
		{key: "key", codec: oneKey(&c.Keys), doc: "Its API key, best as ${env:…} or ${file:…}."},
		{key: "keys", codec: manyKeys(&c.Keys), doc: "Its API keys, when it has several: a new one works beside the old."},
		{key: "group", codec: id(&c.Group), doc: "Team, product or cost centre."},
		{key: "models", codec: list(&c.Models, "", name), doc: "Models it may use; * stands for any run of characters. All when left out."},
		{key: "max_tokens", codec: tokenCap(&c.MaxTokens), doc: "Most completion tokens its requests may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{key: "weight", codec: small(&c.Weight), doc: "Its share of the room when several wait for it; its group's unless said."},
		{key: "batch", codec: flag(&c.Batch), doc: "It can wait: others go first; as its group unless said."},
		{key: "limits", codec: limits(&c.Limits, tallygate.ByCaller, func() string { return c.Name }), doc: "What it may use."},
		{key: "max_tokens_per_minute_in_k", codec: perMinute(c), doc: "PowerProxy's limit: thousands of tokens a minute of each model, or by model name."},
	})
	decode := inner.decode
	inner.decode = func(d *decoder, v value) {
		c.Line = v.node.Line
		decode(d, v)
	}
	return inner
}

// oneKey reads and prints the keys of a caller that has one.
func oneKey(p *[]Secret) codec {
	c := secret(new(Secret))
	return codec{
		decode: func(d *decoder, v value) {
			var s Secret
			secret(&s).decode(d, v)
			*p = append([]Secret{s}, *p...)
		},
		encode: func(pr *printer) *yaml.Node {
			if len(*p) != 1 {
				return nil
			}
			return pr.secret((*p)[0])
		},
		schema: c.schema,
	}
}

// manyKeys reads and prints the keys of a caller that has several.
func manyKeys(p *[]Secret) codec {
	c := list(p, "", secret)
	encode := c.encode
	c.encode = func(pr *printer) *yaml.Node {
		if len(*p) < 2 {
			return nil
		}
		return encode(pr)
	}
	return c
}

// checkCallers checks what holds between and within the callers.
func (d *decoder) checkCallers(list []Caller, s *names) {
	names := make(map[string]int)
	owners := make(map[Secret]int)
	for i, c := range list {
		path := index("callers", i)
		d.unique(names, join(path, "name"), c.Name)
		d.checkKeys(list, i, owners)
		for j, glob := range c.Models {
			at := index(join(path, "models"), j)
			if glob != "" && !s.matches(glob) {
				d.wrongAt(at, suggest(glob, s.list), "%s matches no model", d.quote(at, glob))
			}
		}
	}
}

// checkKeys checks that caller i has keys, and that nobody before it has one of
// them. A problem names both callers and lines, never the key.
func (d *decoder) checkKeys(list []Caller, i int, owners map[Secret]int) {
	c, path := list[i], index("callers", i)
	one, many := join(path, "key"), join(path, "keys")
	if d.has(one) && d.has(many) {
		d.wrongAt(one, "put it into keys", "there are both key and keys")
	}
	if len(c.Keys) == 0 && d.sound(path) {
		d.wrongAt(path, "give it one with key: ${env:NAME}", "has no key")
	}
	for j, key := range c.Keys {
		at := one
		if !d.has(one) {
			at = index(many, j)
		}
		if key == "" {
			continue
		}
		switch owner, ok := owners[key]; {
		case !ok:
			owners[key] = i
		case owner == i:
			d.wrongAt(at, "", "this caller has the same key twice")
		default:
			name := join(index("callers", owner), "name")
			d.wrongAt(at, "give each caller its own", "the same key as caller %s on line %d",
				d.quote(name, list[owner].Name), list[owner].Line)
		}
	}
}
