package app_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// fault sets a fault and fails the test when it makes no sense.
func (g *gateway) fault(f simulator.Fault) {
	g.t.Helper()
	if _, err := g.sim.AddFault(f); err != nil {
		g.t.Fatal(err)
	}
}

// Each of these says something about the deployment and not about the request: the
// next one answers, and the caller sees nothing of it.
func TestMovesOn(t *testing.T) {
	for name, f := range map[string]simulator.Fault{
		"408":                {Kind: simulator.Status, Status: 408},
		"429 in seconds":     {Kind: simulator.Status, Status: 429, RetryAfter: "7"},
		"429 for a day":      {Kind: simulator.Status, Status: 429, RetryAfter: "86400"},
		"429 with garbage":   {Kind: simulator.Status, Status: 429, RetryAfter: "soon"},
		"500":                {Kind: simulator.Status, Status: 500},
		"503":                {Kind: simulator.Status, Status: 503},
		"a page of HTML":     {Kind: simulator.Garbage},
		"401 of our own key": {Kind: simulator.Status, Status: 401},
		"403 of a firewall":  {Kind: simulator.Status, Status: 403},
		"reset":              {Kind: simulator.Reset},
		"gzip'd error":       {Kind: simulator.Status, Status: 500, Gzip: true},
	} {
		for _, stream := range []string{"false", "true"} {
			t.Run(name+", stream "+stream, func(t *testing.T) {
				g := startGateway(t, three(), "")
				f.Resource = "one"
				g.fault(f)
				a := g.post(chatPath, chat("Hello", `"stream":`+stream))
				if a.status != http.StatusOK {
					t.Fatalf("answer %d %s", a.status, a.body)
				}
				e := g.one()
				if e.Attempts != 2 || e.Deployment.ID() != "two/gpt-4o" || e.Usage.Source != tallygate.Exact || e.Outcome != tallygate.Answered {
					t.Errorf("entry %+v at %v", e, e.Deployment)
				}
			})
		}
	}
}

// A stream that refuses inside a 200 moves on before its first byte has left.
func TestRefusalInsideAStream(t *testing.T) {
	g := startGateway(t, three(), "")
	g.fault(simulator.Fault{Resource: "one", Kind: simulator.Refusal, RetryAfter: "5"})
	a := g.post("/openai/v1/responses", `{"model":"gpt-4o","input":"Hello","stream":true}`)
	if a.status != http.StatusOK || !strings.Contains(a.body, "response.completed") || strings.Contains(a.body, "too_many_requests") {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if e := g.one(); e.Attempts != 2 || e.Deployment.ID() != "two/gpt-4o" || e.Usage.Source != tallygate.Exact {
		t.Errorf("entry %+v at %v", e, e.Deployment)
	}
}

// What says something about the request is told as it is, and asked once.
func TestStays(t *testing.T) {
	f := func(body string, status int, code string) {
		t.Helper()
		g := startGateway(t, three(), "")
		a := g.post(chatPath, body)
		if a.status != status || a.code() != code {
			t.Errorf("answer to %s: %d %s, want %d %s", body, a.status, a.body, status, code)
		}
		if e := g.one(); e.Attempts != 1 || e.Outcome != tallygate.Answered || e.Status != status {
			t.Errorf("entry %+v", e)
		}
	}
	f(chat("[[filter]]"), 400, "content_filter")
	f(chat("hi", `"response_format":{"type":"nonsense"}`), 400, "invalid_value")
}

// All throttled is 429 with the smallest wait among them, in both headers and in
// words, and the next request is refused without asking anyone.
func TestAllThrottled(t *testing.T) {
	g := startGateway(t, three(), "")
	for resource, after := range map[string]string{"one": "30", "two": "12", "three": "50"} {
		g.fault(simulator.Fault{Resource: resource, Kind: simulator.Status, Status: 429, RetryAfter: after})
	}
	for range 2 {
		a := g.post(chatPath, chat("Hello"))
		ms, _ := strconv.Atoi(a.header.Get("Retry-After-Ms"))
		if a.status != 429 || a.header.Get("Retry-After") != "12" || ms < 11_000 || ms > 12_000 {
			t.Fatalf("answer %d %v %s", a.status, a.header, a.body)
		}
		if !strings.Contains(a.message(), "retry after 12 seconds") {
			t.Errorf("message %q", a.message())
		}
	}
	es := g.entries()
	if len(es) != 2 || es[0].Attempts != 3 || es[1].Attempts != 0 || es[0].Outcome != tallygate.Refused || es[0].Usage.Known() {
		t.Errorf("entries %+v", es)
	}
}

// With a wait configured a throttled request is served once there is room.
func TestWaits(t *testing.T) {
	g := startGateway(t, three(), "models:\n  gpt-4o: {wait: 5s}\n")
	for _, r := range []string{"one", "two", "three"} {
		g.fault(simulator.Fault{Resource: r, Kind: simulator.Status, Status: 429, RetryAfter: "300ms", Count: 1})
	}
	began := time.Now()
	a := g.post(chatPath, chat("Hello"))
	if a.status != 200 || time.Since(began) < 300*time.Millisecond {
		t.Errorf("answer %d after %s", a.status, time.Since(began))
	}
	if e := g.one(); e.Attempts != 4 {
		t.Errorf("%d attempts, want 3 and the one after the wait", e.Attempts)
	}
}

// When every deployment of a model is down its fallback serves.
func TestFallback(t *testing.T) {
	g := startGateway(t, three(), "models:\n  gpt-4o: {fallback: [gpt-4o-mini]}\n")
	g.fault(simulator.Fault{Deployment: "gpt-4o", Kind: simulator.Status, Status: 500})
	if a := g.post(chatPath, chat("Hello")); a.status != 200 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if e := g.one(); e.Ask.Model != "gpt-4o" || e.Deployment.Model != "gpt-4o-mini" || e.Attempts != 4 {
		t.Errorf("entry %+v at %v", e, e.Deployment)
	}
}

// When all fail with the service's own error, that is told, and that there is no
// use in trying again at once.
func TestAllFailed(t *testing.T) {
	g := startGateway(t, three(), "")
	g.fault(simulator.Fault{Kind: simulator.Status, Status: 500})
	a := g.post(chatPath, chat("Hello"))
	if a.status != 500 || a.header.Get("X-Should-Retry") != "false" || !strings.Contains(a.message(), "server had an error") {
		t.Errorf("answer %d %v %s", a.status, a.header, a.body)
	}
	if e := g.one(); e.Attempts != 3 || e.Status != 500 {
		t.Errorf("entry %+v", e)
	}
}

// When none can be reached it is 503, in the shape clients know.
func TestNoneAlive(t *testing.T) {
	g := startGateway(t, three(), "")
	g.fault(simulator.Fault{Kind: simulator.Reset})
	a := g.post(chatPath, chat("Hello"))
	if a.status != 503 || a.code() != "ServiceUnavailable" || strings.Contains(a.body, "127.0.0.1") {
		t.Errorf("answer %d %s", a.status, a.body)
	}
	if e := g.one(); e.Outcome != tallygate.Failed || e.Attempts != 3 || e.Cause == "" {
		t.Errorf("entry %+v", e)
	}
}

// An upstream that refuses the gateway's own key says nothing about the caller's.
func TestOurKeyRefusedEverywhere(t *testing.T) {
	g := startGateway(t, three(), "")
	g.fault(simulator.Fault{Kind: simulator.Status, Status: 401})
	if a := g.post(chatPath, chat("Hello")); a.status != 503 {
		t.Errorf("answer %d %s", a.status, a.body)
	}
}

// A stream that breaks off ends in an error event, without what ends whole ones, and
// counts as partial.
func TestBreaksOff(t *testing.T) {
	for name, f := range map[string]simulator.Fault{
		"reset":     {Kind: simulator.ResetStream, Chunks: 5},
		"truncated": {Kind: simulator.Truncate, Chunks: 5},
	} {
		t.Run(name, func(t *testing.T) {
			g := startGateway(t, three(), "")
			g.fault(f)
			a := g.post(chatPath, chat("Hello [[tokens=50]]", `"stream":true`))
			if a.status != 200 || !strings.Contains(a.body, `data: {"error":`) || strings.Contains(a.body, "[DONE]") {
				t.Errorf("answer %d ends %q", a.status, a.body[max(0, len(a.body)-400):])
			}
			e := g.one()
			if e.Outcome != tallygate.Failed || e.Usage.Source != tallygate.Partial || e.Usage.Completion == 0 || e.Attempts != 1 {
				t.Errorf("entry %+v", e)
			}
		})
	}
}

// A deployment whose API version does not take stream_options is asked without,
// and remembered.
func TestUsageOptionRefused(t *testing.T) {
	g := startGateway(t, three(), "")
	g.fault(simulator.Fault{Resource: "one", Kind: simulator.Status, Status: 400, Count: 1,
		Raw: `{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}`})
	for range 2 {
		if a := g.post(chatPath, chat("Hello", `"stream":true`)); a.status != 200 || !strings.HasSuffix(a.body, "data: [DONE]\n\n") {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
	}
	es := g.entries()
	for _, e := range es {
		if e.Usage.Source != tallygate.Estimated || e.Usage.Completion == 0 || e.Attempts != 1 {
			t.Errorf("entry %+v", e)
		}
	}
	if n := len(g.sim.Requests()); n != 3 {
		t.Errorf("%d requests upstream, want 2 for the first and 1 for the second", n)
	}
}

// An answer that is not a stream and breaks off is never taken for a whole one:
// another deployment answers while nothing has left, and after that the connection
// breaks.
func TestCutAnswer(t *testing.T) {
	for _, chunks := range []int{0, 1} {
		g := startGateway(t, three(), "")
		g.fault(simulator.Fault{Resource: "one", Kind: simulator.ResetStream, Chunks: chunks})
		a := g.post(chatPath, chat("Hello", `"stream":true`))
		if a.status != 200 || !strings.HasSuffix(a.body, "data: [DONE]\n\n") {
			t.Errorf("reset after %d events: %d %q", chunks, a.status, a.body)
		}
		if e := g.one(); e.Attempts != 2 || e.Deployment.ID() != "two/gpt-4o" || e.Outcome != tallygate.Answered {
			t.Errorf("reset after %d events: entry %+v at %v", chunks, e, e.Deployment)
		}
	}
}

// An upstream that falls silent in mid-stream is given up.
func TestSilentStream(t *testing.T) {
	g := startGateway(t, three(), "timeouts: {idle: 300ms, drain: {deadline: 2s}}\n")
	g.fault(simulator.Fault{Kind: simulator.StallStream, Chunks: 5})
	began := time.Now()
	a := g.post(chatPath, chat("Hello [[tokens=50]]", `"stream":true`))
	if took := time.Since(began); took > 3*time.Second || !strings.Contains(a.body, `data: {"error":`) {
		t.Errorf("after %s: %q", took, a.body[max(0, len(a.body)-300):])
	}
	if e := g.one(); e.Outcome != tallygate.Failed || e.Usage.Source != tallygate.Partial {
		t.Errorf("entry %+v", e)
	}
}
