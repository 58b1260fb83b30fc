package eventapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// request is a chat request of the event proxy's first version. What goes on to the
// model unread is kept as it was written.
type request struct {
	messages         json.RawMessage
	empty            bool // there are no messages
	maxTokens        float64
	temperature      float64
	topP             *float64
	frequencyPenalty *float64
	presencePenalty  *float64
	stop             json.RawMessage
	functions        json.RawMessage // nil when there are none
	functionCall     json.RawMessage
}

// problem is what is wrong with one field, in FastAPI's shape.
type problem struct {
	Where []any  `json:"loc"`
	Text  string `json:"msg"`
	Type  string `json:"type"`
}

// reader reads the fields of a body and gathers all that is wrong with them, as the
// original did: so a person mends them all at once.
type reader struct {
	fields   map[string]json.RawMessage
	problems []problem
}

// complain notes a problem of the body, or of what where leads to in it.
func (r *reader) complain(text, kind string, where ...any) {
	r.problems = append(r.problems, problem{append([]any{"body"}, where...), text, kind})
}

// parse reads a body, which must be valid UTF-8. Unknown fields do not count.
func parse(body []byte) (*request, []problem) {
	var r reader
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) == 0 {
		r.complain("field required", "value_error.missing")
		return nil, r.problems
	}
	err := json.Unmarshal(body, &r.fields)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at := body[:max(0, min(int(syntax.Offset), len(body))-1)]
		char := utf8.RuneCount(at)
		column := utf8.RuneCount(at[bytes.LastIndexByte(at, '\n')+1:]) + 1
		r.complain(fmt.Sprintf("%s: line %d column %d (char %d)", syntax, bytes.Count(at, []byte("\n"))+1, column, char),
			"value_error.jsondecode", char)
		return nil, r.problems
	}
	switch {
	case err != nil:
		r.complain("value is not a valid dict", "type_error.dict")
		return nil, r.problems
	case r.fields == nil: // null
		r.complain("field required", "value_error.missing")
		return nil, r.problems
	}
	q := r.request()
	return q, r.problems
}

// request reads the fields in the order of the original's model, which is that of its
// problems.
func (r *reader) request() *request {
	q := &request{messages: r.messages()}
	q.empty = string(q.messages) == "[]"
	q.maxTokens = r.whole("max_tokens")
	if t := r.number("temperature", true); t != nil {
		q.temperature = *t
	}
	q.topP = r.number("top_p", false)
	q.stop, _ = r.optional("stop_sequence")
	q.frequencyPenalty = r.number("frequency_penalty", false)
	q.presencePenalty = r.number("presence_penalty", false)
	q.functions = r.functions()
	q.functionCall = r.functionCall()
	return q
}

// required returns a field that must be there and not null.
func (r *reader) required(name string) (json.RawMessage, bool) {
	v, ok := r.fields[name]
	switch {
	case !ok:
		r.complain("field required", "value_error.missing", name)
	case string(v) == "null":
		r.complain("none is not an allowed value", "type_error.none.not_allowed", name)
		ok = false
	}
	return v, ok
}

// optional returns a field that may be missing, or null, which is the same.
func (r *reader) optional(name string) (json.RawMessage, bool) {
	v, ok := r.fields[name]
	if string(v) == "null" {
		return nil, false
	}
	return v, ok
}

// messages returns the list of messages. Each is an object. Their values may be
// anything but numbers and truth values: the original knew texts only, models know
// more by now, and refuse the rest in words of their own.
func (r *reader) messages() json.RawMessage {
	v, ok := r.required("messages")
	if !ok {
		return nil
	}
	list, ok := r.list(v, "messages")
	if !ok {
		return nil
	}
	for i, fields := range list {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if strings.IndexByte(`"[{n`, fields[name][0]) < 0 {
				r.complain("str type expected", "type_error.str", "messages", i, name)
			}
		}
	}
	if len(list) == 0 {
		return json.RawMessage("[]")
	}
	return v
}

// list reads a list of objects.
func (r *reader) list(v json.RawMessage, name string) ([]map[string]json.RawMessage, bool) {
	var raw []json.RawMessage
	if json.Unmarshal(v, &raw) != nil {
		r.complain("value is not a valid list", "type_error.list", name)
		return nil, false
	}
	list := make([]map[string]json.RawMessage, len(raw))
	for i := range raw {
		if json.Unmarshal(raw[i], &list[i]) != nil || list[i] == nil {
			r.complain("value is not a valid dict", "type_error.dict", name, i)
		}
	}
	return list, true
}

// whole reads a whole number. It may be as large as a float, since it is capped before
// anything is made of it.
func (r *reader) whole(name string) float64 {
	v, ok := r.required(name)
	if !ok {
		return 0
	}
	f, ok := number(v)
	if !ok || f != math.Trunc(f) || math.IsInf(f, 0) {
		r.complain("value is not a valid integer", "type_error.integer", name)
	}
	return f
}

// number reads a number; nil when there is none.
func (r *reader) number(name string, must bool) *float64 {
	read := r.optional
	if must {
		read = r.required
	}
	v, ok := read(name)
	if !ok {
		return nil
	}
	f, ok := number(v)
	if !ok {
		r.complain("value is not a valid float", "type_error.float", name)
		return nil
	}
	return &f
}

// number reads a number, which may stand in quotes. What is too large is infinite.
func number(v json.RawMessage) (float64, bool) {
	text := string(v)
	if text[0] == '"' {
		var s string
		if json.Unmarshal(v, &s) != nil {
			return 0, false
		}
		text = strings.TrimSpace(s)
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

// functions returns the list of functions, nil when it is empty.
func (r *reader) functions() json.RawMessage {
	v, ok := r.optional("functions")
	if !ok {
		return nil
	}
	if list, ok := r.list(v, "functions"); !ok || len(list) == 0 {
		return nil
	}
	return v
}

// functionCall returns which function is to be called: a word or an object, "auto" when
// it says nothing.
func (r *reader) functionCall() json.RawMessage {
	auto := json.RawMessage(`"auto"`)
	if _, ok := r.fields["function_call"]; !ok {
		return auto
	}
	v, ok := r.required("function_call")
	if !ok {
		return auto
	}
	var object map[string]any
	switch err := json.Unmarshal(v, &object); {
	case string(v) == `""`, err == nil && len(object) == 0:
		return auto
	case err != nil && v[0] != '"':
		r.complain("str type expected", "type_error.str", "function_call")
		r.complain("value is not a valid dict", "type_error.dict", "function_call")
	}
	return v
}

// mostTokens is the most tokens the first version lets anybody ask for.
const mostTokens = 4000

// check caps the request and then says what is wrong with its values, in the words and
// the order of the original; nothing when all is well. A cap of 0 is none.
func (q *request) check(most int64) string {
	if most > 0 {
		q.maxTokens = min(q.maxTokens, float64(most))
	}
	within := func(f *float64) bool { return f == nil || *f >= 0 && *f <= 1 } // not when it is no number
	switch {
	case q.empty:
		return "Oops, no chat messages."
	case q.maxTokens < 1 || q.maxTokens > mostTokens:
		return "Oops, max_tokens must be between 1 and 4000."
	case !within(&q.temperature):
		return "Oops, temperature must be between 0 and 1."
	case !within(q.topP):
		return "Oops, top_p must be between 0 and 1."
	case !within(q.frequencyPenalty):
		return "Oops, frequency_penalty must be between 0 and 1."
	case !within(q.presencePenalty):
		return "Oops, presence_penalty must be between 0 and 1."
	case !printable(q.stop):
		return "Oops, stop_sequence must be printable characters."
	}
	return ""
}

// printable reports whether a stop sequence is a text, or a list of texts, of printable
// characters. The original knew no lists.
func printable(stop json.RawMessage) bool {
	if stop == nil {
		return true
	}
	var texts []string
	if json.Unmarshal(stop, &texts) != nil {
		texts = make([]string, 1)
		if json.Unmarshal(stop, &texts[0]) != nil {
			return false
		}
	}
	for _, s := range texts {
		if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
			return false
		}
	}
	return true
}

// completion writes the request as a chat completion. A reasoning model knows another
// name of max_tokens and refuses what steers sampling.
func (q *request) completion(reasons bool) ([]byte, error) {
	out := chatCompletion{Messages: q.messages}
	if q.functions != nil {
		out.Functions, out.FunctionCall = q.functions, q.functionCall
	}
	if reasons {
		out.MaxCompletionTokens = int64(q.maxTokens)
		return encode(&out)
	}
	out.MaxTokens, out.Temperature = int64(q.maxTokens), &q.temperature
	out.TopP, out.Stop = q.topP, q.stop
	out.FrequencyPenalty, out.PresencePenalty = q.frequencyPenalty, q.presencePenalty
	return encode(&out)
}

// chatCompletion is the body that a model is asked with.
type chatCompletion struct {
	Messages            json.RawMessage `json:"messages"`
	MaxTokens           int64           `json:"max_tokens,omitempty"`
	MaxCompletionTokens int64           `json:"max_completion_tokens,omitempty"`
	Temperature         *float64        `json:"temperature,omitempty"`
	Functions           json.RawMessage `json:"functions,omitempty"`
	FunctionCall        json.RawMessage `json:"function_call,omitempty"`
	TopP                *float64        `json:"top_p,omitempty"`
	Stop                json.RawMessage `json:"stop,omitempty"`
	FrequencyPenalty    *float64        `json:"frequency_penalty,omitempty"`
	PresencePenalty     *float64        `json:"presence_penalty,omitempty"`
}
