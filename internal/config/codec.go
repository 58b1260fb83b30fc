package config

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// text is any text.
func text(p *string) codec {
	return codec{
		decode: func(d *decoder, v value) {
			if s, ok := d.scalar(v, "text", false); ok {
				*p = s
			}
		},
		encode: func(*printer) *yaml.Node { return textNode(*p) },
		schema: func() schema { return schema{"type": "string"} },
	}
}

// description is text for people.
func description(p *string) codec { return unlessEmpty(text(p), func() bool { return *p == "" }) }

// name is text that names something in logs, headers and metrics: not empty, and
// without characters that could not stand there.
func name(p *string) codec {
	c := text(p)
	c.decode = func(d *decoder, v value) {
		s, ok := d.scalar(v, "text", false)
		if !ok {
			return
		}
		if err := nameFault(s); err != nil {
			d.fail(v, err)
			return
		}
		*p = s
	}
	c.encode = func(*printer) *yaml.Node {
		if *p == "" {
			return nil
		}
		return textNode(*p)
	}
	c.schema = func() schema { return schema{"type": "string", "minLength": 1} }
	return c
}

// id is a name that limits match by.
func id(p *string) codec {
	c := name(p)
	c.decode = func(d *decoder, v value) {
		var s string
		name(&s).decode(d, v)
		if err := idFault(s); err != nil && s != "" {
			d.fail(v, err)
			return
		}
		*p = s
	}
	return c
}

func idFault(s string) error {
	if strings.Contains(s, "*") {
		return faultf("in limits and models * stands for any text", "must not hold a *")
	}
	return nameFault(s)
}

// maxName is the most bytes of a name.
const maxName = 128

func nameFault(s string) error {
	switch {
	case s == "":
		return faultf("", "must not be empty")
	case len(s) > maxName:
		return faultf("", "is longer than %d bytes", maxName)
	case strings.Contains(s, "${"):
		return faultf("", "must not hold ${")
	case strings.TrimSpace(s) != s:
		return faultf("", "must not begin or end with a space")
	case strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff'
	}):
		return faultf("", "holds a control character")
	}
	return nil
}

// path is the path of a file, relative to the configuration file.
func path(p *string) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "a path", false)
			switch {
			case !ok:
			case s == "":
				d.wrong(v, "", "must not be empty")
			case strings.ContainsAny(s, "\r\n\x00"):
				d.wrong(v, "put the PEM into a file and name that", "must be the path of a file, not its content")
			default:
				*p = d.path(s)
			}
		},
		encode: func(*printer) *yaml.Node {
			if *p == "" {
				return nil
			}
			return textNode(*p)
		},
		schema: func() schema { return schema{"type": "string", "minLength": 1} },
	}
}

// choice is one of a few words.
func choice(p *string, words ...string) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "text", false)
			if !ok {
				return
			}
			if !slices.Contains(words, s) {
				d.wrong(v, suggest(s, words), "%s is not one of: %s", d.quote(v.path, s), strings.Join(words, ", "))
				return
			}
			*p = s
		},
		encode: func(*printer) *yaml.Node { return textNode(*p) },
		schema: func() schema { return schema{"enum": words} },
	}
}

// secret is a key.
func secret(p *Secret) codec {
	c := hidden(p, func(s string) string {
		if fault := secretFault(s); fault != "" {
			return "the key " + fault
		}
		return ""
	})
	c.schema = func() schema { return schema{"type": "string", "pattern": `^[!-~]{8,}$|\$\{`} }
	return c
}

// hidden is text that no message shows. fault says what is wrong with it, without
// repeating it; empty is nothing.
func hidden(p *Secret, fault func(string) string) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "text", false)
			if !ok {
				return
			}
			raw := d.marks[v.path].raw
			if message := fault(s); message != "" {
				d.wrong(v, raw, "%s", message)
				return
			}
			d.hide(s, cmp.Or(raw, redacted))
			*p = Secret(s)
		},
		encode: func(pr *printer) *yaml.Node {
			if *p == "" {
				return nil
			}
			return pr.secret(*p)
		},
		schema: func() schema { return schema{"type": "string", "minLength": 1} },
	}
}

// flag is true or false. A reference may stand for it.
func flag(p *bool) codec {
	return codec{
		decode: func(d *decoder, v value) {
			if !d.enter(v) {
				return
			}
			if v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!bool" {
				*p = strings.EqualFold(v.node.Value, "true")
				return
			}
			s, ok := d.scalar(v, "true or false", true)
			if !ok {
				return
			}
			if d.marks[v.path].raw == "" || s != "true" && s != "false" {
				d.wrong(v, "", "must be true or false")
				return
			}
			*p = s == "true"
		},
		encode: func(*printer) *yaml.Node {
			if *p {
				return plainNode("true")
			}
			return plainNode("false")
		},
		schema: func() schema {
			return schema{"anyOf": []schema{{"type": "boolean"}, {"type": "string", "pattern": `\$\{`}}}
		},
	}
}

// duration is a time of at least least, in Go's form.
func duration(p *time.Duration, least time.Duration) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "a duration such as 20s", true)
			if !ok {
				return
			}
			got, err := parseDuration(s)
			switch {
			case err != nil:
				d.fail(v, err)
			case got < least:
				d.wrong(v, "", "must be at least %s", formatDuration(least))
			default:
				*p = got
			}
		},
		encode: func(*printer) *yaml.Node { return plainNode(formatDuration(*p)) },
		schema: func() schema {
			return schema{"type": "string", "pattern": `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$|^0$|\$\{`}
		},
	}
}

// number is a whole number from least to most, read by parse and written with
// units. Left out, it is 0 and not printed.
func number[T int | int64](p *T, least, most int64, parse func(string) (int64, error), units ...unit) codec {
	return codec{
		decode: func(d *decoder, v value) {
			s, ok := d.scalar(v, "a number", true)
			if !ok {
				return
			}
			n, err := parse(s)
			switch {
			case err != nil:
				d.fail(v, err)
			case n < least:
				d.wrong(v, "", "must be at least %d", least)
			case n > most:
				d.wrong(v, "", "must be at most %s", formatNumber(most, units...))
			default:
				*p = T(n)
			}
		},
		encode: func(*printer) *yaml.Node {
			if *p == 0 {
				return nil
			}
			return plainNode(formatNumber(int64(*p), units...))
		},
		schema: func() schema {
			return schema{"anyOf": []schema{
				{"type": "integer", "minimum": least},
				{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]+)? ?([kKM]|([kKMG]|[KMG]i)?B)?$|\$\{`},
			}}
		},
	}
}

// tokens is a number of tokens or requests; it prints as 600k or 2M.
func tokens(p *int64) codec {
	return number(p, 1, maxCount, parseCount, counts[0], counts[1])
}

// size is a number of bytes; it prints as 100MB or 64KiB.
func size(p *int64) codec { return number(p, 1, math.MaxInt64, parseSize, sizes[:6]...) }

// small is a number that counts few things.
func small[T int | int64](p *T) codec { return number(p, 1, maxSmall, parseCount) }

const maxSmall = 1_000_000

// maxCount keeps sums of tokens far from overflow.
const maxCount = 1_000_000_000_000_000
