package app_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// How long a caller is told to wait when all deployments refuse, by what they say: never
// longer than they ask for, in milliseconds and in whole seconds.
func TestWaitsThatAreTold(t *testing.T) {
	plain := "Too many requests."
	f := func(name string, message string, least, most time.Duration, header ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, _ := serviced(t, "", func(string, string) said {
				return said{status: 429, body: errorBody("429", "", message), header: header}
			})
			a := g.post(chatPath, chat("Hello"))
			ms, _ := strconv.ParseInt(a.header.Get("Retry-After-Ms"), 10, 64)
			s, _ := strconv.ParseInt(a.header.Get("Retry-After"), 10, 64)
			if got := time.Duration(ms) * time.Millisecond; a.status != 429 || got > most || got < least || s != max((ms+999)/1000, 1) {
				t.Errorf("answer %d, retry-after-ms %d, retry-after %d; want %v to %v", a.status, ms, s, least, most)
			}
		})
	}
	const slack = time.Second // what passes until the answer
	past := time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)
	f("milliseconds beside seconds", plain, 1, 120*time.Millisecond, "Retry-After-Ms", "120", "Retry-After", "1")
	f("in words alone", "Rate limit is exceeded. Please retry after 3 seconds.", 3*time.Second-slack, 3*time.Second)
	f("in other words", "Rate limit is exceeded. Try again in 2 seconds.", 2*time.Second-slack, 2*time.Second)
	f("absurd words", "Please retry after 86400 seconds.", time.Minute-slack, time.Minute)
	f("words beside a header", "Please retry after 60 seconds.", 2*time.Second-slack, 2*time.Second, "Retry-After", "2")
	f("now", plain, 1, time.Millisecond, "Retry-After-Ms", "0")
	f("a past date", plain, 1, time.Millisecond, "Retry-After", past)
	f("nothing", plain, 10*time.Second-slack, 10*time.Second)
	f("rate limits of -1", plain, 10*time.Second-slack, 10*time.Second, "X-Ratelimit-Remaining-Requests", "-1", "X-Ratelimit-Reset-Requests", "-1", "X-Ratelimit-Limit-Tokens", "-1")
	f("absurd", plain, time.Minute-slack, time.Minute, "Retry-After-Ms", "1e300")
	f("garbage", plain, 10*time.Second-slack, 10*time.Second, "Retry-After", "soon", "Retry-After-Ms", "NaN")
}

// A pool whose breakers are all open says when to come back.
func TestOpenPoolTellsTheWait(t *testing.T) {
	g := before(t, "http://127.0.0.1:1", "")
	var a answer
	for range 6 {
		a = g.post(chatPath, chat("Hello"))
	}
	after, _ := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != 503 || after < 9 || after > 10 || a.header.Get("Retry-After-Ms") == "" {
		t.Errorf("answer %d with retry-after %q and %q, want 503 and 10", a.status, a.header.Get("Retry-After"), a.header.Get("Retry-After-Ms"))
	}
}

// Requests on their way count in the wait that is told: they nearly always count in the end.
func TestRequestsOnTheirWayCountInTheWait(t *testing.T) {
	slow := &slowly{service: &service{reply: func(string, string) said { return well }}, hold: make(chan struct{})}
	g := before(t, slow.start(t), "callers:\n  - {name: team, key: "+teamKey+", limits: [{requests: 5, per: minute}]}\n")
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() { g.post(chatPath, chat(fmt.Sprint("Hello ", i))) })
	}
	slow.arrived.Wait()
	sixth := g.post(chatPath, chat("the sixth"))
	close(slow.hold)
	wg.Wait()
	seventh := g.post(chatPath, chat("the seventh"))
	first, _ := strconv.Atoi(sixth.header.Get("Retry-After"))
	second, _ := strconv.Atoi(seventh.header.Get("Retry-After"))
	if sixth.status != 429 || seventh.status != 429 || first < 55 || first-second > 2 {
		t.Errorf("told %d %q and then %d %q, want the same about 56 twice", sixth.status, sixth.header.Get("Retry-After"), seventh.status, seventh.header.Get("Retry-After"))
	}
}
