package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// digestPrefix is what stands before the digest of a key, in place of the key.
const digestPrefix = "sha256:"

// sum is the SHA-256 digest of a key, or the one that stands in its place.
func (s Secret) sum() (sum [sha256.Size]byte) {
	if digits, ok := strings.CutPrefix(string(s), digestPrefix); ok && len(digits) == hex.EncodedLen(len(sum)) {
		if _, err := hex.Decode(sum[:], []byte(digits)); err == nil {
			return sum
		}
	}
	return sha256.Sum256([]byte(s))
}

// ID is how the ledger and reports name the key without revealing it: the first 12 hex
// digits of its digest.
func (k Key) ID() string {
	sum := k.sum()
	return hex.EncodeToString(sum[:6])
}

// Digest is what may stand in place of the key: sha256: and 64 hex digits.
func (k Key) Digest() string {
	sum := k.sum()
	return digestPrefix + hex.EncodeToString(sum[:])
}

// KeyNames returns what people call each key of the callers, by Key.ID: CALLER/NAME for
// a key that has a name, CALLER for a caller's only one, else CALLER/N by its place.
func (c *Config) KeyNames() map[string]string {
	out := make(map[string]string)
	for i := range c.Callers {
		who := &c.Callers[i]
		for j, key := range who.Keys {
			switch name := who.Name; {
			case key.Name != "":
				out[key.ID()] = name + "/" + key.Name
			case len(who.Keys) == 1:
				out[key.ID()] = name
			default:
				out[key.ID()] = fmt.Sprintf("%s/%d", name, j+1)
			}
		}
	}
	return out
}

// callerKey is an API key of a caller, or the digest of one. Of a digest nobody can tell
// how easily its key is guessed.
func callerKey(p *Secret) codec {
	c := hidden(p, func(s string) string {
		if strings.HasPrefix(s, digestPrefix) {
			if digits := s[len(digestPrefix):]; len(digits) != hex.EncodedLen(sha256.Size) || strings.Trim(digits, "0123456789abcdef") != "" {
				return "the digest is not " + digestPrefix + " and 64 hex digits in lower case"
			}
			return ""
		}
		if fault := secretFault(s); fault != "" {
			return "the key " + fault
		}
		return ""
	})
	c.schema = func() schema { return schema{"type": "string", "pattern": `^[!-~]{8,}$|\$\{`} }
	return c
}

// oneKey reads and prints the keys of a caller that has one without a name.
func oneKey(p *[]Key) codec {
	c := callerKey(new(Secret))
	return codec{
		decode: func(d *decoder, v value) {
			var k Key
			callerKey(&k.Secret).decode(d, v)
			*p = append([]Key{k}, *p...)
		},
		encode: func(pr *printer) *yaml.Node {
			if len(*p) != 1 || (*p)[0].Name != "" {
				return nil
			}
			return pr.secret((*p)[0].Secret)
		},
		schema: c.schema,
	}
}

// manyKeys reads and prints the keys of a caller that has several, or whose keys have
// names.
func manyKeys(p *[]Key) codec {
	c := list(p, Key{}, (*Key).codec)
	encode := c.encode
	c.encode = func(pr *printer) *yaml.Node {
		if len(*p) == 0 || len(*p) == 1 && (*p)[0].Name == "" {
			return nil
		}
		return encode(pr)
	}
	return c
}

// codec reads a key by itself, or with its name.
func (k *Key) codec() codec {
	named := inline(section(fields{
		{key: "name", required: true, codec: id(&k.Name), doc: "Name of the key in reports, such as that of who or what uses it."},
		{key: "key", required: true, codec: callerKey(&k.Secret), doc: "The key, or sha256: and its digest."},
	}))
	bare := callerKey(&k.Secret)
	return codec{
		decode: func(d *decoder, v value) {
			if v.node.Kind == yaml.MappingNode {
				named.decode(d, v)
				return
			}
			bare.decode(d, v)
		},
		encode: func(pr *printer) *yaml.Node {
			if k.Name != "" {
				return named.encode(pr)
			}
			return pr.secret(k.Secret)
		},
		schema: func() schema { return schema{"anyOf": []schema{bare.schema(), named.schema()}} },
	}
}

// checkKeys checks that caller i has keys, and that nobody before it has one of
// them. A problem names both callers and lines, never the key.
func (d *decoder) checkKeys(list []Caller, i int, owners map[[sha256.Size]byte]int) {
	c, path := list[i], index("callers", i)
	one, many := join(path, "key"), join(path, "keys")
	if d.has(one) && d.has(many) {
		d.wrongAt(one, "put it into keys", "there are both key and keys")
	}
	if len(c.Keys) == 0 && d.sound(path) {
		d.wrongAt(path, "give it one with key: ${env:NAME}", "has no key")
	}
	names := make(map[string]int)
	for j, key := range c.Keys {
		at := one
		if !d.has(one) {
			at = index(many, j)
		}
		d.unique(names, join(at, "name"), key.Name)
		if key.Secret == "" {
			continue
		}
		switch owner, ok := owners[key.sum()]; {
		case !ok:
			owners[key.sum()] = i
		case owner == i:
			d.wrongAt(at, "", "this caller has the same key twice")
		default:
			name := join(index("callers", owner), "name")
			d.wrongAt(at, "give each caller its own", "the same key as caller %s on line %d",
				d.quote(name, list[owner].Name), list[owner].Line)
		}
	}
}
