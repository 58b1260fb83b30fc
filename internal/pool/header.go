package pool

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// get is http.Header.Get for a name in canonical form, which is what a parsed
// response has; it is read several times per request.
func get(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// told is what an answer's header says about a deployment's room.
type told struct {
	tokens, requests     quota
	tokensIn, requestsIn time.Duration // until the quota is whole again; 0 is not said
	after                time.Duration // to be left alone, of a refusal; see retry
	atOnce               bool          // it may be tried again at once, of a refusal
	utilization          float64       // of a provisioned deployment
	utilizationKnown     bool
}

func read(h http.Header) told {
	var t told
	if len(h) == 0 {
		return t
	}
	t.tokens, t.requests = tokenQuota(h), requestQuota(h)
	t.tokensIn, _ = pause(get(h, "X-Ratelimit-Reset-Tokens"))
	t.requestsIn, _ = pause(get(h, "X-Ratelimit-Reset-Requests"))
	t.utilization, t.utilizationKnown = utilization(h)
	return t
}

// reset returns when a refusal's quota is whole again. Of requests and tokens, one
// that has something left is not the reason for the refusal; of the rest the
// later counts; 0 when neither was said.
func (t *told) reset() time.Duration {
	requests, tokens := t.requestsIn, t.tokensIn
	requestsLeft, tokensLeft := t.requests.known && t.requests.left > 0, t.tokens.known && t.tokens.left > 0
	if requests > 0 && tokens > 0 && requestsLeft != tokensLeft {
		if requestsLeft {
			requests = 0
		} else {
			tokens = 0
		}
	}
	return max(requests, tokens)
}

// quota is what an answer says about one quota, tokens or requests.
type quota struct {
	limit, left int64
	known       bool // left was said
}

// readQuota reads x-ratelimit-limit-* and x-ratelimit-remaining-*. What is not a
// whole number counts as not said. Left may be negative.
func readQuota(h http.Header, limit, left string) quota {
	var q quota
	if v := get(h, limit); v != "" {
		if n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil && n > 0 {
			q.limit = n
		}
	}
	if v := get(h, left); v != "" {
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
	v := strings.TrimSpace(get(h, "Azure-Openai-Deployment-Utilization"))
	if v == "" {
		return 0, false
	}
	v = strings.TrimSpace(strings.TrimSuffix(v, "%"))
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1000) {
		return 0, false
	}
	return f / 100, true
}

// retry reads how long a refusal asks to be left alone: by its header, else by its
// words.
func (t *told) retry(f *Failure, now time.Time) {
	after, said := retryAfter(f.Header, now)
	if !said {
		after, said = min(f.After, longest), f.After > 0
	}
	t.after, t.atOnce = max(after, 0), said && after <= 0
}

// retryAfter reads retry-after-ms, x-ms-retry-after-ms and retry-after (seconds or an
// HTTP date). The longest counts, but for seconds that are milliseconds rounded up.
// said is false when there is none, or none that can be understood; a time that is over
// is 0.
func retryAfter(h http.Header, now time.Time) (after time.Duration, said bool) {
	for _, name := range [...]string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, ok := figure(get(h, name)); ok {
			after, said = max(after, scale(ms, time.Millisecond)), true
		}
	}
	v := get(h, "Retry-After")
	if v == "" {
		return after, said
	}
	var d time.Duration
	if s, ok := figure(v); ok {
		d = scale(s, time.Second)
	} else if p, ok := pause(v); ok {
		d = p
	} else if t, err := http.ParseTime(v); err == nil {
		d = max(t.Sub(now), 0)
	} else {
		return after, said
	}
	if !said || d-after >= time.Second {
		after = d
	}
	return after, true
}

// pause reads a time as the reset headers have it: "10" are seconds, and "1s",
// "6m0s" and "120ms" are what they say.
func pause(v string) (time.Duration, bool) {
	if s, ok := number(v); ok {
		return scale(s, time.Second), true
	}
	if v == "" {
		return 0, false
	}
	d, err := time.ParseDuration(strings.TrimSpace(v))
	if err != nil || d <= 0 {
		return 0, false
	}
	return min(d, longest), true
}

// number reads a positive finite number.
func number(v string) (float64, bool) {
	f, ok := figure(v)
	return f, ok && f > 0
}

// figure reads a finite number; one below 0 is 0.
func figure(v string) (float64, bool) {
	if v == "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	return max(f, 0), err == nil && f == f && !math.IsInf(f, 0)
}

// longest bounds what a header can say: more than any cap, and safe to add to a time.
const longest = 24000 * time.Hour

func scale(n float64, unit time.Duration) time.Duration {
	return time.Duration(min(n*float64(unit), float64(longest)))
}
