package pool

import (
	"errors"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// send sends one request of the need to whichever the pool picks, answers it with
// r, and returns the resource.
func send(t *testing.T, p *Pool, need Need, r reply) string {
	t.Helper()
	for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, need).Candidates(t.Context()) {
		if r.status == 429 {
			c.Failed(Failure{Status: 429, Header: r.header})
		} else {
			c.Answered(Answer{Status: 200, Header: r.header})
		}
		return c.Resource
	}
	t.Fatal("no candidate")
	return ""
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.005 }

func TestHeadroomPicksTheLargestShare(t *testing.T) {
	// A request of 1,000 leaves the small one 0 % and the large one 90 %; equal
	// shares go to the one that is less busy.
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("small", tpm(1000)), dep("large", tpm(10_000))))
		got := map[string]int{}
		for range 11 {
			got[send(t, p, Need{Prompt: 400, Output: 600}, reply{})]++
		}
		if got["small"] != 1 || got["large"] != 10 {
			t.Errorf("11 requests went to %v, want 1 to small and 10 to large", got)
		}
		for _, s := range p.Snapshot() {
			if !near(s.Room, 0) || !s.RoomKnown {
				t.Errorf("%s has %.2f of its room left, want 0", s.Deployment.ID(), s.Room)
			}
		}
		// Nothing has room, but a prediction is no refusal.
		wantTried(t, p, nil, "large")
		time.Sleep(61 * time.Second)
		if s := stateOf(t, p, "small"); s.Room != 1 {
			t.Errorf("small has %.2f of its room left a minute later, want all", s.Room)
		}
	})
}

func TestPredictedFullComesAfterTheNextTier(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(1000)), dep("b", tier(2))))
		wantTried(t, p, nil, "a") // 200 of 1,000
		if got := send(t, p, Need{Prompt: 900}, reply{}); got != "b" {
			t.Errorf("900 tokens went to %s though it has 800 left, want b", got)
		}
		wantTried(t, p, nil, "a")
		wantTried(t, p, world{"a": throttle("Retry-After", "5")}, "a", "b")
		if n := stateOf(t, p, "a").Counts; n.RoomServed != 2 || n.RoomRefused != 1 || n.FullServed+n.FullRefused != 0 {
			t.Errorf("predictions of a: %+v, want 2 right and 1 refused though it had room", n)
		}
	})
}

func TestUnknownQuotaIsLeastBusyUntilHeadersTell(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a"), dep("b")))
		for first := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
			for range 5 {
				if got := send(t, p, Need{Prompt: 10, Output: 10}, reply{}); got == first.Resource {
					t.Fatalf("went to %s, which is the busy one", got)
				}
			}
			break
		}
		if stateOf(t, p, "a").RoomKnown {
			t.Error("room is known, of no quota")
		}
		full := headers("X-Ratelimit-Limit-Tokens", "1000", "X-Ratelimit-Remaining-Tokens", "10", "X-Ratelimit-Limit-Requests", "8", "X-Ratelimit-Remaining-Requests", "7")
		name := send(t, p, Need{Prompt: 10, Output: 10}, reply{header: full})
		if s := stateOf(t, p, name); !s.RoomKnown || !near(s.Room, 0.01) {
			t.Errorf("%s was told to have 10 of 1000 left: room %.3f, want 0.010", name, s.Room)
		}
		for range 5 {
			if got := send(t, p, Need{Prompt: 10, Output: 10}, reply{}); got == name {
				t.Errorf("20 tokens went to %s, which has 10 left", got)
			}
		}
	})
}

func TestAzureLowersTheQuotaForAWhile(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(100_000))))
		send(t, p, Need{Prompt: 1000}, reply{header: headers("X-Ratelimit-Limit-Tokens", "50000", "X-Ratelimit-Remaining-Tokens", "49000")})
		if s := stateOf(t, p, "a"); !near(s.Room, 0.98) {
			t.Errorf("room %.3f of the lowered quota, want 0.98", s.Room)
		}
		send(t, p, Need{Prompt: 29_000}, reply{})
		if s := stateOf(t, p, "a"); !near(s.Room, 0.4) {
			t.Errorf("room %.3f of the lowered quota after 29,000 more, want 0.4", s.Room)
		}
		// More than is configured is not used: it may be meant for others.
		time.Sleep(61 * time.Second)
		send(t, p, Need{Prompt: 10_000}, reply{header: headers("X-Ratelimit-Limit-Tokens", "500000", "X-Ratelimit-Remaining-Tokens", "490000")})
		if s := stateOf(t, p, "a"); s.Room > 0.97 {
			t.Errorf("room %.3f of the configured quota, want about 0.9", s.Room)
		}
	})
}

func TestHeadersThatSayNothingIsLeftDoNotStarve(t *testing.T) {
	// Responses say 0 or -1 on answers that are served; the tier must stay in use.
	for _, left := range []string{"0", "-1", "-27689"} {
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(Headroom, dep("a", tpm(100_000), rpm(1000)), dep("b", tier(2))))
			h := headers("X-Ratelimit-Limit-Tokens", "100000", "X-Ratelimit-Remaining-Tokens", left, "X-Ratelimit-Remaining-Requests", left)
			for i := range 300 {
				if got := send(t, p, Need{Prompt: 100, Output: 100}, reply{header: h}); got != "a" {
					t.Fatalf("remaining %s: request %d went to %s, want a", left, i, got)
				}
				if s := stateOf(t, p, "a"); left == "-1" && i == 0 && !near(s.Room, 0.998) {
					t.Errorf("told -1, which is no number of tokens: room %.3f, want our own count's 0.998", s.Room)
				}
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
}

func TestHeadersThatProveWrongLoseTheirWeight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(100_000))))
		h := reply{header: headers("X-Ratelimit-Limit-Tokens", "100000", "X-Ratelimit-Remaining-Tokens", "50")}
		for range 6 {
			send(t, p, Need{Prompt: 100}, h)
		}
		p = p.Next([]Model{gpt4o(Headroom, dep("a", tpm(100_000)), dep("b", tier(2)))})
		if got := send(t, p, Need{Prompt: 100}, h); got != "a" {
			t.Errorf("went to %s though a served six that its headers had no room for", got)
		}
		// A refusal gives them their weight back.
		send(t, p, Need{Prompt: 100}, throttle("Retry-After", "5"))
		time.Sleep(5 * time.Second)
		send(t, p, Need{Prompt: 100}, h)
		if got := send(t, p, Need{Prompt: 100}, reply{}); got != "b" {
			t.Errorf("went to %s though a was just told to have 50 left, and refuses", got)
		}
	})
}

func TestSlowAnswersDoNotTellThePhase(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(1000))))
		for _, took := range []time.Duration{time.Second, 10 * time.Second} {
			began := p.now()
			for range 4 {
				for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{}).Candidates(t.Context()) {
					time.Sleep(took)
					left := time.Minute - (p.now()-began)%time.Minute
					c.Answered(Answer{Status: 200, Header: headers("X-Ratelimit-Reset-Tokens", seconds(left))})
					break
				}
				time.Sleep(5 * time.Second)
			}
			known := p.states["a/gpt-4o"].window.phase.agreed > 0
			if known != (took <= prompt) {
				t.Errorf("answers after %v: phase known %v", took, known)
			}
			p = newPool(gpt4o(Headroom, dep("a", tpm(1000))))
		}
	})
}

func TestAnswersOutOfOrderDoNotTurnBackTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(1000))))
		h := func(left int) map[string][]string {
			return headers("X-Ratelimit-Remaining-Tokens", strconv.Itoa(left))
		}
		for early := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 10}).Candidates(t.Context()) {
			time.Sleep(time.Second)
			send(t, p, Need{Prompt: 10}, reply{header: h(300)})
			early.Answered(Answer{Status: 200, Header: h(900)})
			break
		}
		if s := stateOf(t, p, "a"); !near(s.Room, 0.3) {
			t.Errorf("room %.3f, want the newest word: 0.3", s.Room)
		}
	})
}

func TestRequestsCountInSlices(t *testing.T) {
	bubble(t, func(t *testing.T) {
		// 600 requests a minute are ten a second: the eleventh goes elsewhere.
		p := newPool(gpt4o(Headroom, dep("a", rpm(600)), dep("b", tier(2))))
		got := map[string]int{}
		for range 15 {
			got[send(t, p, Need{}, reply{})]++
		}
		if got["a"] != 10 || got["b"] != 5 {
			t.Errorf("15 at once went to %v, want 10 to a", got)
		}
		time.Sleep(time.Second + oneGrain)
		if got := send(t, p, Need{}, reply{}); got != "a" {
			t.Errorf("a second later went to %s, want a", got)
		}
		// Alone, it is tried all the same; what it serves shows it counts by ten seconds.
		p = newPool(gpt4o(Headroom, dep("a", rpm(600))))
		for range 11 {
			send(t, p, Need{}, reply{})
		}
		p = p.Next([]Model{gpt4o(Headroom, dep("a", rpm(600)), dep("b", tier(2)))})
		if got := send(t, p, Need{}, reply{}); got != "a" {
			t.Errorf("after 11 in a second were served the next went to %s, want a", got)
		}
		// A refusal beyond the slice shows the contrary.
		send(t, p, Need{}, throttle("Retry-After-Ms", "1"))
		time.Sleep(time.Millisecond)
		if got := send(t, p, Need{}, reply{}); got != "b" {
			t.Errorf("after the 13th in a second was refused the next went to %s, want b", got)
		}
	})
}

func TestProvisionedSpillsTheMarginalRequestAndTakesItBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		// 100 units of gpt-4o drain 250,000 input tokens a minute; an output token weighs 4.
		p := newPool(gpt4o(Headroom, dep("ptu", ptu(100)), dep("payg", tpm(1e6), tier(2))))
		need := Need{Prompt: 10_000, Output: 10_000} // costs 50,000: a fifth
		got := map[string]int{}
		for range 8 {
			got[send(t, p, need, reply{})]++
		}
		// Azure refuses only above 100 %: six go, the last from 100 to 120 %.
		if got["ptu"] != 6 || got["payg"] != 2 {
			t.Fatalf("8 at once went to %v, want 6 to ptu and 2 to payg", got)
		}
		if s := stateOf(t, p, "ptu"); !near(s.Room, -0.2) {
			t.Errorf("room %.3f, want -0.2", s.Room)
		}
		time.Sleep(12*time.Second - time.Millisecond)
		if got := send(t, p, Need{}, reply{}); got != "payg" {
			t.Errorf("just before it is down to 100%%, went to %s, want payg", got)
		}
		time.Sleep(time.Millisecond)
		if got := send(t, p, Need{}, reply{}); got != "ptu" {
			t.Errorf("at 100%%, went to %s, want ptu", got)
		}
	})
}

func TestProvisionedIsCorrected(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("ptu", ptu(100)), dep("payg", tier(2))))
		room := func(want float64, what string) {
			t.Helper()
			if s := stateOf(t, p, "ptu"); !near(s.Room, want) {
				t.Errorf("%s: room %.3f, want %.3f", what, s.Room, want)
			}
		}
		for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{Prompt: 50_000, Output: 25_000}).Candidates(t.Context()) {
			room(0.4, "estimated at 150,000 of 250,000")
			c.Answered(Answer{Status: 200, Header: headers("Azure-Openai-Deployment-Utilization", "60%")})
			room(0.4, "told the same")
			c.Settled(tallygate.Usage{Source: tallygate.Exact, Prompt: 50_000, Cached: 40_000, Completion: 10_000})
			room(0.8, "used 10,000 and 4 times 10,000")
			c.Settled(tallygate.Usage{Source: tallygate.Exact, Prompt: 1, Completion: 1})
			room(0.8, "settled twice")
			break
		}
		send(t, p, Need{}, reply{header: headers("Azure-Openai-Deployment-Utilization", "80.0%")})
		room(0.5, "told 80% where 20% were thought: half way")
		send(t, p, Need{}, reply{header: headers("Azure-Openai-Deployment-Utilization", "garbage")})
		room(0.5, "told nonsense")
		send(t, p, Need{Prompt: 1}, throttle("Retry-After-Ms", "6000"))
		room(-0.1, "refused: down to 100% in 6s")
		wantTried(t, p, nil, "payg")
		time.Sleep(6 * time.Second)
		wantTried(t, p, nil, "ptu")
	})
}

func TestWhatNeverArrivedDoesNotCount(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a", tpm(1000), rpm(100)), dep("b", ptu(50), tier(2))))
		try(t, p, world{"a": {err: errors.New("refused")}, "b": {err: errors.New("refused")}})
		for _, s := range p.Snapshot() {
			if s.Room != 1 {
				t.Errorf("%s has %.2f of its room left, want all", s.Deployment.ID(), s.Room)
			}
		}
		time.Sleep(time.Second)
		try(t, p, world{"a": throttle(), "b": throttle()})
		if a, b := stateOf(t, p, "a").Room, stateOf(t, p, "b").Room; !near(a, 0.8) || b != 1 {
			t.Errorf("after 429s room is %.2f and %.2f, want 0.80 (refused requests count) and 1 (for PTU they do not)", a, b)
		}
	})
}

func TestAbsurdNeedsPass(t *testing.T) {
	// One caller's nonsense, which Azure answers with 400, must not move the others'
	// requests away for long.
	for _, need := range []Need{{Prompt: math.MaxInt64, Output: math.MaxInt64}, {Output: 1e12}, {Prompt: math.MinInt64, Output: -1}} {
		bubble(t, func(t *testing.T) {
			p := newPool(gpt4o(Headroom, dep("ptu", ptu(50)), dep("std", tpm(1000), tier(2)), dep("other", tier(3))))
			for range 3 {
				for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, need).Candidates(t.Context()) {
					c.Answered(Answer{Status: 400})
					c.Settled(tallygate.Usage{})
					break
				}
			}
			wantTried(t, p, world{"ptu": {status: 500}, "std": {status: 500}}, "ptu", "std", "other")
			for c := range p.Pick(&tallygate.Ask{Model: "gpt-4o"}, need).Candidates(t.Context()) {
				c.Failed(Failure{Status: 429, Header: headers("Retry-After", "86400")})
			}
			time.Sleep(62 * time.Second)
			wantTried(t, p, world{"ptu": {status: 500}, "std": {status: 500}}, "ptu", "std", "other")
		})
	}
}

func TestToldRequestsMayBeASlices(t *testing.T) {
	// The limit told is 10, meant for ten seconds: the deployment serves more a minute.
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		h := reply{header: headers("X-Ratelimit-Limit-Requests", "10", "X-Ratelimit-Remaining-Requests", "9")}
		for range 12 {
			send(t, p, Need{}, h)
			time.Sleep(2 * time.Second)
		}
		p = p.Next([]Model{gpt4o(Headroom, dep("a"), dep("b", tier(2)))})
		for range 12 {
			if got := send(t, p, Need{}, h); got != "a" {
				t.Fatalf("went to %s though a serves more than it tells", got)
			}
			time.Sleep(2 * time.Second)
		}
	})
}

func TestDrainTable(t *testing.T) {
	own := map[string]Drain{"gpt-9": {9000, 3}, "gpt-4o": {1, 1}}
	for base, want := range map[string]Drain{"gpt-4o-mini": {37000, 4}, "gpt-5": {4750, 8}, "what": {2500, 4}, "gpt-9": {9000, 3}, "gpt-4o": {1, 1}} {
		if got := drain(base, own); got != want {
			t.Errorf("drain(%q) = %v, want %v", base, got, want)
		}
	}
}

func TestPhaseIsBelievedWhenHintsAgree(t *testing.T) {
	var w window
	tick := func(at time.Duration) { w.advance(at); w.add(tally{100, 1}) }
	tick(5 * time.Second)
	w.hint(5*time.Second, 30*time.Second)
	tick(25 * time.Second)
	if got := w.used().tokens; got != 200 {
		t.Errorf("one hint: %d used, want the last minute's 200", got)
	}
	w.hint(25*time.Second, 10*time.Second)
	tick(40 * time.Second)
	if got := w.used().tokens; got != 100 {
		t.Errorf("two hints agree that the minute began at 35s: %d used, want 100", got)
	}
	tick(90 * time.Second)
	w.advance(95 * time.Second)
	if got := w.used().tokens; got != 0 {
		t.Errorf("the next minute: %d used, want 0", got)
	}
	w.hint(96*time.Second, 10*time.Second)
	w.hint(100*time.Second, 10*time.Second)
	tick(101 * time.Second)
	tick(99 * time.Second) // time never goes back within the window
	if got := w.used().tokens; got != 300 {
		t.Errorf("two hints disagree: %d used, want the last minute's 300", got)
	}

	// A constant is no count-down, however soon it is repeated.
	w = window{}
	for s := time.Duration(1); s < 30; s++ {
		w.advance(s * time.Second)
		if w.hint(s*time.Second, 10*time.Second); w.phase.agreed > 0 {
			t.Fatalf("10 seconds told at every second: believed at %d", s)
		}
	}
}
