package pool

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// quota is what an answer says about one quota, tokens or requests.
type quota struct {
	limit, left int64
	known       bool // left was said
}

// readQuota reads x-ratelimit-limit-* and x-ratelimit-remaining-*. What is not a
// whole number counts as not said. Left may be negative.
func readQuota(h http.Header, limit, left string) quota {
	var q quota
	if n, err := strconv.ParseInt(strings.TrimSpace(h.Get(limit)), 10, 64); err == nil && n > 0 {
		q.limit = n
	}
	if v := h.Get(left); v != "" {
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		q.left, q.known = n, err == nil
	}
	return q
}

func tokenQuota(h http.Header) quota {
	return readQuota(h, "X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Tokens")
}

func requestQuota(h http.Header) quota {
	return readQuota(h, "X-Ratelimit-Limit-Requests", "X-Ratelimit-Remaining-Requests")
}

// utilization reads a provisioned deployment's utilisation, such as "46.2%", as a
// fraction of 1. It may be over 1.
func utilization(h http.Header) (float64, bool) {
	v := strings.TrimSpace(h.Get("Azure-Openai-Deployment-Utilization"))
	v = strings.TrimSpace(strings.TrimSuffix(v, "%"))
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1000) {
		return 0, false
	}
	return f / 100, true
}

// retryAfter reads how long a refusal asks to be left alone: the longest of
// retry-after-ms, x-ms-retry-after-ms and retry-after (seconds or an HTTP
// date). Values that are not positive, or not understood, count as not said.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	var longest time.Duration
	for _, name := range [...]string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, ok := number(h.Get(name)); ok {
			longest = max(longest, scale(ms, time.Millisecond))
		}
	}
	if v := h.Get("Retry-After"); v != "" {
		if d, ok := pause(v); ok {
			longest = max(longest, d)
		} else if t, err := http.ParseTime(v); err == nil {
			longest = max(longest, t.Sub(now))
		}
	}
	return longest, longest > 0
}

// reset reads when a refusal's quota is whole again. Of x-ratelimit-reset-requests
// and -tokens, one whose quota has something left is not the reason for the
// refusal; of the rest the later counts.
func reset(h http.Header) (time.Duration, bool) {
	requests, _ := pause(h.Get("X-Ratelimit-Reset-Requests"))
	tokens, _ := pause(h.Get("X-Ratelimit-Reset-Tokens"))
	if requests > 0 && tokens > 0 {
		switch rq, tq := requestQuota(h), tokenQuota(h); {
		case rq.known && rq.left > 0 && !(tq.known && tq.left > 0):
			requests = 0
		case tq.known && tq.left > 0 && !(rq.known && rq.left > 0):
			tokens = 0
		}
	}
	d := max(requests, tokens)
	return d, d > 0
}

// pause reads a time as the reset headers have it: "10" are seconds, and "1s",
// "6m0s" and "120ms" are what they say.
func pause(v string) (time.Duration, bool) {
	if s, ok := number(v); ok {
		return scale(s, time.Second), true
	}
	d, err := time.ParseDuration(strings.TrimSpace(v))
	return d, err == nil && d > 0
}

// number reads a positive finite number.
func number(v string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	return f, err == nil && f > 0 && !math.IsInf(f, 0)
}

// scale returns n units, at most a thousand days: longer than any cap, and safe to
// add to a time.
func scale(n float64, unit time.Duration) time.Duration {
	return time.Duration(min(n*float64(unit), float64(24000*time.Hour)))
}
