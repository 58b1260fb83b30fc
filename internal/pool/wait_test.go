package pool

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

// waiting is gpt-4o with one deployment of unknown quota, which waits.
func waiting(wait time.Duration, ds ...*tallygate.Deployment) *Pool {
	m := gpt4o(Headroom, ds...)
	m.Wait = wait
	return newPool(m)
}

// cool throttles every deployment for d.
func cool(t *testing.T, p *Pool, d time.Duration) {
	t.Helper()
	k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{})
	k.model = &model{name: "gpt-4o", entries: k.model.entries, lane: newLane(1)} // does not wait
	for c := range k.Candidates(t.Context()) {
		c.Failed(Failure{Status: 429, Header: headers("Retry-After-Ms", ms(d))})
	}
}

func ms(d time.Duration) string { return seconds(d / time.Millisecond * time.Second) }

// about fails unless got is from want to the wait's jitter later.
func about(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got < want || got > want+jitter {
		t.Errorf("%s after %v, want %v to %v", what, got, want, want+jitter)
	}
}

func TestWaitsUntilTheFirstIsBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(20*time.Second, dep("a"), dep("b"))
		began := time.Now()
		var tried []string
		k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{})
		for c := range k.Candidates(t.Context()) {
			tried = append(tried, c.Resource)
			if len(tried) == 3 {
				c.Answered(Answer{Status: 200})
				break
			}
			c.Failed(Failure{Status: 429, Header: headers("Retry-After", map[string]string{"a": "9", "b": "5"}[c.Resource])})
		}
		if k.Err() != nil || tried[2] != "b" {
			t.Errorf("tried %v (%v), want a and b in some order, then b", tried, k.Err())
		}
		about(t, "served", time.Since(began), 5*time.Second)
		wantIdle(t, p)
	})
}

func TestDoesNotWaitUnlessAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		began := time.Now()
		_, err := try(t, p, world{"a": throttle("Retry-After-Ms", "1")})
		wantRefusal(t, err, tallygate.Throttled, time.Millisecond)
		if time.Since(began) != 0 {
			t.Errorf("took %v", time.Since(began))
		}
	})
}

func TestFailsEarlyWhenTheDeadlineCannotBeMet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(20*time.Second, dep("a"))
		cool(t, p, 30*time.Second)
		began := time.Now()
		_, err := try(t, p, nil)
		wantRefusal(t, err, tallygate.Throttled, 30*time.Second)
		short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		time.Sleep(25 * time.Second)
		_, err = request(short, p, nil, Need{})
		if e := tallygate.AsError(err); e.Kind != tallygate.Throttled {
			t.Errorf("with the context's own deadline passed: %#v, want Throttled", e)
		}
		short, cancel = context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err = request(short, p, nil, Need{})
		wantRefusal(t, err, tallygate.Throttled, 5*time.Second)
		if took := time.Since(began); took != 25*time.Second {
			t.Errorf("three requests that could not be served waited %v", took-25*time.Second)
		}
		// Also behind others, who have the time.
		var wg sync.WaitGroup
		wg.Go(func() { wantTried(t, p, nil, "a") })
		synctest.Wait()
		short, cancel = context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err = request(short, p, nil, Need{})
		wantRefusal(t, err, tallygate.Throttled, 5*time.Second)
		if time.Since(began) != 25*time.Second {
			t.Error("waited behind another for what could not come in time")
		}
		wg.Wait()
	})
}

func TestWaitIsBounded(t *testing.T) {
	// The old policy of 45 tries, 4 s apart, is a wait of 180 s.
	bubble(t, func(t *testing.T) {
		p := waiting(3*time.Minute, dep("a"))
		began := time.Now()
		tried, err := try(t, p, world{"a": throttle("Retry-After", "4")})
		if took := time.Since(began); took < 170*time.Second || took > 180*time.Second || len(tried) < 43 || len(tried) > 46 {
			t.Errorf("tried %d times in %v, want about 45 in at most 3m", len(tried), took)
		}
		wantRefusal(t, err, tallygate.Throttled, 4*time.Second)
		if p.Waiting("gpt-4o") != 0 {
			t.Error("someone still waits")
		}
	})
}

func TestWaitersAreServedInOrderAndOneMeetsTheReturn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(time.Minute, dep("a"))
		cool(t, p, 10*time.Second)
		var mu sync.Mutex
		var order []int
		var tries []time.Duration
		refuseUntil := 30 * time.Second
		began := time.Now()
		for i := range 8 {
			go func() {
				k := p.Pick(&tallygate.Ask{Model: "GPT-4o"}, Need{})
				for c := range k.Candidates(t.Context()) {
					mu.Lock()
					tries = append(tries, time.Since(began))
					mu.Unlock()
					if time.Since(began) < refuseUntil {
						c.Failed(Failure{Status: 429, Header: headers("Retry-After", "10")})
						continue
					}
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
					c.Answered(Answer{Status: 200})
					return
				}
				t.Errorf("request %d: %v", i, k.Err())
			}()
			synctest.Wait()
			if n := p.Waiting("gpt-4o"); n != i+1 {
				t.Fatalf("%d wait, want %d", n, i+1)
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(50 * time.Second)
		synctest.Wait()
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7}; !cmp.Equal(order, want) {
			t.Errorf("served in the order %v, want first come, first served", order)
		}
		// 10 and 20 s: one try each meets a refusal. From 30 s on all go, ever faster.
		if n := len(tries); n != 10 {
			t.Errorf("%d tries at %v, want 2 refused and 8 served", n, tries)
		}
		if last := tries[len(tries)-1]; last < 30*time.Second+400*time.Millisecond || last > 31*time.Second {
			t.Errorf("the last was served after %v, want within the second after 30s but not at once", last)
		}
		wantIdle(t, p)
	})
}

func TestKnownRoomLetsAsManyGoAsFit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(time.Minute, dep("a", tpm(1000)))
		cool(t, p, 61*time.Second-time.Second)
		time.Sleep(15 * time.Second) // so that a minute is enough
		var at []time.Duration
		var mu sync.Mutex
		began := time.Now()
		var wg sync.WaitGroup
		for range 7 {
			wg.Go(func() {
				k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 200})
				for c := range k.Candidates(t.Context()) {
					mu.Lock()
					at = append(at, time.Since(began))
					mu.Unlock()
					c.Answered(Answer{Status: 200})
					return
				}
			})
		}
		wg.Wait()
		slices.Sort(at)
		// Five fit and go together; the sixth is tried for want of a refusal, the seventh in the slot after.
		if at[4]-at[0] != 0 || at[6]-at[4] < 100*time.Millisecond {
			t.Errorf("served at %v, want five together and the rest spaced", at)
		}
	})
}

func TestNewcomersQueueBehindThoseWhoWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(time.Minute, dep("a"))
		cool(t, p, 10*time.Second)
		var mu sync.Mutex
		var order []string
		start := func(name string) {
			go func() {
				tried, _ := try(t, p, nil)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name+tried[0])
			}()
			synctest.Wait()
		}
		start("1")
		start("2")
		start("3")
		time.Sleep(10*time.Second + jitter + 10*time.Millisecond) // 1 has gone, 2 waits for its slot
		start("4")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if want := []string{"1a", "2a", "3a", "4a"}; !cmp.Equal(order, want) {
			t.Errorf("served in the order %v, want %v", order, want)
		}
		began := time.Now()
		if wantTried(t, p, nil, "a"); time.Since(began) != 0 {
			t.Error("a request waited though nobody else did")
		}
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(time.Minute, dep("a"))
		cool(t, p, 30*time.Second)
		reason := errors.New("the phone rang")
		ctx, cancel := context.WithCancelCause(t.Context())
		began := time.Now()
		var wg sync.WaitGroup
		var second time.Duration
		wg.Go(func() { // has the turn
			_, err := request(ctx, p, nil, Need{})
			wantRefusal(t, err, tallygate.Canceled, 0)
			if !errors.Is(err, reason) || time.Since(began) != time.Second {
				t.Errorf("after %v: %v, want the cause after 1s", time.Since(began), err)
			}
		})
		synctest.Wait()
		wg.Go(func() { // behind it, and left with the turn
			if _, err := try(t, p, nil); err != nil {
				t.Error(err)
			}
			second = time.Since(began)
		})
		synctest.Wait()
		wg.Go(func() { // behind both
			_, err := request(ctx, p, nil, Need{})
			wantRefusal(t, err, tallygate.Canceled, 0)
		})
		time.Sleep(time.Second)
		cancel(reason)
		synctest.Wait()
		if n := p.Waiting("gpt-4o"); n != 1 {
			t.Errorf("%d wait after two went away, want 1", n)
		}
		wg.Wait()
		about(t, "the one left was served", second, 30*time.Second)
		wantIdle(t, p)
	})
}

func TestWaitsForAProbeAndIsToldOfItsSuccess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(time.Minute, dep("a"))
		k := p.Next([]Model{gpt4o(Headroom, dep("a"))}) // the same, without a wait
		for range 5 {
			try(t, k, world{"a": {status: 500}})
		}
		began := time.Now()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := try(t, p, world{"a": {took: 3 * time.Second}}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		// 10 s open, 3 s for the probe, then the others, 3 s each but side by side.
		if took := time.Since(began); took < 16*time.Second || took > 17*time.Second {
			t.Errorf("all served after %v, want a little over 16s", took)
		}
	})
}

func TestRoundsRestWhenNothingCools(t *testing.T) {
	// A deployment that answers 500 is not cooling before its breaker opens, and must
	// not be hammered by one request that waits.
	bubble(t, func(t *testing.T) {
		p := waiting(5*time.Second, dep("a"), dep("b"))
		var at []time.Duration
		began := time.Now()
		k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{})
		for c := range k.Candidates(t.Context()) {
			at = append(at, time.Since(began))
			c.Failed(Failure{Status: 500})
		}
		want := []time.Duration{0, 0, 250, 250, 750, 750, 1750, 1750, 3750, 3750}
		for i := range want {
			want[i] *= time.Millisecond
		}
		if !cmp.Equal(at, want) {
			t.Errorf("tried at %v, want %v", at, want)
		}
		if e := tallygate.AsError(k.Err()); e.Kind != tallygate.Unavailable || e.RetryAfter == 0 {
			t.Errorf("%#v, want Unavailable with the breaker's time", e)
		}
	})
}

func TestNextRoundLeavesTheJustFailedOneForLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for range 30 {
			p := waiting(time.Second, dep("a"), dep("b"), dep("c"))
			var tried []string
			for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
				tried = append(tried, c.Resource)
				c.Failed(Failure{Status: 500})
			}
			if len(tried) != 9 || tried[3] == tried[2] || tried[6] == tried[5] {
				t.Fatalf("tried %v, want three rounds that do not begin with the one just failed", tried)
			}
		}
	})
}
