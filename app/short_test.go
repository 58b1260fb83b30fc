package app_test

import (
	"strings"
	"testing"
)

// A cap below what the Responses API takes at least is told in our words, and nobody is
// asked; what the caller itself asks for is its own affair, and chats have no such least.
func TestCapBelowWhatResponsesTake(t *testing.T) {
	const capOf10 = "callers:\n  - {name: team, key: " + teamKey + ", max_tokens: 10}\n"
	f := func(path, body string, status int, asked int) {
		t.Helper()
		g, u := serviced(t, capOf10, func(string, string) said { return well })
		a := g.post(path, body)
		if got := len(strings.Fields(u.asked())); a.status != status || got != asked {
			t.Errorf("%s: %d %s after asking %d, want %d after %d", body, a.status, a.body, got, status, asked)
		}
		if status == 400 && (a.code() != "MaxTokensTooSmall" || !strings.Contains(a.message(), "no fewer than 16")) {
			t.Errorf("answer %s", a.body)
		}
	}
	f("/openai/v1/responses", `{"model":"gpt-4o","input":"Hi"}`, 400, 0)
	f("/openai/v1/responses", `{"model":"gpt-4o","input":"Hi","max_output_tokens":12}`, 400, 0)
	f("/openai/v1/responses", `{"model":"gpt-4o","input":"Hi","max_output_tokens":8}`, 200, 1)
	f(chatPath, chat("Hi"), 200, 1)
}
