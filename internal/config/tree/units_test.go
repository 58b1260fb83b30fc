package tree

import (
	"math"
	"testing"
	"time"
)

func TestParseCount(t *testing.T) {
	f := func(s string, want int64) {
		t.Helper()
		if got, err := ParseCount(s); err != nil || got != want {
			t.Errorf("parseCount(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	f("0", 0)
	f("600000", 600_000)
	f("600k", 600_000)
	f("600K", 600_000)
	f("600 k", 600_000)
	f("1M", 1_000_000)
	f("1.5M", 1_500_000)
	f("0.001k", 1)
	f("1.50000000000000k", 1500)
	f("1_000_000", 1_000_000)
	f("9223372036854775807", math.MaxInt64)
	bad := func(s, want string) {
		t.Helper()
		if got, err := ParseCount(s); err == nil || err.Error() != want {
			t.Errorf("parseCount(%q) = %d, %v; want %s", s, got, err, want)
		}
	}
	const fault = "is not a number such as 600000, 600k or 1.5M"
	for _, s := range []string{
		"", "k", "1m", "1kk", "1.k", ".5k", "1e6", "0x10", "010", "+1", "1__0", "_1", "1_", "1.2.3", "one", "600 000", "１",
		"1.5M tokens", "NaN", ".inf", "1/2",
	} {
		bad(s, fault)
	}
	bad("-1", "must not be negative")
	bad("-600k", "must not be negative")
	bad("1.5", fault+": it does not come out whole")
	bad("1.0005k", fault+": it does not come out whole")
	bad("9223372036854775808", "is too large")
	bad("9223372036855M", "is too large")
	bad("99999999999999999999999999999999999999999999999", "is too large")
}

func TestParseSize(t *testing.T) {
	f := func(s string, want int64) {
		t.Helper()
		if got, err := ParseSize(s); err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	f("1", 1)
	f("512B", 512)
	f("64KiB", 65536)
	f("0.25KiB", 256)
	f("1kB", 1000)
	f("100MB", 100_000_000)
	f("100 MB", 100_000_000)
	f("1.5GiB", 1_610_612_736)
	for _, s := range []string{"", "MB", "1M", "1G", "1mb", "1MiBs", "1TB", "0.3KiB"} {
		if got, err := ParseSize(s); err == nil {
			t.Errorf("parseSize(%q) = %d, want an error", s, got)
		}
	}
}

func TestFormat(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(FormatNumber(600_000, Counts[0], Counts[1]), "600k")
	f(FormatNumber(2_000_000, Counts[0], Counts[1]), "2M")
	f(FormatNumber(1500, Counts[0], Counts[1]), "1500")
	f(FormatNumber(0, Counts[0]), "0")
	f(FormatNumber(100_000_000, Sizes[:6]...), "100MB")
	f(FormatNumber(1<<26, Sizes[:6]...), "64MiB")
	f(FormatDuration(0), "0s")
	f(FormatDuration(10*time.Second), "10s")
	f(FormatDuration(10*time.Minute), "10m")
	f(FormatDuration(90*time.Minute), "1h30m")
	f(FormatDuration(24*time.Hour), "24h")
	f(FormatDuration(time.Hour+time.Second), "1h0m1s")
}
