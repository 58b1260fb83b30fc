package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what a Secret shows of itself.
const redacted = "[redacted]"

// Secret is a key that shows itself to nobody who does not ask by name: printing,
// logging and marshalling it give "[redacted]", and only Reveal gives the value.
type Secret string

// Reveal returns the value.
func (s Secret) Reveal() string { return string(s) }

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return redacted }

// Format implements fmt.Formatter: without it, a verb that does not fit a string
// (%d) would print the value in its complaint.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler, and so serves JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalYAML implements yaml.Marshaler.
func (Secret) MarshalYAML() (any, error) { return redacted, nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// secretFault says what is wrong with a key, without showing it; empty when
// nothing is.
func secretFault(s string) string {
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
