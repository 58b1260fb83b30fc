package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// abandon sends so many chats at once whose clients leave when the service works on all
// of them.
func (g *gateway) abandon(n int) {
	ctx, leave := context.WithCancel(g.t.Context())
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			req, _ := http.NewRequestWithContext(ctx, "POST", g.url+chatPath, strings.NewReader(chat("[[tokens=50]]", `"max_tokens":2000`)))
			req.Header.Set("Api-Key", teamKey)
			if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
				res.Body.Close()
			}
		})
	}
	for inFlight(g) < int64(n) {
		time.Sleep(time.Millisecond)
	}
	leave()
	wg.Wait()
}

// Of chats whose clients left while the service worked on them some are drained, for
// their true usage, and the others count at their holds: the service did no more than
// the ledger has.
func TestAbandonedChatsAreDrained(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: budget, tokens: 1M, per: ever}"))
	g.fault(simulator.Fault{Kind: simulator.Stall, Delay: 400 * time.Millisecond})
	g.abandon(24)
	for inFlight(g) > 0 {
		time.Sleep(time.Millisecond)
	}
	did, m := served(g), g.calm()
	exact := 0
	for _, e := range g.entries() {
		switch {
		case e.Outcome != tallygate.Aborted || e.Status != 499 || e.AnswerBytes != 0 || !e.Counted:
			t.Errorf("entry %+v", e)
		case e.Usage.Source == tallygate.Exact && e.Usage.Completion == 50 && e.Cost > 0:
			exact++
		case e.Usage.Source != tallygate.Held || e.Usage.Total != e.Hold.Tokens():
			t.Errorf("usage %+v, held %+v", e.Usage, e.Hold)
		}
	}
	if exact == 0 || exact > 8 || m["spent budget"] < float64(did.PromptTokens+did.CompletionTokens) {
		t.Errorf("%d were drained, %v is spent, the service did %d + %d", exact, m["spent budget"], did.PromptTokens, did.CompletionTokens)
	}
}

// While it is drained a request keeps its place among those at once, and a stop waits for
// it; after the deadline it counts at its hold.
func TestDrainedRequestsKeepTheirPlace(t *testing.T) {
	for _, c := range []struct {
		takes  time.Duration
		source tallygate.Source
	}{{500 * time.Millisecond, tallygate.Exact}, {time.Minute, tallygate.Held}} {
		g := startGateway(t, three(), teamLimits("{name: once, concurrent: 1}")+"timeouts: {drain: {deadline: 2s}}\n")
		g.fault(simulator.Fault{Kind: simulator.Stall, Delay: c.takes})
		g.abandon(1)
		for g.metric("tallygate_draining_requests ") == 0 {
			time.Sleep(time.Millisecond)
		}
		refusedWith(t, g.post(chatPath, chat("hi")), 429, "RateLimitReached")
		began := time.Now()
		es := g.entries() // stops it
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("stopping took %s", took)
		}
		e := es[len(es)-1]
		if e.Outcome == tallygate.Refused {
			e = es[0]
		}
		if e.Usage.Source != c.source || !e.Counted || c.source == tallygate.Held && e.Usage.Total != e.Hold.Tokens() {
			t.Errorf("an answer after %s: %+v, held %+v", c.takes, e, e.Hold)
		}
	}
}

// What one abandons does not keep another's abandoned request from being drained.
func TestOneLeavesDrainsToOthers(t *testing.T) {
	g := startGateway(t, three(), twoPayers)
	g.fault(simulator.Fault{Kind: simulator.Stall, Delay: 800 * time.Millisecond})
	g.abandon(12)
	ctx, leave := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "POST", g.url+chatPath, strings.NewReader(chat("[[tokens=50]]", `"max_tokens":2000`)))
	req.Header.Set("Api-Key", otherKey)
	req.Header.Set("Content-Type", "application/json")
	time.AfterFunc(100*time.Millisecond, leave)
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
		res.Body.Close()
	}
	for _, e := range g.entries() {
		if e.Caller == "other" && (e.Usage.Source != tallygate.Exact || e.Usage.Completion != 50) {
			t.Errorf("%+v, because %s", e.Usage, e.Cause)
		}
	}
}
