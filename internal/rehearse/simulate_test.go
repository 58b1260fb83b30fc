package rehearse

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// seed is the published example in a workshop of two minutes.
func seed() (Event, []Quota, Virtual) {
	return Event{Attendees: 100, PerMinute: 6, Prompt: 200, MaxTokens: 512}, []Quota{{500_000, 3000}},
		Virtual{For: 2 * time.Minute, Wait: 20 * time.Second, Slice: 10 * time.Second, Seed: 1, Caps: []int64{2048}}
}

func simulate(t *testing.T, e Event, quotas []Quota, o Virtual) *Forecast {
	t.Helper()
	f, err := Simulate(t.Context(), e, quotas, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The published example on the simulator: at 512 nobody is refused; at 2048 a minute
// serves the 223 requests whose estimates reach 500,000, and the rest get 429.
func TestPublishedExample(t *testing.T) {
	e, quotas, o := seed()
	f := simulate(t, e, quotas, o)
	if len(f.Caps) != 2 || f.Caps[0].MaxTokens != 512 || f.Caps[1].MaxTokens != 2048 {
		t.Fatalf("caps %+v", f.Caps)
	}
	for _, out := range []Outcome{f.Caps[0].RoundRobin, f.Caps[0].Failover, f.Caps[0].Waiting} {
		if out.Refused != 0 || out.Served != f.Requests || out.Waited != 0 {
			t.Errorf("at 512: %+v", out)
		}
	}
	if got := f.Caps[1].RoundRobin; got.Served != 2*223 || got.Refused != f.Requests-2*223 {
		t.Errorf("at 2048: %+v", got)
	}
	if got := f.Caps[1].Waiting; got.Waited == 0 || got.Waits.Max > 20 || got.Waits.P99 < 15 || got.Served <= 2*223 {
		t.Errorf("at 2048 with a wait: %+v", got)
	}
	if f.BusiestSecond < 15 || f.BusiestSecond > 35 {
		t.Errorf("%d requests in the busiest second", f.BusiestSecond)
	}
}

// A deployment that others fill is no reason to refuse: failover uses what the next one
// has, where sending in turn does not.
func TestFailoverHelps(t *testing.T) {
	e, _, o := seed()
	f := simulate(t, e, []Quota{{600_000, 3600}, {60_000, 360}}, o)
	c := f.Caps[0]
	if c.RoundRobin.Refused < 200 || c.Failover.Refused != 0 || c.Waiting.Refused != 0 {
		t.Errorf("refused %d in turn, %d with failover, %d waiting", c.RoundRobin.Refused, c.Failover.Refused, c.Waiting.Refused)
	}
}

// Waiting rides out a burst that a slice of the requests a minute has no room for.
func TestWaitingRidesOutSlices(t *testing.T) {
	e, _, o := seed()
	o.Slice = time.Second
	f := simulate(t, e, []Quota{{500_000, 900}}, o)
	c := f.Caps[0]
	if c.Failover.Refused == 0 || c.Waiting.Refused != 0 || c.Waiting.Waited == 0 || c.Waiting.Waits.Max > 3 {
		t.Errorf("failover %+v\nwaiting %+v", c.Failover, c.Waiting)
	}
}

// The same seed foretells the same, another one something else.
func TestDeterministic(t *testing.T) {
	e, quotas, o := seed()
	o.For = time.Minute
	first := simulate(t, e, quotas, o)
	if diff := cmp.Diff(first, simulate(t, e, quotas, o)); diff != "" {
		t.Error(diff)
	}
	o.Seed = 2
	if cmp.Equal(first.Caps, simulate(t, e, quotas, o).Caps) {
		t.Error("the seed does nothing")
	}
}

// Whatever the event: every request is served or refused, with every proxy; waiting
// serves no fewer than not waiting, nobody waits longer than the bound, and a proxy in
// turn refuses what the deployments do.
func TestForecastHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Event{
			Attendees: rapid.IntRange(1, 8).Draw(t, "attendees"), PerMinute: float64(rapid.IntRange(1, 10).Draw(t, "rate")),
			Prompt: rapid.Int64Range(0, 3000).Draw(t, "prompt"), MaxTokens: rapid.Int64Range(1, 30_000).Draw(t, "cap"),
		}
		quotas := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Quota {
			return Quota{rapid.Int64Range(1000, 200_000).Draw(t, "tpm"), rapid.Int64Range(1, 300).Draw(t, "rpm")}
		}), 1, 3).Draw(t, "quotas")
		o := Virtual{
			For: 2 * time.Minute, Wait: time.Duration(rapid.IntRange(0, 70).Draw(t, "wait")) * time.Second,
			Slice: time.Duration(rapid.SampledFrom([]int{0, 1, 10}).Draw(t, "slice")) * time.Second,
			Seed:  rapid.Uint64().Draw(t, "seed"),
		}
		f, err := Simulate(context.Background(), e, quotas, o)
		if err != nil {
			t.Fatal(err)
		}
		c := f.Caps[0]
		for name, out := range map[string]Outcome{"in turn": c.RoundRobin, "failover": c.Failover, "waiting": c.Waiting} {
			if out.Served+out.Refused != f.Requests || out.Waited > out.Served || out.Waits.Max > o.Wait.Seconds() {
				t.Fatalf("%s: %+v of %d", name, out, f.Requests)
			}
		}
		if c.RoundRobin.Upstream != c.RoundRobin.Refused || c.Failover.Waited != 0 {
			t.Fatalf("%+v", c)
		}
	})
}

// A request counts at the simulator as what the plan says that it does, be it small or
// larger than a model answers.
func TestBodyCounts(t *testing.T) {
	for _, tokens := range []int64{6, 20, 712, 2248, 32_772, 32_780, 40_000, 100_000} {
		a, err := newAzure(Event{Prompt: tokens}, []Quota{{1_000_000, 100}}, Virtual{})
		if err != nil {
			t.Fatal(err)
		}
		if got := a.ask(0); !got.ok || got.tokens != 1_000_000-tokens || got.requests != 99 || got.reset != time.Minute || a.err != nil {
			t.Errorf("%d tokens: %+v, %v", tokens, got, a.err)
		}
	}
}

// What would take for ever, or makes no sense, is refused; so is what nobody waits for.
func TestSimulateRefuses(t *testing.T) {
	e, quotas, o := seed()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Simulate(gone, e, quotas, o); err == nil {
		t.Error("it goes on when nobody waits")
	}
	for name, change := range map[string]func(*Event, *Virtual){
		"too long":  func(_ *Event, o *Virtual) { o.For = 100 * time.Hour },
		"no time":   func(_ *Event, o *Virtual) { o.For = 0 },
		"no people": func(e *Event, _ *Virtual) { e.Attendees = 0 },
		"no wait":   func(_ *Event, o *Virtual) { o.Wait = -1 },
		"slice":     func(_ *Event, o *Virtual) { o.Slice = time.Millisecond },
		"cap":       func(_ *Event, o *Virtual) { o.Caps = []int64{-1000} },
	} {
		e, quotas, o := seed()
		change(&e, &o)
		if _, err := Simulate(t.Context(), e, quotas, o); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
