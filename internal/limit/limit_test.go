package limit_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
)

var team = &tallygate.Identity{Caller: &tallygate.Caller{ID: "team"}}

func newLimits(ls ...limit.Limit) *limit.Limits {
	return limit.New(map[string][]limit.Limit{"team": ls})
}

func kind(err error) tallygate.Kind {
	if e, ok := errors.AsType[*tallygate.Error](err); ok {
		return e.Kind
	}
	return tallygate.Internal
}

// A request limit admits exactly that many a minute, and says when the next one
// may come.
func TestRequestsAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := newLimits(limit.Limit{Requests: 3})
		time.Sleep(20 * time.Second) // synctest begins at midnight UTC
		for range 3 {
			if _, err := limits.Admit(team, 0); err != nil {
				t.Fatal(err)
			}
		}
		_, err := limits.Admit(team, 0)
		e, ok := errors.AsType[*tallygate.Error](err)
		if !ok || e.Kind != tallygate.Throttled || e.RetryAfter != 40*time.Second {
			t.Fatalf("4th request at second 20: %v, want Throttled for 40 s", err)
		}
		time.Sleep(e.RetryAfter)
		if _, err := limits.Admit(team, 0); err != nil {
			t.Errorf("after the wait it was told: %v", err)
		}
	})
}

// Concurrent callers on the last tokens never hold or spend more than the limit.
func TestTokensAreNeverOverspent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := newLimits(limit.Limit{Tokens: 1000}, limit.Limit{Requests: 1000000})
		var spent atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for range 20 {
					hold, err := limits.Admit(team, 100)
					if err != nil {
						continue
					}
					used := r.Int64N(101)
					spent.Add(used)
					hold.Settle(used)
					hold.Release() // the second settlement does nothing
				}
			})
		}
		wg.Wait()
		if spent.Load() > 1000 {
			t.Errorf("spent %d of 1000 tokens", spent.Load())
		}
		// What is left can be had to the last token, and not one more.
		left := 1000 - spent.Load()
		if left > 0 {
			if _, err := limits.Admit(team, left); err != nil {
				t.Errorf("the last %d tokens were refused: %v", left, err)
			}
		}
		if _, err := limits.Admit(team, 1); kind(err) != tallygate.Throttled {
			t.Errorf("one token over the limit: %v, want Throttled", err)
		}
	})
}

// A request that could never fit is told so, not sent away to wait for ever.
func TestARequestLargerThanTheLimit(t *testing.T) {
	if _, err := newLimits(limit.Limit{Tokens: 100}).Admit(team, 101); kind(err) != tallygate.BadRequest {
		t.Errorf("101 of 100 tokens: %v, want BadRequest", err)
	}
}

// A hold that is settled after its minute takes nothing from the next.
func TestSettlementAfterTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := newLimits(limit.Limit{Tokens: 100})
		late, err := limits.Admit(team, 100)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, err := limits.Admit(team, 100); err != nil {
			t.Fatal(err)
		}
		late.Release()
		if _, err := limits.Admit(team, 1); kind(err) != tallygate.Throttled {
			t.Errorf("a late release made room in the wrong minute: %v", err)
		}
	})
}

// A reload keeps what was used; callers without limits are not held.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := newLimits(limit.Limit{Tokens: 100})
		if _, err := limits.Admit(team, 80); err != nil {
			t.Fatal(err)
		}
		limits = limits.Next(map[string][]limit.Limit{"team": {{Tokens: 90}}})
		if _, err := limits.Admit(team, 20); kind(err) != tallygate.Throttled {
			t.Errorf("80 + 20 of 90 after a reload: %v, want Throttled", err)
		}
		free := &tallygate.Identity{Caller: &tallygate.Caller{ID: "free"}}
		hold, err := limits.Admit(free, 1<<60)
		if err != nil {
			t.Error(err)
		}
		hold.Release()
	})
}

func BenchmarkAdmitSettle(b *testing.B) {
	limits := newLimits(limit.Limit{Tokens: 1 << 50}, limit.Limit{Requests: 1 << 50})
	b.ReportAllocs()
	for b.Loop() {
		hold, err := limits.Admit(team, 1000)
		if err != nil {
			b.Fatal(err)
		}
		hold.Settle(10)
	}
}
