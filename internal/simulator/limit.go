package simulator

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// verdict is what the limits say about a request.
type verdict struct {
	ok bool
	// what ran out when not ok: "token", "call" or "ptu".
	what  string
	retry time.Duration
	// load is the estimate a provisioned deployment took in, to be corrected.
	load float64
	// used is what the prompt comes to, of a request that is let in.
	used   usage
	header func(http.Header)
}

// window counts requests and tokens in fixed minutes that open with a request.
type window struct {
	tpm, rpm int64 // 0 is without limit
	sub      time.Duration

	opened           time.Time
	tokens, requests int64
	subOpened        time.Time
	subRequests      int64
}

// admit counts the request, also when it refuses it: the service does.
func (w *window) admit(now time.Time, tokens int64) verdict {
	if now.Sub(w.opened) >= time.Minute || now.Before(w.opened) {
		w.opened, w.tokens, w.requests = now, 0, 0
	}
	if w.sub > 0 && (now.Sub(w.subOpened) >= w.sub || now.Before(w.subOpened)) {
		w.subOpened, w.subRequests = now, 0
	}
	v := verdict{ok: true}
	reset := w.opened.Add(time.Minute).Sub(now)
	switch {
	case w.rpm > 0 && w.requests >= w.rpm:
		v = verdict{what: "call", retry: reset}
	case w.rpm > 0 && w.sub > 0 && w.subRequests >= w.share():
		v = verdict{what: "call", retry: w.subOpened.Add(w.sub).Sub(now)}
	case w.tpm > 0 && w.tokens >= w.tpm:
		v = verdict{what: "token", retry: reset}
	}
	w.requests++
	w.subRequests++
	w.tokens += tokens
	v.header = w.header(reset)
	return v
}

// share is how many requests of rpm a sub-window holds.
func (w *window) share() int64 {
	return max(1, int64(math.Ceil(float64(w.rpm)*w.sub.Minutes())))
}

// header returns what sets the headers of a standard deployment, as things stand now.
// Remaining tokens go below zero, as at the service.
func (w *window) header(reset time.Duration) func(http.Header) {
	now := *w
	return func(h http.Header) {
		if now.rpm > 0 {
			setInt(h, "x-ratelimit-limit-requests", now.rpm)
			setInt(h, "x-ratelimit-remaining-requests", max(0, now.rpm-now.requests))
			setInt(h, "x-ratelimit-reset-requests", seconds(reset))
		}
		if now.tpm > 0 {
			setInt(h, "x-ratelimit-limit-tokens", now.tpm)
			setInt(h, "x-ratelimit-remaining-tokens", now.tpm-now.tokens)
			setInt(h, "x-ratelimit-reset-tokens", seconds(reset))
		}
	}
}

func (w *window) reset() {
	*w = window{tpm: w.tpm, rpm: w.rpm, sub: w.sub}
}

// bucket is the leaky bucket of a provisioned deployment. It is full, at 100 %, with a
// minute's drain in it.
type bucket struct {
	perMinute float64 // input tokens that drain in a minute
	level     float64
	at        time.Time
}

// admit takes the load in unless the bucket is above full; one that crosses is taken.
func (b *bucket) admit(now time.Time, load float64) verdict {
	b.drain(now)
	v := verdict{ok: true, load: load}
	if over := b.level - b.perMinute; over > 0 {
		wait := time.Duration(over / b.perMinute * float64(time.Minute)).Round(time.Millisecond)
		v = verdict{what: "ptu", retry: max(wait, time.Millisecond)}
	} else {
		b.level += load
	}
	percent := strconv.FormatFloat(b.level/b.perMinute*100, 'f', 1, 64) + "%"
	v.header = func(h http.Header) { h.Set("azure-openai-deployment-utilization", percent) }
	return v
}

// correct adds the difference between what a request came to and its estimate.
func (b *bucket) correct(now time.Time, diff float64) {
	b.drain(now)
	b.level = max(0, b.level+diff)
}

func (b *bucket) drain(now time.Time) {
	if !b.at.IsZero() && now.After(b.at) {
		b.level = max(0, b.level-b.perMinute*now.Sub(b.at).Minutes())
	}
	b.at = now
}

// seconds is d in whole seconds, rounded up, at least one.
func seconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}

func setInt(h http.Header, name string, v int64) { h.Set(name, strconv.FormatInt(v, 10)) }
