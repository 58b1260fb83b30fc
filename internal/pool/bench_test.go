package pool

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// BenchmarkPick is a request's whole way through a pool of ten deployments: pick,
// lend, report, give back.
func BenchmarkPick(b *testing.B) {
	for _, strategy := range []Strategy{Headroom, Weight, LeastBusy, Latency, Random} {
		b.Run(strategy.String(), func(b *testing.B) {
			p, ask := benchPool(strategy, false), &tallygate.Ask{Model: "gpt-4o"}
			b.ReportAllocs()
			for b.Loop() {
				benchOne(b.Context(), p, ask, nil)
			}
		})
	}
	b.Run("headroom, without reports", func(b *testing.B) {
		p, ask := benchPool(Headroom, false), &tallygate.Ask{Model: "gpt-4o"}
		b.ReportAllocs()
		for b.Loop() {
			for range p.Pick(ask, Need{Prompt: 100, Output: 100}).Candidates(b.Context()) {
				break
			}
		}
	})
	b.Run("headroom with affinity and headers", func(b *testing.B) {
		p, ask := benchPool(Headroom, true), &tallygate.Ask{Model: "gpt-4o", Affinity: 42}
		h := http.Header{}
		for _, kind := range []string{"Tokens", "Requests"} {
			h.Set("X-Ratelimit-Limit-"+kind, "100000000")
			h.Set("X-Ratelimit-Remaining-"+kind, "99000000")
			h.Set("X-Ratelimit-Reset-"+kind, "10")
		}
		b.ReportAllocs()
		for b.Loop() {
			benchOne(b.Context(), p, ask, h)
		}
	})
	b.Run("headroom, parallel", func(b *testing.B) {
		p := benchPool(Headroom, false)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			ask := &tallygate.Ask{Model: "gpt-4o"}
			for pb.Next() {
				benchOne(b.Context(), p, ask, nil)
			}
		})
	})
}

func benchPool(s Strategy, affinity bool) *Pool {
	m := Model{Name: "gpt-4o", Strategy: s, Affinity: affinity}
	for i := range 10 {
		m.Deployments = append(m.Deployments, &tallygate.Deployment{
			Resource: fmt.Sprintf("res-%d", i), Name: "gpt-4o", Model: "gpt-4o", TPM: 1e12, RPM: 1e12,
		})
	}
	return New([]Model{m}, Options{Seed: 1})
}

func benchOne(ctx context.Context, p *Pool, ask *tallygate.Ask, h http.Header) {
	k := p.Pick(ask, Need{Prompt: 100, Output: 100})
	for c := range k.Candidates(ctx) {
		c.Answered(Answer{Status: 200, Header: h, FirstByte: time.Millisecond})
		c.Settled(tallygate.Usage{Source: tallygate.Exact, Prompt: 90, Completion: 20})
		break
	}
}

// BenchmarkTurn is a turn in a line where each of so many callers waits: come, use the
// turn, leave.
func BenchmarkTurn(b *testing.B) {
	for _, callers := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			l := newLane(1 << 30)
			join := func(who string) {
				w := &waiter{key: key{who: who}, weight: 1, cost: least, deadline: time.Hour, poke: make(chan struct{}, 1)}
				l.join(w, 0)
			}
			for i := range callers {
				join(fmt.Sprint(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				w := l.turn
				if !l.look(w, 0) || !l.claim(w) {
					b.Fatal("the turn was lost")
				}
				l.leave(w, true, 0)
				join(w.who)
			}
		})
	}
}
