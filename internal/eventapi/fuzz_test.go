package eventapi_test

import (
	"encoding/json"
	"testing"
)

// Whatever a body is, the answer is JSON of a status that a client can expect, and what
// goes on to a model is JSON within the cap.
func FuzzPrompt(f *testing.F) {
	for _, body := range []string{
		helloBody, loadTest, "", "null", "{}", "[", "\ufeff{}", `{"messages":[{}],"max_tokens":"1e3","temperature":"0x1p-2"}`,
		`{"messages":[{"a":{"b":[null]}}],"max_tokens":1e400,"temperature":-0,"stop_sequence":["\ud800"]}`,
		`{"messages":[{"role":"user"}],"max_tokens":1,"temperature":1,"functions":[{}],"function_call":{"name":1}}`,
	} {
		f.Add([]byte(body))
	}
	s := newStage(f, workshop())
	f.Fuzz(func(t *testing.T, body []byte) {
		s.asked, s.bodies = nil, nil
		w := s.prompt(string(body))
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("answered %q", w.Body)
		}
		switch w.Code {
		case 400, 413, 422:
			if len(s.asked) > 0 {
				t.Errorf("asked, and answered %d", w.Code)
			}
		case 200:
			var sent struct {
				Messages  []map[string]any `json:"messages"`
				MaxTokens int64            `json:"max_tokens"`
			}
			if err := json.Unmarshal([]byte(s.last()), &sent); err != nil || sent.MaxTokens < 1 || sent.MaxTokens > 512 || len(sent.Messages) == 0 {
				t.Errorf("sent %q: %v", s.last(), err)
			}
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}
