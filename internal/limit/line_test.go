package limit_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
)

// patient is tokens of a request that can wait.
func patient(n int64) limit.Need {
	need := tokens(n)
	need.Patient = true
	return need
}

// line lets requests that can wait come one after another, and tells when each was
// admitted, in seconds since the beginning.
type line struct {
	t     *testing.T
	l     *limit.Limits
	began time.Time
	all   sync.WaitGroup
	mu    sync.Mutex
	told  []string
}

func (q *line) tell(format string, args ...any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.told = append(q.told, fmt.Sprintf(format, args...))
}

// ask asks for n tokens, waits so long at most, and uses them for a time.
func (q *line) ask(ctx context.Context, name string, n int64, wait, use time.Duration) {
	q.all.Go(func() {
		h := new(limit.Hold)
		err := q.l.Admit(ctx, h, team, "gpt-4o", time.Now(), patient(n))
		if err != nil && h.Waits() {
			err = h.Await(ctx, time.Now().Add(wait), err)
		}
		at := int(time.Since(q.began).Seconds())
		if err != nil {
			q.tell("%s refused at %d", name, at)
			return
		}
		q.tell("%s at %d", name, at)
		time.Sleep(use)
		h.Settle(entry(0))
	})
	synctest.Wait()
}

// Requests that find only their caller's own in the way wait for these, first come
// first served: a small one does not overtake a large one. Who has no time left is
// refused, who leaves lets the next have its turn, and nobody is woken in vain.
func TestWaitingForOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &line{t: t, l: newLimits(t, minute(tallygate.Tokens, 1000)), began: time.Now()}
		gone, leave := context.WithCancel(t.Context())
		q.ask(t.Context(), "first", 700, 0, 10*time.Second)
		q.ask(t.Context(), "large", 900, time.Minute, 5*time.Second)
		q.ask(gone, "gone", 900, time.Minute, 5*time.Second)
		q.ask(t.Context(), "short", 100, 3*time.Second, 5*time.Second)
		q.ask(t.Context(), "small", 100, time.Minute, 5*time.Second)
		time.Sleep(5 * time.Second)
		leave()
		q.all.Wait()
		want := []string{"first at 0", "short refused at 3", "gone refused at 5", "large at 10", "small at 10"}
		slices.Sort(want)
		slices.Sort(q.told)
		if !slices.Equal(q.told, want) {
			t.Errorf("%q, want %q", q.told, want)
		}
	})
}

// Requests at once are waited for alike; whoever cannot wait is refused at once, and so
// is who finds something else in the way than what is held.
func TestWhoDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := tallygate.Limit{Name: "at once", Quantity: tallygate.Concurrent, Amount: 2, Each: []tallygate.Dimension{tallygate.ByCaller}}
		q := &line{t: t, l: newLimits(t, own), began: time.Now()}
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			q.ask(t.Context(), name, 1, time.Minute, 4*time.Second)
		}
		q.all.Wait()
		slices.Sort(q.told)
		if want := []string{"a at 0", "b at 0", "c at 4", "d at 4", "e at 8"}; !slices.Equal(q.told, want) {
			t.Errorf("%q, want %q", q.told, want)
		}

		l := newLimits(t, minute(tallygate.Tokens, 1000))
		mustAdmit(t, l, tokens(700))
		if h, err := admit(t, l, tokens(700)); err == nil || h.Waits() {
			t.Error("a request that cannot wait is to wait")
		}
		spent := newLimits(t, minute(tallygate.Tokens, 1000))
		mustAdmit(t, spent, tokens(700)).Settle(entry(700))
		if h, err := admit(t, spent, patient(700)); err == nil || h.Waits() {
			t.Error("what was spent is waited for")
		}
		all := newLimits(t, tallygate.Limit{Name: "all", Quantity: tallygate.Tokens, Amount: 1000, Period: tallygate.Sliding, Length: time.Minute})
		mustAdmit(t, all, tokens(700))
		if h, err := admit(t, all, patient(700)); err == nil || h.Waits() {
			t.Error("what others may hold is waited for")
		}
	})
}

// However many wait, none is forgotten, and the limit is never overspent.
func TestNobodyIsForgottenInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &line{t: t, l: newLimits(t, minute(tallygate.Tokens, 1000)), began: time.Now()}
		for i := range 120 {
			q.ask(t.Context(), fmt.Sprint(i), int64(100+i%7*100), time.Hour, time.Second)
		}
		q.all.Wait()
		if len(q.told) != 120 || slices.ContainsFunc(q.told, func(s string) bool { return len(s) > 0 && s[len(s)-1] == 'd' }) {
			t.Errorf("%d were told", len(q.told))
		}
		for _, s := range q.l.States() {
			if s.Held != 0 || s.Spent != 0 || s.Refused != 0 {
				t.Errorf("held %d, spent %d, refused %d in the end", s.Held, s.Spent, s.Refused)
			}
		}
	})
}
