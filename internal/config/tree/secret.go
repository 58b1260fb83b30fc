package tree

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"

	"go.yaml.in/yaml/v4"
)

// Key is a key that is kept secret.
func Key(p *Secret) Codec {
	c := Hidden(p, func(s string) string {
		if fault := SecretFault(s); fault != "" {
			return "the key " + fault
		}
		return ""
	})
	c.Schema = func() Schema { return Schema{"type": "string", "pattern": `^[!-~]{8,}$|\$\{`} }
	return c
}

// Hidden is text that no message shows. fault says what is wrong with it, without
// repeating it; empty is nothing.
func Hidden(p *Secret, fault func(string) string) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			s, ok := d.Scalar(v, "text", false)
			if !ok {
				return
			}
			raw := d.marks[v.Path].Raw
			if message := fault(s); message != "" {
				d.Wrong(v, raw, "%s", message)
				return
			}
			d.Hide(s, cmp.Or(raw, Redacted))
			*p = Secret(s)
		},
		Encode: func(pr *Printer) *yaml.Node {
			if *p == "" {
				return nil
			}
			return pr.Secret(*p)
		},
		Schema: func() Schema { return Schema{"type": "string", "minLength": 1} },
	}
}

// Redacted is what a Secret shows of itself.
const Redacted = "[redacted]"

// Secret is a key that shows itself to nobody who does not ask by name: printing,
// logging and marshalling it give "[redacted]", and only Reveal gives the value.
type Secret string

// Reveal returns the value.
func (s Secret) Reveal() string { return string(s) }

// String implements fmt.Stringer.
func (Secret) String() string { return Redacted }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return Redacted }

// Format implements fmt.Formatter: without it, a verb that does not fit a string
// (%d) would print the value in its complaint.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, Redacted) }

// MarshalText implements encoding.TextMarshaler, and so serves JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalYAML implements yaml.Marshaler.
func (Secret) MarshalYAML() (any, error) { return Redacted, nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// SecretFault says what is wrong with a key, without showing it; empty when
// nothing is.
func SecretFault(s string) string {
	if s == "" {
		return "is empty"
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return "holds a space or another character that is not visible ASCII"
		}
	}
	if len(s) < minSecret {
		return fmt.Sprintf("is too short: a key has at least %d characters", minSecret)
	}
	return ""
}

// minSecret is the fewest bytes of a key.
const minSecret = 8
