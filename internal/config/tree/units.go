package tree

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Unit is a suffix of a number and what it multiplies by.
type Unit struct {
	Suffix string
	Factor int64
}

// Counts are the units of tokens and requests. A lower-case m is none of them:
// it could be read as a thousandth.
var Counts = []Unit{{"M", 1_000_000}, {"k", 1_000}, {"K", 1_000}, {"", 1}}

// Sizes are the units of bytes. A bare M or G is none of them: half the world
// reads it as a power of two.
var Sizes = []Unit{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"GB", 1_000_000_000}, {"MB", 1_000_000}, {"kB", 1_000}, {"KB", 1_000}, {"B", 1}, {"", 1},
}

// ParseCount reads a number of tokens or requests: 600000, 600k, 1.5M, 1_000_000.
func ParseCount(s string) (int64, error) {
	return ParseNumber(s, Counts, "is not a number such as 600000, 600k or 1.5M")
}

// ParseSize reads a number of bytes: 1048576, 64KiB, 100MB.
func ParseSize(s string) (int64, error) {
	return ParseNumber(s, Sizes, "is not a size such as 100MB, 64KiB or 1048576")
}

// ParseNumber reads digits, with underscores between them and a decimal fraction
// if they like, and a unit. The fraction must come out whole.
func ParseNumber(s string, units []Unit, fault string) (int64, error) {
	number, factor := s, int64(0)
	for _, u := range units {
		if n, ok := strings.CutSuffix(s, u.Suffix); ok {
			number, factor = strings.TrimSuffix(n, " "), u.Factor
			break
		}
	}
	if strings.HasPrefix(number, "-") {
		return 0, Faultf("", "must not be negative")
	}
	whole, fraction, dot := strings.Cut(number, ".")
	digits := strings.ReplaceAll(whole, "_", "")
	switch {
	case strings.HasPrefix(whole, "_"), strings.HasSuffix(whole, "_"), strings.Contains(whole, "__"),
		!IsDigits(digits), dot && !IsDigits(fraction),
		len(digits) > 1 && digits[0] == '0': // 010 is eight to some
		return 0, Faultf("", "%s", fault)
	}
	if len(number) > 40 {
		return 0, Faultf("", "is too large")
	}
	n, _ := new(big.Rat).SetString(digits + "." + fraction + "0")
	n.Mul(n, new(big.Rat).SetInt64(factor))
	switch {
	case !n.IsInt():
		return 0, Faultf("", "%s: it does not come out whole", fault)
	case !n.Num().IsInt64():
		return 0, Faultf("", "is too large")
	}
	return n.Num().Int64(), nil
}

// IsDigits reports whether text is one digit or more, and nothing else.
func IsDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// FormatNumber writes n with the largest unit that divides it.
func FormatNumber(n int64, units ...Unit) string {
	for _, u := range units {
		if n != 0 && n%u.Factor == 0 {
			return strconv.FormatInt(n/u.Factor, 10) + u.Suffix
		}
	}
	return strconv.FormatInt(n, 10)
}

// parseDuration reads a Go duration, such as 20s or 1h30m.
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err == nil && d < 0:
		return 0, Faultf("", "must not be negative")
	case err == nil:
		return d, nil
	case IsDigits(s):
		return 0, Faultf("20s is twenty seconds", "has no unit")
	case IsDigits(strings.TrimSuffix(s, "d")):
		return 0, Faultf("the longest unit is h: a day is 24h", "is not a duration")
	}
	return 0, Faultf("", "is not a duration such as 500ms, 20s or 1h30m")
}

// FormatDuration writes d without the zero parts of Go's own form.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
