package config

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

// unit is a suffix of a number and what it multiplies by.
type unit struct {
	suffix string
	factor int64
}

// counts are the units of tokens and requests. A lower-case m is none of them:
// it could be read as a thousandth.
var counts = []unit{{"M", 1_000_000}, {"k", 1_000}, {"K", 1_000}, {"", 1}}

// sizes are the units of bytes. A bare M or G is none of them: half the world
// reads it as a power of two.
var sizes = []unit{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"GB", 1_000_000_000}, {"MB", 1_000_000}, {"kB", 1_000}, {"KB", 1_000}, {"B", 1}, {"", 1},
}

// parseCount reads a number of tokens or requests: 600000, 600k, 1.5M, 1_000_000.
func parseCount(s string) (int64, error) {
	return parseNumber(s, counts, "is not a number such as 600000, 600k or 1.5M")
}

// parseSize reads a number of bytes: 1048576, 64KiB, 100MB.
func parseSize(s string) (int64, error) {
	return parseNumber(s, sizes, "is not a size such as 100MB, 64KiB or 1048576")
}

// parseNumber reads digits, with underscores between them and a decimal fraction
// if they like, and a unit. The fraction must come out whole.
func parseNumber(s string, units []unit, fault string) (int64, error) {
	number, factor := s, int64(0)
	for _, u := range units {
		if n, ok := strings.CutSuffix(s, u.suffix); ok {
			number, factor = strings.TrimSuffix(n, " "), u.factor
			break
		}
	}
	if strings.HasPrefix(number, "-") {
		return 0, faultf("", "must not be negative")
	}
	whole, fraction, dot := strings.Cut(number, ".")
	digits := strings.ReplaceAll(whole, "_", "")
	switch {
	case strings.HasPrefix(whole, "_"), strings.HasSuffix(whole, "_"), strings.Contains(whole, "__"),
		!isDigits(digits), dot && !isDigits(fraction),
		len(digits) > 1 && digits[0] == '0': // 010 is eight to some
		return 0, faultf("", "%s", fault)
	}
	if len(number) > 40 {
		return 0, faultf("", "is too large")
	}
	n, _ := new(big.Rat).SetString(digits + "." + fraction + "0")
	n.Mul(n, new(big.Rat).SetInt64(factor))
	switch {
	case !n.IsInt():
		return 0, faultf("", "%s: it does not come out whole", fault)
	case !n.Num().IsInt64():
		return 0, faultf("", "is too large")
	}
	return n.Num().Int64(), nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// formatNumber writes n with the largest unit that divides it.
func formatNumber(n int64, units ...unit) string {
	for _, u := range units {
		if n != 0 && n%u.factor == 0 {
			return strconv.FormatInt(n/u.factor, 10) + u.suffix
		}
	}
	return strconv.FormatInt(n, 10)
}

// parseDuration reads a Go duration, such as 20s or 1h30m.
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err == nil && d < 0:
		return 0, faultf("", "must not be negative")
	case err == nil:
		return d, nil
	case isDigits(s):
		return 0, faultf("20s is twenty seconds", "has no unit")
	case isDigits(strings.TrimSuffix(s, "d")):
		return 0, faultf("the longest unit is h: a day is 24h", "is not a duration")
	}
	return 0, faultf("", "is not a duration such as 500ms, 20s or 1h30m")
}

// formatDuration writes d without the zero parts of Go's own form.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
