package eventapi

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// playground is what /api/oai_prompt answers, whether all went well or not.
type playground struct {
	Assistant assistant          `json:"assistant"`
	Finish    string             `json:"finish_reason"`
	Millis    int64              `json:"response_ms"`
	Filtered  map[string]verdict `json:"content_filtered"`
	Usage     map[string]usage   `json:"usage"`
	Name      string             `json:"name"`
}

// assistant is what the assistant says. Content is a text, or the function it calls.
type assistant struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

// verdict is the content filter's, of one category.
type verdict struct {
	Filtered bool   `json:"filtered"`
	Severity string `json:"severity"`
}

// usage is what a request used, and the most that it was allowed.
type usage struct {
	Completion int64 `json:"completion_tokens"`
	Prompt     int64 `json:"prompt_tokens"`
	Total      int64 `json:"total_tokens"`
	Max        int64 `json:"max_tokens"`
}

// playgroundProblem says what went wrong as if the assistant did.
func playgroundProblem(message string) any {
	text, err := encode(message)
	if err != nil { // no text fails
		text = []byte(`""`)
	}
	return &playground{
		Assistant: assistant{"assistant", text}, Filtered: map[string]verdict{}, Usage: map[string]usage{},
	}
}

// playgroundAnswer is a chat completion in the playground's shape.
func playgroundAnswer(x *exchange) ([]byte, bool) {
	var in struct {
		Choices []struct {
			Finish  string `json:"finish_reason"`
			Message struct {
				Content      json.RawMessage `json:"content"`
				FunctionCall json.RawMessage `json:"function_call"`
			} `json:"message"`
			Filter json.RawMessage `json:"content_filter_results"`
		} `json:"choices"`
		Usage usage `json:"usage"`
	}
	if json.Unmarshal(x.body.Bytes(), &in) != nil || len(in.Choices) == 0 {
		return nil, false
	}
	in.Usage.Max = x.sent()
	choice := &in.Choices[0]
	out := playground{
		Assistant: assistant{"assistant", choice.Message.Content},
		Finish:    choice.Finish, Millis: x.took.Milliseconds(), Filtered: verdicts(choice.Filter),
		Usage: map[string]usage{"usage": in.Usage}, Name: x.deployment(),
	}
	if call := choice.Message.FunctionCall; call != nil && string(call) != "null" {
		out.Assistant.Content, out.Filtered = call, map[string]verdict{}
	}
	if c := out.Assistant.Content; c == nil || string(c) == "null" {
		out.Assistant.Content = json.RawMessage(`""`) // the filter may take all of it
	}
	text, err := encode(&out)
	return text, err == nil
}

// verdicts are those of the categories that the playground knows: violence is none.
func verdicts(filter json.RawMessage) map[string]verdict {
	out := make(map[string]verdict)
	var all map[string]json.RawMessage
	if json.Unmarshal(filter, &all) != nil {
		return out
	}
	for _, category := range [...]string{"hate", "self_harm", "sexual"} {
		var v verdict
		if json.Unmarshal(all[category], &v) == nil {
			out[category] = v
		}
	}
	return out
}

// sent is the bound of the answer that the model was asked with: what was asked for,
// or less when the line says so.
func (x *exchange) sent() int64 {
	if n, err := strconv.ParseInt(x.header.Get("X-Tallygate-Max-Tokens"), 10, 64); err == nil {
		return n
	}
	return x.maxTokens
}

// deployment is the friendly name of the deployment that answered.
func (x *exchange) deployment() string {
	_, name, _ := strings.Cut(x.header.Get("X-Tallygate-Deployment"), "/")
	return name
}

// completionAnswer is the model's own answer with the deployment's friendly name as
// its model; nothing else in it changes.
func completionAnswer(x *exchange) ([]byte, bool) {
	body := x.body.Bytes()
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') || !json.Valid(body) {
		return nil, false
	}
	name, err := encode(x.deployment())
	if err != nil || x.deployment() == "" {
		return body, err == nil
	}
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil, false
		}
		if end := int(d.InputOffset()); key == "model" {
			begin := end - len(value)
			return bytes.Join([][]byte{body[:begin], name, body[end:]}, nil), true
		}
	}
	return body, true
}
