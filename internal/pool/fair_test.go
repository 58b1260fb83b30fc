package pool

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
)

// crowd sends requests for several callers to one pool and notes who was served when.
type crowd struct {
	t      *testing.T
	p      *Pool
	answer func(resource string) reply
	wg     sync.WaitGroup

	mu     sync.Mutex
	served []service
	failed []service
}

type service struct {
	Need
	at, waited time.Duration
	err        error
}

func newCrowd(t *testing.T, m Model) *crowd {
	t.Helper()
	return &crowd{t: t, p: newPool(m), answer: func(string) reply { return reply{status: 200} }}
}

// saturated is a crowd before one deployment that serves a request a second.
func saturated(t *testing.T, wait time.Duration) *crowd {
	m := gpt4o(Headroom, dep("a", rpm(60)))
	m.Wait = wait
	return newCrowd(t, m)
}

func (c *crowd) send(n Need) {
	began := c.p.now()
	err := ask(c.t.Context(), c.p, n, c.answer)
	now := c.p.now()
	s := service{n, now, now - began, err}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failed = append(c.failed, s)
		return
	}
	c.served = append(c.served, s)
}

// burst sends n requests at once and returns when all are queued or gone.
func (c *crowd) burst(count int, n Need) {
	for range count {
		c.wg.Go(func() { c.send(n) })
	}
	synctest.Wait()
}

// flood keeps count requests of n waiting until end.
func (c *crowd) flood(count int, n Need, end time.Duration) {
	for range count {
		c.wg.Go(func() {
			for c.p.now() < end {
				c.send(n)
				time.Sleep(time.Millisecond)
			}
		})
	}
	synctest.Wait()
}

// order is who was served, in turn.
func (c *crowd) order() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := ""
	for _, s := range c.served {
		out += s.Who
	}
	return out
}

// total returns how many requests and tokens who was served.
func (c *crowd) total(who string) (requests, tokens int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.served {
		if s.Who == who {
			requests++
			tokens += s.Prompt + s.Output
		}
	}
	return requests, tokens
}

// waits returns a quantile of how long who waited until served.
func (c *crowd) waits(who string, quantile float64) time.Duration {
	var ds []time.Duration
	for _, s := range c.served {
		if s.Who == who {
			ds = append(ds, s.waited)
		}
	}
	slices.Sort(ds)
	return ds[int(quantile*float64(len(ds)-1))]
}

// Of two callers one floods a saturated pool: the other's p99 wait is at most twice
// what it is alone.
func TestFloodDoublesAnothersWaitAtMost(t *testing.T) {
	for seed := range uint64(8) {
		measure := func(flood bool) (p99 time.Duration) {
			bubble(t, func(t *testing.T) {
				c := saturated(t, 2*time.Minute)
				random := rand.New(rand.NewPCG(seed, 3))
				const end = time.Hour
				if flood {
					c.flood(100, Need{Who: "flood", Prompt: []int64{200, 1, 5000}[seed%3]}, end)
				}
				for c.p.now() < end {
					time.Sleep(30*time.Second + time.Duration(random.Int64N(int64(30*time.Second))))
					c.burst(4+random.IntN(11), Need{Who: "light", Prompt: 200})
				}
				c.wg.Wait()
				for _, s := range c.failed {
					if s.Who == "light" {
						t.Fatalf("a request of the light caller failed: %v", s.err)
					}
				}
				p99 = c.waits("light", 0.99)
			})
			return p99
		}
		alone, beside := measure(false), measure(true)
		t.Logf("seed %d: p99 alone %v, beside a flood %v: %.2f times", seed, alone, beside, float64(beside)/float64(alone))
		if beside > 2*alone {
			t.Errorf("seed %d: p99 wait of %v beside a flood, more than twice the %v alone", seed, beside, alone)
		}
	}
}

// Who wait all the time share the tokens by weight, whatever the size of their requests
// and the number that wait; small ones count as least.
func TestSharesFollowWeights(t *testing.T) {
	for name, c := range map[string]struct {
		a, b     Need
		requests float64 // a's to b's
	}{
		"equal":              {Need{Prompt: 2000}, Need{Prompt: 2000}, 1},
		"3 to 1":             {Need{Prompt: 2000, Weight: 3}, Need{Prompt: 2000}, 3},
		"huge prompts":       {Need{Prompt: 2000}, Need{Prompt: 16_000, Output: 4000}, 10},
		"huge and heavy":     {Need{Prompt: 2000}, Need{Prompt: 20_000, Weight: 5}, 2},
		"tiny count as some": {Need{Prompt: least}, Need{Prompt: 1}, 1},
		"batch":              {Need{Prompt: 50, Weight: 3, Batch: true}, Need{Prompt: 500, Batch: true}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				m := gpt4o(Headroom, dep("a", rpm(600)))
				m.Wait = time.Hour
				crowd := newCrowd(t, m)
				c.a.Who, c.b.Who = "a", "b"
				crowd.flood(20, c.a, 5*time.Minute)
				crowd.flood(60, c.b, 5*time.Minute)
				time.Sleep(5 * time.Minute)
				a, _ := crowd.total("a")
				b, _ := crowd.total("b")
				if got := float64(a) / float64(b); got < 0.9*c.requests || got > 1.1*c.requests {
					t.Errorf("%d and %d requests served: %.2f to 1, want %.2f", a, b, got, c.requests)
				}
				crowd.wg.Wait()
			})
		})
	}
}

// A small request costs what a quota grants for each request, where that is known.
func TestSmallestCost(t *testing.T) {
	for name, c := range map[string]struct {
		deployments []*tallygate.Deployment
		want        int64
	}{
		"quotas known":    {[]*tallygate.Deployment{dep("a", tpm(1000), rpm(6)), dep("b", tpm(5000), rpm(6))}, 500},
		"one is not":      {[]*tallygate.Deployment{dep("a", tpm(1000), rpm(6)), dep("b", tpm(5000))}, least},
		"provisioned":     {[]*tallygate.Deployment{dep("a", ptu(15), tpm(1), rpm(1))}, least},
		"fewer than ever": {[]*tallygate.Deployment{dep("a", tpm(1), rpm(6))}, 1},
	} {
		p := newPool(gpt4o(Headroom, c.deployments...))
		if got := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).quota().dearth(); got != c.want {
			t.Errorf("%s: %d tokens, want %d", name, got, c.want)
		}
	}
}

// One caller's requests are served as they came, and a caller that was idle goes before
// the rest of another's flood.
func TestIdleCallerGoesNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := saturated(t, time.Hour)
		c.burst(8, Need{Who: "f"})
		time.Sleep(2500 * time.Millisecond)
		c.burst(3, Need{Who: "n"})
		c.wg.Wait()
		if got, want := c.order(), "fffnnfnffff"; got != want {
			t.Errorf("served %s, want %s", got, want)
		}
	})
}

// Interactive requests go before batch ones, whoever sends them, until these have waited
// for half of their time: then a quarter is theirs.
func TestBatchGoesBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := saturated(t, 40*time.Second)
		c.burst(2, Need{Who: "x"})
		c.burst(3, Need{Who: "b", Batch: true})
		c.flood(15, Need{Who: "i"}, time.Minute)
		time.Sleep(19 * time.Second)
		if n, _ := c.total("b"); n != 0 {
			t.Errorf("%d batch requests served before half of their wait was over: %s", n, c.order())
		}
		time.Sleep(21 * time.Second)
		if n, _ := c.total("b"); n != 3 {
			t.Errorf("%d batch requests served in their wait, want 3: %s", n, c.order())
		}
		c.wg.Wait()
	})
	bubble(t, func(t *testing.T) {
		c := saturated(t, time.Hour)
		c.burst(4, Need{Who: "b", Batch: true})
		time.Sleep(1500 * time.Millisecond)
		c.burst(2, Need{Who: "i"})
		c.wg.Wait()
		if got, want := c.order(), "bbiibb"; got != want {
			t.Errorf("served %s, want %s: one that comes takes the turn from a batch request that watches", got, want)
		}
	})
}

// However many callers come, each for the first time and one a second, which is all that
// is served, one who waits and has had much already is served as well.
func TestNewCallersDoNotStarveOneWhoWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := saturated(t, time.Minute)
		c.burst(3, Need{Who: "old", Prompt: 5000}) // the first goes at once, the second pays
		for i := range 60 {
			c.burst(1, Need{Who: fmt.Sprint(i)})
			time.Sleep(time.Second)
		}
		c.wg.Wait()
		if n, _ := c.total("old"); n != 3 {
			t.Errorf("%d of 3 requests served, while others came: %s", n, c.order())
		}
	})
}

// A request whose deadline the queue surely cannot meet is refused at once and told
// when to come: by the quota when that is known, else by how the queue moved for
// a minute.
func TestHopelessAreRefusedAtOnce(t *testing.T) {
	hurried := func(t *testing.T, c *crowd, in, least, most time.Duration) {
		t.Helper()
		began := c.p.now()
		err := ask(t.Context(), c.p, Need{Who: "f", Deadline: time.Now().Add(in)}, c.answer)
		e := tallygate.AsError(err)
		if e == nil || e.Kind != tallygate.Throttled || e.RetryAfter < least || e.RetryAfter > most || c.p.now() != began {
			t.Errorf("after %v: %#v, want Throttled at once with %v to %v", c.p.now()-began, err, least, most)
		}
	}
	bubble(t, func(t *testing.T) {
		c := saturated(t, 5*time.Minute)
		c.burst(120, Need{Who: "f"})
		hurried(t, c, 100*time.Second, 15*time.Second, 25*time.Second)
		// Another caller has hope: its turn is the next but one.
		began := c.p.now()
		if err := ask(t.Context(), c.p, Need{Who: "g", Deadline: time.Now().Add(5 * time.Second)}, c.answer); err != nil || c.p.now()-began > 3*time.Second {
			t.Errorf("another caller: %v after %v, want served", err, c.p.now()-began)
		}
		c.wg.Wait()
	})
	bubble(t, func(t *testing.T) {
		m := gpt4o(Headroom, dep("a"))
		m.Wait = 5 * time.Minute
		c := newCrowd(t, m)
		var mu sync.Mutex
		last := -time.Hour
		c.answer = func(string) reply { // one request in two seconds
			mu.Lock()
			defer mu.Unlock()
			if now := c.p.now(); now-last < 2*time.Second {
				return throttle("Retry-After-Ms", ms(2*time.Second-(now-last)))
			}
			last = c.p.now()
			return reply{status: 200}
		}
		c.burst(200, Need{Who: "f"})
		time.Sleep(90 * time.Second)
		hurried(t, c, 60*time.Second, 180*time.Second, 400*time.Second)
		c.wg.Wait()
	})
}

// The deadline ends the wait of one that had hope, with a refusal.
func TestDeadlineEndsTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := saturated(t, time.Hour)
		c.burst(8, Need{Who: "f"})
		c.send(Need{Who: "f", Deadline: time.Now().Add(3 * time.Second)})
		if s := c.failed; len(s) != 1 || s[0].waited != 3*time.Second || tallygate.AsError(s[0].err).Kind != tallygate.Throttled {
			t.Errorf("%+v, want one refused after 3s", s)
		}
		c.wg.Wait()
	})
}

// A line has an end, and one caller has at most half of the places that are left.
func TestLineIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := gpt4o(Headroom, dep("a", rpm(600)))
		m.Wait = time.Hour
		c := newCrowd(t, m)
		c.p = New([]Model{m}, Options{MaxWaiting: 100})
		c.burst(200, Need{Who: "f"}) // 10 go at once
		if q := c.p.Queues(); q[0].Interactive != 50 || len(c.failed) != 140 {
			t.Errorf("%+v, %d refused, want 50 waiting and 140 refused", q, len(c.failed))
		}
		if e := tallygate.AsError(c.failed[0].err); e.Kind != tallygate.Throttled || e.RetryAfter < time.Second {
			t.Errorf("%#v, want Throttled with at least 1s", e)
		}
		c.burst(40, Need{Who: "g", Batch: true})
		if q := c.p.Queues(); q[0].Interactive != 50 || q[0].Batch != 25 {
			t.Errorf("%+v, want 25 of another caller", q)
		}
		c.wg.Wait()
	})
}

// Callers that can be made up at will take no more of the line than one caller may.
func TestACrowdTakesHalfOfTheLine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := gpt4o(Headroom, dep("a", rpm(600)))
		m.Wait = time.Hour
		c := newCrowd(t, m)
		c.p = New([]Model{m}, Options{MaxWaiting: 100})
		for i := range 200 {
			c.burst(1, Need{Who: fmt.Sprint("made-up-", i), Crowd: "party"})
		}
		if q := c.p.Queues(); q[0].Interactive != 50 {
			t.Errorf("%+v, want 50 waiting", q)
		}
		c.burst(40, Need{Who: "g"})
		if q := c.p.Queues(); q[0].Interactive != 75 {
			t.Errorf("%+v, want 25 of another caller", q)
		}
		c.wg.Wait()
		if l := c.p.models["gpt-4o"].lane; len(l.crowds) != 0 {
			t.Errorf("crowds are left: %v", l.crowds)
		}
	})
}

// Queues tells who waits, by class, and for how long.
func TestQueues(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := saturated(t, time.Hour)
		c.burst(3, Need{Who: "a"})
		c.burst(2, Need{Who: "b", Batch: true})
		time.Sleep(500 * time.Millisecond)
		want := []Queue{{Model: "gpt-4o", Interactive: 2, Batch: 2, Longest: 500 * time.Millisecond}}
		if got := c.p.Queues(); !slices.Equal(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
		c.wg.Wait()
		if got := c.p.Queues(); got[0] != (Queue{Model: "gpt-4o"}) {
			t.Errorf("%+v, want nobody", got)
		}
	})
}

// No turn is ever lost: of callers that come, wait, are refused, run out of time and go
// away at random, each ends by its deadline or when it went, and those who stay are
// served, since the deployments have room for all within the wait.
func TestNoTurnIsLost(t *testing.T) {
	for seed := range uint64(60) {
		bubble(t, func(t *testing.T) { comeAndGo(t, rand.New(rand.NewPCG(seed, 11))) })
	}
}

func comeAndGo(t *testing.T, random *rand.Rand) {
	m := gpt4o(Strategy(random.IntN(7)), dep("a", rpm(120)), dep("b", rpm(60+random.Int64N(300)), tier(1+random.IntN(2))))
	m.Wait = time.Duration(5+random.IntN(5)) * time.Minute
	if random.IntN(2) == 0 {
		m.Deployments = append(m.Deployments, dep("c", tier(3)))
	}
	if random.IntN(2) == 0 {
		m.Reserve, m.BatchShare = []Reserve{{"g1", 20}, {"g2", 10}}, 90
	}
	p := newPool(m)
	answer := func(resource string) reply {
		if resource == "c" && (p.now()/(7*time.Second))%2 == 0 {
			return throttle("Retry-After-Ms", "900")
		}
		return reply{status: 200}
	}
	var wg sync.WaitGroup
	for range 400 {
		n := Need{
			Who: fmt.Sprint(random.IntN(5)), Group: fmt.Sprint("g", random.IntN(4)), Weight: random.IntN(4),
			Batch: random.IntN(4) == 0, Prompt: random.Int64N(3000),
		}
		limit, leaves, skips := m.Wait, random.IntN(4) == 0, random.IntN(10) == 0
		if random.IntN(4) == 0 {
			limit = time.Duration(random.Int64N(int64(m.Wait)))
			n.Deadline = time.Now().Add(limit)
		}
		patience := time.Duration(random.Int64N(int64(time.Minute)))
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if leaves {
				defer time.AfterFunc(patience, cancel).Stop()
			}
			began := p.now()
			k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, n)
			for c := range k.Candidates(ctx) {
				if skips && c.Resource == "a" {
					c.Skip(&tallygate.Error{Kind: tallygate.Throttled})
					continue
				}
				r := answer(c.Resource)
				if r.status == 429 {
					c.Failed(Failure{Status: 429, Header: r.header})
					continue
				}
				c.Answered(Answer{Status: 200})
				break
			}
			took, err := p.now()-began, k.Err()
			switch {
			case err != nil && leaves && tallygate.AsError(err).Kind == tallygate.Canceled:
				if took != patience {
					t.Errorf("went away after %v and ended after %v", patience, took)
				}
			case took > limit:
				t.Errorf("ended after %v: %v, want within %v", took, err, limit)
			case err != nil && n.Deadline.IsZero() && !leaves && !skips:
				t.Errorf("not served though there was room for all: after %v: %v", took, err)
			}
		})
		time.Sleep(time.Duration(random.ExpFloat64() * float64(50*time.Millisecond)))
	}
	l := p.models["gpt-4o"].lane
	for p.Waiting("gpt-4o") > 0 {
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		l.mu.Lock()
		lost := len(l.active) > 0 && (l.turn == nil || l.turn.flow == nil || l.claimed)
		l.mu.Unlock()
		if lost {
			t.Error("some wait and nobody has the turn")
			break
		}
	}
	wg.Wait()
	wantIdle(t, p)
	if p.Waiting("gpt-4o") != 0 || len(l.flows)+len(l.active) != 0 || l.turn != nil || l.claimed {
		t.Errorf("left in the lane: %d waiting, %d flows, turn %v", p.Waiting("gpt-4o"), len(l.flows), l.turn)
	}
}
