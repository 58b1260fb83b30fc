package pool

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

var errNoAnswer = errors.New("connection reset")

// A minute of eight poisoned requests at once every ten seconds, which no deployment can
// answer, beside an innocent caller's two a second: none of the innocent's is refused, and
// none is sent to a second deployment.
func TestAMinuteOfPoison(t *testing.T) {
	for name, poisoned := range map[string]Failure{
		"that says so":     {Status: 500, Code: "model_error", Blame: BlameRequest},
		"that says 500":    {Status: 500, Code: "server_error"},
		"that says 503":    {Status: 503, Code: "ServiceUnavailable"},
		"that cuts it off": {Err: errNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPool(gpt4o(Headroom, dep("a"), dep("b")))
				send := func(request uint64, payer string, f Failure, took time.Duration) (refused bool, attempts int) {
					k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{})
					for c := range k.Candidates(t.Context()) {
						time.Sleep(took)
						if f.Status == 0 && f.Err == nil {
							c.Answered(Answer{Status: 200})
							return false, k.Attempts()
						}
						f.Request, f.Payer = request, payer
						c.Failed(f)
					}
					return true, k.Attempts()
				}
				var wg sync.WaitGroup
				for round := range 6 {
					for i := range 8 {
						wg.Go(func() {
							time.Sleep(time.Duration(round) * 10 * time.Second)
							send(uint64(100*round+i+1), "poisoner", poisoned, 50*time.Millisecond)
						})
					}
				}
				refused, twice := 0, 0
				for i := range 124 {
					no, n := send(uint64(10_000+i), "innocent", Failure{}, 20*time.Millisecond)
					if no {
						refused++
					}
					if n > 1 {
						twice++
					}
					time.Sleep(480 * time.Millisecond)
				}
				wg.Wait()
				if refused > 0 || twice > 0 {
					t.Errorf("of 124 of the innocent's %d were refused and %d sent twice, want none", refused, twice)
				}
			})
		})
	}
}
