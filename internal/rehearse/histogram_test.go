package rehearse

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Of any durations, average, deviation, minimum and maximum are exact and percentiles
// right to within 0.8 %.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		durations := rapid.SliceOfN(rapid.Int64Range(0, int64(10*time.Minute)), 1, 300).Draw(t, "durations")
		var h histogram
		var sum, sq float64
		for _, d := range durations {
			h.add(time.Duration(d))
			sum += time.Duration(d).Seconds()
		}
		slices.Sort(durations)
		n := float64(len(durations))
		for _, d := range durations {
			off := time.Duration(d).Seconds() - sum/n
			sq += off * off
		}
		s := h.summary()
		near := func(what string, got, want, slack float64) {
			t.Helper()
			if math.Abs(got-want) > slack {
				t.Fatalf("%s = %v, want %v", what, got, want)
			}
		}
		near("average", s.Average, sum/n, 1e-9*sum/n+1e-12)
		near("deviation", s.Deviation, math.Sqrt(sq/n), 1e-4)
		near("min", s.Min, time.Duration(durations[0]).Seconds(), 0)
		near("max", s.Max, time.Duration(durations[len(durations)-1]).Seconds(), 0)
		for p, got := range map[float64]float64{50: s.Median, 90: s.P90, 95: s.P95, 99: s.P99} {
			rank := int(math.Ceil(n*p/100)) - 1
			want := time.Duration(durations[rank]).Seconds()
			near("percentile", got, want, 0.008*want+1e-6)
		}
	})
}

// However long it is fed, it stays small.
func TestHistogramIsBounded(t *testing.T) {
	var h histogram
	h.add(math.MaxInt64)
	if size := len(h.counts) * 8; size > 64<<10 {
		t.Errorf("%d bytes", size)
	}
	var none histogram
	if none.summary() != (Summary{}) {
		t.Error("the summary of nothing is something")
	}
}
