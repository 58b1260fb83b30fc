package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tallygate/tallygate"
)

const inBackground = `{"model":"gpt-4o","max_output_tokens":700,"background":true,"input":"hi"}`

// shown is a response as the service shows it.
func shown(status string, tokens int) string {
	usage := "null"
	if tokens > 0 {
		usage = fmt.Sprintf(`{"input_tokens":%d,"output_tokens":50,"total_tokens":%d}`, tokens-50, tokens)
	}
	return fmt.Sprintf(`{"id":"resp_1","object":"response","status":%q,"model":"gpt-4o","output":[],"usage":%s}`, status, usage)
}

// background is a service with one response in the background, which is what show says.
func background(show func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, show(r))
	}
}

// A response in the background is held at its most, and not told of in the ledger, until
// an answer shows its end with its usage, be it one that reads or one that cancels;
// then it is settled once, and whatever is shown again counts nothing. Requests that
// read and cancel count nothing themselves.
func TestBackgroundResponsesAreSettledByTheirEnd(t *testing.T) {
	for _, end := range []struct {
		method, path, body string
		tokens             int64
	}{
		{"GET", "responses/resp_1", shown("completed", 150), 150},
		{"POST", "responses/resp_1/cancel", shown("cancelled", 120), 120},
		{"GET", "responses/resp_1", shown("incomplete", 110), 110},
		{"GET", "responses/resp_1", shown("failed", 0), 0},
	} {
		body := shown("queued", 0)
		g := startBefore(t, background(func(*http.Request) string { return body }),
			teamLimits("{name: budget, tokens: 1000, per: ever}, {name: once, concurrent: 1}, {name: purse, money: 1, per: ever}"))
		ask := func(method, path, text string) {
			t.Helper()
			if a := g.do(method, v1Path+path, text); a.status != 200 {
				t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
			}
		}
		ask("POST", "responses", inBackground)
		refusedWith(t, g.post(v1Path+"responses", inBackground), 429, "RateLimitReached") // the hold is in the way, the request itself is not
		for range 2 {
			body = shown("in_progress", 0)
			ask("GET", "responses/resp_1", "")
			if m := g.gauges(); m["held budget"] < 700 || m["spent budget"] != 0 {
				t.Errorf("on its way: %v held, %v spent", m["held budget"], m["spent budget"])
			}
		}
		for range 3 {
			body = end.body
			ask(end.method, end.path, strings.Repeat("{}", len(end.method)%3%2))
			if m := g.calm(); m["spent budget"] != float64(end.tokens) {
				t.Errorf("%s: %v spent, want %d", end.body, m["spent budget"], end.tokens)
			}
		}
		var sum int64
		var cost tallygate.Money
		for _, e := range g.entries() {
			if e.Ask.Operation == "responses" && e.Counted && (e.Usage.Source != tallygate.Exact || e.Outcome != tallygate.Answered || e.Status != 200) {
				t.Errorf("entry %+v", e)
			}
			sum += e.Usage.Total
			cost += e.Cost
		}
		if sum != end.tokens || (cost > 0) != (end.tokens > 0) {
			t.Errorf("%s: the ledger has %d tokens for %s, want %d", end.body, sum, cost, end.tokens)
		}
	}
}

// What nobody asks for, and what is cut off by the end of the gateway, counts at its hold.
func TestBackgroundResponsesThatNobodyAsksFor(t *testing.T) {
	var n atomic.Int64
	g := startBefore(t, background(func(*http.Request) string {
		return strings.Replace(shown("queued", 0), "resp_1", fmt.Sprintf("resp_%d", n.Add(1)), 1)
	}), teamLimits("{name: budget, tokens: 10k, per: ever}"))
	for range 3 {
		if a := g.post(v1Path+"responses", inBackground); a.status != 200 {
			t.Fatal(a.body)
		}
	}
	es := g.entries()
	if len(es) != 3 {
		t.Fatalf("%d entries", len(es))
	}
	var sum int64
	for _, e := range es {
		if e.Usage.Source != tallygate.Held || e.Usage.Total != e.Hold.Tokens() || e.Usage.Completion != 700 || !e.Counted {
			t.Errorf("entry %+v", e)
		}
		sum += e.Usage.Total
	}
	g.start()
	if m := g.gauges(); m["spent budget"] != float64(sum) || m["held budget"] != 0 {
		t.Errorf("after a restart %v are spent and %v held, the ledger has %d", m["spent budget"], m["held budget"], sum)
	}
	g.stop()
}

// A stream of work in the background that breaks off right after its beginning is not
// asked for elsewhere, where the work would begin again: the client hears of the break,
// and the work that goes on stays held.
func TestABackgroundStreamThatBreaksOff(t *testing.T) {
	var asked atomic.Int64
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":"+shown("queued", 0)+"}\n\n")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}, teamLimits("{name: budget, tokens: 10k, per: ever}"))
	a := g.post(v1Path+"responses", strings.Replace(inBackground, "{", `{"stream":true,`, 1))
	if a.status != 200 || !strings.Contains(a.body, "resp_1") || !strings.Contains(a.body, `"type":"error"`) || asked.Load() != 1 {
		t.Errorf("asked %d times, answer %d %s", asked.Load(), a.status, a.body)
	}
	if m := g.gauges(); m["held budget"] < 700 {
		t.Errorf("%v is held", m["held budget"])
	}
	if es := g.entries(); len(es) != 1 || es[0].Usage.Source != tallygate.Held || !es[0].Counted {
		t.Errorf("entries %+v", es)
	}
}

// Only what a model works on is billed: the usage that an object shows, whoever reads,
// cancels, lists, copies or deletes it, is that of the request which made it.
func TestObjectsAreNotBilled(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, shown("completed", 150))
	}, teamLimits("{name: budget, tokens: 100k, per: ever}"))
	for _, c := range []struct {
		method, path, body string
		billed             int64
	}{
		{"POST", "responses", `{"model":"gpt-4o","input":"hi"}`, 150},
		{"POST", "responses/compact", `{"model":"gpt-4o","input":"hi"}`, 150},
		{"POST", "responses/input_tokens", `{"model":"gpt-4o","input":"hi"}`, 0},
		{"GET", "responses/resp_1", "", 0},
		{"GET", "responses/resp_1?stream=true", "", 0},
		{"HEAD", "responses/resp_1", "", 0},
		{"DELETE", "responses/resp_1", "", 0},
		{"POST", "responses/resp_1/cancel", "", 0},
		{"POST", "responses/resp_1/cancel", `{"model":"gpt-4o"}`, 0},
		{"GET", "responses/resp_1/input_items", "", 0},
		{"GET", "chat/completions", "", 0},
		{"GET", "chat/completions/chatcmpl-1", "", 0},
		{"POST", "chat/completions/chatcmpl-1", `{"metadata":{}}`, 0},
		{"DELETE", "chat/completions/chatcmpl-1", "", 0},
		{"POST", "conversations", `{}`, 0},
		{"POST", "conversations/c/items", `{"items":[]}`, 0},
		{"POST", "threads/t/runs/r/cancel", "", 0},
		{"POST", "batches/b/cancel", "", 0},
		{"GET", "batches/b", "", 0},
		{"POST", "fine_tuning/jobs/j/cancel", "", 0},
		{"GET", "evals/e/runs/r", "", 0},
		{"POST", "vector_stores/v/search", `{"query":"x"}`, 0},
	} {
		before := g.spent("budget")
		if a := g.do(c.method, v1Path+c.path, c.body); a.status != 200 {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
			continue
		}
		if n := int64(g.calm()["spent budget"] - before); n != c.billed {
			t.Errorf("%s %s counts %d, want %d", c.method, c.path, n, c.billed)
		}
	}
}

// Work that goes on behind an answer is held, however it was asked for.
func TestWorkThatGoesOnUnasked(t *testing.T) {
	body := ""
	g := startBefore(t, background(func(*http.Request) string { return body }), teamLimits("{name: budget, tokens: 10k, per: ever}"))
	for i, asked := range []string{`1`, `"true"`, `[true]`, `false`, `null`} {
		body = shown("queued", 0)
		if a := g.post(v1Path+"responses", strings.Replace(inBackground, `"background":true`, `"background":`+asked, 1)); a.status != 200 {
			t.Fatal(a.body)
		}
		if m := g.gauges(); m["held budget"] < 700 || m["spent budget"] != float64(150*i) {
			t.Errorf("%s: %v held, %v spent", asked, m["held budget"], m["spent budget"])
		}
		body = shown("completed", 150)
		g.do("GET", v1Path+"responses/resp_1", "")
		if m := g.calm(); m["spent budget"] != float64(150*(i+1)) {
			t.Errorf("%s: %v spent", asked, m["spent budget"])
		}
	}
}
