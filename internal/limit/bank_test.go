package limit_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/limit/limittest"
)

func TestMemory(t *testing.T) {
	limittest.Bank(t, func(*testing.T) limit.Bank { return new(limit.Memory) })
}

// Two gateways that share a bank spend no more between them than the limit, to the
// last token, and each gets its part.
func TestTwoGatewaysShareALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank := new(limit.Memory)
		var spent [2]atomic.Int64
		var wg sync.WaitGroup
		for g, name := range []string{"one", "two"} {
			l, err := limit.New(t.Context(), []tallygate.Limit{per(tallygate.Day, tallygate.Tokens, 10_000), minute(tallygate.Requests, 100_000)},
				limit.Options{Bank: bank, Holder: name})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 50 {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(i), uint64(g)))
					for range 40 {
						time.Sleep(time.Millisecond) // so that both come to ask
						h, err := admit(t, l, tokens(20))
						if err != nil {
							continue
						}
						used := r.Int64N(21)
						spent[g].Add(used)
						h.Settle(entry(used))
					}
				})
			}
		}
		wg.Wait()
		if sum := spent[0].Load() + spent[1].Load(); sum > 10_000 || sum < 9_000 || spent[0].Load() == 0 || spent[1].Load() == 0 {
			t.Errorf("%d and %d spent of 10,000", spent[0].Load(), spent[1].Load())
		}
	})
}

type brokenBank struct{}

func (brokenBank) Lease(context.Context, string, []limit.Demand) ([]int64, error) {
	return nil, errors.New("no connection")
}

// A bank that cannot be asked refuses what is beyond the share, and holds nothing.
func TestTheBankIsDown(t *testing.T) {
	l, err := limit.New(t.Context(), []tallygate.Limit{minute(tallygate.Tokens, 100)}, limit.Options{Bank: brokenBank{}, Holder: "one"})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, l, tokens(1), tallygate.Unavailable)
	for _, s := range l.States() {
		if s.Held != 0 || s.Spent != 0 {
			t.Errorf("held after the refusal: %+v", s)
		}
	}
}
