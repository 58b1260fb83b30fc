package config

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

func (c *Caller) codec() codec {
	inner := section(fields{
		{key: "name", required: true, codec: name(&c.Name), doc: "Name of the caller in limits, logs and the ledger, for ever."},
		{key: "key", codec: oneKey(&c.Keys), doc: "Its API key, best as ${env:…} or ${file:…}."},
		{key: "keys", codec: manyKeys(&c.Keys), doc: "Its API keys, when it has several: a new one works beside the old."},
		{key: "group", codec: name(&c.Group), doc: "Team, product or cost centre."},
		{key: "models", codec: list(&c.Models, "", name), doc: "Models it may use; * stands for any run of characters. All when left out."},
		{key: "limits", codec: list(&c.Limits, Limit{}, (*Limit).codec), doc: "What it may use."},
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

func (l *Limit) codec() codec {
	return inline(section(fields{
		{key: "requests", codec: tokens(&l.Requests), doc: "Requests in each period."},
		{key: "tokens", codec: tokens(&l.Tokens), doc: "Tokens in each period, prompt and completion together."},
		{key: "per", required: true, codec: choice(&l.Per, "minute"), doc: "The period."},
	}))
}

// checkCallers checks what holds between and within the callers.
func (d *decoder) checkCallers(list []Caller, s served) {
	names := make(map[string]int)
	owners := make(map[Secret]int)
	matched := make(map[string]bool)
	for i, c := range list {
		path := index("callers", i)
		d.unique(names, join(path, "name"), c.Name)
		d.checkKeys(list, i, owners)
		for j, glob := range c.Models {
			at := index(join(path, "models"), j)
			if _, ok := matched[glob]; !ok {
				matched[glob] = glob == "" || s.matches(glob)
			}
			if !matched[glob] {
				d.wrongAt(at, suggest(glob, s.names), "%s matches no model", d.quote(at, glob))
			}
		}
		for j := range c.Limits {
			at := index(join(path, "limits"), j)
			requests, tokens := d.has(join(at, "requests")), d.has(join(at, "tokens"))
			if requests && tokens {
				d.wrongAt(at, "write them as two limits", "bounds both requests and tokens")
			} else if !requests && !tokens && d.sound(at) {
				d.wrongAt(at, "such as {tokens: 100k, per: minute}", "bounds neither requests nor tokens")
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

// matches says whether the glob matches a model that is served.
func (s served) matches(glob string) bool {
	if !strings.Contains(glob, "*") {
		return s.has(glob)
	}
	for _, name := range s.names {
		if match(strings.ToLower(glob), strings.ToLower(name)) {
			return true
		}
	}
	return s.partial
}

// match reports whether name matches glob, in which * stands for any run of
// characters.
func match(glob, name string) bool {
	parts := strings.Split(glob, "*")
	name, ok := strings.CutPrefix(name, parts[0])
	last := len(parts) - 1
	if !ok || last == 0 {
		return ok && name == ""
	}
	for _, part := range parts[1:last] {
		if _, name, ok = strings.Cut(name, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(name, parts[last])
}
