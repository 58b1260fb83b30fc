package pool

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

func TestStrategyNames(t *testing.T) {
	for s := Headroom; s <= Random; s++ {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Strategy
		if err := json.Unmarshal(text, &back); err != nil || back != s {
			t.Errorf("%s came back as %v: %v", text, back, err)
		}
	}
	for _, bad := range []string{"head room", "HEADROOM", "round-robin", "x"} {
		var s Strategy
		if err := s.UnmarshalText([]byte(bad)); err == nil || !strings.Contains(err.Error(), "least_busy") {
			t.Errorf("%q: error %v, want one that lists the strategies", bad, err)
		}
	}
}

// serve sends n requests and returns the resources that served them.
func serve(t *testing.T, p *Pool, n int) []string {
	t.Helper()
	var all []string
	for range n {
		got, err := try(t, p, nil)
		if err != nil || len(got) != 1 {
			t.Fatalf("tried %v: %v", got, err)
		}
		all = append(all, got[0])
	}
	return all
}

func counts(all []string) map[string]int {
	n := map[string]int{}
	for _, s := range all {
		n[s]++
	}
	return n
}

func TestTurns(t *testing.T) {
	a, b, c := dep("a"), dep("b"), dep("c")
	for name, x := range map[string]struct {
		model Model
		want  string
	}{
		"round robin goes in order":               {gpt4o(RoundRobin, a, b, c), "abcabc"},
		"round robin ignores weights":             {gpt4o(RoundRobin, dep("a", weight(9)), b, c), "abcabc"},
		"a deployment listed twice counts double": {gpt4o(RoundRobin, a, a, b), "abaaba"},
		"weights are interleaved":                 {gpt4o(Weight, dep("a", weight(5)), b, c), "aabacaa"},
		"listed twice doubles the weight":         {gpt4o(Weight, dep("a", weight(2)), b, dep("A", weight(2))), "aabaa"},
		"only the lowest tier takes turns":        {gpt4o(RoundRobin, dep("z", tier(3)), dep("a", tier(2)), dep("b", tier(2))), "abab"},
	} {
		if got := strings.Join(serve(t, newPool(x.model), len(x.want)), ""); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
}

func TestTurnsSkipTheCoolingEvenly(t *testing.T) {
	// The turn of one that is cooling is shared by all others, not given to its neighbour.
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(RoundRobin, dep("a"), dep("b"), dep("c")))
		try(t, p, world{"a": throttle("Retry-After", "30")})
		n := counts(serve(t, p, 40))
		if n["a"] != 0 || n["b"] != 20 || n["c"] != 20 {
			t.Errorf("served by %v, want 20 each by b and c", n)
		}
		time.Sleep(30 * time.Second)
		if n := counts(serve(t, p, 30)); n["a"] < 9 || n["a"] > 11 {
			t.Errorf("served by %v after a came back, want about 10 each", n)
		}
	})
}

func TestRandomFollowsWeights(t *testing.T) {
	for _, s := range []Strategy{Random, Priority} {
		p := newPool(gpt4o(s, dep("a", weight(3)), dep("b"), dep("z", tier(2))))
		n := counts(serve(t, p, 4000))
		if n["z"] != 0 || n["a"] < 2850 || n["a"] > 3150 {
			t.Errorf("%v: served by %v, want about 3000 by a and 1000 by b", s, n)
		}
	}
}

func TestLeastBusySpreads(t *testing.T) {
	p := newPool(gpt4o(LeastBusy, dep("a"), dep("b"), dep("c")))
	var nest func(depth int)
	nest = func(depth int) {
		if depth == 0 {
			return
		}
		for range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			nest(depth - 1)
			if depth == 1 {
				for _, s := range p.Snapshot() {
					if s.InFlight != 3 {
						t.Errorf("%s has %d of 9 in flight, want 3", s.Deployment.ID(), s.InFlight)
					}
				}
			}
			return
		}
	}
	nest(9)
	wantIdle(t, p)
}

func TestLatencyPrefersTheQuickAndExplores(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Latency, dep("slow"), dep("quick"), dep("mid")))
		w := world{"slow": {took: 900 * time.Millisecond}, "quick": {took: 100 * time.Millisecond}, "mid": {took: 300 * time.Millisecond}}
		n := map[string]int{}
		for range 600 {
			got, _ := try(t, p, w)
			n[got[0]]++
		}
		if n["quick"] < 540 || n["slow"] < 3 || n["mid"] < 3 {
			t.Errorf("served by %v, want most by quick and a few by each other", n)
		}
		// The quick one grows slow: it is found out and another takes over.
		w["quick"] = reply{took: 3 * time.Second}
		n = map[string]int{}
		for range 600 {
			got, _ := try(t, p, w)
			n[got[0]]++
		}
		if n["mid"] < 500 {
			t.Errorf("served by %v after quick grew slow, want most by mid", n)
		}
	})
}

// home returns which resource serves an affinity, with nothing in flight.
func home(t *testing.T, p *Pool, affinity uint64, prompt int64) string {
	t.Helper()
	for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o", Affinity: affinity}, Need{Prompt: prompt}).Candidates(t.Context()) {
		c.Answered(Answer{Status: 200})
		return c.Resource
	}
	t.Fatal("no candidate")
	return ""
}

func TestAffinity(t *testing.T) {
	bubble(t, func(t *testing.T) {
		names := []string{"a", "b", "c", "d", "e"}
		m := gpt4o(Headroom)
		m.Affinity = true
		for _, n := range names {
			m.Deployments = append(m.Deployments, dep(n, tpm(1e6)))
		}
		p := newPool(m)
		homes, load := map[uint64]string{}, map[string]int{}
		for a := uint64(1); a <= 1000; a++ {
			homes[a] = home(t, p, a, 10)
			load[homes[a]]++
			if again := home(t, p, a, 10); again != homes[a] {
				t.Fatalf("affinity %d went to %s, then to %s", a, homes[a], again)
			}
		}
		for _, n := range names {
			if load[n] < 140 || load[n] > 260 {
				t.Errorf("1000 prompts live at %v, want about 200 each", load)
				break
			}
		}
		// Another replica, which draws otherwise, agrees.
		other := New([]Model{m}, Options{Seed: 99})
		// Without e only e's prompts move.
		m.Deployments = m.Deployments[:4]
		fewer := newPool(m)
		for a := range maps.Keys(homes) {
			if got := home(t, other, a, 10); got != homes[a] {
				t.Fatalf("affinity %d lives at %s here and at %s in another replica", a, homes[a], got)
			}
			if got := home(t, fewer, a, 10); homes[a] != "e" && got != homes[a] {
				t.Fatalf("affinity %d moved from %s to %s though only e went", a, homes[a], got)
			}
		}
		// A prompt that all want at once does not all go to its home.
		var nest func(depth int)
		seen := map[string]int{}
		nest = func(depth int) {
			for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o", Affinity: 5}, Need{Prompt: 10, Output: 10}).Candidates(t.Context()) {
				if seen[c.Resource]++; depth > 1 {
					nest(depth - 1)
				}
				return
			}
		}
		nest(20)
		if most := slices.Max(slices.Collect(maps.Values(seen))); most > 5 {
			t.Errorf("20 at once went to %v, want at most 5 to one", seen)
		}
		// A home that is short of room is left.
		full := homes[5]
		moved := false
		for range 20 {
			moved = moved || home(t, p, 5, 50_000) != full
		}
		if room := stateOf(t, p, full).Room; !moved || room < 0.2 || room > 0.3 {
			t.Errorf("a million tokens left %s with %.2f of its room, want it left at 0.2", full, room)
		}
	})
}

func TestOrderIsTheSameForEveryStrategyAcrossTiers(t *testing.T) {
	for s := Headroom; s <= Random; s++ {
		p := newPool(gpt4o(s, dep("c", tier(7)), dep("b", tier(2), weight(100)), dep("a")))
		got, _ := try(t, p, world{"a": throttle(), "b": throttle(), "c": throttle()})
		if want := []string{"a", "b", "c"}; !cmp.Equal(got, want) {
			t.Errorf("%v: tried %v, want %v", s, got, want)
		}
	}
}
