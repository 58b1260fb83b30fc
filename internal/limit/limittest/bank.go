// Package limittest is the suite that every limit.Bank passes.
package limittest

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/limit"
)

// Bank runs the suite. open returns an empty bank; it is called for each test.
func Bank(t *testing.T, open func(t *testing.T) limit.Bank) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, b limit.Bank)
	}{
		{"a holder alone can have all, and no more", alone},
		{"shares never sum up to more than the limit", sums},
		{"what is used stays the holder's", used},
		{"what is given back others can have", givenBack},
		{"the last of the room goes to who needs it", theLast},
		{"several demands are answered in order", several},
		{"a lowered limit gives nobody more", lowered},
		{"a window has room of its own", windows},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// lease asks for one key.
func lease(t *testing.T, b limit.Bank, holder string, d limit.Demand) int64 {
	t.Helper()
	if d.Key == "" {
		d.Key = "key"
	}
	shares, err := b.Lease(t.Context(), holder, []limit.Demand{d})
	if err != nil || len(shares) != 1 {
		t.Fatalf("%s leases %+v: %v, %v", holder, d, shares, err)
	}
	return shares[0]
}

func alone(t *testing.T, b limit.Bank) {
	if got := lease(t, b, "a", limit.Demand{Limit: 1000, Least: 1, Want: 1000}); got < 1 || got >= 1000 {
		t.Errorf("got %d of 1000, needing 1: nothing would be left for who comes next", got)
	}
	if got := lease(t, b, "a", limit.Demand{Limit: 1000, Least: 1000, Want: 5000}); got != 1000 {
		t.Errorf("got %d of 1000, having asked for 5000", got)
	}
}

// sums lets holders spend what they get, one unit at a time and all at once, until
// nobody gets more.
func sums(t *testing.T, b limit.Bank) {
	const limitAmount, holders = 10_000, 8
	spent := make([]int64, holders)
	var wg sync.WaitGroup
	for h := range holders {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(h), 1))
			name := string(rune('a' + h))
			share := int64(0)
			for {
				n := 1 + r.Int64N(50)
				if spent[h]+n > share {
					shares, err := b.Lease(t.Context(), name, []limit.Demand{{
						Key: "key", Limit: limitAmount, Used: spent[h], Least: spent[h] + n, Want: limitAmount,
					}})
					if err != nil {
						t.Error(err)
						return
					}
					share = shares[0]
				}
				if spent[h]+n > share {
					return
				}
				spent[h] += n
			}
		})
	}
	wg.Wait()
	total := int64(0)
	for _, n := range spent {
		total += n
	}
	if total > limitAmount {
		t.Errorf("%d spent of %d: %v", total, limitAmount, spent)
	}
	// A share may be left over where its holder needed a little more than there was.
	if total < limitAmount-holders*50 {
		t.Errorf("only %d spent of %d when all were refused: %v", total, limitAmount, spent)
	}
}

func used(t *testing.T, b limit.Bank) {
	lease(t, b, "a", limit.Demand{Limit: 100, Least: 60, Want: 60})
	if got := lease(t, b, "a", limit.Demand{Limit: 100, Used: 60, Least: 0, Want: 0}); got != 60 {
		t.Errorf("giving everything back left a share of %d, with 60 used", got)
	}
	if got := lease(t, b, "b", limit.Demand{Limit: 100, Least: 41, Want: 100}); got > 40 {
		t.Errorf("another got %d of the 40 that are left", got)
	}
}

func givenBack(t *testing.T, b limit.Bank) {
	lease(t, b, "a", limit.Demand{Limit: 100, Least: 100, Want: 100})
	if got := lease(t, b, "b", limit.Demand{Limit: 100, Least: 1, Want: 100}); got != 0 {
		t.Fatalf("another got %d although all is leased", got)
	}
	if got := lease(t, b, "a", limit.Demand{Limit: 100, Used: 10, Want: 10}); got != 10 {
		t.Fatalf("10 are used, and the share is %d", got)
	}
	if got := lease(t, b, "b", limit.Demand{Limit: 100, Least: 90, Want: 100}); got != 90 {
		t.Errorf("another got %d of the 90 that came back", got)
	}
}

func theLast(t *testing.T, b limit.Bank) {
	lease(t, b, "a", limit.Demand{Limit: 100, Want: 0})
	lease(t, b, "b", limit.Demand{Limit: 100, Used: 95, Least: 95, Want: 95})
	if got := lease(t, b, "a", limit.Demand{Limit: 100, Least: 5, Want: 100}); got != 5 {
		t.Errorf("got %d of the last 5, having needed them", got)
	}
	if got := lease(t, b, "a", limit.Demand{Limit: 100, Used: 5, Least: 6, Want: 100}); got != 5 {
		t.Errorf("got %d when nothing was left, want the 5 it had", got)
	}
}

func several(t *testing.T, b limit.Bank) {
	shares, err := b.Lease(t.Context(), "a", []limit.Demand{
		{Key: "x", Limit: 10, Least: 10, Want: 10}, {Key: "y", Limit: 20, Least: 20, Want: 20}, {Key: "z", Limit: 0, Least: 1, Want: 5},
	})
	if err != nil || len(shares) != 3 || shares[0] != 10 || shares[1] != 20 || shares[2] != 0 {
		t.Errorf("shares %v, %v; want 10, 20, 0", shares, err)
	}
}

func lowered(t *testing.T, b limit.Bank) {
	lease(t, b, "a", limit.Demand{Limit: 100, Used: 80, Least: 80, Want: 80})
	if got := lease(t, b, "b", limit.Demand{Limit: 50, Least: 1, Want: 50}); got != 0 {
		t.Errorf("another got %d of a limit of 50 of which 80 are used", got)
	}
	if got := lease(t, b, "a", limit.Demand{Limit: 50, Used: 80, Least: 81, Want: 100}); got != 80 {
		t.Errorf("the share is %d with 80 used", got)
	}
}

func windows(t *testing.T, b limit.Bank) {
	now := time.Now()
	lease(t, b, "a", limit.Demand{Key: "day 1", Limit: 100, Used: 100, Least: 100, Want: 100, Ends: now.Add(-time.Hour)})
	if got := lease(t, b, "b", limit.Demand{Key: "day 2", Limit: 100, Least: 50, Want: 100, Ends: now.Add(time.Hour)}); got < 50 {
		t.Errorf("got %d of the new window's 100", got)
	}
}
