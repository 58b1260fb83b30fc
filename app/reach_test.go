package app_test

import (
	"strings"
	"sync/atomic"
	"testing"
)

// Restricted callers refer to nothing that others may have made, and attendees reach
// beyond their prompts only what their event allows; others may do both. What is refused
// has not gone up.
func TestReferencesAndReach(t *testing.T) {
	var seen atomic.Int64
	extra := strings.Replace(tableConfig(false), "models: [gpt-4o]}\npassthrough", "models: [gpt-4o], allow: [images]}\npassthrough", 1)
	g := startBefore(t, keeper(&seen), extra)
	response := func(members string) string { return `{"model":"gpt-4o","input":"hi",` + members + `}` }
	for _, c := range []struct {
		path, body string
		codes      [4]string // by the callers of the table
	}{
		{"/v1/responses", response(`"store":true`), [4]string{"", "", "", ""}},
		{"/v1/responses", response(`"previous_response_id":"resp_1"`), [4]string{"", "ReferenceNotAllowed", "ReferenceNotAllowed", "ReferenceNotAllowed"}},
		{"/api/v1/responses", response(`"conversation":"conv_1"`), [4]string{"", "ReferenceNotAllowed", "ReferenceNotAllowed", "ReferenceNotAllowed"}},
		{"/v1/responses", response(`"tools":[{"type":"code_interpreter","container":"cntr_1"}]`), [4]string{"", "ReferenceNotAllowed", "ReferenceNotAllowed", "ReferenceNotAllowed"}},
		{"/v1/responses", response(`"tools":[{"type":"mcp","server_url":"https://a.example"}]`), [4]string{"", "", "", "ReachNotAllowed"}},
		{"/v1/responses", response(`"tools":[{"type":"function","name":"f","parameters":{}}]`), [4]string{"", "", "", ""}},
		{chatPath, chat("hi", `"data_sources":[{"type":"azure_search","parameters":{}}]`), [4]string{"", "", "", "ReachNotAllowed"}},
		{chatPath, chat("hi", `"web_search_options":{}`), [4]string{"", "", "", "ReachNotAllowed"}},
		{chatPath, `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example"}}]}]}`, [4]string{"", "", "", ""}}, // allowed
		{"/v1/responses", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_file","file_url":"http://169.254.169.254/"}]}]}`, [4]string{"", "", "", "ReachNotAllowed"}},
	} {
		for i, who := range tableCallers {
			before := seen.Load()
			a := g.do("POST", c.path, c.body, "Api-Key", "", who.header, who.credential)
			served := a.status == 200 && seen.Load() == before+1
			status := map[string]int{"": 200, "ReferenceNotAllowed": 400, "ReachNotAllowed": 403}[c.codes[i]]
			if a.status != status || a.code() != c.codes[i] || served != (c.codes[i] == "") {
				t.Errorf("%s, %s %s: %d %s", who.name, c.path, c.body, a.status, a.body)
			}
		}
	}
}
