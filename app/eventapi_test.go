package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// loadTest is what the event proxy's published load test sends.
const loadTest = "{\r\n \"messages\": [{\"role\": \"user\", \"content\": \"Write me a short poem about a indian elephants\"}," +
	"{\"role\": \"system\", \"content\": \"You are an AI assistant that writes poems\"}],\r\n \"max_tokens\": 2048,\r\n" +
	" \"temperature\": 1,\r\n \"top_p\": 0,\r\n \"stop_sequence\": \"string\",\r\n \"frequency_penalty\": 0,\r\n \"presence_penalty\": 0\r\n}"

// playground is the event proxy's answer.
type playground struct {
	Assistant struct{ Role, Content string }
	Finish    string `json:"finish_reason"`
	Filtered  map[string]struct {
		Filtered bool
		Severity string
	} `json:"content_filtered"`
	Usage map[string]struct {
		Completion int64 `json:"completion_tokens"`
		Prompt     int64 `json:"prompt_tokens"`
		Total      int64 `json:"total_tokens"`
		Max        int64 `json:"max_tokens"`
	}
	Name string
}

// The published load test's request works unchanged, and is a request like any other:
// capped by its event, metered, and in the ledger.
func TestEventProxyPrompt(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]", "max_tokens: 20"))
	a := g.post("/api/eventinfo", `"workshop2026"`, "Api-Key", "", "openai-event-code", "workshop2026")
	if a.status != 200 || a.body != `{"is_authorized":true,"max_token_cap":20,"event_name":"Workshop","event_url":"","event_url_text":""}` {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = g.post("/api/oai_prompt", loadTest, "Api-Key", "", "openai-event-code", "workshop2026", "X-Request-Id", "mine")
	var p playground
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	u := p.Usage["usage"]
	if p.Assistant.Role != "assistant" || p.Assistant.Content == "" || p.Finish == "" || p.Name != "gpt-4o" || u.Max != 20 ||
		u.Completion == 0 || u.Completion > 20 || len(p.Filtered) != 3 || p.Filtered["hate"].Severity != "safe" {
		t.Errorf("answered %s", a.body)
	}
	if a.header.Get("X-Request-Id") != "mine" {
		t.Errorf("header %v", a.header)
	}
	e := g.one()
	if e.Caller != "event/workshop/guest" || e.Event != "workshop" || e.Ask.MaxTokens != 20 || e.RequestID != "mine" || !e.IP.IsLoopback() ||
		e.Usage != (tallygate.Usage{Source: tallygate.Exact, Prompt: u.Prompt, Completion: u.Completion, Total: u.Total}) || e.Outcome != tallygate.Answered {
		t.Errorf("entry %+v", e)
	}
}

// What goes wrong behind the gateway is told in the playground's shape with its true
// status; what is no code reaches nobody.
func TestEventProxyFaults(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]"))
	prompt := func(text, code string) answer {
		body := `{"messages":[{"role":"user","content":"` + text + `"}],"max_tokens":30,"temperature":0}`
		return g.post("/api/oai_prompt", body, "Api-Key", "", "openai-event-code", code)
	}
	f := func(a answer, status int, text string) {
		t.Helper()
		if a.status != status || !strings.Contains(a.body, text) {
			t.Errorf("%d %s, want %d %s", a.status, a.body, status, text)
		}
	}
	f(prompt("hi", "workshop2025"), 401, `{"detail":"Event code is not authorized"}`)
	f(prompt("hi", teamKey), 401, `{"detail":"Event code is not authorized"}`)
	f(prompt("[[filter]]", "workshop2026"), 400, `{"assistant":{"role":"assistant","content":"The response was filtered due to the prompt`)
	g.fault(simulator.Fault{Kind: simulator.Status, Status: 429, RetryAfter: "7", Count: 3})
	a := prompt("hi", "workshop2026")
	f(a, 429, `"content":"OpenAI API retry limit reached..."},"finish_reason":"","response_ms":0,"content_filtered":{},"usage":{},"name":""}`)
	if a.header.Get("Retry-After") == "" {
		t.Errorf("header %v", a.header)
	}
}

// A limit of the event's own is told as what it is.
func TestEventProxyLimit(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]", "limits: [{requests: 1, per: event, each: attendee}]"))
	prompt := func() answer {
		return g.post("/api/v1/chat/completions", loadTest, "Api-Key", "", "openai-event-code", "workshop2026/ann")
	}
	if a := prompt(); a.status != 200 || !strings.Contains(a.body, `"model":"gpt-4o"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := prompt(); a.status != 429 || !strings.HasPrefix(a.body, `"The limit \"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	a := g.do("GET", "/api/v1/session", "", "Api-Key", "workshop2026/ann")
	var s struct {
		Attendee string
		Models   []struct{ Name string }
		Limits   []struct{ Amount, Left float64 }
	}
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || s.Attendee != "ann" || fmt.Sprint(s.Models) != "[{gpt-4o}]" || len(s.Limits) != 1 || s.Limits[0].Left != 0 {
		t.Errorf("session %s: %v", a.body, err)
	}
}

// The SDKs' paths of all its versions lead to the line, with every form of key, and
// their streams are metered.
func TestEventProxySDKs(t *testing.T) {
	g := startGateway(t, three(), workshop())
	stream := chat("Hello", `"stream":true`, `"model":"gpt-4o"`)
	f := func(path string, header ...string) {
		t.Helper()
		a := g.post(path, stream, append([]string{"Api-Key", ""}, header...)...)
		if a.status != 200 || !strings.HasSuffix(a.body, "data: [DONE]\n\n") || a.header.Get("Content-Type") != "text/event-stream; charset=utf-8" && a.header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("%s: %d %v %.300s", path, a.status, a.header, a.body)
		}
	}
	f("/api/v1/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "Api-Key", "workshop2026/ann")
	f("/api/v1/deployments/gpt-4o/chat/completions", "Api-Key", "workshop@workshop2026/ann@example.com")
	f("/api/v1/chat/completions", "Authorization", "Bearer workshop2026/ann")
	f("/v1/api/engines/gpt-4o/chat/completions", "Authorization", "Bearer workshop2026")
	f("/v1/api//openai/deployments/gpt-4o/chat/completions", "Api-Key", teamKey)
	f("/api/v1/chat/completions?api-version=2024-10-21", "Authorization", "Bearer "+teamKey)
	for _, e := range g.entries() {
		if e.Usage.Source != tallygate.Exact || !e.Ask.Stream || e.Ask.Model != "gpt-4o" || e.Outcome != tallygate.Answered {
			t.Errorf("entry %+v", e)
		}
	}
}

// What the event proxy's own routes refuse before a model is asked is on record as
// well: unknown codes, bodies that are none, parameters out of bounds.
func TestPromptRefusalsAreRecorded(t *testing.T) {
	g := startGateway(t, three(), workshop())
	for _, c := range []struct {
		code, body string
		status     int
	}{
		{"unknown-code", `{}`, 401}, {"workshop2026", `{`, 422}, {"workshop2026", `{"messages":[],"max_tokens":5,"temperature":0.5}`, 400},
	} {
		a := g.do("POST", "/api/oai_prompt", c.body, "Api-Key", "", "Openai-Event-Code", c.code)
		if a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.body, a.status, a.body, c.status)
		}
	}
	es := g.entries()
	if len(es) != 3 {
		t.Fatalf("%d entries", len(es))
	}
	for i, status := range []int{401, 422, 400} {
		e := es[i]
		if e.Status != status || e.Outcome != tallygate.Refused || e.Counted || (e.Event == "workshop") != (status != 401) {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
}
