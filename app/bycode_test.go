package app_test

import (
	"strings"
	"testing"
)

// Who lists events sees those who signed up, and those who came by the shared code alone,
// under a name or without.
func TestPeopleOfAnEvent(t *testing.T) {
	g := startGateway(t, three(), workshop("forget_after: 30"))
	g.must(201, "PUT", "/admin/v1/events/lab", `{"name":"Lab","code":"lab-code-1","start":"2026-01-01T00:00:00Z","end":"2126-01-01T00:00:00Z"}`)
	g.must(201, "PUT", "/admin/v1/events/quiet", `{"name":"Quiet","code":"quiet-code","start":"2026-01-01T00:00:00Z","end":"2126-01-01T00:00:00Z"}`)
	for _, key := range []string{"lab-code-1/ann", "lab-code-1/bob", "lab-code-1/ann", "lab-code-1", "workshop2026/cy", "workshop2026"} {
		if a := g.do("POST", "/openai/v1/chat/completions", `{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}`, "Api-Key", key); a.status != 200 {
			t.Fatalf("%s: %d %s", key, a.status, a.body)
		}
	}
	if a := g.do("POST", "/event/lab/signup", "code=lab-code-1&name=dan@example.com", "Api-Key", "", "Origin", g.url,
		"Content-Type", "application/x-www-form-urlencoded"); a.status != 303 {
		t.Fatal(a.status, a.body)
	}
	for id, want := range map[string]string{
		"lab": `"attendees":1,"waiting":0,"by_code":3`, "workshop": `"attendees":0,"waiting":0,"by_code":2`, "quiet": `"attendees":0,"waiting":0,"by_code":0`,
	} {
		if a := g.must(200, "GET", "/admin/v1/events/"+id, ""); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s, want %s", id, a.body, want)
		}
	}
	// Another event under the id has nothing to do with those who were there.
	g.must(204, "DELETE", "/admin/v1/events/lab", "")
	g.must(201, "PUT", "/admin/v1/events/lab", `{"name":"Lab","code":"lab-code-2","start":"2026-01-01T00:00:00Z","end":"2126-01-01T00:00:00Z"}`)
	if a := g.must(200, "GET", "/admin/v1/events", ""); !strings.Contains(a.body, `"by_code":2`) || strings.Contains(a.body, `"by_code":3`) {
		t.Error(a.body)
	}
}
