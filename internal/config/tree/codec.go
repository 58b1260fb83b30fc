package tree

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Text is any text.
func Text(p *string) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			if s, ok := d.Scalar(v, "text", false); ok {
				*p = s
			}
		},
		Encode: func(*Printer) *yaml.Node { return TextNode(*p) },
		Schema: func() Schema { return Schema{"type": "string"} },
	}
}

// Description is text for people.
func Description(p *string) Codec { return UnlessEmpty(Text(p), func() bool { return *p == "" }) }

// Path is the path of a file, relative to the configuration file.
func Path(p *string) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			s, ok := d.Scalar(v, "a path", false)
			switch {
			case !ok:
			case s == "":
				d.Wrong(v, "", "must not be empty")
			case strings.ContainsAny(s, "\r\n\x00"):
				d.Wrong(v, "put the PEM into a file and name that", "must be the path of a file, not its content")
			default:
				*p = d.Path(s)
			}
		},
		Encode: func(*Printer) *yaml.Node {
			if *p == "" {
				return nil
			}
			return TextNode(*p)
		},
		Schema: func() Schema { return Schema{"type": "string", "minLength": 1} },
	}
}

// Choice is one of a few words.
func Choice(p *string, words ...string) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			s, ok := d.Scalar(v, "text", false)
			if !ok {
				return
			}
			if !slices.Contains(words, s) {
				d.Wrong(v, d.suggest(s, words), "%s is not one of: %s", d.Quote(v.Path, s), strings.Join(words, ", "))
				return
			}
			*p = s
		},
		Encode: func(*Printer) *yaml.Node { return TextNode(*p) },
		Schema: func() Schema { return Schema{"enum": words} },
	}
}

// Flag is true or false. A reference may stand for it.
func Flag(p *bool) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			if !d.Enter(v) {
				return
			}
			if v.Node.Kind == yaml.ScalarNode && v.Node.ShortTag() == "!!bool" {
				*p = strings.EqualFold(v.Node.Value, "true")
				return
			}
			s, ok := d.Scalar(v, "true or false", true)
			if !ok {
				return
			}
			if d.marks[v.Path].Raw == "" || s != "true" && s != "false" {
				d.Wrong(v, "", "must be true or false")
				return
			}
			*p = s == "true"
		},
		Encode: func(*Printer) *yaml.Node {
			if *p {
				return PlainNode("true")
			}
			return PlainNode("false")
		},
		Schema: func() Schema {
			return Schema{"anyOf": []Schema{{"type": "boolean"}, {"type": "string", "pattern": `\$\{`}}}
		},
	}
}

// Duration is a time of at least least, in Go's form.
func Duration(p *time.Duration, least time.Duration) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			s, ok := d.Scalar(v, "a duration such as 20s", true)
			if !ok {
				return
			}
			got, err := parseDuration(s)
			switch {
			case err != nil:
				d.Fail(v, err)
			case got < least:
				d.Wrong(v, "", "must be at least %s", FormatDuration(least))
			default:
				*p = got
			}
		},
		Encode: func(*Printer) *yaml.Node { return PlainNode(FormatDuration(*p)) },
		Schema: func() Schema {
			return Schema{"type": "string", "pattern": `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$|^0$|\$\{`}
		},
	}
}
