package rehearse

import (
	"math"
	"math/bits"
	"time"
)

// histogram keeps durations in bounded memory: every one counts in a bucket that is no
// wider than a 128th of its values, so that a percentile is right to within 0.8 %.
// Average, deviation, minimum and maximum are exact. The zero value is empty. It is not
// safe for concurrent use.
type histogram struct {
	counts   []int64 // by bucket, as long as the largest value needs
	n        int64
	sum, sq  float64 // of seconds less the first one, and of their squares
	shift    float64 // the first, so that sq stays exact when values are alike
	low, top time.Duration
}

// fine is how many buckets each power of two is divided into, as a power of two.
const fine = 7

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	i := bucket(d)
	if i >= len(h.counts) {
		h.counts = append(h.counts, make([]int64, i+1-len(h.counts))...)
	}
	h.counts[i]++
	if h.n == 0 {
		h.shift, h.low = d.Seconds(), d
	}
	h.n++
	off := d.Seconds() - h.shift
	h.sum += off
	h.sq += off * off
	h.low, h.top = min(h.low, d), max(h.top, d)
}

// bucket returns where a duration counts: microseconds below 2^fine one by one, then
// 2^fine buckets to each power of two.
func bucket(d time.Duration) int {
	us := uint64(d / time.Microsecond)
	power := max(bits.Len64(us)-fine-1, 0)
	return power<<fine + int(us>>power)
}

// middle is the duration in the middle of a bucket.
func middle(i int) time.Duration {
	power := max(i>>fine-1, 0)
	us := uint64(i-power<<fine)<<power + uint64(1)<<power/2
	return time.Duration(us) * time.Microsecond
}

// percentile returns the duration that p percent are not above; 0 when empty.
func (h *histogram) percentile(p float64) time.Duration {
	rank := max(int64(math.Ceil(float64(h.n)*p/100)), 1)
	for i, n := range h.counts {
		if rank -= n; rank <= 0 {
			return min(max(middle(i), h.low), h.top)
		}
	}
	return 0
}

// Summary is what is told of many durations, in seconds. Percentiles are right to
// within 0.8 %.
type Summary struct {
	Count     int64   `json:"count"`
	Average   float64 `json:"average"`
	Median    float64 `json:"median"`
	P90       float64 `json:"p90"`
	P95       float64 `json:"p95"`
	P99       float64 `json:"p99"`
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Deviation float64 `json:"deviation"`
}

func (h *histogram) summary() Summary {
	if h.n == 0 {
		return Summary{}
	}
	n, at := float64(h.n), func(p float64) float64 { return h.percentile(p).Seconds() }
	return Summary{
		Count: h.n, Average: h.shift + h.sum/n, Median: at(50), P90: at(90), P95: at(95), P99: at(99),
		Min: h.low.Seconds(), Max: h.top.Seconds(), Deviation: math.Sqrt(max(h.sq/n-h.sum/n*h.sum/n, 0)),
	}
}
