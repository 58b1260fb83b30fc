package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Key is an API key of a caller, or its digest: sha256: and 64 hex digits, which stand
// for the key that they are of.
type Key struct {
	// Name tells it from the caller's others in reports; may be empty.
	Name string
	Secret
}

// ID is how the ledger and reports name the key without revealing it: the first 12 hex
// digits of its digest.
func (k Key) ID() string {
	sum := tallygate.KeyDigest(string(k.Secret))
	return hex.EncodeToString(sum[:6])
}

// Digest is what may stand in place of the key: sha256: and 64 hex digits.
func (k Key) Digest() string {
	sum := tallygate.KeyDigest(string(k.Secret))
	return tallygate.DigestPrefix + hex.EncodeToString(sum[:])
}

// codec reads a key by itself, or with its name.
func (k *Key) codec() tree.Codec {
	named := tree.Inline(tree.Section(tree.Fields{
		{Key: "name", Required: true, Codec: tree.ID(&k.Name), Doc: "Name of the key in reports, such as that of who or what uses it."},
		{Key: "key", Required: true, Codec: callerKey(&k.Secret), Doc: "The key, or sha256: and its digest."},
	}))
	bare := callerKey(&k.Secret)
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			if v.Node.Kind == yaml.MappingNode {
				named.Decode(d, v)
				return
			}
			bare.Decode(d, v)
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if k.Name != "" {
				return named.Encode(pr)
			}
			return pr.Secret(k.Secret)
		},
		Schema: func() tree.Schema { return tree.Schema{"anyOf": []tree.Schema{bare.Schema(), named.Schema()}} },
	}
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
func callerKey(p *Secret) tree.Codec {
	c := tree.Hidden(p, func(s string) string {
		if strings.HasPrefix(s, tallygate.DigestPrefix) {
			if digits := s[len(tallygate.DigestPrefix):]; len(digits) != hex.EncodedLen(sha256.Size) || strings.Trim(digits, "0123456789abcdef") != "" {
				return "the digest is not " + tallygate.DigestPrefix + " and 64 hex digits in lower case"
			}
			return ""
		}
		if fault := tree.SecretFault(s); fault != "" {
			return "the key " + fault
		}
		return ""
	})
	c.Schema = func() tree.Schema { return tree.Schema{"type": "string", "pattern": `^[!-~]{8,}$|\$\{`} }
	return c
}

// oneKey reads and prints the keys of a caller that has one without a name.
func oneKey(p *[]Key) tree.Codec {
	c := callerKey(new(Secret))
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			var k Key
			callerKey(&k.Secret).Decode(d, v)
			*p = append([]Key{k}, *p...)
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if len(*p) != 1 || (*p)[0].Name != "" {
				return nil
			}
			return pr.Secret((*p)[0].Secret)
		},
		Schema: c.Schema,
	}
}

// manyKeys reads and prints the keys of a caller that has several, or whose keys have
// names.
func manyKeys(p *[]Key) tree.Codec {
	c := tree.List(p, Key{}, (*Key).codec)
	encode := c.Encode
	c.Encode = func(pr *tree.Printer) *yaml.Node {
		if len(*p) == 0 || len(*p) == 1 && (*p)[0].Name == "" {
			return nil
		}
		return encode(pr)
	}
	return c
}

// checkKeys checks that caller i has keys, and that nobody before it has one of
// them. A problem names both callers and lines, never the key.
func (d *reading) checkKeys(list []Caller, i int, owners map[[sha256.Size]byte]int) {
	c, path := list[i], tree.Index("callers", i)
	one, many := tree.Join(path, "key"), tree.Join(path, "keys")
	if d.Has(one) && d.Has(many) {
		d.WrongAt(one, "put it into keys", "there are both key and keys")
	}
	if len(c.Keys) == 0 && d.Sound(path) {
		d.WrongAt(path, "give it one with key: ${env:NAME}", "has no key")
	}
	names := make(map[string]int)
	for j, key := range c.Keys {
		at := one
		if !d.Has(one) {
			at = tree.Index(many, j)
		}
		d.Unique(names, tree.Join(at, "name"), key.Name)
		if key.Secret == "" {
			continue
		}
		switch owner, ok := owners[tallygate.KeyDigest(string(key.Secret))]; {
		case !ok:
			owners[tallygate.KeyDigest(string(key.Secret))] = i
		case owner == i:
			d.WrongAt(at, "", "this caller has the same key twice")
		default:
			name := tree.Join(tree.Index("callers", owner), "name")
			d.WrongAt(at, "give each caller its own", "the same key as caller %s on line %d",
				d.Quote(name, list[owner].Name), list[owner].Line)
		}
	}
}
