package simulator

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Bounds of the service on what a chat may carry.
const (
	maxMessages = 2048
	maxTools    = 128
	maxText     = 1_048_576 // characters of a message
)

// Tokens that a prompt costs beside its text.
const (
	tokensPerMessage = 3
	tokensPerReply   = 3
	tokensPerName    = 1
	tokensImageLow   = 85
	tokensImageHigh  = 765
	tokensAudio      = 100
)

// readMessages measures a chat's messages and takes the last user message and the
// tool result that follows it, if one does.
func (q *question) readMessages(f *fields) {
	if !f.has("messages") {
		f.missing("messages")
		return
	}
	items := f.array("messages", maxMessages)
	if len(items) == 0 && f.err == nil {
		f.fail(invalid("messages", "empty_array", "Invalid 'messages': empty array. Expected an array with minimum "+
			"length 1, but got an empty array instead."))
	}
	calledBefore := false
	for i, raw := range items {
		m := f.item("messages", i, raw)
		role := q.readMessage(m)
		switch {
		case role == "tool" && !calledBefore:
			m.fail(invalid("messages."+m.path[len("messages"):]+".role", "", "Invalid parameter: messages with role "+
				"'tool' must be a response to a preceeding message with 'tool_calls'."))
		case role != "tool":
			calledBefore = role == "assistant" && m.has("tool_calls")
		}
		f.fail(m.err)
	}
	q.prompt.add(tokensPerReply)
}

// readMessage measures one message and returns its role.
func (q *question) readMessage(m *fields) string {
	role := m.needStr("role")
	m.oneOf("role", "system", "assistant", "user", "function", "tool", "developer")
	q.prompt.add(tokensPerMessage)
	q.prompt.write(role)
	if name := m.str("name"); name != "" {
		q.prompt.add(tokensPerName)
		q.prompt.write(name)
	}
	text := q.readContent(m, role)
	for _, name := range [...]string{"tool_calls", "function_call"} {
		if raw := m.get(name); raw != nil {
			q.prompt.write(string(raw))
		}
	}
	switch role {
	case "user":
		q.last, q.context = text, ""
	case "tool", "function":
		q.context = text
	}
	if role == "tool" {
		m.needStr("tool_call_id")
	}
	return role
}

// readContent measures a message's content, which is a string or a list of parts, and
// returns its text.
func (q *question) readContent(m *fields, role string) string {
	raw := m.get("content")
	if raw == nil {
		if role != "assistant" {
			m.missing("content")
		}
		return ""
	}
	if raw[0] == '[' {
		var text strings.Builder
		for i, part := range m.array("content", maxMessages) {
			p := m.item("content", i, part)
			text.WriteString(q.readPart(p))
			m.fail(p.err)
		}
		return text.String()
	}
	if raw[0] != '"' {
		m.fail(invalid(m.at("content"), "invalid_type", "Invalid type for '"+m.at("content")+"': expected one of a "+
			"string or array of objects, but got "+kindOf(raw)+" instead."))
		return ""
	}
	text := m.str("content")
	if len(text) > maxText && utf8.RuneCountInString(text) > maxText {
		m.fail(invalid(m.at("content"), "string_above_max_length", "Invalid '"+m.at("content")+"': string too long. "+
			"Expected a string with maximum length 1048576, but got a longer string instead."))
	}
	q.prompt.write(text)
	return text
}

// readPart measures a part of a message and returns its text, if it is text.
func (q *question) readPart(p *fields) string {
	switch kind := p.needStr("type"); kind {
	case "text", "input_text", "output_text":
		text := p.needStr("text")
		q.prompt.write(text)
		return text
	case "refusal":
		q.prompt.write(p.str("refusal"))
	case "image_url":
		p.within("image_url", func(in *fields) {
			in.needStr("url")
			q.image(in.oneOf("detail", "auto", "low", "high"))
		})
	case "input_image":
		q.image(p.str("detail"))
	case "input_audio":
		q.prompt.add(tokensAudio)
	case "file", "input_file":
		q.prompt.add(tokensImageHigh)
	default:
		p.fail(invalid(p.at("type"), "invalid_value", "Invalid value: '"+kind+"'. Supported values are: 'text', "+
			"'image_url', 'input_audio', 'refusal', and 'file'."))
	}
	return ""
}

func (q *question) image(detail string) {
	if detail == "low" {
		q.prompt.add(tokensImageLow)
		return
	}
	q.prompt.add(tokensImageHigh)
}

// readTools reads the functions on offer; chats wrap each in "function", responses and
// the legacy functions do not.
func (q *question) readTools(f *fields, member string) {
	for i, raw := range f.array(member, maxTools) {
		t := f.item(member, i, raw)
		if member == "tools" {
			kind := t.needStr("type")
			if kind != "function" && t.err == nil {
				continue // a tool that runs at the service
			}
			if t.has("function") {
				t.within("function", func(in *fields) { q.readTool(in) })
				f.fail(t.err)
				continue
			}
		}
		q.readTool(t)
		f.fail(t.err)
	}
}

func (q *question) readTool(t *fields) {
	name := t.needStr("name")
	if name != "" && strings.Trim(name, functionName) != "" || len(name) > 64 {
		t.fail(invalid(t.at("name"), "invalid_value", "Invalid '"+t.at("name")+"': string does not match pattern. "+
			"Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."))
	}
	t.str("description")
	parameters := t.get("parameters")
	if parameters != nil && parameters[0] != '{' {
		t.fail(typeError(t.at("parameters"), "object", parameters))
	}
	for _, raw := range []json.RawMessage{t.get("name"), t.get("description"), parameters} {
		q.prompt.write(string(raw))
	}
	q.tools = append(q.tools, tool{name, parameters})
}

const functionName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

// readChoice reads tool_choice: a word, or an object that names a function.
func (q *question) readChoice(f *fields, member string) {
	raw := f.get(member)
	switch {
	case raw == nil:
		q.choice = "auto"
		return
	case raw[0] == '"':
		q.choice = f.oneOf(member, "none", "auto", "required")
	default:
		f.within(member, func(in *fields) {
			q.choice = "named"
			if in.has("function") {
				in.within("function", func(fn *fields) { q.named = fn.needStr("name") })
			} else if q.named = in.str("name"); q.named == "" {
				q.choice = "auto" // a tool of the service's own
			}
		})
	}
	if len(q.tools) == 0 && f.err == nil && q.choice != "none" && q.choice != "auto" {
		f.fail(invalid(member, "", "Invalid value for '"+member+"': '"+member+"' is only allowed when 'tools' are specified."))
	}
}
