package limit_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
)

// Clients that send their bodies slowly cannot use a minute's room twice: a request
// counts from its admission on, however long ago it began.
func TestSlowBodiesGainNothing(t *testing.T) {
	for _, age := range []time.Duration{2 * time.Second, 59 * time.Second, 2 * time.Minute, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			l := newLimits(t, minute(tallygate.Tokens, 100))
			began := time.Now()
			time.Sleep(age)
			upload := func() (*limit.Hold, error) {
				h := new(limit.Hold)
				return h, l.Admit(t.Context(), h, team, "gpt-4o", began, tokens(100))
			}
			h, err := upload()
			if err != nil {
				t.Fatal(err)
			}
			h.Settle(entry(100))
			time.Sleep(59 * time.Second)
			if _, err := upload(); err == nil {
				t.Errorf("two requests that began %v ago used the same minute's room within a minute", age)
			}
			time.Sleep(2 * time.Second)
			if _, err := upload(); err != nil {
				t.Errorf("a minute after the admission of the first: %v", err)
			}
		})
	}
}

// A limit on trial beside one that counts the same does not count a request twice.
func TestATrialBesideALimit(t *testing.T) {
	trial := minute(tallygate.Tokens, 60)
	trial.Name, trial.DryRun = "trial", true
	for _, ls := range [][]tallygate.Limit{{minute(tallygate.Tokens, 100), trial}, {trial, minute(tallygate.Tokens, 100)}} {
		l := newLimits(t, ls...)
		if h := mustAdmit(t, l, tokens(40)); len(h.Would) > 0 {
			t.Errorf("40 of 60 tokens would have been refused by %v", h.Would)
		}
		if h := mustAdmit(t, l, tokens(30)); len(h.Would) != 1 {
			t.Errorf("70 of 60 tokens would have been refused by %v", h.Would)
		}
	}
}

// A prompt is not counted when that could not help: where the completion alone is too
// much, nothing is left, the body is too large by far, or another limit refuses in any
// case.
func TestWhatIsCountedCanHelp(t *testing.T) {
	f := func(left, prompt, completion int64, others []tallygate.Limit, want bool) {
		t.Helper()
		l := newLimits(t, append(others, per(tallygate.Day, tallygate.Tokens, 100))...)
		mustAdmit(t, l, tokens(100-left)).Settle(entry(100 - left))
		h, err := admit(t, l, limit.Need{Bound: tallygate.Bound{Prompt: prompt, Completion: completion}, Rough: true})
		if err == nil || h.Rough() != want {
			t.Errorf("%d left, %d bytes and %d for the completion: %v, worth counting %v, want %v", left, prompt, completion, err, h.Rough(), want)
		}
	}
	f(50, 1000, 20, nil, true)
	f(50, 30_000, 20, nil, true)
	f(50, 1000, 49, nil, true)
	f(50, 1000, 50, nil, false)
	f(50, 100_000, 0, nil, false)
	f(0, 1000, 0, nil, false)
	f(50, 1000, 20, []tallygate.Limit{per(tallygate.Day, tallygate.Requests, 1)}, false)
}

// Absurd needs of requests on trial do not overflow what is held.
func TestAbsurdNeeds(t *testing.T) {
	trial := minute(tallygate.Tokens, 100)
	trial.DryRun = true
	l := newLimits(t, trial)
	for range 8 {
		mustAdmit(t, l, limit.Need{Bound: tallygate.Bound{Prompt: math.MaxInt64, Completion: math.MaxInt64, Cost: tallygate.MaxMoney}})
	}
	if s := l.States()[0]; s.Held <= 0 || s.Would != 8 {
		t.Errorf("state %+v", s)
	}
}
