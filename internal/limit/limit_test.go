package limit_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
)

var team = &tallygate.Identity{Caller: &tallygate.Caller{ID: "team", Group: "product"}, Key: "0123456789ab"}

// minute, day and so on are limits as the configuration makes them.
func minute(q tallygate.Quantity, n int64) tallygate.Limit {
	return tallygate.Limit{Name: q.String(), Quantity: q, Amount: n, Period: tallygate.Sliding, Length: time.Minute,
		Each: []tallygate.Dimension{tallygate.ByCaller}}
}

func per(p tallygate.Period, q tallygate.Quantity, n int64) tallygate.Limit {
	return tallygate.Limit{Name: q.String() + " a " + p.String(), Quantity: q, Amount: n, Period: p}
}

func newLimits(t testing.TB, ls ...tallygate.Limit) *limit.Limits {
	t.Helper()
	l, err := limit.New(t.Context(), ls, limit.Options{Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// tokens is a need of n prompt tokens.
func tokens(n int64) limit.Need { return limit.Need{Bound: tallygate.Bound{Prompt: n}} }

// admit admits a request of team that begins now.
func admit(t testing.TB, l *limit.Limits, need limit.Need) (*limit.Hold, error) {
	t.Helper()
	h := new(limit.Hold)
	return h, l.Admit(t.Context(), h, team, "gpt-4o", time.Now(), need)
}

func mustAdmit(t testing.TB, l *limit.Limits, need limit.Need) *limit.Hold {
	t.Helper()
	h, err := admit(t, l, need)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return h
}

// refused admits and expects a refusal of a kind.
func refused(t testing.TB, l *limit.Limits, need limit.Need, kind tallygate.Kind) *tallygate.Error {
	t.Helper()
	h, err := admit(t, l, need)
	e, ok := errors.AsType[*tallygate.Error](err)
	if !ok || e.Kind != kind {
		t.Fatalf("admitted %+v with %v, want a refusal of kind %d", need, err, kind)
	}
	h.Release() // of what was refused there is nothing to release
	return e
}

// entry is one that used so many prompt tokens.
func entry(n int64) *tallygate.Entry {
	return &tallygate.Entry{Counted: true, Usage: tallygate.Usage{Prompt: n, Total: n}}
}

// A request limit admits exactly that many in any minute, and says when the next
// one may come.
func TestRequestsAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, minute(tallygate.Requests, 3))
		for range 3 {
			mustAdmit(t, l, tokens(0)).Settle(entry(1))
			time.Sleep(10 * time.Second)
		}
		e := refused(t, l, tokens(0), tallygate.Throttled)
		if e.RetryAfter < 30*time.Second || e.RetryAfter > 32*time.Second {
			t.Fatalf("30 s after the first of 3: retry after %v, want 31 s", e.RetryAfter)
		}
		time.Sleep(e.RetryAfter - time.Millisecond)
		refused(t, l, tokens(0), tallygate.Throttled)
		time.Sleep(time.Millisecond)
		mustAdmit(t, l, tokens(0))
		refused(t, l, tokens(0), tallygate.Throttled)
	})
}

// Concurrent callers on the last tokens never hold or spend more than the limit.
func TestTokensAreNeverOverspent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, minute(tallygate.Tokens, 1000), per(tallygate.Day, tallygate.Tokens, 1500), minute(tallygate.Requests, 1000000))
		var spent atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				for range 20 {
					hold, err := admit(t, l, tokens(100))
					if err != nil {
						continue
					}
					used := r.Int64N(101)
					spent.Add(used)
					hold.Settle(entry(used))
					hold.Release() // the second settlement does nothing
				}
			})
		}
		wg.Wait()
		if spent.Load() > 1000 {
			t.Errorf("spent %d of 1000 tokens", spent.Load())
		}
		// What is left can be had to the last token, and not one more.
		if left := 1000 - spent.Load(); left > 0 {
			mustAdmit(t, l, tokens(left))
		}
		refused(t, l, tokens(1), tallygate.Throttled)
	})
}

// When one limit of several refuses, nothing is held on the others.
func TestAllOrNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, minute(tallygate.Tokens, 100), per(tallygate.Day, tallygate.Requests, 10), minute(tallygate.Requests, 5))
		h := mustAdmit(t, l, tokens(80))
		for range 20 {
			refused(t, l, tokens(21), tallygate.Throttled)
		}
		h.Settle(entry(80))
		for _, s := range l.States() {
			if s.Limit.Quantity == tallygate.Requests && (s.Spent != 1 || s.Held != 0) {
				t.Errorf("%s: %d spent and %d held after one request, want 1 and 0", s.Limit.Name, s.Spent, s.Held)
			}
		}
	})
}

// A request that could never fit is told so, not sent away to wait for ever.
func TestARequestLargerThanTheLimit(t *testing.T) {
	refused(t, newLimits(t, minute(tallygate.Tokens, 100)), tokens(101), tallygate.BadRequest)
}

// A hold that is settled after its minute takes nothing from the next, and gives
// it nothing.
func TestSettlementAfterTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, minute(tallygate.Tokens, 100))
		late := mustAdmit(t, l, tokens(100))
		time.Sleep(61 * time.Second)
		mustAdmit(t, l, tokens(100))
		late.Release()
		refused(t, l, tokens(1), tallygate.Throttled)
	})
}

// In no stretch of a minute is more used than the limit, however the requests fall.
func TestNoMinuteHoldsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, minute(tallygate.Tokens, 1000))
		type use struct {
			at time.Time
			n  int64
		}
		var uses []use
		r := rand.New(rand.NewPCG(7, 7))
		for range 3000 {
			time.Sleep(time.Duration(r.IntN(1500)) * time.Millisecond)
			n := r.Int64N(120)
			if h, err := admit(t, l, tokens(n)); err == nil {
				uses = append(uses, use{time.Now(), n})
				h.Settle(entry(n))
			}
		}
		if len(uses) < 500 {
			t.Fatalf("only %d requests were admitted", len(uses))
		}
		for i, first := range uses {
			sum := int64(0)
			for _, u := range uses[i:] {
				if u.at.Sub(first.at) >= time.Minute {
					break
				}
				sum += u.n
			}
			if sum > 1000 {
				t.Fatalf("%d tokens in the minute from %v on, more than 1000", sum, first.at)
			}
		}
	})
}

// Budgets end with the calendar in their zone: a day of Tokyo begins at 15:00 UTC.
func TestABudgetRenewsInItsZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		if err != nil {
			t.Fatal(err)
		}
		day := per(tallygate.Day, tallygate.Tokens, 100)
		day.Zone = tokyo
		l := newLimits(t, day)
		mustAdmit(t, l, tokens(100)).Settle(entry(100))
		e := refused(t, l, tokens(1), tallygate.Exhausted)
		if !strings.Contains(e.Message, "2000-01-02T00:00:00+09:00") {
			t.Errorf("the refusal does not say when the budget renews: %s", e.Message)
		}
		time.Sleep(15*time.Hour - time.Nanosecond)
		refused(t, l, tokens(1), tallygate.Exhausted)
		time.Sleep(time.Nanosecond)
		mustAdmit(t, l, tokens(100))
	})
}

// A request counts in the window it began in, also when it is admitted or settled
// in the next.
func TestARequestCountsWhereItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, per(tallygate.Day, tallygate.Tokens, 100))
		time.Sleep(24*time.Hour - time.Second)
		before := time.Now()
		early := mustAdmit(t, l, tokens(60))
		time.Sleep(2 * time.Second)
		var late limit.Hold
		if err := l.Admit(t.Context(), &late, team, "gpt-4o", before, tokens(41)); err == nil {
			t.Error("101 of 100 tokens were admitted in the day that is over")
		}
		if err := l.Admit(t.Context(), &late, team, "gpt-4o", before, tokens(40)); err != nil {
			t.Errorf("the day that is over has no room for its last 40 tokens: %v", err)
		}
		early.Settle(entry(60))
		late.Settle(entry(40))
		mustAdmit(t, l, tokens(100))
	})
}

// Limits for each caller, model or attendee count apart, and not at all for those
// who have no such value.
func TestEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		each := per(tallygate.Day, tallygate.Requests, 1)
		each.Each = []tallygate.Dimension{tallygate.ByCaller, tallygate.ByModel}
		event := per(tallygate.Day, tallygate.Requests, 1)
		event.Name, event.Each = "attendee", []tallygate.Dimension{tallygate.ByAttendee}
		l := newLimits(t, each, event)
		ask := func(who *tallygate.Identity, model string) error {
			return l.Admit(t.Context(), new(limit.Hold), who, model, time.Now(), tokens(1))
		}
		other := &tallygate.Identity{Caller: &tallygate.Caller{ID: "other"}}
		for _, c := range []struct {
			who   *tallygate.Identity
			model string
			ok    bool
		}{{team, "a", true}, {team, "b", true}, {other, "a", true}, {team, "a", false}, {team, "A", false}} {
			if err := ask(c.who, c.model); (err == nil) != c.ok {
				t.Errorf("%s asks for %s: %v, want ok %v", c.who.ID, c.model, err, c.ok)
			}
		}
	})
}

// No more requests are on their way at once than the limit says, for as long as
// they take.
func TestConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, tallygate.Limit{Name: "at once", Quantity: tallygate.Concurrent, Amount: 2})
		a, b := mustAdmit(t, l, tokens(1)), mustAdmit(t, l, tokens(1))
		time.Sleep(time.Hour)
		refused(t, l, tokens(1), tallygate.Throttled)
		a.Settle(entry(1))
		c := mustAdmit(t, l, tokens(1))
		b.Release()
		c.Release()
		if s := l.States()[0]; s.Held != 0 || s.Spent != 0 {
			t.Errorf("when all have ended: %+v", s)
		}
	})
}

// A limit on trial refuses nobody, and counts whom it would have refused.
func TestDryRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trial := minute(tallygate.Requests, 1)
		trial.DryRun = true
		l := newLimits(t, trial)
		mustAdmit(t, l, tokens(1)).Settle(entry(1))
		h := mustAdmit(t, l, tokens(1))
		if len(h.Would) != 1 || h.Would[0] != "requests" || l.States()[0].Would != 1 {
			t.Errorf("would have refused %v, state %+v", h.Would, l.States()[0])
		}
	})
}

// A limit on a deployment is held once one was picked, and given back when another
// is tried; a deployment without room is refused and leaves the rest of the hold.
func TestDeployments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		each := per(tallygate.Day, tallygate.Tokens, 100)
		each.Each = []tallygate.Dimension{tallygate.ByDeployment}
		l := newLimits(t, each, per(tallygate.Day, tallygate.Requests, 100))
		a, b := &tallygate.Deployment{Resource: "r", Name: "a"}, &tallygate.Deployment{Resource: "r", Name: "b"}
		first, second := mustAdmit(t, l, tokens(80)), mustAdmit(t, l, tokens(80))
		if err := first.On(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if err := second.On(t.Context(), a); err == nil {
			t.Fatal("160 of 100 tokens were held on one deployment")
		}
		if err := second.On(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := first.On(t.Context(), b); err == nil {
			t.Fatal("160 of 100 tokens were held on the other deployment")
		}
		first.Release() // it holds nothing on a any more
		second.Settle(entry(80))
		for _, s := range l.States() {
			want := map[string]int64{"deployment=r/a": 0, "deployment=r/b": 80, "": 1}[s.Subject]
			if s.Spent != want || s.Held != 0 {
				t.Errorf("%q: %d spent, %d held, want %d and 0", s.Subject, s.Spent, s.Held, want)
			}
		}
	})
}

// A warning comes once a window, when the share is spent; a budget that refuses
// tells so once a window.
func TestNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		day := per(tallygate.Day, tallygate.Tokens, 100)
		day.Warn = 80
		var got []limit.Notice
		l, err := limit.New(t.Context(), []tallygate.Limit{day}, limit.Options{Notify: func(n limit.Notice) { got = append(got, n) }})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got = nil
			for range 10 {
				mustAdmit(t, l, tokens(10)).Settle(entry(10))
			}
			refused(t, l, tokens(1), tallygate.Exhausted)
			refused(t, l, tokens(1), tallygate.Exhausted)
			if len(got) != 2 || got[0].Refused || got[0].Spent != 80 || !got[1].Refused || got[1].Spent != 100 {
				t.Errorf("notices %+v, want one at 80 and one when it refused", got)
			}
			time.Sleep(24 * time.Hour)
		}
	})
}

// A limit of money refuses what has no price, and others do not mind.
func TestUnpriced(t *testing.T) {
	need := tokens(1)
	need.Unpriced = true
	refused(t, newLimits(t, per(tallygate.Month, tallygate.Cost, 1000)), need, tallygate.Forbidden)
	mustAdmit(t, newLimits(t, minute(tallygate.Tokens, 100)), need)
}

// A reload keeps what was used, also under a changed amount and another name;
// holds of before settle as they would have.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(t, minute(tallygate.Tokens, 100))
		hold := mustAdmit(t, l, tokens(80))
		renamed := minute(tallygate.Tokens, 90)
		renamed.Name = "another name"
		l, err := l.Next(t.Context(), []tallygate.Limit{renamed})
		if err != nil {
			t.Fatal(err)
		}
		refused(t, l, tokens(20), tallygate.Throttled)
		hold.Settle(entry(10))
		mustAdmit(t, l, tokens(80))
		refused(t, l, tokens(1), tallygate.Throttled)
	})
}

// What is shown to a caller is its own: of a limit that all share it learns the
// name, and no figure of what others used.
func TestOthersFiguresStayHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, own := per(tallygate.Day, tallygate.Tokens, 7777), minute(tallygate.Requests, 10)
		all.Name = "company"
		l := newLimits(t, all, own)
		other := &tallygate.Identity{Caller: &tallygate.Caller{ID: "other"}}
		var h limit.Hold
		if err := l.Admit(t.Context(), &h, other, "gpt-4o", time.Now(), tokens(7000)); err != nil {
			t.Fatal(err)
		}
		h.Settle(entry(7000))
		mine := mustAdmit(t, l, tokens(1))
		if mine.Tokens.Known || !mine.Requests.Known || mine.Requests.Left != 9 {
			t.Errorf("shown: tokens %+v, requests %+v", mine.Tokens, mine.Requests)
		}
		e := refused(t, l, tokens(1000), tallygate.Exhausted)
		if !strings.Contains(e.Message, `"company"`) || strings.Contains(e.Message, "7000") || strings.Contains(e.Message, "776") {
			t.Errorf("message: %s", e.Message)
		}
	})
}

// The cost of a request that fits into six limits, admission and settlement.
func BenchmarkAdmitSettle(b *testing.B) {
	l := newLimits(b,
		minute(tallygate.Requests, 1<<50), minute(tallygate.Tokens, 1<<50), per(tallygate.Day, tallygate.Tokens, 1<<50),
		per(tallygate.Month, tallygate.Cost, 1<<50), per(tallygate.Hour, tallygate.Requests, 1<<50),
		tallygate.Limit{Name: "at once", Quantity: tallygate.Concurrent, Amount: 1 << 40})
	e := entry(10)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		h := new(limit.Hold)
		if err := l.Admit(ctx, h, team, "gpt-4o", time.Now(), tokens(1000)); err != nil {
			b.Fatal(err)
		}
		h.Settle(e)
	}
}
