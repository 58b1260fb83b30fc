package proxy

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
)

// errandOf begins the errand of a caller's request, whose client leaves with the
// function returned.
func errandOf(t *testing.T, d *Drains, e tallygate.Entry, stream bool) (a *errand, leave context.CancelFunc) {
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", "http://gateway.invalid/", nil)
	if err != nil {
		t.Fatal(err)
	}
	a = new(errand)
	a.begin(r, &e, d, stream)
	return a, leave
}

// Of one payer eight requests are drained at once, whoever of a group or an event sent
// them, and of all a quarter of what is on its way, and some of those who have none; others
// end with their clients.
func TestDrainsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			inFlight int64
			payer    func(i int) tallygate.Entry
			drained  int
		}{
			"a caller":                   {100, func(int) tallygate.Entry { return tallygate.Entry{Caller: "a"} }, 8},
			"a group's callers":          {100, func(i int) tallygate.Entry { return tallygate.Entry{Caller: string(rune('a' + i)), Group: "g"} }, 8},
			"an event's attendees":       {100, func(i int) tallygate.Entry { return tallygate.Entry{Caller: string(rune('a' + i)), Event: "e"} }, 8},
			"many callers":               {100, func(i int) tallygate.Entry { return tallygate.Entry{Caller: string(rune('a' + i))} }, 25 + 8},
			"many callers, little":       {20, func(i int) tallygate.Entry { return tallygate.Entry{Caller: string(rune('a' + i))} }, 8 + 8},
			"one with many, then others": {20, func(i int) tallygate.Entry { return tallygate.Entry{Caller: string(rune('a' + max(i-29, 0)))} }, 8 + 8},
		} {
			d := &Drains{Base: t.Context()}
			d.inFlight.Add(c.inFlight)
			var all []*errand
			going := 0
			for i := range 40 {
				a, leave := errandOf(t, d, c.payer(i), false)
				leave()
				synctest.Wait()
				if all = append(all, a); a.Err() == nil {
					going++
				} else if !errors.Is(context.Cause(a), context.Canceled) {
					t.Errorf("%s: cancelled because of %v", name, context.Cause(a))
				}
			}
			if going != c.drained || d.Now() != going {
				t.Errorf("%s: %d of 40 go on, %d are counted, want %d", name, going, d.Now(), c.drained)
			}
			for _, a := range all {
				a.end()
			}
			if d.Now() != 0 || len(d.by) != 0 {
				t.Errorf("%s: %d are counted when all have ended", name, d.Now())
			}
		}
	})
}

// A drained request is given up after two minutes, or when the gateway gives up what is
// on its way; a stream a moment after its client has left; what the gateway gives up
// itself at once. Nothing is left behind by what ends.
func TestErrandsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, giveUp := context.WithCancelCause(t.Context())
		stop := errors.New("the gateway is being stopped")
		d := &Drains{Base: base}
		after := func(a *errand, wait time.Duration) error {
			time.Sleep(wait)
			synctest.Wait()
			return context.Cause(a)
		}
		a, leave := errandOf(t, d, tallygate.Entry{}, false)
		leave()
		if err := after(a, drainTime-time.Second); err != nil || !a.readOn() {
			t.Errorf("before its time it ends with %v", err)
		}
		if err := after(a, 2*time.Second); err != context.Canceled {
			t.Errorf("after its time it ends with %v", err)
		}
		a.end()
		if a, leave = errandOf(t, d, tallygate.Entry{}, true); !a.readOn() {
			t.Error("of a stream nothing more is read")
		}
		leave()
		if err := after(a, lastWords-time.Millisecond); err != nil {
			t.Errorf("a stream ends at once: %v", err)
		}
		if err := after(a, time.Second); err != context.Canceled {
			t.Errorf("a stream ends with %v", err)
		}
		a.end()
		a, leave = errandOf(t, d, tallygate.Entry{}, false)
		a.end()
		leave()
		if after(a, 0); d.Now() != 0 {
			t.Error("what has ended is drained")
		}
		a, leave = errandOf(t, d, tallygate.Entry{}, false)
		leave()
		after(a, time.Second)
		giveUp(stop)
		if err := after(a, 0); err != stop {
			t.Errorf("given up it ends with %v", err)
		}
		a.end()
		if a, leave = errandOf(t, nil, tallygate.Entry{}, false); a.readOn() {
			t.Error("without drains it goes on")
		}
		if leave(); after(a, 0) != context.Canceled {
			t.Error("without drains it does not end with its client")
		}
		a.end()
	})
}

// An errand that can be drained costs its request a few small allocations.
func TestErrandsAreCheap(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "POST", "http://gateway.invalid/", nil)
	d, e, a := &Drains{Base: t.Context()}, new(tallygate.Entry), new(errand)
	n := testing.AllocsPerRun(100, func() {
		*a = errand{}
		a.begin(r, e, d, false)
		a.end()
	})
	if n > 5 {
		t.Errorf("%v allocations", n)
	}
}
