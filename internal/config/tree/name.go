package tree

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Name is text that names something in logs, headers and metrics: not empty, and
// without characters that could not stand there.
func Name(p *string) Codec {
	c := Text(p)
	c.Decode = func(d *Decoder, v Value) {
		s, ok := d.Scalar(v, "text", false)
		if !ok {
			return
		}
		if err := NameFault(s); err != nil {
			d.Fail(v, err)
			return
		}
		*p = s
	}
	c.Encode = func(*Printer) *yaml.Node {
		if *p == "" {
			return nil
		}
		return TextNode(*p)
	}
	c.Schema = func() Schema { return Schema{"type": "string", "minLength": 1} }
	return c
}

// ID is a name that limits match by.
func ID(p *string) Codec {
	c := Name(p)
	c.Decode = func(d *Decoder, v Value) {
		var s string
		Name(&s).Decode(d, v)
		if err := IDFault(s); err != nil && s != "" {
			d.Fail(v, err)
			return
		}
		*p = s
	}
	return c
}

// IDFault says what keeps a name from being one that limits match by; nil is nothing.
func IDFault(s string) error {
	if strings.Contains(s, "*") {
		return Faultf("in limits and models * stands for any text", "must not hold a *")
	}
	return NameFault(s)
}

// MaxName is the most bytes of a name.
const MaxName = 128

// NameFault says what keeps text from being a name; nil is nothing.
func NameFault(s string) error {
	switch {
	case s == "":
		return Faultf("", "must not be empty")
	case len(s) > MaxName:
		return Faultf("", "is longer than %d bytes", MaxName)
	case strings.Contains(s, "${"):
		return Faultf("", "must not hold ${")
	case strings.TrimSpace(s) != s:
		return Faultf("", "must not begin or end with a space")
	case strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff'
	}):
		return Faultf("", "holds a control character")
	}
	return nil
}
