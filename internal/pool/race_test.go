package pool

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

func TestRaceOf200(t *testing.T) {
	// Everything at once, for the race detector and the counts.
	bubble(t, raceOf200)
}

func raceOf200(t *testing.T) {
	m := gpt4o(Headroom, dep("a", tpm(1e9)), dep("b", rpm(1e6)), dep("c", ptu(100)), dep("d"), dep("e", tier(2)))
	m.Affinity, m.Wait = true, time.Second
	p := newPool(m)
	var live atomic.Pointer[Pool]
	live.Store(p)
	var wg sync.WaitGroup
	var served atomic.Int64
	for i := range 200 {
		wg.Go(func() {
			for j := range 50 {
				ask := &tallygate.Ask{Model: "gpt-4o", Affinity: uint64(i)}
				k := live.Load().Pick(ask, Need{Prompt: int64(j), Output: 10})
				for c := range k.Candidates(t.Context()) {
					if (i+j)%23 == 0 && k.Attempts() < 4 {
						c.Failed(Failure{Status: 429, Header: headers("Retry-After-Ms", "2")})
						continue
					}
					c.Answered(Answer{Status: 200, Header: headers("X-Ratelimit-Remaining-Tokens", "500"), FirstByte: time.Millisecond})
					c.Settled(tallygate.Usage{Source: tallygate.Exact, Prompt: 3})
					served.Add(1)
					break
				}
				if j == 25 && i%50 == 0 {
					live.Store(live.Load().Next([]Model{m}))
				}
				if j%10 == 0 {
					live.Load().Snapshot()
				}
			}
		})
	}
	wg.Wait()
	p = live.Load()
	wantIdle(t, p)
	if n := p.Waiting("gpt-4o"); n != 0 {
		t.Errorf("%d still wait, want 0", n)
	}
	var lent, sum uint64
	for _, s := range p.Snapshot() {
		lent += s.Counts.Lent
		sum += s.Counts.Served + s.Counts.Throttled
	}
	if lent != sum || served.Load() == 0 {
		t.Errorf("%d lent, %d reported, %d served: want the first two equal", lent, sum, served.Load())
	}
}
