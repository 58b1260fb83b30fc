package listing

import "testing"

// Seconds are written with the digits that say something.
func TestSpan(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0", 0.000_05: "50µs", 0.0021: "2.1ms", 0.0123: "12ms", 0.987_6: "988ms", 1.234: "1.23s", 9.999: "10.00s", 17.46: "17.5s",
		60: "1m", 299.6: "5m", 360.2: "6m", 3725: "1h2m5s", 36_000: "10h",
	} {
		if got := Span(seconds); got != want {
			t.Errorf("%v is %s, want %s", seconds, got, want)
		}
	}
}
