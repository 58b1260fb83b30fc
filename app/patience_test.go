package app_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

// The time in which a client must send its body is not a bound of the answer: a
// deployment may think for longer, on the event proxy's routes too.
func TestThinkingLongerThanABodyMayTake(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(1200 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"finish_reason":"stop",`+
			`"message":{"role":"assistant","content":"At last."}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`)
	}, workshop("models: [gpt-4o]")+"timeouts: {body: 300ms, drain: {deadline: 1s}}\n")
	var wait sync.WaitGroup
	for path, body := range map[string]string{
		chatPath:                                  chat("hi"),
		"/api/v1/chat/completions":                chat("hi", `"model":"gpt-4o"`),
		"/api/oai_prompt":                         `{"messages":[{"role":"user","content":"hi"}],"max_tokens":9,"temperature":0.5}`,
		"/api/v1" + chatPath:                      chat("hi"),
		"/v1/api/chat/completions":                chat("hi", `"model":"gpt-4o"`),
		"/v1/api/engines/gpt-4o/chat/completions": chat("hi"),
	} {
		wait.Go(func() {
			credential := []string{"Api-Key", "workshop2026/ann"}
			if path == "/api/oai_prompt" { // the event proxy's own, which takes codes
				credential = []string{"Api-Key", "", "Openai-Event-Code", "workshop2026"}
			}
			if a := g.do("POST", path, body, credential...); a.status != 200 {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		})
	}
	wait.Wait()
}
