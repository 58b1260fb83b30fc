package pool

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

// skipping sends a request that skips some resources, as the line does whose limits
// there have no room.
func skipping(t *testing.T, p *Pool, n Need, w world, skip map[string]error) ([]string, *Pick) {
	t.Helper()
	var tried []string
	k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, n)
	for c := range k.Candidates(t.Context()) {
		if err := skip[c.Resource]; err != nil {
			c.Skip(err)
			c.Failed(Failure{Status: 500}) // after a Skip these do nothing
			c.Answered(Answer{Status: 200})
			c.Settled(tallygate.Usage{})
			continue
		}
		tried = append(tried, c.Resource)
		if r := w[c.Resource]; r.status != 0 {
			c.Failed(Failure{Status: r.status, Header: r.header})
			continue
		}
		c.Answered(Answer{Status: 200})
		break
	}
	return tried, k
}

// A skipped candidate has not failed: the next one comes, nothing is counted there, and
// when there is none the line's own reason is the pick's.
func TestSkip(t *testing.T) {
	limitA, limitB := errors.New("limit on a"), errors.New("limit on b")
	for name, c := range map[string]struct {
		world world
		skip  map[string]error
		want  []string
		err   error          // itself
		kind  tallygate.Kind // or one of the pool's
	}{
		"one":                  {nil, map[string]error{"a": limitA}, []string{"b"}, nil, 0},
		"all":                  {nil, map[string]error{"a": limitA, "b": limitB, "c": limitB}, nil, limitB, 0},
		"one, others throttle": {world{"b": throttle(), "c": throttle()}, map[string]error{"a": limitA}, []string{"b", "c"}, nil, tallygate.Throttled},
		"one, others fail":     {world{"b": {status: 500}, "c": {status: 500}}, map[string]error{"a": limitA}, []string{"b", "c"}, nil, tallygate.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPool(gpt4o(Headroom, dep("a", tpm(1000), rpm(60)), dep("b", ptu(15), tier(2)), dep("c", tier(3))))
				tried, k := skipping(t, p, Need{Prompt: 500}, c.world, c.skip)
				err := k.Err()
				if !cmp.Equal(tried, c.want) || c.kind == 0 && err != c.err || c.kind != 0 && tallygate.AsError(err).Kind != c.kind || k.Attempts() != len(tried) {
					t.Errorf("tried %v in %d attempts: %v, want %v: %v", tried, k.Attempts(), err, c.want, c.err)
				}
				for r := range c.skip {
					s := stateOf(t, p, r)
					if n := s.Counts; n != (Counts{Lent: 1, Skipped: 1}) || s.RoomKnown && s.Room != 1 || s.InFlight != 0 {
						t.Errorf("%s: %+v, want nothing but a skip counted", r, s)
					}
				}
			})
		})
	}
}

// Candidates that are cooling had no room, so the reason is the line's.
func TestSkipBesideCooling(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p, limit := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2)))), errors.New("limit on b")
		try(t, p, world{"a": throttle("Retry-After", "30")})
		if tried, k := skipping(t, p, Need{}, nil, map[string]error{"b": limit}); k.Err() != limit || tried != nil {
			t.Errorf("tried %v: %v, want the line's own reason", tried, k.Err())
		}
	})
}

// One that skips a half-open deployment lets the next probe it.
func TestSkipReleasesTheProbe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a")))
		for range tripAfter {
			try(t, p, world{"a": {status: 500}})
		}
		time.Sleep(10 * time.Second)
		skipping(t, p, Need{}, nil, map[string]error{"a": errors.New("limit")})
		wantTried(t, p, nil, "a")
	})
}

// Who waits for the one deployment the line did not skip does not keep others from
// the rest; when all are skipped nobody waits.
func TestSkipDoesNotHoldTheTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := waiting(time.Minute, dep("a"), dep("b", tier(2)))
		limit := map[string]error{"a": errors.New("limit on a")}
		try(t, p, world{"a": throttle("Retry-After", "3"), "b": throttle("Retry-After", "30")})
		time.Sleep(3 * time.Second)
		began := p.now()
		done := make(chan time.Duration, 1)
		go func() {
			tried, k := skipping(t, p, Need{Who: "limited"}, nil, limit)
			if k.Err() != nil || !cmp.Equal(tried, []string{"b"}) {
				t.Errorf("tried %v: %v, want b", tried, k.Err())
			}
			done <- p.now() - began
		}()
		synctest.Wait()
		if n := p.Waiting("gpt-4o"); n != 1 {
			t.Fatalf("%d wait, want the limited one", n)
		}
		for range 5 {
			if tried, err := request(t.Context(), p, nil, Need{Who: "free"}); err != nil || tried[0] != "a" {
				t.Fatalf("tried %v: %v, want a", tried, err)
			}
		}
		if took := p.now() - began; took > time.Second {
			t.Errorf("others waited %v behind one who may not have a", took)
		}
		about(t, "the limited one was served", <-done, 27*time.Second)
		both := map[string]error{"a": errors.New("limit on a"), "b": errors.New("limit on b")}
		began = p.now()
		if _, k := skipping(t, p, Need{}, nil, both); k.Err() == nil || p.now() != began {
			t.Errorf("after %v: %v, want the limit's error at once", p.now()-began, k.Err())
		}
	})
}
