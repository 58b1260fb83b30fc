package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const weatherTool = `{"type":"function","function":{"name":"get_weather","description":"d","parameters":{"type":"object",
	"properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":5},
	"unit":{"type":"string","enum":["c","f"]}},"required":["city"]}}}`

// chat makes a body of one user message and more members.
func chat(message, more string) string {
	m, _ := json.Marshal(message)
	if more != "" {
		more = "," + more
	}
	return `{"messages":[{"role":"user","content":` + string(m) + `}]` + more + `}`
}

func usageOf(t *testing.T, body []byte) (prompt, completion, cached, reasoning float64) {
	t.Helper()
	n := func(path ...any) float64 {
		v, ok := at(t, body, append([]any{"usage"}, path...)...).(float64)
		if !ok {
			t.Fatalf("no usage %v in %s", path, body)
		}
		return v
	}
	return n("prompt_tokens"), n("completion_tokens"), n("prompt_tokens_details", "cached_tokens"),
		n("completion_tokens_details", "reasoning_tokens")
}

// The markers of a prompt force what the package comment says they do.
func TestMarkers(t *testing.T) {
	s := start(t, config())
	w := post(t, s, chatPath, chat("[[tokens=200]] speak", ""))
	if _, n, _, _ := usageOf(t, w.Body.Bytes()); n != 200 {
		t.Errorf("tokens=200 gave %v", n)
	}
	w = post(t, s, chatPath, chat("[[echo]]  héllo \"wörld\"\n[[no marker]] [[tokens=x]] 日本語 [[", ""))
	if got := at(t, w.Body.Bytes(), "choices", 0, "message", "content"); got !=
		"  héllo \"wörld\"\n[[no marker]] [[tokens=x]] 日本語 [[" {
		t.Errorf("echo gave %q", got)
	}
	w = post(t, s, chatPath, chat("[[filter]]", ""))
	wantStatus(t, w, 400)
	if diff := cmp.Diff(`{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's `+
		`content management policy. Please modify your prompt and retry. To learn more about our content filtering `+
		`policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766","type":null,`+
		`"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation",`+
		`"content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":true,"detected":true},`+
		`"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},`+
		`"violence":{"filtered":false,"severity":"safe"}}}}}`, w.Body.String()); diff != "" {
		t.Error(diff)
	}
	w = post(t, s, chatPath, chat("[[filter-output]]", ""))
	if got := at(t, w.Body.Bytes(), "choices", 0, "finish_reason"); got != "content_filter" {
		t.Errorf("filter-output finished with %v", got)
	}
	w = post(t, s, chatPath, chat("[[refuse]]", ""))
	if got := at(t, w.Body.Bytes(), "choices", 0, "message", "refusal"); got == nil {
		t.Errorf("refuse gave %s", w.Body)
	}
	wantStatus(t, post(t, s, chatPath, chat("[[status=503]]", "")), 503)
}

// What is wrong with a request is said with the parameter's name and a code.
func TestInvalidRequests(t *testing.T) {
	s := start(t, config())
	tools := strings.Repeat(weatherTool+",", 129)
	for _, c := range []struct{ target, body, param, code, says string }{
		{chatPath, `not json`, "", "", "could not parse the JSON body"},
		{chatPath, `[]`, "", "", "could not parse the JSON body"},
		{chatPath, `null`, "", "", "could not parse the JSON body"},
		{chatPath, ``, "", "", "could not parse the JSON body"},
		{chatPath, `{}`, "messages", "missing_required_parameter", "Missing required parameter: 'messages'."},
		{chatPath, `{"messages":[]}`, "messages", "empty_array", "empty array"},
		{chatPath, `{"messages":"hi"}`, "messages", "invalid_type", "expected an array, but got a string"},
		{chatPath, `{"messages":[1]}`, "messages[0]", "invalid_type", "expected an object, but got an integer"},
		{chatPath, `{"messages":[{"content":"x"}]}`, "messages[0].role", "missing_required_parameter", ""},
		{chatPath, `{"messages":[{"role":"boss","content":"x"}]}`, "messages[0].role", "invalid_value", "'boss'"},
		{chatPath, `{"messages":[{"role":"user","content":5}]}`, "messages[0].content", "invalid_type", ""},
		{chatPath, `{"messages":[{"role":"user","content":[{"type":"smell"}]}]}`, "messages[0].content[0].type", "invalid_value", ""},
		{chatPath, `{"messages":[{"role":"tool","tool_call_id":"a","content":"x"}]}`, "messages.[0].role", "", "must be a response"},
		{chatPath, chat("x", `"max_tokens":"5"`), "max_tokens", "invalid_type", "expected an integer, but got a string"},
		{chatPath, chat("x", `"max_tokens":1.5`), "max_tokens", "invalid_type", "a decimal number"},
		{chatPath, chat("x", `"max_tokens":0`), "max_tokens", "integer_below_min_value", ">= 1"},
		{chatPath, chat("x", `"max_tokens":20000`), "max_tokens", "invalid_value", "supports at most 16384"},
		{chatPath, chat("x", `"max_tokens":99999999999999999999`), "max_tokens", "integer_above_max_value", ""},
		{chatPath, chat("x", `"max_tokens":5,"max_completion_tokens":5`), "max_tokens", "invalid_parameter_combination", ""},
		{chatPath, chat("x", `"n":0`), "n", "integer_below_min_value", ""},
		{chatPath, chat("x", `"n":129`), "n", "integer_above_max_value", ""},
		{chatPath, chat("x", `"temperature":2.1`), "temperature", "decimal_above_max_value", "<= 2"},
		{chatPath, chat("x", `"temperature":1e999`), "temperature", "decimal_above_max_value", ""},
		{chatPath, chat("x", `"stream":"yes"`), "stream", "invalid_type", "a boolean"},
		{chatPath, chat("x", `"stop":["a","b","c","d","e"]`), "stop", "array_above_max_length", ""},
		{chatPath, chat("x", `"top_logprobs":3`), "top_logprobs", "", "only allowed when 'logprobs'"},
		{chatPath, chat("x", `"tools":[`+tools[:len(tools)-1]+`]`), "tools", "array_above_max_length", "maximum length 128"},
		{chatPath, chat("x", `"tools":[{"type":"function","function":{"name":"a b"}}]`), "tools[0].function.name", "invalid_value", "pattern"},
		{chatPath, chat("x", `"tool_choice":"required"`), "tool_choice", "", "only allowed when 'tools'"},
		{chatPath, chat("x", `"response_format":{"type":"xml"}`), "response_format.type", "invalid_value", ""},
		{chatPath, chat("x", `"response_format":{"type":"json_schema"}`), "response_format.json_schema", "missing_required_parameter", ""},
		{chatPath, chat("x", `"response_format":{"type":"json_object"}`), "messages", "", "must contain the word 'json'"},
		{chatPath, chat("x", `"stream_options":{"include_usage":true}`), "stream_options", "", "only allowed when 'stream'"},
		{chatPath, chat("x", `"stream":true,"stream_options":{},"data_sources":[]`), "", "", "Extra inputs are not permitted"},
		{chatPath, chat("x", `"reasoning_effort":"low"`), "", "", "Unrecognized request argument supplied: reasoning_effort"},
		{chatPath, chat(strings.Repeat("many words ", 90_000), ""), "messages", "context_length_exceeded", "128000 tokens"},
		{chatV1, chat("x", `"model":"o4-mini","max_tokens":5`), "max_tokens", "unsupported_parameter", "Use 'max_completion_tokens' instead"},
		{chatV1, chat("x", `"model":"gpt-5","temperature":0.5`), "temperature", "unsupported_value", "0.5"},
		{chatV1, chat("x", `"model":"gpt-5","top_p":0.5`), "top_p", "unsupported_parameter", ""},
	} {
		w := post(t, s, c.target, c.body)
		label := c.body[:min(len(c.body), 120)]
		if w.Code != 400 {
			t.Errorf("%s: status %d, want 400", label, w.Code)
			continue
		}
		param, _ := at(t, w.Body.Bytes(), "error", "param").(string)
		code, _ := at(t, w.Body.Bytes(), "error", "code").(string)
		if param != c.param || code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %s\nwant param %q, code %q and %q", label, w.Body, c.param, c.code, c.says)
		}
	}
}

// What an api-version does not have is refused on it, and taken on later ones.
func TestVersionGates(t *testing.T) {
	s := start(t, config())
	for _, c := range []struct{ deployment, version, more, says string }{
		{"gpt-4o", "2024-06-01", `"stream":true,"stream_options":{"include_usage":true}`, "supplied: stream_options"},
		{"gpt-4o", "2024-08-01-preview", `"stream":true,"stream_options":{"include_usage":true}`, "supplied: stream_options"},
		{"gpt-4o", "2024-09-01-preview", `"stream":true,"stream_options":{"include_usage":true}`, ""},
		{"gpt-4o", "2024-02-01", `"tool_choice":"required","tools":[` + weatherTool + `]`, "2024-06-01 and later"},
		{"gpt-4o", "2024-06-01", `"tool_choice":"required","tools":[` + weatherTool + `]`, ""},
		{"gpt-4o", "2024-06-01", `"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{}}}`, "2024-08-01-preview and later"},
		{"o4-mini", "2024-10-21", "", "Model o4-mini is enabled only for api versions 2024-12-01-preview and later"},
		{"o4-mini", "2025-01-01-preview", "", ""},
		{"emb", "2024-10-21", "", "The chatCompletion operation does not work with the specified model, text-embedding-3-small."},
		{"instruct", "2024-10-21", "", "OperationNotSupported"},
	} {
		w := post(t, s, "/openai/deployments/"+c.deployment+"/chat/completions?api-version="+c.version, chat("x", c.more))
		if want := map[bool]int{true: 200, false: 400}[c.says == ""]; w.Code != want || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s, want %d %q", c.deployment, c.version, c.more, w.Code, w.Body, want, c.says)
		}
	}
}

// A completion ends where it is told to.
func TestFinish(t *testing.T) {
	s := start(t, config())
	for _, c := range []struct{ message, more, finish, content string }{
		{"[[echo]]one two three four", `"max_tokens":2`, "length", "one two"},
		{"[[echo]]one two three four", `"max_completion_tokens":4`, "stop", "one two three four"},
		{"[[echo]]one two three four", `"stop":" three"`, "stop", "one two"},
		{"[[echo]]one two three four", `"stop":["four","two"]`, "stop", "one "},
		{"[[echo]]one two three four", `"stop":"three","max_tokens":1`, "length", "one"},
	} {
		w := post(t, s, chatPath, chat(c.message, c.more))
		if f, got := at(t, w.Body.Bytes(), "choices", 0, "finish_reason"),
			at(t, w.Body.Bytes(), "choices", 0, "message", "content"); f != c.finish || got != c.content {
			t.Errorf("%s %s: %v %q, want %s %q", c.message, c.more, f, got, c.finish, c.content)
		}
	}
}

// Tools are called when asked for, with arguments that fit their schema.
func TestTools(t *testing.T) {
	s := start(t, config())
	tools := `"tools":[` + weatherTool + `,{"type":"function","function":{"name":"book"}}]`
	for _, c := range []struct {
		message, more, finish string
		names                 []string
	}{
		{"How is the weather in Paris?", tools, "tool_calls", []string{"get_weather"}},
		{"How are you?", tools, "stop", nil},
		{"How are you?", tools + `,"tool_choice":"required"`, "tool_calls", []string{"get_weather"}},
		{"How is the weather?", tools + `,"tool_choice":"none"`, "stop", nil},
		{"How?", tools + `,"tool_choice":{"type":"function","function":{"name":"book"}}`, "stop", []string{"book"}},
		{"[[tools=3]]", tools, "tool_calls", []string{"get_weather", "book", "get_weather"}},
	} {
		w := post(t, s, chatPath, chat(c.message, c.more))
		var names []string
		calls, _ := at(t, w.Body.Bytes(), "choices", 0, "message", "tool_calls").([]any)
		for i := range calls {
			fn := at(t, w.Body.Bytes(), "choices", 0, "message", "tool_calls", i, "function").(map[string]any)
			names = append(names, fn["name"].(string))
			var args struct {
				City string
				Days int
				Unit string
			}
			if err := json.Unmarshal([]byte(fn["arguments"].(string)), &args); err != nil {
				t.Errorf("arguments %v: %v", fn["arguments"], err)
			}
			if fn["name"] == "get_weather" && (args.City == "" || args.Days < 1 || args.Days > 5 || args.Unit != "c" && args.Unit != "f") {
				t.Errorf("arguments %v do not fit the schema", fn["arguments"])
			}
		}
		if diff := cmp.Diff(c.names, names); diff != "" || at(t, w.Body.Bytes(), "choices", 0, "finish_reason") != c.finish {
			t.Errorf("%s %s: %s%s", c.message, c.more, diff, w.Body)
		}
	}
	// After the tool's answer comes a text that speaks of it.
	w := post(t, s, chatPath, `{"messages":[{"role":"user","content":"The weather?"},{"role":"assistant","tool_calls":[{"id":"a",
		"type":"function","function":{"name":"get_weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a",
		"content":"17 degrees"}],`+tools+`}`)
	if got, _ := at(t, w.Body.Bytes(), "choices", 0, "message", "content").(string); !strings.Contains(got, "17 degrees") {
		t.Errorf("after the tool: %s", w.Body)
	}
	// The legacy functions are answered in their own shape.
	w = post(t, s, chatPath, chat("The weather?", `"functions":[{"name":"get_weather","parameters":{"type":"object"}}]`))
	if at(t, w.Body.Bytes(), "choices", 0, "finish_reason") != "function_call" ||
		at(t, w.Body.Bytes(), "choices", 0, "message", "function_call", "name") != "get_weather" {
		t.Errorf("functions: %s", w.Body)
	}
}

// Structured outputs are JSON, of the schema where there is one.
func TestStructuredOutput(t *testing.T) {
	s := start(t, config())
	content := func(more string) string {
		w := post(t, s, chatPath, chat("json of a city", more))
		wantStatus(t, w, 200)
		return at(t, w.Body.Bytes(), "choices", 0, "message", "content").(string)
	}
	if got := content(`"response_format":{"type":"json_object"}`); !json.Valid([]byte(got)) || got[0] != '{' {
		t.Errorf("json_object gave %s", got)
	}
	got := content(`"response_format":{"type":"json_schema","json_schema":{"name":"c","strict":true,"schema":{"type":"object","additionalProperties":false,
		"properties":{"b":{"type":"array","items":{"$ref":"#/$defs/d"},"minItems":2,"maxItems":2},"a":{"anyOf":[{"type":"null"}]},
		"n":{"const":4},"ok":{"type":"boolean"}},"required":["b","a","n","ok"],"$defs":{"d":{"type":"object","additionalProperties":false,
		"properties":{"x":{"type":"number"},"next":{"anyOf":[{"$ref":"#/$defs/d"},{"type":"null"}]}},"required":["x","next"]}}}}}`)
	var v struct {
		A  *int
		B  []struct{ X *float64 }
		N  int
		OK *bool
	}
	if err := json.Unmarshal([]byte(got), &v); err != nil || len(v.B) != 2 || v.B[0].X == nil || v.N != 4 || v.OK == nil || v.A != nil {
		t.Errorf("json_schema gave %s (%v)", got, err)
	}
}

// Several choices differ, have their own index, and are all charged.
func TestChoicesAndLogprobs(t *testing.T) {
	s := start(t, config())
	w := post(t, s, chatPath, chat("Tell me about tides", `"n":3,"logprobs":true,"top_logprobs":2`))
	texts := map[any]bool{}
	tokens := 0
	for i := range 3 {
		texts[at(t, w.Body.Bytes(), "choices", i, "message", "content")] = true
		tokens += len(at(t, w.Body.Bytes(), "choices", i, "logprobs", "content").([]any))
		if n := len(at(t, w.Body.Bytes(), "choices", i, "logprobs", "content", 0, "top_logprobs").([]any)); n != 2 {
			t.Errorf("%d top_logprobs, want 2", n)
		}
	}
	if _, n, _, _ := usageOf(t, w.Body.Bytes()); len(texts) != 3 || int(n) != tokens {
		t.Errorf("%d different texts of 3, %d tokens with logprobs, usage %v", len(texts), tokens, n)
	}
}

// A long prefix is cached from its second use on, in steps of 128 tokens.
func TestPromptCache(t *testing.T) {
	s := start(t, config())
	long := strings.Repeat("word ", 1200)
	ask := func(tail string) (prompt, cached float64) {
		w := post(t, s, chatPath, fmt.Sprintf(`{"messages":[{"role":"system","content":%q},{"role":"user","content":%q}]}`, long, tail))
		prompt, _, cached, _ = usageOf(t, w.Body.Bytes())
		return prompt, cached
	}
	if prompt, cached := ask("first"); cached != 0 || prompt < 1200 {
		t.Errorf("first use: %v cached of %v", cached, prompt)
	}
	if _, cached := ask("second, quite another question"); cached != 1152 {
		t.Errorf("second use: %v cached, want 1152", cached)
	}
	if w := post(t, s, chatPath, chat(strings.Repeat("short ", 500), "")); true {
		post(t, s, chatPath, chat(strings.Repeat("short ", 500), ""))
		if _, _, cached, _ := usageOf(t, w.Body.Bytes()); cached != 0 {
			t.Errorf("a short prompt has %v cached", cached)
		}
	}
}

// Reasoning is charged, is not seen, and comes out of the cap first.
func TestReasoning(t *testing.T) {
	s := start(t, config())
	w := post(t, s, chatV1, chat("[[reasoning=128]][[tokens=40]]", `"model":"gpt-5"`))
	if _, n, _, r := usageOf(t, w.Body.Bytes()); n != 168 || r != 128 {
		t.Errorf("completion %v, reasoning %v, want 168 and 128", n, r)
	}
	w = post(t, s, chatV1, chat("[[reasoning=128]][[tokens=40]]", `"model":"gpt-5","max_completion_tokens":100`))
	if _, n, _, r := usageOf(t, w.Body.Bytes()); n != 100 || r != 100 || at(t, w.Body.Bytes(), "choices", 0, "message", "content") != "" ||
		at(t, w.Body.Bytes(), "choices", 0, "finish_reason") != "length" {
		t.Errorf("a cap below the reasoning: %s", w.Body)
	}
	w = post(t, s, chatV1, chat("x", `"model":"gpt-5","reasoning_effort":"minimal"`))
	if _, _, _, r := usageOf(t, w.Body.Bytes()); r != 0 {
		t.Errorf("minimal effort reasons for %v", r)
	}
}
