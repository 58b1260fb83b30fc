package pool

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

// refused is one request, by a hash and a payer: what each resource says to it in turn, a
// status or 200. It returns whom it asked.
func refused(t *testing.T, p *Pool, request uint64, payer string, says map[string]Failure) []string {
	t.Helper()
	var tried []string
	for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
		tried = append(tried, c.Resource)
		f := says[c.Resource]
		if f.Err == nil && (f.Status == 200 || f.Status == 0) {
			c.Answered(Answer{Status: 200})
			break
		}
		f.Request, f.Payer = request, payer
		c.Failed(f)
	}
	return tried
}

// A breaker opens on five failures of different requests of two payers, or fifteen of one;
// those that no request can cause count always.
func TestBreakerCountsDifferentRequestsOfDifferentPayers(t *testing.T) {
	broken := Failure{Status: 500}
	f := func(name string, want int, request func(i int) (uint64, string)) {
		t.Helper()
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(Headroom, dep("a")))
			n := 0
			for ; n < 100 && stateOf(t, p, "a").Breaker == Closed; n++ {
				hash, payer := request(n)
				refused(t, p, hash, payer, map[string]Failure{"a": broken})
			}
			if n != want {
				t.Errorf("%s: the breaker opened after %d failures, want %d", name, n, want)
			}
		})
	}
	f("different requests of two", 5, func(i int) (uint64, string) { return uint64(i + 1), fmt.Sprint(i % 2) })
	f("the second one comes late", 8, func(i int) (uint64, string) { return uint64(i + 1), fmt.Sprint(i / 7) })
	f("different requests of one", 15, func(i int) (uint64, string) { return uint64(i + 1), "a" })
	f("the same request of one", 100, func(i int) (uint64, string) { return 1, "a" })
	f("the same request of many", 100, func(i int) (uint64, string) { return 1, fmt.Sprint(i) })
	f("four requests of many", 100, func(i int) (uint64, string) { return uint64(i%4 + 1), fmt.Sprint(i) })
	f("what no request causes", 5, func(i int) (uint64, string) { return 0, "a" })
}

// What the request may have caused counts only against those whom another deployment
// belies; what another one repeats, or what is said to be the request's, against nobody.
func TestWhomARefusalCountsAgainst(t *testing.T) {
	server, model, other := Failure{Status: 500, Code: "server_error"}, Failure{Status: 500, Code: "model_error", Blame: BlameRequest}, Failure{Status: 503, Code: "x"}
	reset := Failure{Err: errors.New("connection reset")}
	page := Failure{Status: 200, Blame: BlameDeployment, Err: errors.New("a page")}
	ok := Failure{Status: 200}
	for name, c := range map[string]struct {
		says map[string]Failure
		want string // those with failures that count
	}{
		"one alone":                     {map[string]Failure{"a": server, "b": {Status: 429}}, "a"},
		"belied":                        {map[string]Failure{"a": server, "b": ok}, "a"},
		"repeated":                      {map[string]Failure{"a": server, "b": server}, ""},
		"two different":                 {map[string]Failure{"a": server, "b": other}, "ab"},
		"the request's, belied":         {map[string]Failure{"a": model, "b": ok}, "a"},
		"the request's, alone":          {map[string]Failure{"a": model, "b": {Status: 429}}, ""},
		"the request's, repeated":       {map[string]Failure{"a": model, "b": model}, ""},
		"pages everywhere":              {map[string]Failure{"a": page, "b": page}, ""},
		"a page":                        {map[string]Failure{"a": page, "b": ok}, "a"},
		"nobody answers":                {map[string]Failure{"a": reset, "b": reset}, "ab"},
		"the second dislikes it anyhow": {map[string]Failure{"a": server, "b": {Status: 302}}, "a"},
	} {
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2))))
			refused(t, p, 1, "p", c.says)
			got := ""
			for _, r := range []string{"a", "b"} {
				if p.states[r+"/gpt-4o"].breaker.failures > 0 {
					got += r
				}
			}
			if got != c.want {
				t.Errorf("%s: counts against %q, want %q", name, got, c.want)
			}
		})
	}
}

// Three say the same and the fourth answers: then it was not the request.
func TestAnAnswerSpeaksAgainstAllBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2)), dep("c", tier(3))))
		refused(t, p, 1, "p", map[string]Failure{"a": {Status: 503}, "b": {Status: 503}})
		if a, b := p.states["a/gpt-4o"].breaker.failures, p.states["b/gpt-4o"].breaker.failures; a != 1 || b != 1 {
			t.Errorf("%d and %d failures count, want one each", a, b)
		}
	})
}

// Whoever waits is not asked again for a request that is itself to blame.
func TestNoWaitForARequestThatIsToBlame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := gpt4o(Headroom, dep("a"))
		m.Wait = time.Minute
		p := newPool(m)
		began := time.Now()
		tried := refused(t, p, 1, "p", map[string]Failure{"a": {Status: 500, Blame: BlameRequest}})
		if len(tried) != 1 || time.Since(began) != 0 {
			t.Errorf("tried %v within %v, want once and at once", tried, time.Since(began))
		}
	})
}

// A key, a name or a network that is refused on one request bars a deployment that has just
// served others only when it is refused on different requests of two payers.
func TestABarNeedsMoreWhereOthersAreServed(t *testing.T) {
	f := func(name string, says Failure, served bool, want int) {
		t.Helper()
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(Headroom, dep("a")))
			time.Sleep(time.Second)
			if served {
				refused(t, p, 1, "p", nil)
			}
			n := 0
			for ; n < 50 && stateOf(t, p, "a").Why != Barred; n++ {
				refused(t, p, uint64(n+1), fmt.Sprint(n%2), map[string]Failure{"a": says})
			}
			if s := stateOf(t, p, "a"); n != want || s.Cooling != time.Minute || !s.Alarm || s.Breaker != Closed {
				t.Errorf("%s: barred after %d, want %d: %+v", name, n, want, s)
			}
		})
	}
	f("no such name", Failure{Status: 404, Blame: BlameConfig}, false, 1)
	f("no such name, and it serves", Failure{Status: 404, Blame: BlameConfig}, true, 5)
	f("a network, and it serves", Failure{Status: 403}, true, 5)
	f("a key, and it serves", Failure{Status: 401}, true, 5)
	f("a key, and nobody was served yet", Failure{Status: 401}, false, 1)
}

// The first request after any rest goes alone: others go elsewhere, or are told to wait,
// until it was answered, or until it surely was not refused.
func TestOneProbeAfterAnyRest(t *testing.T) {
	for name, rest := range map[string]struct {
		says  Failure
		sleep time.Duration
	}{
		"throttled":  {Failure{Status: 429, Header: headers("Retry-After", "5")}, 5 * time.Second},
		"barred":     {Failure{Status: 401}, time.Minute},
		"asked to":   {Failure{Status: 503, Header: headers("Retry-After", "5")}, 5 * time.Second},
		"at once":    {Failure{Status: 429, Header: headers("Retry-After-Ms", "0")}, 0},
		"no waiting": {Failure{Status: 429}, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			storm := func(t *testing.T, p *Pool, w world) map[string]int {
				t.Helper()
				var mu sync.Mutex
				var wg sync.WaitGroup
				n := map[string]int{}
				for range 24 {
					wg.Go(func() {
						tried, err := request(t.Context(), p, w, Need{})
						mu.Lock()
						defer mu.Unlock()
						for _, r := range tried {
							n[r]++
						}
						if e := tallygate.AsError(err); e != nil && (e.Kind != tallygate.Throttled && rest.says.Status == 429 || e.RetryAfter <= 0) {
							t.Errorf("refused with %v, and after %v", e, e.RetryAfter)
						}
					})
				}
				wg.Wait()
				return n
			}
			bubble(t, func(t *testing.T) {
				p := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2))))
				refused(t, p, 0, "", map[string]Failure{"a": rest.says})
				time.Sleep(rest.sleep)
				full := reply{status: 429, header: headers("Retry-After", "30"), took: 100 * time.Millisecond}
				if got, want := storm(t, p, world{"a": full}), map[string]int{"a": 1, "b": 24}; !cmp.Equal(got, want) {
					t.Errorf("still full: asked %v, want %v", got, want)
				}
				time.Sleep(30 * time.Second)
				if got := storm(t, p, world{"a": {took: 100 * time.Millisecond}}); got["a"] != 1 || got["b"] != 23 {
					t.Errorf("well again: asked %v, want one first", got)
				}
				if got := storm(t, p, nil); got["a"] != 24 {
					t.Errorf("it has answered: asked %v, want all there", got)
				}
			})
			bubble(t, func(t *testing.T) {
				p := newPool(gpt4o(Headroom, dep("a")))
				refused(t, p, 0, "", map[string]Failure{"a": rest.says})
				time.Sleep(rest.sleep)
				if got := storm(t, p, world{"a": {status: 429, header: headers("Retry-After", "30"), took: 100 * time.Millisecond}}); got["a"] != 1 {
					t.Errorf("the only one, still full: asked %v, want once", got)
				}
			})
		})
	}
}

// An answer that takes minutes does not keep a deployment closed: others go when a refusal
// would have come.
func TestASlowAnswerAfterARestHoldsNobodyUpForLong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		refused(t, p, 0, "", map[string]Failure{"a": {Status: 429, Header: headers("Retry-After", "5")}})
		time.Sleep(5 * time.Second)
		done := make(chan struct{})
		go func() {
			defer close(done)
			try(t, p, world{"a": {took: 3 * time.Minute}})
		}()
		time.Sleep(time.Millisecond)
		_, err := try(t, p, nil)
		wantRefusal(t, err, tallygate.Throttled, trialLeast-time.Millisecond)
		time.Sleep(trialLeast)
		wantTried(t, p, nil, "a")
		wantTried(t, p, nil, "a")
		<-done
	})
}

// A request that is larger than the whole quota is always refused: that closes the
// deployment for nobody else.
func TestARequestLargerThanTheQuotaCoolsNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(1000))))
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 5000}).Candidates(t.Context()) {
			c.Failed(Failure{Status: 429, Header: headers("Retry-After", "60")})
		}
		wantTried(t, p, nil, "a")
	})
}

// A changed key or endpoint lifts the bar of that resource and of no other, and what was on
// its way then does not bring it back.
func TestLift(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := gpt4o(Headroom, dep("a"), dep("b", tier(2)))
		p := newPool(m)
		for old := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			refused(t, p, 0, "", map[string]Failure{"a": {Status: 401}, "b": {Status: 429, Header: headers("Retry-After", "20")}})
			next := p.Next([]Model{m})
			if a, b := stateOf(t, next, "a"), stateOf(t, next, "b"); a.Why != Barred || b.Why != Throttled {
				t.Fatalf("a %+v, b %+v: want them as they were", a, b)
			}
			next.Lift("A")
			if a, b := stateOf(t, next, "a"), stateOf(t, next, "b"); a.Cooling != 0 || a.Alarm || b.Cooling != 20*time.Second {
				t.Errorf("lifted: a %+v, b %+v", a, b)
			}
			old.Failed(Failure{Status: 401})
			if a := stateOf(t, next, "a"); a.Cooling != 0 || a.Alarm {
				t.Errorf("after what was on its way: a %+v", a)
			}
			wantTried(t, next, nil, "a")
			break
		}
	})
}

// A refusal that asks to come again at once is believed once.
func TestAtOnceIsBelievedOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		soon := throttle("Retry-After-Ms", "0")
		_, err := try(t, p, world{"a": soon})
		wantRefusal(t, err, tallygate.Throttled, time.Millisecond)
		_, err = try(t, p, world{"a": soon})
		wantRefusal(t, err, tallygate.Throttled, 10*time.Second)
		time.Sleep(10 * time.Second)
		wantTried(t, p, nil, "a")
		_, err = try(t, p, world{"a": soon})
		wantRefusal(t, err, tallygate.Throttled, time.Millisecond)
	})
}

// How long a refusal asks to be left alone in words counts where its header does not say.
func TestWaitInWords(t *testing.T) {
	f := func(said time.Duration, want time.Duration, header ...string) {
		t.Helper()
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(Headroom, dep("a")))
			refused(t, p, 0, "", map[string]Failure{"a": {Status: 429, After: said, Header: headers(header...)}})
			if got := stateOf(t, p, "a").Cooling; got != want {
				t.Errorf("%v in words and %q: %v, want %v", said, header, got, want)
			}
		})
	}
	f(3*time.Second, 3*time.Second)
	f(24*time.Hour, time.Minute)
	f(3*time.Second, 7*time.Second, "Retry-After", "7")
	f(3*time.Second, 3*time.Second, "X-Ratelimit-Reset-Tokens", "50")
	f(0, 10*time.Second)
}

// A pool of which every breaker is open says when to come back, also while a probe is out.
func TestOpenPoolSaysWhen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		for range 5 {
			try(t, p, world{"a": {status: 500}})
		}
		_, err := try(t, p, nil)
		wantRefusal(t, err, tallygate.Unavailable, 10*time.Second)
		time.Sleep(10 * time.Second)
		for range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			_, err := try(t, p, nil)
			wantRefusal(t, err, tallygate.Unavailable, time.Second)
		}
	})
}
