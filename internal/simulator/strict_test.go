package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// refused checks that a request is a 400 with this message, parameter and code.
func refused(t *testing.T, h http.Handler, target, body, param, code, says string) {
	t.Helper()
	w := post(t, h, target, body)
	label := target + " " + body[:min(len(body), 160)]
	if w.Code != 400 {
		t.Errorf("%s: status %d, want 400", label, w.Code)
		return
	}
	got := func(member string) string { s, _ := at(t, w.Body.Bytes(), "error", member).(string); return s }
	if got("param") != param || got("code") != code || !strings.Contains(got("message"), says) {
		t.Errorf("%s: %s\nwant param %q, code %q, message %q", label, w.Body, param, code, says)
	}
}

// dialogueOf is a chat of these messages.
func dialogueOf(messages ...string) string {
	return `{"model":"gpt-4o","messages":[{"role":"user","content":"x"},` + strings.Join(messages, ",") + `]}`
}

const (
	calling = `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},` +
		`{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	answerA = `{"role":"tool","tool_call_id":"a","content":"1"}`
	answerB = `{"role":"tool","tool_call_id":"b","content":"2"}`
	next    = `{"role":"user","content":"y"}`
)

// A chat is refused where the service refuses it, in its words.
func TestStrictChats(t *testing.T) {
	s := start(t, config())
	const (
		old    = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01"
		o4     = "/openai/deployments/o4-mini/chat/completions?api-version=2025-04-01-preview"
		strict = `"response_format":{"type":"json_schema","json_schema":{"name":"s","strict":true,"schema":%s}}`
		open   = `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`
		short  = `{"type":"object","properties":{"a":{"type":"string"},"b":{}},"required":["a"],"additionalProperties":false}`
		deep   = `{"type":"object","properties":{"a":{"type":"array","items":` + open + `}},"required":["a"],"additionalProperties":false}`
	)
	images := strings.Repeat(`{"type":"image_url","image_url":{"url":"https://a.example/b.png"}},`, 51)
	for _, c := range []struct{ target, body, param, code, says string }{
		{chatPath, chat("x", `"tools":[]`), "tools", "empty_array", "Invalid 'tools': empty array. Expected an array with minimum length 1"},
		{chatPath, chat("x", `"functions":[]`), "functions", "empty_array", "empty array"},
		{chatPath, dialogueOf(`{"role":"assistant","tool_calls":[]}`), "messages[1].tool_calls", "empty_array", ""},
		{chatPath, dialogueOf(`{"role":"user","content":[]}`), "messages[1].content", "empty_array", ""},
		{chatPath, dialogueOf(calling, next), "messages.[2].role", "", "The following tool_call_ids did not have response messages: a, b"},
		{chatPath, dialogueOf(calling, answerA, next), "messages.[3].role", "", "response messages: b"},
		{chatPath, dialogueOf(calling), "messages.[2].role", "", "must be followed by tool messages"},
		{chatPath, dialogueOf(calling, answerA, answerB, strings.Replace(answerA, `"a"`, `"c"`, 1)), "messages.[4].tool_call_id", "", "'tool_call_id' of 'c' not found"},
		{chatPath, dialogueOf(answerA), "messages.[1].role", "", "must be a response to a preceeding message"},
		{chatPath, dialogueOf(`{"role":"assistant"}`, next), "messages.[1].content", "", "Invalid value for 'content': expected a string, got null."},
		{chatPath, dialogueOf(`{"role":"assistant","content":null}`), "messages.[1].content", "", "got null"},
		{chatPath, dialogueOf(`{"role":"user"}`), "messages.[1].content", "", "got null"},
		{chatPath, dialogueOf(`{"role":"user","content":[` + images[:len(images)-1] + `]}`), "messages", "", "50"},
		{old, chat("x", `"max_completion_tokens":5`), "", "", "Unrecognized request argument supplied: max_completion_tokens"},
		{old, chat("x", `"parallel_tool_calls":true,"tools":[`+weatherTool+`]`), "", "", "supplied: parallel_tool_calls"},
		{old, chat("x", `"stream":true,"stream_options":{"include_usage":true}`), "", "", "supplied: stream_options"},
		{chatPath, chat("x", `"foo":1`), "", "", "Unrecognized request argument supplied: foo"},
		{chatPath, chat("x", `"foo":1,"bar":null`), "", "", "Unrecognized request arguments supplied: bar, foo"},
		{chatV1, chat("x", `"model":"gpt-4o","foo":1`), "foo", "unknown_parameter", "Unknown parameter: 'foo'."},
		{o4, chat("x", `"foo":1`), "foo", "unknown_parameter", "Unknown parameter: 'foo'."},
		{o4, chat("x", `"stream":true,"stream_options":{"usage":true}`), "stream_options.usage", "unknown_parameter", ""},
		{o4, chat("x", `"parallel_tool_calls":false,"tools":[`+weatherTool+`]`), "parallel_tool_calls", "unsupported_parameter", "not supported with this model"},
		{chatPath, chat("x", `"parallel_tool_calls":true`), "parallel_tool_calls", "", "only allowed when 'tools' are specified"},
		{o4, chat("x", `"stop":"a"`), "stop", "unsupported_parameter", ""},
		{o4, chat("x", `"presence_penalty":1`), "presence_penalty", "unsupported_parameter", ""},
		{o4, chat("x", `"logit_bias":{"1":1}`), "logit_bias", "unsupported_parameter", ""},
		{chatV1, chat("x", `"model":"gpt-5","max_completion_tokens":1`), "", "", "Could not finish the message because max_tokens or model output limit was reached"},
		{chatPath, chat("x", fmt.Sprintf(strict, open)), "response_format", "", "Invalid schema for response_format 's': In context=(), 'additionalProperties' is required to be supplied and to be false."},
		{chatPath, chat("x", fmt.Sprintf(strict, deep)), "response_format", "", "In context=('properties', 'a', 'items'), 'additionalProperties'"},
		{chatPath, chat("x", fmt.Sprintf(strict, short)), "response_format", "", "Missing 'b'."},
		{chatPath, chat("x", `"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":`+open+`}}]`), "tools[0].function.parameters", "invalid_function_parameters", "Invalid schema for function 'f'"},
		{chatPath, chat("x", `"tools":[{"type":"function","name":"f"}]`), "tools[0].function", "missing_required_parameter", ""},
		{chatPath, chat("x", `"tools":[{"type":"file_search"}]`), "tools[0].type", "invalid_value", "'file_search'"},
		{instructPath, `{"prompt":"x","messages":[]}`, "", "", "supplied: messages"},
		{embedPath, `{"input":"x","foo":1}`, "", "", "supplied: foo"},
	} {
		refused(t, s, c.target, c.body, c.param, c.code, c.says)
	}
	// Their like is taken.
	for _, c := range []struct{ target, body string }{
		{chatPath, dialogueOf(calling, answerB, answerA, next)},
		{chatPath, dialogueOf(strings.Replace(calling, `"role"`, `"content":null,"role"`, 1), answerA, answerB)},
		{chatPath, dialogueOf(`{"role":"assistant","refusal":"no"}`, next)},
		{chatPath, chat("x", fmt.Sprintf(strings.Replace(strict, `"strict":true,`, "", 1), open))},
		{chatPath, chat("x", `"max_completion_tokens":5,"seed":1,"logit_bias":{},"user":"u","parallel_tool_calls":true,"tools":[`+weatherTool+`]`)},
		{o4, chat("x", `"max_completion_tokens":2,"temperature":1,"top_p":1,"presence_penalty":0,"logprobs":false`)},
	} {
		if w := post(t, s, c.target, c.body); w.Code != 200 {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
}

// A response is refused where the service refuses it.
func TestStrictResponses(t *testing.T) {
	cfg := config()
	other := cfg.Resources[0]
	other.Name = "two"
	cfg.Resources = append(cfg.Resources, other)
	sim := start(t, cfg)
	s := sim.Handler("one")
	with := func(more string) string { return `{"model":"gpt-5","input":"x",` + more + `}` }
	items := func(list string) string {
		return `{"model":"gpt-5","input":[{"role":"user","content":"x"},` + list + `]}`
	}
	const made = `{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}`
	for _, c := range []struct{ body, param, code, says string }{
		{with(`"max_output_tokens":15`), "max_output_tokens", "integer_below_min_value", "Expected a value >= 16, but got 15 instead."},
		{with(`"foo":1`), "foo", "unknown_parameter", "Unknown parameter: 'foo'."},
		{with(`"max_tokens":100`), "", "unsupported_parameter", "has moved to 'max_output_tokens'"},
		{with(`"response_format":{}`), "", "unsupported_parameter", "has moved to 'text.format'"},
		{with(`"text":{"format":{"type":"json_schema","name":"s","strict":true,"schema":{"type":"object"}}}`), "text.format.schema", "invalid_json_schema", "'additionalProperties'"},
		{with(`"text":{"format":{"type":"json_object"}}`), "input", "", "must contain the word 'json'"},
		{with(`"tools":[{"type":"function","function":{"name":"f"}}]`), "tools[0].name", "missing_required_parameter", ""},
		{items(`{"type":"reasoning","id":"rs_unknown","summary":[]}`), "input", "", "Item with id 'rs_unknown' not found."},
		{items(`{"type":"item_reference","id":"msg_unknown"}`), "input", "", "Item with id 'msg_unknown' not found."},
		{items(`{"type":"reasoning","id":"rs_1","encrypted_content":"gAAAAAelsewhere"}`), "", "invalid_encrypted_content", "could not be verified"},
		{items(made), "input", "", "No tool output found for function call c1."},
		{items(`{"type":"function_call_output","call_id":"c2","output":"1"}`), "input", "", "No tool call found for function call output with call_id c2."},
		{`{"model":"gpt-4o","input":"x","reasoning":{"effort":"low"}}`, "reasoning.effort", "unsupported_parameter", ""},
	} {
		refused(t, s, responsesV1, c.body, c.param, c.code, c.says)
	}
	wantStatus(t, post(t, s, responsesV1, items(made+`,{"type":"function_call_output","call_id":"c1","output":"1"}`)), 200)
	wantStatus(t, post(t, s, responsesV1, with(`"conversation":"conv_x"`)), 404)
	wantStatus(t, post(t, s, responsesV1, with(`"max_output_tokens":16,"tools":[]`)), 200)
	// What is stored or encrypted here can be referred to here, and nowhere else.
	w := post(t, s, responsesV1, with(`"include":["reasoning.encrypted_content"]`)).Body.Bytes()
	id, sealed := at(t, w, "output", 0, "id").(string), at(t, w, "output", 0, "encrypted_content").(string)
	stored := items(`{"type":"reasoning","id":"` + id + `"},{"type":"item_reference","id":"` + id + `"}`)
	kept := items(`{"type":"reasoning","encrypted_content":"` + sealed + `"}`)
	for _, body := range []string{stored, kept} {
		wantStatus(t, post(t, s, responsesV1, body), 200)
		wantStatus(t, post(t, sim.Handler("two"), responsesV1, body), 400)
	}
	wantStatus(t, send(t, s, http.MethodDelete, responsesV1+"/"+at(t, w, "id").(string), ""), 200)
	wantStatus(t, post(t, s, responsesV1, stored), 400)
	// The calls of an earlier response are answered in a later one.
	w = post(t, s, responsesV1, `{"model":"gpt-4o","input":"[[tool]]","tools":[{"type":"function","name":"f"}]}`).Body.Bytes()
	follow := `{"model":"gpt-4o","previous_response_id":"` + at(t, w, "id").(string) + `","input":`
	wantStatus(t, post(t, s, responsesV1, follow+`"and?"}`), 400)
	wantStatus(t, post(t, s, responsesV1, follow+`[{"type":"function_call_output","call_id":"`+
		at(t, w, "output", 0, "call_id").(string)+`","output":"1"}]}`), 200)
}

// Too many headers are refused by a machine in front, with a page.
func TestTooManyHeadersIsAPage(t *testing.T) {
	var headers []string
	for i := range 11 {
		headers = append(headers, fmt.Sprintf("x-mine-%d: 1", i))
	}
	w := post(t, start(t, config()), chatPath, helloBody, headers...)
	if w.Code != 431 || w.Header().Get("content-type") != "text/html" || !strings.Contains(w.Body.String(), "<html>") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// No schema makes the check fail, however deep.
func FuzzStrictSchemas(f *testing.F) {
	for _, schema := range []string{`{}`, `{"type":"object"}`, `{"properties":{"a":5}}`, `{"anyOf":[{"items":{}}],"required":5}`,
		strings.Repeat(`{"items":`, 200) + `1` + strings.Repeat(`}`, 200)} {
		f.Add(schema)
	}
	s := start(f, config())
	f.Fuzz(func(t *testing.T, schema string) {
		w := post(t, s, chatPath, chat("x", `"response_format":{"type":"json_schema","json_schema":{"name":"s","strict":true,"schema":`+schema+`}}`))
		if w.Code != 200 && w.Code != 400 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
