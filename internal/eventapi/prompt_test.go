package eventapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/eventapi"
)

const helloBody = `{"messages":[{"content":"hello","role":"user"}],"max_tokens":100,"temperature":0.5}`

// with is helloBody with members set, or without them when they are nil.
func with(members map[string]any) string {
	var all map[string]any
	if err := json.Unmarshal([]byte(helloBody), &all); err != nil {
		panic(err)
	}
	for name, v := range members {
		if all[name] = v; v == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

type set = map[string]any

// The load test that the first version was published with sends this, line ends and all.
const loadTest = "{\r\n    \"messages\": [\r\n        {\r\n            \"role\": \"user\",\r\n            \"content\": \"Write me a short poem about a indian elephants\"\r\n        },\r\n" +
	"        {\r\n            \"role\": \"system\",\r\n            \"content\": \"You are an AI assistant that writes poems\"\r\n        }\r\n    ],\r\n" +
	"    \"max_tokens\": 2048,\r\n    \"temperature\": 1,\r\n    \"top_p\": 0,\r\n    \"stop_sequence\": \"string\",\r\n    \"frequency_penalty\": 0,\r\n    \"presence_penalty\": 0\r\n}"

// Its traffic works unchanged: its bound is cut to the event's cap, before it is
// checked, and told as it was sent.
func TestLoadTest(t *testing.T) {
	s := newStage(t, workshop())
	w := s.prompt(loadTest)
	body := regexp.MustCompile(`"response_ms":\d+`).ReplaceAllString(w.Body.String(), `"response_ms":1`)
	if expected := `{"assistant":{"role":"assistant","content":"A \"poem\" <here>"},"finish_reason":"stop","response_ms":1,` +
		`"content_filtered":{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"low"},` +
		`"sexual":{"filtered":true,"severity":"medium"}},` +
		`"usage":{"usage":{"completion_tokens":9,"prompt_tokens":20,"total_tokens":29,"max_tokens":512}},"name":"gpt-4o-ptu"}`; w.Code != 200 || body != expected {
		t.Errorf("%d %s\nwant %s", w.Code, body, expected)
	}
	if sent := `{"messages":[{"role":"user","content":"Write me a short poem about a indian elephants"},` +
		`{"role":"system","content":"You are an AI assistant that writes poems"}],"max_tokens":512,"temperature":1,` +
		`"top_p":0,"stop":"string","frequency_penalty":0,"presence_penalty":0}`; s.last() != sent {
		t.Errorf("sent %s\nwant %s", s.last(), sent)
	}
	r := s.asked[0]
	if r.URL.String() != "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21" || r.Method != "POST" ||
		r.Header.Get("Openai-Event-Code") != code || r.ContentLength != int64(len(s.last())) || r.RemoteAddr == "" {
		t.Errorf("asked %s %s %v", r.Method, r.URL, r.Header)
	}
	if w.Header().Get("X-Request-Id") != "r-1" || w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
		t.Errorf("header %v", w.Header())
	}
}

// Every field has its range and its text, and the first that is wrong is told, in the
// original's order.
func TestFieldRanges(t *testing.T) {
	const (
		messages  = "Oops, no chat messages."
		maxTokens = "Oops, max_tokens must be between 1 and 4000."
		temp      = "Oops, temperature must be between 0 and 1."
		topP      = "Oops, top_p must be between 0 and 1."
		frequency = "Oops, frequency_penalty must be between 0 and 1."
		presence  = "Oops, presence_penalty must be between 0 and 1."
		stop      = "Oops, stop_sequence must be printable characters."
	)
	f := func(members set, text string) {
		t.Helper()
		s := newStage(t, workshop())
		w := s.prompt(with(members))
		switch {
		case text != "":
			want(t, fmt.Sprint(members), w, 400, problemBody(text))
			if len(s.asked) > 0 {
				t.Errorf("%v was sent", members)
			}
		case w.Code != 200:
			t.Errorf("%v: %d %s", members, w.Code, w.Body)
		}
	}
	f(set{"messages": []any{}}, messages)
	f(set{"max_tokens": 0}, maxTokens)
	f(set{"max_tokens": -5}, maxTokens)
	f(set{"max_tokens": 1}, "")
	f(set{"max_tokens": 9999}, "") // the cap comes first
	f(set{"max_tokens": 1e18}, "")
	f(set{"temperature": -0.1}, temp)
	f(set{"temperature": 1.5}, temp) // OpenAI's own range is larger
	f(set{"temperature": "nan"}, temp)
	f(set{"temperature": 0}, "")
	f(set{"temperature": 1}, "")
	f(set{"top_p": 1.01}, topP)
	f(set{"top_p": 0}, "")
	f(set{"frequency_penalty": -1}, frequency)
	f(set{"frequency_penalty": 1}, "")
	f(set{"presence_penalty": 2}, presence)
	f(set{"presence_penalty": 1}, "")
	f(set{"stop_sequence": "a\nb"}, stop)
	f(set{"stop_sequence": "\u2028"}, stop)
	f(set{"stop_sequence": "žluťoučký kůň 🐎 "}, "")
	f(set{"stop_sequence": ""}, "")
	f(set{"stop_sequence": 5}, stop)                  // a 500 of the original
	f(set{"stop_sequence": []any{"a", "\x00"}}, stop) // likewise
	f(set{"stop_sequence": []any{"a", "b"}}, "")      // likewise
	f(set{"messages": []any{}, "max_tokens": 0, "temperature": 2}, messages)
	f(set{"max_tokens": 0, "temperature": 2, "top_p": 2}, maxTokens)
	f(set{"temperature": 2, "top_p": 2, "stop_sequence": "\t"}, temp)
	f(set{"top_p": 2, "frequency_penalty": 2, "stop_sequence": "\t"}, topP)
	f(set{"frequency_penalty": 2, "presence_penalty": 2}, frequency)
	f(set{"presence_penalty": 2, "stop_sequence": "\t"}, presence)
}

// Without a cap of the event the route's own range holds.
func TestRangeWithoutCap(t *testing.T) {
	e := workshop()
	e.MaxTokens = tallygate.Cap{}
	s := newStage(t, e)
	want(t, "4001", s.prompt(with(set{"max_tokens": 4001})), 400, problemBody("Oops, max_tokens must be between 1 and 4000."))
	if w := s.prompt(with(set{"max_tokens": 4000})); w.Code != 200 || !strings.Contains(s.last(), `"max_tokens":4000`) {
		t.Errorf("%d %s", w.Code, s.last())
	}
}

// What goes on to the model: nothing that was not said, null as if it were not said,
// functions only with something in them, and what the original did not know as it came.
func TestWhatIsSent(t *testing.T) {
	const hello = `{"messages":[{"content":"hello","role":"user"}],"max_tokens":100,"temperature":0.5`
	functions := []any{set{"name": "f"}}
	f := func(body, sent string) {
		t.Helper()
		s := newStage(t, workshop())
		if w := s.prompt(body); w.Code != 200 || s.last() != sent {
			t.Errorf("%s: %d %s\nsent %s\nwant %s", body, w.Code, w.Body, s.last(), sent)
		}
	}
	f(helloBody, hello+"}")
	f("\ufeff"+helloBody, hello+"}") // as some editors save it
	f(strings.TrimSuffix(helloBody, "}")+`,"top_p":null,"stop_sequence":null,"functions":null}`, hello+"}")
	f(with(set{"max_tokens": "100", "temperature": " 0.5 "}), hello+"}")
	f(with(set{"stop_sequence": []any{"a", "b"}}), hello+`,"stop":["a","b"]}`)
	f(with(set{"functions": []any{}, "function_call": "none"}), hello+"}")
	f(with(set{"functions": functions}), hello+`,"functions":[{"name":"f"}],"function_call":"auto"}`)
	f(with(set{"functions": functions, "function_call": ""}), hello+`,"functions":[{"name":"f"}],"function_call":"auto"}`)
	f(with(set{"functions": functions, "function_call": set{"name": "f"}}), hello+`,"functions":[{"name":"f"}],"function_call":{"name":"f"}}`)
	f(with(set{"stream": true, "n": 5, "max_completion_tokens": 9000}), hello+"}") // no way around the cap
	f(`{"temperature":0,"max_tokens":7,"max_tokens":8,"messages":[{"role":"user","content":[{"type":"text","text":"<&>"}]}]}`,
		`{"messages":[{"role":"user","content":[{"type":"text","text":"<&>"}]}],"max_tokens":8,"temperature":0}`)
}

// A model that reasons knows another name of max_tokens, and no sampling parameters.
func TestReasoningModel(t *testing.T) {
	s := newStage(t, workshop())
	s.options.Models = func(*tallygate.Identity) []api.Model {
		return []api.Model{{Name: "o4-mini", Capabilities: []string{"reasoning"}}} // of a kind that nobody knows
	}
	s.handler = eventapi.Handler(s.options)
	if w := s.prompt(loadTest); w.Code != 200 || !strings.HasSuffix(s.last(), `}],"max_completion_tokens":512}`) {
		t.Errorf("%d %s", w.Code, s.last())
	}
}

// The event's own model is asked when it has one, whatever is in its name.
func TestChosenModel(t *testing.T) {
	for model, path := range map[string]string{
		"":             "/openai/deployments/gpt-4o/chat/completions", // the first one for chat
		"GPT-35-turbo": "/openai/deployments/gpt-35-turbo/chat/completions",
		"my dep/x%2F":  "/openai/deployments/my%20dep%2Fx%252F/chat/completions",
	} {
		e := workshop()
		e.Chat = model
		s := newStage(t, e)
		if w := s.prompt(helloBody); w.Code != 200 || s.asked[0].URL.EscapedPath() != path {
			t.Errorf("%q: %d, %s", model, w.Code, s.asked[0].URL.EscapedPath())
		}
	}
}

// Bodies of wrong types are refused in FastAPI's shape, all that is wrong at once.
func TestTypes(t *testing.T) {
	field := func(name, text, kind string) string {
		return fmt.Sprintf(`{"loc":["body",%s],"msg":%q,"type":%q}`, name, text, kind)
	}
	missing := func(name string) string { return field(`"`+name+`"`, "field required", "value_error.missing") }
	null := func(name string) string {
		return field(`"`+name+`"`, "none is not an allowed value", "type_error.none.not_allowed")
	}
	f := func(body string, problems ...string) {
		t.Helper()
		want(t, body, newStage(t, workshop()).prompt(body), 422, `{"detail":[`+strings.Join(problems, ",")+`]}`)
	}
	f("", `{"loc":["body"],"msg":"field required","type":"value_error.missing"}`)
	f("null", `{"loc":["body"],"msg":"field required","type":"value_error.missing"}`)
	f("[1]", `{"loc":["body"],"msg":"value is not a valid dict","type":"type_error.dict"}`)
	f(`"text"`, `{"loc":["body"],"msg":"value is not a valid dict","type":"type_error.dict"}`)
	f("{}", missing("messages"), missing("max_tokens"), missing("temperature"))
	f(`{"Messages":[],"max_tokens":1}`, missing("messages"), missing("temperature")) // names count in their very spelling
	f(`{"messages":null,"max_tokens":null,"temperature":null,"function_call":null}`,
		null("messages"), null("max_tokens"), null("temperature"), null("function_call"))
	f(with(set{"messages": "hi"}), field(`"messages"`, "value is not a valid list", "type_error.list"))
	f(with(set{"messages": []any{set{"role": "user"}, "hi"}}), field(`"messages",1`, "value is not a valid dict", "type_error.dict"))
	f(with(set{"messages": []any{set{"role": true, "content": 5}}}),
		field(`"messages",0,"content"`, "str type expected", "type_error.str"), field(`"messages",0,"role"`, "str type expected", "type_error.str"))
	for _, v := range []any{"many", 1.5, []any{1}, true, "1e999", "nan"} {
		f(with(set{"max_tokens": v}), field(`"max_tokens"`, "value is not a valid integer", "type_error.integer"))
	}
	for _, name := range []string{"temperature", "top_p", "frequency_penalty", "presence_penalty"} {
		f(with(set{name: "hot"}), field(`"`+name+`"`, "value is not a valid float", "type_error.float"))
	}
	f(with(set{"functions": set{}}), field(`"functions"`, "value is not a valid list", "type_error.list"))
	f(with(set{"functions": []any{"f"}}), field(`"functions",0`, "value is not a valid dict", "type_error.dict"))
	f(with(set{"function_call": []any{}}), field(`"function_call"`, "str type expected", "type_error.str"),
		field(`"function_call"`, "value is not a valid dict", "type_error.dict"))
	f("{\n \"é\": x}", field("8", "invalid character 'x' looking for beginning of value: line 2 column 7 (char 8)", "value_error.jsondecode"))
	f("{", field("0", "unexpected end of JSON input: line 1 column 1 (char 0)", "value_error.jsondecode"))
}

// Bodies that are no text, or too large, are refused before anything is made of them.
func TestBadBodies(t *testing.T) {
	s := newStage(t, workshop())
	want(t, "not UTF-8", s.prompt("{\"a\":\"\xff\"}"), 400, `{"detail":"There was an error parsing the body"}`)
	want(t, "2 MiB", s.prompt(with(set{"x": strings.Repeat("x", 2<<20)})), 413, `{"detail":"The body is larger than 1 MiB"}`)
	if w := s.prompt(strings.Repeat(`{"messages":`, 50_000)); w.Code != 422 {
		t.Errorf("a deep one: %d", w.Code)
	}
	if len(s.asked) > 0 {
		t.Error("one was sent")
	}
}

// Whatever the line answers, the playground's shape is made of it: a function that is
// called stands in place of the text, and what is missing is empty.
func TestAnswers(t *testing.T) {
	f := func(answer, assistant, finish, filtered string) {
		t.Helper()
		s := newStage(t, workshop())
		s.line = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Tallygate-Max-Tokens", "50") // the model's own cap is lower
			_, _ = io.WriteString(w, answer)
		}
		w := s.prompt(helloBody)
		body := regexp.MustCompile(`"response_ms":\d+`).ReplaceAllString(w.Body.String(), `"response_ms":1`)
		if expected := `{"assistant":{"role":"assistant","content":` + assistant + `},"finish_reason":"` + finish + `","response_ms":1,` +
			`"content_filtered":` + filtered + `,"usage":{"usage":{"completion_tokens":0,"prompt_tokens":3,"total_tokens":3,"max_tokens":50}},"name":""}`; body != expected {
			t.Errorf("%s\n%d %s\nwant %s", answer, w.Code, body, expected)
		}
	}
	const end = `],"usage":{"prompt_tokens":3,"total_tokens":3}}`
	filter := `{"hate":{"filtered":true,"severity":"high"},"violence":{"filtered":false,"severity":"safe"}}`
	f(`{"choices":[{"finish_reason":"function_call","message":{"content":null,"function_call":{"name":"f","arguments":"{}"}},"content_filter_results":`+filter+`}`+end,
		`{"name":"f","arguments":"{}"}`, "function_call", "{}")
	f(`{"choices":[{"finish_reason":"content_filter","message":{"role":"assistant"},"content_filter_results":`+filter+`}`+end,
		`""`, "content_filter", `{"hate":{"filtered":true,"severity":"high"}}`)
	f(`{"choices":[{"finish_reason":null,"message":{"content":"x","function_call":null},"content_filter_results":{"error":{"code":"content_filter_error"}}}`+end,
		`"x"`, "", "{}")
	f(`{"choices":[{"finish_reason":"stop","message":{"content":"first"}},{"message":{"content":"second"}}`+end, `"first"`, "stop", "{}")
}

// Faults keep the shape of an answer and their true status. The original told those
// from 500 on, and those of the connection, as 200.
func TestFaults(t *testing.T) {
	const retry = "OpenAI API retry limit reached..."
	f := func(status int, body string, wantStatus int, text string) {
		t.Helper()
		s := newStage(t, workshop())
		s.refuses(status, body, "Retry-After", "7", "X-Ratelimit-Remaining-Tokens", "0")
		w := s.prompt(helloBody)
		want(t, fmt.Sprint(status, body), w, wantStatus, problemBody(text))
		if w.Header().Get("Retry-After") != "7" || w.Header().Get("X-Ratelimit-Remaining-Tokens") != "0" ||
			w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
			t.Errorf("%d: header %v", status, w.Header())
		}
	}
	f(400, lineError("content_filter", "The response was filtered."), 400, "The response was filtered.")
	f(404, lineError("NotFound", "Resource not found"), 404, "Resource not found")
	f(415, `{"error":{"message":"No such type"}}`, 415, "No such type")
	f(400, `<html>`, 400, "Bad request")
	f(403, lineError("ModelNotAllowed", "This key may not use the model."), 403, "This key may not use the model.")
	f(409, lineError("Conflict", "Try Again"), 429, retry)
	f(429, lineError("429", "All deployments are at their limit."), 429, retry)
	f(429, "", 429, retry)
	f(429, lineError("RateLimitReached", "Your requests have exceeded the limit."), 429, "Your requests have exceeded the limit.")
	f(429, lineError("insufficient_quota", "The budget is spent."), 429, "The budget is spent.")
	f(500, lineError("InternalServerError", "Broken"), 500, "Broken")
	f(500, "", 500, "OpenAI Error")
	f(502, "<html>", 502, "OpenAI Error")
	f(503, lineError("ServiceUnavailable", "No deployment works."), 503, "Oops, OpenAI unavailable. Please try again.")
	f(503, "", 503, "Oops, OpenAI unavailable. Please try again.")
	f(503, lineError("LedgerUnavailable", "The gateway cannot record."), 503, "The gateway cannot record.")
	f(504, "", 504, "Oops, OpenAI timeout. Please try again.")
	f(200, "not JSON", 502, "OpenAI Error")
	f(200, `{"choices":[]}`, 502, "OpenAI Error")
	f(200, `["x"]`, 502, "OpenAI Error")
	f(200, strings.Repeat(" ", 9<<20), 502, "OpenAI Error")
}

// An answer that breaks off, and a line that says nothing, are faults; any other panic
// is nobody's to hide.
func TestBrokenLine(t *testing.T) {
	s := newStage(t, workshop())
	s.line = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, answered[:100])
		panic(http.ErrAbortHandler)
	}
	want(t, "cut", s.prompt(helloBody), 502, problemBody("OpenAI Error"))
	s.line = func(http.ResponseWriter, *http.Request) {}
	want(t, "silent", s.prompt(helloBody), 502, problemBody("OpenAI Error"))
	s.line = func(http.ResponseWriter, *http.Request) { panic("a bug") }
	defer func() {
		if v := recover(); v != "a bug" {
			t.Errorf("recovered %v", v)
		}
	}()
	s.prompt(helloBody)
}

// Without a deployment the answer is the original's 500, after the request was checked.
func TestNoDeployments(t *testing.T) {
	const none = `{"detail":"No active OpenAI model deployments found."}`
	s := newStage(t, workshop())
	s.refuses(404, lineError("DeploymentNotFound", "There is no deployment."))
	want(t, "not known", s.prompt(helloBody), 500, none)

	e := workshop()
	e.Chat = "gone"
	s = newStage(t, e)
	s.refuses(503, lineError("ServiceUnavailable", "No deployment works."))
	want(t, "known and empty", s.prompt(helloBody), 500, none)

	s = newStage(t, workshop())
	s.options.Models = func(*tallygate.Identity) []api.Model {
		return []api.Model{{Name: "dall-e-3", Kind: api.KindImage}}
	}
	s.handler = eventapi.Handler(s.options)
	want(t, "none for chat", s.prompt(helloBody), 500, none)
	want(t, "checked first", s.prompt(with(set{"temperature": 3})), 400, problemBody("Oops, temperature must be between 0 and 1."))
	if len(s.asked) > 0 {
		t.Error("the line was asked")
	}
}
