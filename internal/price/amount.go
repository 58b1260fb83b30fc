package price

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// scale is how a class's price is written: how many decimals it may have until it is
// finer than a Rate, and how many digits before the point are no slip of the pen.
// Tokens are priced by the million, all else by the piece.
func (c Class) scale() (decimals, digits int) {
	if c.token() {
		return 6, 9
	}
	return 12, 6
}

// ceiling is the first rate that is absurd. It stays below 2^60, which sum relies on.
const ceiling tallygate.Money = 1_000_000_000_000_000

func (c Class) ceiling() tallygate.Money {
	if c.token() {
		return ceiling
	}
	return 1000 * ceiling
}

// parseRate reads a price, such as 2.50, exactly.
func parseRate(c Class, s string) (tallygate.Money, error) {
	whole, fraction, dot := strings.Cut(s, ".")
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, errors.New("must not be negative")
	case len(s) > 100 || !digits(whole+fraction) || dot && fraction == "" || len(whole) > 1 && whole[0] == '0':
		return 0, errors.New("is not an amount such as 2.50")
	}
	decimals, most := c.scale()
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case len(whole) > most:
		return 0, fmt.Errorf("is absurdly large (%s)", c.unit())
	case len(fraction) > decimals:
		return 0, fmt.Errorf("has more than %d decimals (%s)", decimals, c.unit())
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
	return tallygate.Money(n), err
}

// unit says what the price of a class is the price of.
func (c Class) unit() string {
	switch c {
	case Call:
		return "it is the price of one request"
	case Second:
		return "it is the price of one second"
	case Character:
		return "it is the price of one character"
	}
	return "it is the price of 1,000,000 tokens"
}

// formatRate writes a price with two decimals or as many as it needs.
func formatRate(c Class, rate tallygate.Money) string {
	decimals, _ := c.scale()
	s := strconv.FormatInt(int64(rate), 10)
	s = strings.Repeat("0", max(0, decimals+1-len(s))) + s
	whole, fraction := s[:len(s)-decimals], strings.TrimRight(s[len(s)-decimals:], "0")
	return whole + "." + fraction + strings.Repeat("0", max(0, 2-len(fraction)))
}

// rounded returns the nearest rate to an exact one, halves up. What costs something
// does not come to cost nothing.
func rounded(c Class, exact *big.Rat) (tallygate.Money, error) {
	if exact.Sign() < 0 {
		return 0, errors.New("must not be negative")
	}
	double := new(big.Int).Lsh(exact.Num(), 1) // floor(x + 1/2) = floor((2n + d) / 2d)
	double.Add(double, exact.Denom())
	double.Quo(double, new(big.Int).Lsh(exact.Denom(), 1))
	if !double.IsInt64() || double.Int64() >= int64(c.ceiling()) {
		return 0, errors.New("is absurdly large")
	}
	rate := tallygate.Money(double.Int64())
	if rate == 0 && exact.Sign() > 0 {
		rate = 1
	}
	return rate, nil
}

// exact reads a decimal number with an exponent, if it likes, as JSON has it. Numbers
// that nobody would write are refused, since an exponent can ask for any memory.
func exact(s string) (*big.Rat, error) {
	number, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if e, err := strconv.Atoi(exponent); exponent != "" && (err != nil || e < -30 || e > 30) || len(number) > 60 {
		return nil, fmt.Errorf("%.80q is not a sensible number", s)
	}
	if strings.Trim(number, "-.0123456789") != "" {
		return nil, fmt.Errorf("%.80q is not a number", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%.80q is not a number", s)
	}
	return r, nil
}

// parseCount reads a number of tokens: 272000, 272k, 1M.
func parseCount(s string) (int64, error) {
	factor, number := int64(1), s
	if n, ok := strings.CutSuffix(strings.ToLower(s), "k"); ok {
		factor, number = 1000, n
	} else if n, ok := strings.CutSuffix(s, "M"); ok {
		factor, number = 1_000_000, n
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if !digits(number) || err != nil || n < 1 || n > 1_000_000_000 {
		return 0, errors.New("is not a number of tokens such as 272000 or 272k")
	}
	return n * factor, nil
}

func formatCount(n int64) string {
	switch {
	case n%1_000_000 == 0:
		return strconv.FormatInt(n/1_000_000, 10) + "M"
	case n%1000 == 0:
		return strconv.FormatInt(n/1000, 10) + "k"
	}
	return strconv.FormatInt(n, 10)
}

// parseTime reads a date, which begins at midnight UTC, or a time.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s)
	}
	if err != nil || !sane(t) {
		return time.Time{}, errors.New("is not a date such as 2026-03-01 or a time such as 2026-03-01T00:00:00Z")
	}
	return t.UTC(), nil
}

// sane reports whether t is in the time of large language models, or of their
// grandchildren. It must not be the zero time, which is no bound.
func sane(t time.Time) bool { return t.UTC().Year() >= 2000 && t.UTC().Year() < 2200 }

func formatTime(t time.Time) string {
	if t.UTC().Equal(t.UTC().Truncate(24 * time.Hour)) {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
