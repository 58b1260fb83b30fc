package simulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The chunks of a chat come in the service's order and shape.
func TestChatStreamOrder(t *testing.T) {
	s := start(t, config())
	w := post(t, s, chatPath, chat("[[echo]]hello big world", `"stream":true,"stream_options":{"include_usage":true}`))
	wantStatus(t, w, 200)
	if got := w.Header().Get("content-type"); got != "text/event-stream; charset=utf-8" {
		t.Errorf("content-type = %q", got)
	}
	if strings.Contains(w.Body.String(), "event:") || !strings.HasSuffix(w.Body.String(), "data: [DONE]\n\n") {
		t.Errorf("framing: %s", w.Body)
	}
	got := events(t, w.Body.String())
	id := at(t, []byte(got[1]), "id").(string)
	created := json.Number("")
	if err := json.Unmarshal([]byte(got[1][strings.Index(got[1], `"created":`)+10:strings.Index(got[1], `,"id"`)]), &created); err != nil {
		t.Fatal(err)
	}
	safe := `{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},` +
		`"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}`
	tail := `,"created":` + string(created) + `,"id":"` + id + `","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk",` +
		`"system_fingerprint":"` + at(t, []byte(got[1]), "system_fingerprint").(string) + `","usage":`
	choice := func(filter, delta, finish string) string {
		return `{"choices":[{"content_filter_results":` + filter + `,"delta":` + delta + `,"finish_reason":` + finish +
			`,"index":0,"logprobs":null}]` + tail + `null}`
	}
	want := []string{
		`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,` +
			`"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false},` +
			safe[strings.Index(safe, `"self_harm"`):] + `}],"usage":null}`,
		choice(`{}`, `{"role":"assistant","content":"","refusal":null}`, "null"),
		choice(safe, `{"content":"hello"}`, "null"),
		choice(safe, `{"content":" big"}`, "null"),
		choice(safe, `{"content":" world"}`, "null"),
		choice(`{}`, `{}`, `"stop"`),
		`{"choices":[]` + tail + `{"completion_tokens":3,"completion_tokens_details":{"accepted_prediction_tokens":0,` +
			`"audio_tokens":0,"reasoning_tokens":0,"rejected_prediction_tokens":0},"prompt_tokens":15,` +
			`"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":0},"total_tokens":18}}`, // 3+3 frames, 1 role, 5 marker, 3 text
		`[DONE]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Without include_usage no chunk has usage; with it, what the stream counts is what
// the whole answer counts.
func TestStreamAndWholeAgree(t *testing.T) {
	s := start(t, config())
	tools := `"tools":[` + weatherTool + `]`
	for _, c := range []struct{ message, more string }{
		{"Tell me about tides", ""},
		{"Tell me about tides", `"n":3`},
		{"Tell me about tides", `"max_tokens":17`},
		{"[[refuse]]", ""},
		{"[[filter-output]]", ""},
		{"The weather?", tools},
		{"[[tools=3]]", tools},
		{"[[tools=3]]", tools + `,"max_tokens":9`},
		{"[[tokens=2000]] héllo wörld", ""},
		{"[[reasoning=64]][[tokens=10]]", `"model":"gpt-5"`},
		{"[[reasoning=64]][[tokens=10]]", `"model":"gpt-5","max_completion_tokens":70`},
	} {
		more := c.more
		if !strings.Contains(more, "model") {
			more = strings.TrimSuffix(`"model":"gpt-4o",`+more, ",")
		}
		whole := post(t, s, chatV1, chat(c.message, more))
		wantStatus(t, whole, 200)
		stream := post(t, s, chatV1, chat(c.message, more+`,"stream":true,"stream_options":{"include_usage":true}`))
		got := events(t, stream.Body.String())
		text, args, finish := "", "", ""
		for _, e := range got[1 : len(got)-2] {
			d, _ := at(t, []byte(e), "choices", 0).(map[string]any)
			if d["index"] != 0.0 {
				continue
			}
			delta := d["delta"].(map[string]any)
			for _, name := range []string{"content", "refusal"} {
				if s, ok := delta[name].(string); ok {
					text += s
				}
			}
			if calls, ok := delta["tool_calls"].([]any); ok {
				args += calls[0].(map[string]any)["function"].(map[string]any)["arguments"].(string)
			}
			if f, ok := d["finish_reason"].(string); ok {
				finish = f
			}
		}
		wantText, wantArgs := "", ""
		m := at(t, whole.Body.Bytes(), "choices", 0, "message").(map[string]any)
		for _, name := range []string{"content", "refusal"} {
			if s, ok := m[name].(string); ok {
				wantText += s
			}
		}
		calls, _ := m["tool_calls"].([]any)
		for i := range calls {
			wantArgs += calls[i].(map[string]any)["function"].(map[string]any)["arguments"].(string)
		}
		usage := cmp.Diff(at(t, whole.Body.Bytes(), "usage"), at(t, []byte(got[len(got)-2]), "usage"))
		if text != wantText || args != wantArgs || usage != "" || finish != at(t, whole.Body.Bytes(), "choices", 0, "finish_reason") {
			t.Errorf("%s %s: stream %q %q %s, whole %q %q %v\n%s", c.message, c.more, text, args, finish, wantText, wantArgs,
				at(t, whole.Body.Bytes(), "choices", 0, "finish_reason"), usage)
		}
		plain := post(t, s, chatV1, chat(c.message, more+`,"stream":true`))
		if strings.Contains(plain.Body.String(), "usage") {
			t.Errorf("%s: usage that nobody asked for", c.message)
		}
	}
}

// A tool call is streamed as its name and then its arguments in fragments.
func TestStreamedToolCall(t *testing.T) {
	s := start(t, config())
	w := post(t, s, chatPath, chat("[[tools=2]]", `"stream":true,"tools":[`+weatherTool+`]`))
	got := events(t, w.Body.String())
	opened, fragments := 0, 0
	for _, e := range got[2 : len(got)-2] {
		call := at(t, []byte(e), "choices", 0, "delta", "tool_calls", 0).(map[string]any)
		if call["id"] != nil {
			if call["index"] != float64(opened) || call["function"].(map[string]any)["name"] != "get_weather" {
				t.Errorf("opening chunk %s", e)
			}
			opened++
		} else {
			fragments++
		}
	}
	if opened != 2 || fragments < 10 {
		t.Errorf("%d calls in %d fragments", opened, fragments)
	}
}

// An asynchronous filter annotates after the end, in choices without a delta.
func TestAsyncFilter(t *testing.T) {
	cfg := config()
	cfg.Resources[0].Deployments[0].AsyncFilter = true
	s := start(t, cfg)
	got := events(t, post(t, s, chatPath, chat("hello", `"stream":true`)).Body.String())
	last := got[len(got)-2]
	choice := at(t, []byte(last), "choices", 0).(map[string]any)
	if _, has := choice["delta"]; has || choice["content_filter_offsets"] == nil {
		t.Errorf("annotation %s", last)
	}
}
