package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// until waits for a while, as an upstream does that thinks, unless its client leaves.
func until(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

const (
	helloChunk = `data: {"id":"c","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}` + "\n\n"
	stopChunk  = `data: {"id":"c","model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
)

// A stream that breaks off is whole to nobody: no [DONE] follows the error, and one
// finished choice of two is not the end.
func TestBrokenStreamsAreNotWhole(t *testing.T) {
	for name, came := range map[string]string{"in the midst": helloChunk, "one of two finished": helloChunk + stopChunk} {
		g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, came)
		}, "")
		a := g.post(chatPath, chat("hi", `"stream":true`, `"n":2`))
		if !strings.Contains(a.body, "upstream_stream_interrupted") || strings.Contains(a.body, "[DONE]") {
			t.Errorf("%s: %s", name, a.body)
		}
		if e := g.one(); e.Outcome != tallygate.Failed || e.Usage.Source != tallygate.Partial {
			t.Errorf("%s: %v, %+v", name, e.Outcome, e.Usage)
		}
	}
}

// The head of a stream leaves soon, though its first word comes late and its header says
// when to come again.
func TestHeadsLeaveSoon(t *testing.T) {
	let := make(chan struct{})
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Retry-After", "1")
		io.WriteString(w, `data: {"choices":[],"prompt_filter_results":[]}`+"\n\n")
		w.(http.Flusher).Flush()
		select {
		case <-let:
		case <-r.Context().Done():
		}
		io.WriteString(w, helloChunk+stopChunk+"data: [DONE]\n\n")
	}, "")
	req, _ := http.NewRequest("POST", g.url+chatPath, strings.NewReader(chat("hi", `"stream":true`)))
	req.Header.Set("Api-Key", teamKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultTransport.RoundTrip(req) // returns with the head
	close(let)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || !strings.HasSuffix(string(text), "[DONE]\n\n") {
		t.Errorf("%v: %s", err, text)
	}
}

// With keep_alive_early a client hears comments before anybody has answered; then the
// stream as it is, or the refusal as an event of the operation's shape. Without it a
// refusal is one.
func TestKeepAliveBeforeAnybodyAnswers(t *testing.T) {
	const early = "keep_alive: 100ms\nkeep_alive_early: true\n"
	const refusal = `{"error":{"code":"429","message":"full","type":"too_many_requests","param":null}}`
	answer := func(stream bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			until(r, 350*time.Millisecond)
			if stream {
				w.Header().Set("Content-Type", "text/event-stream")
				io.WriteString(w, helloChunk+stopChunk+"data: [DONE]\n\n")
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, refusal)
		}
	}
	const comment = ": keep-alive\n"
	for _, c := range []struct {
		name, extra, path, body string
		stream                  bool
		status                  int
		begins, ends            string
	}{
		{"a stream", early, chatPath, chat("hi", `"stream":true`), true, 200, comment, "data: [DONE]\n\n"},
		{"a refusal of a chat", early, chatPath, chat("hi", `"stream":true`), false, 200, comment + comment, `"type":"too_many_requests","param":null}}` + "\n\n"},
		{"a refusal of a response", early, v1Path + "responses", `{"model":"gpt-4o","input":"hi","stream":true}`, false, 200, comment + comment, `"sequence_number":0}` + "\n\n"},
		{"no stream", early, chatPath, chat("hi"), false, 429, "{", "}"},
		{"not early", "keep_alive: 100ms\n", chatPath, chat("hi", `"stream":true`), false, 429, "{", "}"},
	} {
		g := startBefore(t, answer(c.stream), c.extra)
		a := g.post(c.path, c.body)
		if a.status != c.status || !strings.HasPrefix(a.body, c.begins) || !strings.HasSuffix(a.body, c.ends) || !c.stream && strings.Contains(a.body, "[DONE]") {
			t.Errorf("%s: %d %q", c.name, a.status, a.body)
		}
		if kind := a.header.Get("Content-Type"); c.begins == comment && kind != "text/event-stream" || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: content type %q, %v", c.name, kind, a.header)
		}
		if e := g.one(); c.stream != (e.Outcome == tallygate.Answered && e.Status == 200) {
			t.Errorf("%s: %v with %d", c.name, e.Outcome, e.Status)
		}
	}
}
