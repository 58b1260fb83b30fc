package simulator_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// No request body makes the simulator fail: every answer is a 200 or a 4xx, JSON or a
// stream that ends, and what it counts is not negative.
func FuzzBodies(f *testing.F) {
	targets := []string{chatPath, chatV1, instructPath, embedPath, responsesV1,
		"/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01", "/openai/deployments/o4-mini/chat/completions?api-version=2025-03-01-preview"}
	for _, seed := range []string{
		helloBody, `{}`, `[]`, `null`, `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}`,
		chat("[[tools=3]] weather", `"tools":[`+weatherTool+`],"stream":true,"n":2,"model":"gpt-4o"`),
		chat("[[tokens=9]]json", `"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object","properties":{"a":{"$ref":"#"}}}}}`),
		chat("x", `"logprobs":true,"top_logprobs":20,"stop":["",""],"max_tokens":1,"stream_options":{"include_usage":true},"stream":true`),
		`{"prompt":[1,2,3],"echo":true,"n":2,"best_of":3,"logprobs":1}`, `{"prompt":["a","[[filter]]"],"stream":true}`,
		`{"input":["a",""],"dimensions":3,"encoding_format":"base64"}`, `{"input":[[1,2],[3]]}`,
		`{"model":"gpt-5","input":"[[refuse]]","stream":true,"reasoning":{"effort":"high"},"text":{"format":{"type":"json_object"}}}`,
		`{"messages":[{"role":"tool","content":[]}],"tool_choice":{"type":"function","function":{}},"functions":[{"name":"f"}],"function_call":{"name":"f"}}`,
		"{\"messages\":[{\"role\":\"user\",\"content\":\"[[echo]]\xff\xc3 \u2028\\ud800 é\"}]}",
	} {
		for i := range targets {
			f.Add(uint8(i), seed)
		}
	}
	cfg := config()
	cfg.Resources[0].AnyModel = true
	cfg.Remember = -1
	s := start(f, cfg)
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		if strings.Contains(body, "[[wait") || strings.Contains(body, "[[status") {
			t.Skip("asks for a wait or an error")
		}
		r := httptest.NewRequest("POST", targets[int(which)%len(targets)], strings.NewReader(body))
		r.Header.Set("api-key", "key-1")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 && (w.Code < 400 || w.Code >= 500) {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		if strings.HasPrefix(w.Header().Get("content-type"), "text/event-stream") {
			if !strings.HasSuffix(w.Body.String(), "data: [DONE]\n\n") {
				t.Fatalf("the stream does not end: %q", w.Body)
			}
			for _, e := range events(t, strings.ReplaceAll(w.Body.String(), "event: ", ": ")) {
				if e != "[DONE]" && !json.Valid([]byte(e)) {
					t.Fatalf("an event is no JSON: %q", e)
				}
			}
		} else if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("the answer is no JSON: %q", w.Body)
		}
		for name, c := range s.Counters() {
			if c.InFlight != 0 || c.PromptTokens < 0 || c.CompletionTokens < 0 {
				t.Fatalf("%s counts %+v", name, c)
			}
		}
	})
}

// An echo gives back any text as it is, whole and by the piece, and the pieces are as
// many as are charged.
func TestEchoOfAnyText(t *testing.T) {
	s := start(t, config())
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`([a-z]{0,20}|[ \n\t]{1,4}|[.,;"\\<>&]|[é日🙂ß]{1,5}){1,12}`).Draw(rt, "text")
		whole := post(t, s, chatPath, chat("[[echo]]"+text, ""))
		if got := at(t, whole.Body.Bytes(), "choices", 0, "message", "content"); got != text {
			rt.Fatalf("whole: %q, want %q", got, text)
		}
		list := events(t, post(t, s, chatPath, chat("[[echo]]"+text, `"stream":true`)).Body.String())
		got := ""
		for _, e := range list[2 : len(list)-2] {
			got += at(t, []byte(e), "choices", 0, "delta", "content").(string)
		}
		if got != text {
			rt.Fatalf("streamed: %q, want %q", got, text)
		}
		if _, n, _, _ := usageOf(t, whole.Body.Bytes()); int(n) != len(list)-4 {
			rt.Fatalf("%d content chunks, %v tokens charged", len(list)-4, n)
		}
		short := post(t, s, chatPath, chat("[[echo]]"+text, `"max_tokens":3`))
		if _, n, _, _ := usageOf(t, short.Body.Bytes()); n > 3 {
			rt.Fatalf("a cap of 3 gave %v", n)
		}
	})
}
