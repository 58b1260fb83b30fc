package pool

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

// example is the README's pool, its minutes ending in 40 s and 10 s.
func example(t *testing.T, ptuLevel float64) *Pool {
	t.Helper()
	m := gpt4o(Headroom, dep("ptu", ptu(100)), dep("sweden", tpm(60_000), tier(2)), dep("france", tpm(120_000), tier(2)))
	p := newPool(m)
	p.states["ptu/gpt-4o"].bucket.level = ptuLevel
	for id, c := range map[string]struct {
		used int64
		ends time.Duration
	}{"sweden/gpt-4o": {24_000, 40 * time.Second}, "france/gpt-4o": {96_000, 10 * time.Second}} {
		w := &p.states[id].window
		w.add(tally{tokens: c.used, requests: 1})
		w.phase = phase{end: c.ends, agreed: 1}
	}
	return p
}

func TestWorkedExample(t *testing.T) {
	need := Need{Prompt: 2000, Output: 1000}
	bubble(t, func(t *testing.T) {
		p := example(t, 230_000)
		for id, want := range map[string]room{
			"ptu/gpt-4o":    {share: 0.056, pace: 0.056, known: true, fits: true},
			"sweden/gpt-4o": {share: 0.55, pace: 0.825, known: true, fits: true},
			"france/gpt-4o": {share: 0.175, pace: 1.05, known: true, fits: true},
		} {
			got := p.states[id].room(0, size{need.Prompt, need.Output}, 1)
			if !near(got.share, want.share) || !near(got.pace, want.pace) || got.known != want.known || got.fits != want.fits {
				t.Errorf("%s: %+v, want %+v", id, got, want)
			}
		}
		if got := send(t, p, need, reply{}); got != "ptu" || !near(stateOf(t, p, "ptu").Room, 1-0.944) {
			t.Errorf("at 92%% the request went to %s, want ptu, then at 94.4%%", got)
		}

		p = example(t, 252_500)
		tried, err := request(t.Context(), p, world{
			"france": throttle("Retry-After-Ms", "9500"), "sweden": {err: errors.New("unreachable")}, "ptu": throttle("Retry-After-Ms", "600"),
		}, need)
		if want := []string{"france", "sweden", "ptu"}; !cmp.Equal(tried, want) {
			t.Errorf("at 101%% tried %v, want %v", tried, want)
		}
		wantRefusal(t, err, tallygate.Throttled, 600*time.Millisecond)
		if got := stateOf(t, p, "france").Cooling; got != 9500*time.Millisecond {
			t.Errorf("france cools for %v, want 9.5s", got)
		}
	})
}
