package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// A chat is answered by the first tier, and its entry tells who asked for what,
// where it went and what it used.
func TestChat(t *testing.T) {
	g := startGateway(t, three(), "")
	a := g.post(chatPath, chat("Hello"), "X-Request-Id", "my-id", "User-Agent", "test/1")
	if a.status != 200 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if got := a.header.Get("X-Request-Id"); got != "my-id" {
		t.Errorf("x-request-id %q, want the client's", got)
	}
	var body struct {
		Usage struct{ Prompt_tokens, Completion_tokens, Total_tokens int64 }
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatal(err)
	}
	e := g.one()
	u := tallygate.Usage{Source: tallygate.Exact, Prompt: body.Usage.Prompt_tokens, Completion: body.Usage.Completion_tokens, Total: body.Usage.Total_tokens}
	if e.Usage != u || u.Total == 0 {
		t.Errorf("usage %+v, want %+v", e.Usage, u)
	}
	if e.Caller != "team" || e.Group != "product" || e.Key == "" || e.Agent != "test/1" || e.RequestID != "my-id" || !e.IP.IsLoopback() {
		t.Errorf("who: %+v", e)
	}
	if e.Ask.Model != "gpt-4o" || e.Ask.Operation != tallygate.ChatCompletions || e.Ask.Dialect != tallygate.Deployments || e.Ask.APIVersion != "2024-10-21" {
		t.Errorf("ask: %+v", e.Ask)
	}
	if e.Deployment == nil || e.Deployment.ID() != "one/gpt-4o" || e.Attempts != 1 || e.UpstreamID == "" {
		t.Errorf("where: %+v", e)
	}
	if e.Outcome != tallygate.Answered || e.Status != 200 || e.AnswerBytes != int64(len(a.body)) || e.Total <= 0 || e.FirstByte <= 0 {
		t.Errorf("what happened: %+v", e)
	}
}

// A stream arrives as the upstream sent it: the usage chunk that the gateway asked
// for is taken out, and counted.
func TestStream(t *testing.T) {
	g := startGateway(t, three(), "")
	a := g.post(chatPath, chat("Hello [[tokens=20]]", `"stream":true`))
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("answer %d %v", a.status, a.header)
	}
	if !strings.HasSuffix(a.body, "data: [DONE]\n\n") || strings.Contains(a.body, `"usage"`) {
		t.Errorf("stream:\n%s", a.body)
	}
	e := g.one()
	if e.Usage.Source != tallygate.Exact || e.Usage.Completion == 0 || !e.Ask.Stream || e.Finish == "" {
		t.Errorf("entry %+v", e)
	}
}
