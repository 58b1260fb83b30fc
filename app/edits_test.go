package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// capped is a configuration whose caller is capped to 512 tokens a completion.
const capped = "callers:\n  - {name: team, key: " + teamKey + ", max_tokens: 512}\n"

const events = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}],\"usage\":null}\n\n" +
	"data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"

const usageChunk = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}}\n\n"

// streams is how a service streams: with the usage when asked for it.
func streams(body string, header ...string) said {
	text := events
	if strings.Contains(body, `"include_usage":true`) {
		text += usageChunk
	}
	if header == nil {
		header = []string{"Content-Type", "text/event-stream"}
	}
	return said{200, text + "data: [DONE]\n\n", header}
}

// disliking is a service that refuses bodies with a member, and serves others.
func disliking(status int, members ...string) func(string, string) said {
	return func(_, body string) said {
		for _, m := range members {
			if strings.Contains(body, `"`+m+`"`) {
				return said{status: status, body: errorBody("unsupported_parameter", "invalid_request_error", "Unsupported parameter: '"+m+"' is not supported with this model.")}
			}
		}
		if strings.Contains(body, `"stream":true`) {
			return streams(body)
		}
		return well
	}
}

// An edit of the gateway's that is refused is made in its other form or undone, and that
// is remembered once it was answered. What the caller itself wrote is told as it is.
func TestEditsAreUndone(t *testing.T) {
	for _, c := range []struct {
		name     string
		config   string
		reply    func(resource, body string) said
		body     string
		status   int
		sent     []string // what the first and the second request send, without the messages
		repeated int      // how many are sent for the second one
	}{
		{"the cap's name", capped, disliking(400, "max_tokens"), chat("Hi"), 200,
			[]string{`{"max_tokens":512,`, `{"max_completion_tokens":512,`}, 1},
		{"the cap's name, as 422", capped, disliking(422, "max_tokens"), chat("Hi"), 200,
			[]string{`{"max_tokens":512,`, `{"max_completion_tokens":512,`}, 1},
		{"a null's name", capped, disliking(400, "max_completion_tokens"), chat("Hi", `"max_completion_tokens":null`), 400,
			[]string{`{"messages"`, `{"max_tokens":512,`}, 2}, // the caller's own null is refused as well
		{"both names", capped, disliking(400, "max_tokens", "max_completion_tokens"), chat("Hi"), 400,
			[]string{`{"max_tokens":512,`, `{"max_completion_tokens":512,`}, 2},
		{"the caller's own name", capped, disliking(400, "max_tokens"), chat("Hi", `"max_tokens":9000`), 400,
			[]string{`{"messages"`}, 1},
		{"the usage of a stream", "", disliking(400, "stream_options"), chat("Hi", `"stream":true`), 200,
			[]string{`{"stream_options":{"include_usage":true},`, `{"messages"`}, 1},
		{"the usage of a stream, as 422", "", disliking(422, "stream_options"), chat("Hi", `"stream":true`), 200,
			[]string{`{"stream_options":{"include_usage":true},`, `{"messages"`}, 1},
		{"both edits", capped, disliking(422, "stream_options", "max_tokens"), chat("Hi", `"stream":true`), 200,
			[]string{"", "", `{"max_completion_tokens":512,"messages"`}, 1},
		{"the caller's own option", "", disliking(400, "stream_options"), chat("Hi", `"stream":true,"stream_options":{"include_usage":true}`), 400,
			[]string{`{"messages"`}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g, u := serviced(t, c.config, c.reply)
			a := g.post(chatPath, c.body)
			if a.status != c.status {
				t.Errorf("answer %d %s, want %d", a.status, a.body, c.status)
			}
			sent := u.bodies()
			if len(sent) != len(c.sent) {
				t.Fatalf("sent %q, want %d requests", sent, len(c.sent))
			}
			for i, begins := range c.sent {
				if !strings.HasPrefix(sent[i], begins) {
					t.Errorf("request %d is %s, want it to begin with %s", i+1, sent[i], begins)
				}
			}
			u.asked()
			g.post(chatPath, c.body)
			if again := u.bodies(); len(again) != c.repeated || c.status == 200 && again[0] != sent[len(sent)-1] {
				t.Errorf("the next one sent %q, want %d in the form that was answered", again, c.repeated)
			}
			for _, e := range g.entries() {
				if e.Attempts != 1 {
					t.Errorf("%d attempts, want one deployment", e.Attempts)
				}
			}
		})
	}
}

// What was learnt of a deployment outlives reloads, but not a change of the deployment.
func TestFormsAreRememberedAcrossReloads(t *testing.T) {
	g, u := serviced(t, capped, disliking(400, "max_tokens"))
	asks := func(want int, when string) {
		t.Helper()
		u.asked()
		if a := g.post(chatPath, chat("Hi")); a.status != 200 {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
		if got := len(u.bodies()); got != want {
			t.Errorf("%s it takes %d requests, want %d", when, got, want)
		}
	}
	reload := func(was, is string) {
		t.Helper()
		g.configure(strings.Replace(*g.config.Load(), was, is, 1))
		if err := g.app.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	asks(2, "at first")
	reload("log: {level: debug}", "log: {level: info}")
	asks(1, "after a reload of something else")
	reload(resourceKey, "new-resource-key-0123")
	asks(2, "after another key")
	reload("{name: gpt-4o, priority: 1}", "{name: gpt-4o, priority: 1, base: gpt-4.1}")
	asks(2, "of another base model")
}

// Having asked for a stream, an answer that begins like one is one, whatever it calls
// itself: what the gateway asked for is read and taken out.
func TestAStreamThatDoesNotSayIt(t *testing.T) {
	for _, kind := range []string{"", "text/plain", "application/octet-stream", "application/json"} {
		for _, comment := range []string{"", ": hello\n\n", "\n", "\ufeff"} {
			t.Run(fmt.Sprintf("%q after %q", kind, comment), func(t *testing.T) {
				t.Parallel()
				g, _ := serviced(t, "", func(_, body string) said {
					s := streams(body, "Content-Type", kind)
					s.body = comment + s.body
					return s
				})
				a := g.post(chatPath, chat("Hi", `"stream":true`))
				if a.status != 200 || strings.Contains(a.body, "usage") || !strings.HasSuffix(a.body, "data: [DONE]\n\n") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/event-stream") {
					t.Errorf("answer %d %s %q", a.status, a.header.Get("Content-Type"), a.body)
				}
				if e := g.one(); e.Usage.Source != tallygate.Exact || e.Usage.Completion != 2 {
					t.Errorf("usage %+v", e.Usage)
				}
			})
		}
	}
}

// A response that fails before any output is another deployment's to answer, also when it
// does not say why; nobody pays for it. One that everybody fails is told.
func TestAResponseThatFails(t *testing.T) {
	failing := said{200, "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"status\":\"in_progress\",\"error\":null}}\n\n" +
		"event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"id\":\"r\",\"status\":\"failed\",\"error\":null,\"usage\":{\"input_tokens\":5,\"output_tokens\":3,\"total_tokens\":8}}}\n\n",
		[]string{"Content-Type", "text/event-stream"}}
	whole := said{status: 200, body: `{"id":"r","object":"response","status":"failed","error":null,"output":[],"usage":{"input_tokens":5,"output_tokens":3,"total_tokens":8}}`}
	completed := said{200, "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"error\":null,\"usage\":{\"input_tokens\":5,\"output_tokens\":3,\"total_tokens\":8}}}\n\n",
		[]string{"Content-Type", "text/event-stream"}}
	for name, c := range map[string]struct {
		said   said
		stream string
	}{"a stream": {failing, "true"}, "whole": {whole, "false"}} {
		t.Run(name, func(t *testing.T) {
			g, _ := serviced(t, "", func(resource, _ string) said {
				if resource == "one" {
					return c.said
				}
				return completed
			})
			body := `{"model":"gpt-4o","input":"Hi","stream":` + c.stream + `}`
			if a := g.post("/openai/v1/responses", body); a.status != 200 || strings.Contains(a.body, "failed") {
				t.Errorf("answer %d %s", a.status, a.body)
			}
			if e := g.one(); e.Attempts != 2 || e.Deployment.Resource != "two" {
				t.Errorf("entry %+v", e)
			}
			g, u := serviced(t, "", func(string, string) said { return c.said })
			a := g.post("/openai/v1/responses", body)
			if a.status != 500 || a.code() != "response_failed" {
				t.Errorf("everywhere: answer %d %s", a.status, a.body)
			}
			_ = u
			if e := g.one(); e.Counted || e.Usage.Known() {
				t.Errorf("everywhere: entry %+v", e)
			}
		})
	}
}
