package pool

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"pgregory.net/rapid"
)

// sliced is a little model of how Azure counts requests: by a second or by ten, which
// begin at a moment of their own; refused ones count as well.
type sliced struct {
	mu      sync.Mutex
	length  time.Duration
	offset  time.Duration
	most    int
	slice   time.Duration // number of the current one
	used    int
	served  int
	refused int
}

func (s *sliced) answer(since time.Duration) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := (since + s.offset) / s.length; n != s.slice {
		s.slice, s.used = n, 0
	}
	s.used++
	if s.used > s.most {
		s.refused++
		return throttle("Retry-After-Ms", ms(s.length-(since+s.offset)%s.length))
	}
	s.served++
	return reply{status: 200}
}

// ask sends one request for who as the line does and reports whether it was served.
func ask(ctx context.Context, p *Pool, n Need, answer func(resource string) reply) error {
	k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, n)
	for c := range k.Candidates(ctx) {
		if r := answer(c.Resource); r.status == 429 {
			c.Failed(Failure{Status: 429, Header: r.header})
		} else {
			c.Answered(Answer{Status: 200, Header: r.header})
			break
		}
	}
	return k.Err()
}

// At 97 % of 600 requests a minute, offered at random moments, a pool that waits buys
// no refusal, wherever Azure's seconds begin, and loses no request.
func TestPacedLoadBuysNoRefusal(t *testing.T) {
	for _, s := range []Strategy{Headroom, Priority, Weight, RoundRobin, LeastBusy, Latency} {
		t.Run(s.String(), func(t *testing.T) {
			for seed := range uint64(3) {
				bubble(t, func(t *testing.T) { paced(t, s, seed) })
			}
		})
	}
}

func paced(t *testing.T, s Strategy, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	m := gpt4o(s, dep("a", rpm(600)), dep("b", rpm(600)))
	m.Wait = 20 * time.Second
	p := newPool(m)
	azure := map[string]*sliced{
		"a": {length: time.Second, offset: time.Duration(random.Int64N(int64(time.Second))), most: 10},
		"b": {length: 10 * time.Second, offset: time.Duration(random.Int64N(int64(time.Minute))), most: 100},
	}
	began, sent := time.Now(), 0
	var wg sync.WaitGroup
	for ; time.Since(began) < 5*time.Minute; sent++ {
		wg.Go(func() {
			if err := ask(t.Context(), p, Need{Prompt: 10}, func(r string) reply { return azure[r].answer(time.Since(began)) }); err != nil {
				t.Errorf("a request at 97%% of the quota: %v", err)
			}
		})
		time.Sleep(time.Duration(random.ExpFloat64() * float64(time.Minute) / (0.97 * 1200)))
	}
	wg.Wait()
	if a, b := azure["a"], azure["b"]; a.refused+b.refused > 0 || a.served+b.served != sent {
		t.Errorf("%d sent: %d and %d served, %d and %d refused, want none", sent, a.served, b.served, a.refused, b.refused)
	}
}

// Without a wait a full slice sends requests to who has room, under every strategy,
// also to the next tier; and when none has, they are tried all the same.
func TestFullSliceGoesElsewhere(t *testing.T) {
	for s := Headroom; s <= Random; s++ {
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(s, dep("a", rpm(600)), dep("b", rpm(120)), dep("c", rpm(60), tier(2))))
			got := map[string]int{}
			for range 13 {
				got[send(t, p, Need{}, reply{})]++
			}
			if got["a"] != 10 || got["b"] != 2 || got["c"] != 1 {
				t.Errorf("%v: 13 at once went to %v, want 10 to a, 2 to b, 1 to c", s, got)
			}
			if got := send(t, p, Need{}, reply{}); got == "c" {
				t.Errorf("%v: with all slices full the next went to %s, want tier 1", s, got)
			}
		})
	}
}

// A wait that ends before the slice does is refused at once, with the time it takes.
func TestFullSliceBeyondTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := gpt4o(Headroom, dep("a", rpm(6)))
		m.Wait = 5 * time.Second
		p := newPool(m)
		wantTried(t, p, nil, "a")
		time.Sleep(time.Second)
		_, err := try(t, p, nil)
		wantRefusal(t, err, tallygate.Throttled, 9100*time.Millisecond)
		time.Sleep(9100 * time.Millisecond)
		wantTried(t, p, nil, "a")
	})
}

// What the slices let through is never more than their part in any stretch of their
// length, and is let through again as soon as a hundredth after it.
func TestSlicesAgainstAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quota := rapid.Int64Range(1, 900).Draw(t, "rpm")
		var s pacer
		var sent []time.Duration
		now := time.Duration(0)
		within := func(d time.Duration) (n int64) {
			for _, at := range sent {
				if at > now-d {
					n++
				}
			}
			return n
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "pause"))
			for range rapid.IntRange(0, 20).Draw(t, "burst") {
				opens := s.opens(now, quota)
				if opens > now {
					if within(10*time.Second+tenGrain) < tenth(quota) && (quota < 60 || within(time.Second+oneGrain) < secondly(quota)) {
						t.Fatalf("at %v closed until %v though few were sent", now, opens)
					}
					if now = opens; s.opens(now, quota) > now {
						t.Fatalf("not open at %v, when it was to open", now)
					}
				}
				if within(10*time.Second) >= tenth(quota) || quota >= 60 && within(time.Second) >= secondly(quota) {
					t.Fatalf("at %v open though a slice is full", now)
				}
				s.add(now)
				sent = append(sent, now)
			}
		}
	})
}

// A request that never arrived gives its part of the slices back.
func TestSlicesForgetWhatNeverArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(gpt4o(LeastBusy, dep("a", rpm(60)), dep("b", tier(2))))
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			c.Failed(Failure{Err: context.DeadlineExceeded})
			break
		}
		time.Sleep(suspectFor)
		wantTried(t, p, nil, "a")
	})
}
