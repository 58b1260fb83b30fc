package pool

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
)

// reserving is gpt-4o of which the group "vip" is kept a share.
func reserving(percent int, ds ...*tallygate.Deployment) Model {
	m := gpt4o(Headroom, ds...)
	m.Reserve = []Reserve{{Group: "vip", Share: percent}}
	return m
}

// exhaust sends requests of n until one is refused, and returns how many were served and
// when to come back.
func exhaust(t *testing.T, p *Pool, n Need) (served int, after time.Duration) {
	t.Helper()
	for range 1000 {
		if _, err := request(t.Context(), p, nil, n); err != nil {
			e := tallygate.AsError(err)
			if e.Kind != tallygate.Throttled || e.RetryAfter <= 0 {
				t.Fatalf("%#v, want Throttled with a time", err)
			}
			return served, e.RetryAfter
		}
		served++
	}
	return served, 0
}

// Others see deployments as full before the share of the group is touched: over all
// deployments together, by tokens, requests and utilisation, less what the group has
// used of it already. The time they are told is honest.
func TestReserveIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		deployments []*tallygate.Deployment
		vip, want   int // requests of 100 tokens the group sends before, and others get
		after       time.Duration
	}{
		"tokens":           {[]*tallygate.Deployment{dep("a", tpm(1000)), dep("b", tpm(9000), tier(2))}, 0, 80, 61 * time.Second},
		"half used":        {[]*tallygate.Deployment{dep("a", tpm(10_000))}, 10, 80, 61 * time.Second},
		"more than used":   {[]*tallygate.Deployment{dep("a", tpm(10_000))}, 50, 50, 0},
		"requests":         {[]*tallygate.Deployment{dep("a", rpm(100), tpm(1e9))}, 0, 80, 61 * time.Second},
		"provisioned":      {[]*tallygate.Deployment{dep("a", ptu(10))}, 0, 200, 240 * time.Millisecond},
		"unknown is open":  {[]*tallygate.Deployment{dep("a", tpm(1000)), dep("b")}, 0, 1000, 0},
		"larger than ever": {[]*tallygate.Deployment{dep("a", tpm(100))}, 0, 1, 61 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPool(reserving(20, c.deployments...))
				for range c.vip {
					if _, err := request(t.Context(), p, nil, Need{Prompt: 100, Group: "vip"}); err != nil {
						t.Fatal(err)
					}
				}
				n := Need{Prompt: 100, Group: "others"}
				if name == "more than used" { // nothing is kept: only Azure itself refuses
					for range c.want {
						request(t.Context(), p, nil, n)
					}
					if s := stateOf(t, p, "a"); !near(s.Room, 0) {
						t.Errorf("room %.2f, want none", s.Room)
					}
					return
				}
				got, after := exhaust(t, p, n)
				if got != c.want || after < c.after-100*time.Millisecond || after > c.after+100*time.Millisecond {
					t.Errorf("others were served %d and told %v, want %d and %v", got, after, c.want, c.after)
				}
				if _, err := request(t.Context(), p, nil, Need{Prompt: 100, Group: "vip"}); err != nil {
					t.Errorf("the group itself: %v", err)
				}
				time.Sleep(after + time.Second)
				if _, err := request(t.Context(), p, nil, n); err != nil {
					t.Errorf("after the time told: %v", err)
				}
			})
		})
	}
}

// Batch requests see the deployments as full from their share on.
func TestBatchShare(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := gpt4o(RoundRobin, dep("a", tpm(5000)), dep("b", tpm(5000)))
		m.BatchShare = 90
		p := newPool(m)
		for range 50 {
			request(t.Context(), p, nil, Need{Prompt: 100})
		}
		if got, after := exhaust(t, p, Need{Prompt: 100, Batch: true}); got != 40 || after > 61*time.Second {
			t.Errorf("%d batch requests beside 50 others of 100, told %v, want 40", got, after)
		}
		for range 10 {
			if _, err := request(t.Context(), p, nil, Need{Prompt: 100}); err != nil {
				t.Fatalf("interactive: %v", err)
			}
		}
	})
}

// A pool that is full for others falls back, and to a model whose own share is kept
// only as far as that allows.
func TestReserveFallsBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := reserving(50, dep("a", tpm(1000)))
		m.Fallback = []string{"mini"}
		mini := Model{Name: "mini", Deployments: []*tallygate.Deployment{{Resource: "m", Name: "mini", Model: "mini", TPM: 1000}}, BatchShare: 30}
		p := newPool(m, mini)
		if got, _ := exhaust(t, p, Need{Prompt: 100, Batch: true}); got != 8 {
			t.Errorf("%d served, want 5 of the model and 3 of its fallback", got)
		}
	})
}

// What is kept for a group stays kept when the minute begins anew, where its begin is
// known, and when the configuration is loaded anew.
func TestReserveFollowsAzuresMinute(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(reserving(20, dep("a", tpm(10_000))))
		p.states["a/gpt-4o"].window.phase = phase{end: 10 * time.Second, agreed: 3}
		time.Sleep(5 * time.Second)
		for range 10 {
			request(t.Context(), p, nil, Need{Prompt: 100, Group: "vip"})
		}
		p = p.Next([]Model{reserving(20, dep("a", tpm(10_000)))})
		if got, after := exhaust(t, p, Need{Prompt: 1000}); got != 8 || after > 5100*time.Millisecond {
			t.Errorf("%d served and told %v, want 8, and 5s until the minute ends", got, after)
		}
		time.Sleep(5 * time.Second)
		if got, _ := exhaust(t, p, Need{Prompt: 1000}); got != 8 {
			t.Errorf("%d served in the new minute, want 8", got)
		}
	})
}

// Where others wait because of what is kept, the group's requests do not wait behind
// them; nor do interactive ones behind batch.
func TestWhatIsKeptIsNotWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := reserving(20, dep("a", tpm(10_000)))
		m.Wait, m.BatchShare = 2*time.Minute, 50
		p := newPool(m)
		var wg sync.WaitGroup
		serve := func(n Need, least, most time.Duration) {
			wg.Go(func() {
				began := p.now()
				_, err := request(t.Context(), p, nil, n)
				if took := p.now() - began; err != nil || took < least || took > most {
					t.Errorf("%+v: served after %v: %v, want %v to %v", n, took, err, least, most)
				}
			})
			synctest.Wait()
		}
		for range 5 {
			serve(Need{Prompt: 1000, Batch: true, Who: "b"}, 0, 0)
		}
		time.Sleep(10 * time.Second)
		for range 20 {
			serve(Need{Prompt: 10, Batch: true, Who: "b"}, 60*time.Second, 64*time.Second)
		}
		for range 3 {
			serve(Need{Prompt: 1000, Who: "o", Group: "others"}, 0, 0)
		}
		for range 4 {
			serve(Need{Prompt: 1000, Who: "o", Group: "others"}, 50*time.Second, 53*time.Second)
		}
		serve(Need{Prompt: 1000, Who: "v", Group: "vip"}, 0, 0)
		wg.Wait()
		wantIdle(t, p)
	})
}

// Where no quota is known the group gets its share of what is served from the queue, by
// tokens, however many others wait.
func TestReserveInTheQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := reserving(40, dep("a"))
		m.Wait = time.Hour
		c := newCrowd(t, m)
		var mu sync.Mutex
		var last time.Duration
		random := rand.New(rand.NewPCG(1, 1))
		c.answer = func(string) reply { // one request in half a second
			mu.Lock()
			defer mu.Unlock()
			now := c.p.now()
			if gap := now - last; gap < 500*time.Millisecond {
				return throttle("Retry-After-Ms", ms(500*time.Millisecond-gap))
			}
			last = now
			return reply{status: 200}
		}
		time.Sleep(time.Second)
		for who := range 8 {
			c.flood(5, Need{Who: strconv.Itoa(who), Prompt: 1000 + random.Int64N(1000), Group: "others"}, 10*time.Minute)
		}
		c.flood(10, Need{Who: "v", Prompt: 3000, Group: "vip"}, 10*time.Minute)
		time.Sleep(10 * time.Minute)
		_, vip := c.total("v")
		all := vip
		for who := range 8 {
			_, tokens := c.total(strconv.Itoa(who))
			all += tokens
		}
		if got := float64(vip) / float64(all); got < 0.38 || got > 0.44 {
			t.Errorf("the group got %.0f %% of the tokens, want 40", 100*got)
		}
		c.wg.Wait()
	})
}
