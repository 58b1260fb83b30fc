package pool

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"pgregory.net/rapid"
)

// plan is what a pool goes through before its last request. It is drawn whole before
// virtual time begins.
type plan struct {
	strategy Strategy
	tiers    []int
	tpms     []int64
	fallback bool
	steps    []step
	last     []http.Header // of the refusals the last request meets, in turn
}

// step is one request: an outcome for each attempt in turn, and the pause after it.
type step struct {
	outcomes []outcome
	pause    time.Duration
}

type outcome struct {
	status int
	header http.Header
}

func drawPlan(t *rapid.T) plan {
	n := rapid.IntRange(1, 6).Draw(t, "deployments")
	header := rapid.Custom(func(t *rapid.T) http.Header {
		h := http.Header{}
		name := rapid.SampledFrom([]string{"", "Retry-After", "Retry-After-Ms", "X-Ratelimit-Reset-Tokens"}).Draw(t, "header")
		if name != "" {
			h.Set(name, rapid.SampledFrom([]string{"1", "7", "31", "0.25", "86400", "0", "later", "1500"}).Draw(t, "value"))
		}
		return h
	})
	statuses := []int{200, 429, 429, 429}
	if rapid.Bool().Draw(t, "failures too") {
		statuses = append(statuses, 0, 401, 500, 503)
	}
	return plan{
		strategy: Strategy(rapid.IntRange(0, int(Random)).Draw(t, "strategy")),
		tiers:    rapid.SliceOfN(rapid.IntRange(1, 3), n, n).Draw(t, "tiers"),
		tpms:     rapid.SliceOfN(rapid.SampledFrom([]int64{0, 100, 1e6}), n, n).Draw(t, "tpm"),
		fallback: rapid.Bool().Draw(t, "fallback"),
		last:     rapid.SliceOfN(header, n+1, n+1).Draw(t, "last"),
		steps: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				outcomes: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) outcome {
					return outcome{rapid.SampledFrom(statuses).Draw(t, "status"), header.Draw(t, "header")}
				}), n+1, n+1).Draw(t, "outcomes"),
				pause: time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "pause")),
			}
		}), 0, 20).Draw(t, "steps"),
	}
}

func (pl plan) pool() *Pool {
	m := gpt4o(pl.strategy)
	for i := range pl.tiers {
		m.Deployments = append(m.Deployments, dep(fmt.Sprint(i), tier(pl.tiers[i]), tpm(pl.tpms[i])))
	}
	if pl.fallback {
		m.Fallback = []string{"other"}
	}
	other := &tallygate.Deployment{Resource: "z", Name: "other", Model: "other"}
	return newPool(m, Model{Name: "other", Deployments: []*tallygate.Deployment{other}})
}

// TestRetryAfterIsTheSmallestHonest: whatever the deployments have been through, a
// request that comes exactly RetryAfter later is offered a candidate, and
// when nothing worse than a 429 has happened, one that comes any earlier is not.
func TestRetryAfterIsTheSmallestHonest(t *testing.T) {
	refused := 0
	rapid.Check(t, func(rt *rapid.T) {
		pl := drawPlan(rt)
		var fault string
		bubble(t, func(t *testing.T) {
			p := pl.pool()
			onlyThrottled := pl.play(t, p)
			k, i := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 50}), 0
			for c := range k.Candidates(t.Context()) {
				c.Failed(Failure{Status: 429, Header: pl.last[i]})
				i++
			}
			if e := tallygate.AsError(k.Err()); e.Kind == tallygate.Throttled {
				refused++
				fault = honest(t, p, e.RetryAfter, onlyThrottled)
			}
		})
		if fault != "" {
			rt.Fatal(fault)
		}
	})
	if refused < 50 {
		t.Errorf("only %d plans ended throttled: the test tests nothing", refused)
	}
}

// play takes the pool through the steps. It reports whether none met anything
// worse than a 429.
func (pl plan) play(t *testing.T, p *Pool) bool {
	onlyThrottled := true
	for _, s := range pl.steps {
		i := 0
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 10}).Candidates(t.Context()) {
			o := s.outcomes[i]
			i++
			if o.status == 200 {
				c.Answered(Answer{Status: 200})
				break
			}
			onlyThrottled = onlyThrottled && o.status == 429
			c.Failed(Failure{Status: o.status, Header: o.header})
		}
		time.Sleep(s.pause)
	}
	return onlyThrottled
}

// honest waits for exactly after and returns what was wrong with that time, if anything.
func honest(t *testing.T, p *Pool, after time.Duration, smallest bool) string {
	if after <= 0 || after > time.Minute {
		return fmt.Sprintf("told to come back after %v", after)
	}
	time.Sleep(after - 1)
	if got := offered(t, p); smallest && got != "" && after > time.Millisecond { // which is at once
		return fmt.Sprintf("told to come back after %v, but %s was offered before", after, got)
	}
	time.Sleep(time.Nanosecond)
	if offered(t, p) == "" {
		return fmt.Sprintf("told to come back after %v, and nothing was offered: %+v", after, p.Snapshot())
	}
	return ""
}

// offered returns the first candidate of a new request, without trying it.
func offered(t *testing.T, p *Pool) string {
	for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
		return c.ID()
	}
	return ""
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a"), dep("b")))
		_, err := try(t, p, world{"a": throttle("Retry-After", "30"), "b": throttle("Retry-After-Ms", "2500")})
		if e := tallygate.AsError(err); e.Message != `All deployments of "gpt-4o" are at their limit. Please retry after 3 seconds.` {
			t.Errorf("message %q", e.Message)
		}
		// One is throttled, one is dead: the throttled one's time counts.
		p = newPool(gpt4o(Headroom, dep("a"), dep("b")))
		for range 6 {
			_, err = try(t, p, world{"a": {status: 500}, "b": throttle("Retry-After", "30")})
		}
		wantRefusal(t, err, tallygate.Throttled, 30*time.Second)
	})
}
