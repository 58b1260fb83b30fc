package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

func TestBreakerOpensBeforeTheSixthOf25Failures(t *testing.T) {
	for name, bad := range map[string]reply{"500": {status: 500}, "408": {status: 408, err: errors.New("slow")}, "unreachable": {err: errors.New("refused")}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPool(gpt4o(Headroom, dep("a")))
				sent := 0
				for range 25 {
					tried, err := try(t, p, world{"a": bad})
					sent += len(tried)
					if e := tallygate.AsError(err); e.Kind != tallygate.Unavailable {
						t.Fatalf("refused with %#v, want Unavailable", e)
					}
				}
				if s := stateOf(t, p, "a"); sent != 5 || s.Breaker != Open || s.Cooling != 10*time.Second || s.Why != Failing {
					t.Errorf("%d of 25 were sent, then %+v; want 5 and the breaker open for 10s", sent, s)
				}
			})
		})
	}
}

func TestBreakerReopensForTwiceAsLongAndClosesOnSuccess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		bad := world{"a": {status: 500}}
		for range 5 {
			try(t, p, bad)
		}
		for _, want := range []time.Duration{10, 20, 40, 60, 60} {
			wait := stateOf(t, p, "a").Cooling
			if wait != want*time.Second {
				t.Fatalf("open for %v, want %ds", wait, want)
			}
			time.Sleep(wait - 1)
			wantTried(t, p, bad)
			time.Sleep(time.Nanosecond)
			if s := stateOf(t, p, "a"); s.Breaker != HalfOpen {
				t.Fatalf("breaker %v when its time is over, want half_open", s.Breaker)
			}
			wantTried(t, p, bad, "a")
		}
		time.Sleep(time.Minute)
		wantTried(t, p, nil, "a")
		if s := stateOf(t, p, "a"); s.Breaker != Closed {
			t.Fatalf("breaker %v after success, want closed", s.Breaker)
		}
		for range 5 { // and it counts from the beginning again
			wantTried(t, p, bad, "a")
		}
		wantTried(t, p, bad)
	})
}

func TestSuccessBetweenFailuresKeepsTheBreakerClosed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		for i := range 40 {
			w := world{"a": {status: 500}}
			if i%5 == 4 {
				w = nil
			}
			wantTried(t, p, w, "a")
		}
	})
}

func TestHalfOpenLetsOneThroughOf50(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		for range 5 {
			try(t, p, world{"a": {status: 500}})
		}
		time.Sleep(10 * time.Second)
		storm := func(outcome reply) (sent int64) {
			var n atomic.Int64
			var wg sync.WaitGroup
			outcome.took = time.Second
			for range 50 {
				wg.Go(func() {
					tried, _ := request(t.Context(), p, world{"a": outcome}, Need{})
					n.Add(int64(len(tried)))
				})
			}
			wg.Wait()
			return n.Load()
		}
		if n := storm(reply{status: 500}); n != 1 {
			t.Errorf("%d probes went out at once, want 1", n)
		}
		if n := storm(reply{}); n != 0 {
			t.Errorf("%d went out after the probe failed, want 0", n)
		}
		time.Sleep(20 * time.Second)
		if n := storm(reply{}); n != 1 {
			t.Errorf("%d probes went out at once, want 1", n)
		}
		if n := storm(reply{}); n != 50 {
			t.Errorf("%d of 50 went out after the probe succeeded, want all", n)
		}
	})
}

func TestAnswersFromBeforeItOpenedChangeNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		lend := func(end func(c *Candidate)) {
			for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
				for range 5 {
					try(t, p, world{"a": {status: 500}})
				}
				end(c)
				break
			}
			if s := stateOf(t, p, "a"); s.Breaker != Open || s.Cooling != 10*time.Second {
				t.Errorf("%v for %v, want still open for 10s", s.Breaker, s.Cooling)
			}
		}
		lend(func(c *Candidate) { c.Answered(Answer{Status: 200}) })
		time.Sleep(10 * time.Second)
		wantTried(t, p, nil, "a") // closes it
		lend(func(c *Candidate) { c.Failed(Failure{Status: 500}) })
	})
}

func TestProbeThatSaysNothingLetsTheNextOneGo(t *testing.T) {
	for name, end := range map[string]func(*Candidate){
		"break":                 func(*Candidate) {},
		"client went away":      func(c *Candidate) { c.Failed(Failure{Err: fmt.Errorf("read: %w", context.Canceled)}) },
		"the body panics":       func(*Candidate) { panic("test") },
		"refused with 429":      func(c *Candidate) { c.Failed(Failure{Status: 429, Header: headers("Retry-After-Ms", "1")}) },
		"a request it dislikes": func(c *Candidate) { c.Answered(Answer{Status: 400}) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPool(gpt4o(Headroom, dep("a")))
				for range 5 {
					try(t, p, world{"a": {status: 500}})
				}
				time.Sleep(10 * time.Second)
				func() {
					defer func() { recover() }()
					for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
						end(c)
						break
					}
				}()
				wantIdle(t, p)
				time.Sleep(time.Millisecond)
				wantTried(t, p, nil, "a")
			})
		})
	}
}

func TestClientsThatGoAwayOpenNoBreaker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2))))
		for range 30 {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{})
			var tried []string
			for c := range k.Candidates(ctx) {
				tried = append(tried, c.Resource)
				cancel()
				c.Failed(Failure{Err: ctx.Err()})
			}
			if len(tried) != 1 || tried[0] != "a" {
				t.Fatalf("tried %v for a client that was gone, want a alone", tried)
			}
			wantRefusal(t, k.Err(), tallygate.Canceled, 0)
		}
		if s := stateOf(t, p, "a"); s.Breaker != Closed || s.Counts.Failing != 0 {
			t.Errorf("a: %+v, want untouched", s)
		}
	})
}

func TestAnswerThatBreaksOffSendsToTheBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2))))
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			c.Answered(Answer{Status: 200})
			c.Failed(Failure{Status: 200, Err: errors.New("unexpected EOF")})
			break
		}
		wantTried(t, p, nil, "b")
		time.Sleep(time.Second)
		wantTried(t, p, nil, "a")
	})
}

func TestProbeWhoseAnswerBreaksOffIsOneFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		for range 5 {
			try(t, p, world{"a": {status: 500}})
		}
		time.Sleep(10 * time.Second)
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			c.Answered(Answer{Status: 200})
			c.Failed(Failure{Status: 200, Err: errors.New("unexpected EOF")})
			break
		}
		if s := stateOf(t, p, "a"); s.Breaker != Closed {
			t.Errorf("breaker %v, want closed: it had answered", s.Breaker)
		}
	})
}

func TestSuspectIsStillTriedWhenAlone(t *testing.T) {
	p := newPool(gpt4o(Headroom, dep("a")))
	wantTried(t, p, world{"a": {status: 500}}, "a")
	wantTried(t, p, nil, "a")
}

func TestBusyReturnsToZeroHoweverTheLoopEnds(t *testing.T) {
	p := newPool(gpt4o(Headroom, dep("a"), dep("b")))
	body := func(f func(c *Candidate) bool) {
		defer func() { recover() }()
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			if n := stateOf(t, p, c.Resource).InFlight; n != 1 {
				t.Errorf("%d in flight while the body runs, want 1", n)
			}
			if f(c) {
				return
			}
		}
	}
	body(func(*Candidate) bool { return true })
	body(func(*Candidate) bool { return false })
	body(func(*Candidate) bool { panic("test") })
	body(func(c *Candidate) bool { c.Answered(Answer{Status: 200}); panic("test") })
	body(func(c *Candidate) bool { c.Failed(Failure{Status: 500}); return false })
	wantIdle(t, p)
}
