package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of the service on what a chat may carry.
const (
	maxMessages = 2048
	maxTools    = 128
	maxText     = 1_048_576 // characters of a message
	maxImages   = 50
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
		f.fail(emptyArray("messages"))
	}
	var d dialogue
	for i, raw := range items {
		m := f.item("messages", i, raw)
		role := q.readMessage(m)
		d.take(m, role, i)
		f.fail(m.err)
	}
	f.fail(d.end("messages.[" + strconv.Itoa(len(items)) + "]"))
	if q.images > maxImages {
		f.fail(invalid("messages", "", "Too many images: a request may have "+strconv.Itoa(maxImages)+"."))
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
		if role != "assistant" || !m.has("tool_calls") && !m.has("function_call") && !m.has("refusal") && !m.has("audio") {
			m.fail(invalid(dotted(m.at("content")), "", "Invalid value for 'content': expected a string, got null."))
		}
		return ""
	}
	if raw[0] == '[' {
		if string(raw) == "[]" {
			m.fail(emptyArray(m.at("content")))
		}
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

// dotted is a path as the older checks write it: "messages.[0].content".
func dotted(path string) string { return strings.Replace(path, "[", ".[", 1) }

func (q *question) image(detail string) {
	q.images++
	if detail == "low" {
		q.prompt.add(tokensImageLow)
		return
	}
	q.prompt.add(tokensImageHigh)
}

// readTools reads the functions on offer. Chats wrap each in "function" and know no
// other tools than functions and custom ones; responses and the legacy functions do not
// wrap them, and responses know tools that run at the service.
func (q *question) readTools(f *fields, member string, wrapped bool) {
	if wrapped && string(f.get(member)) == "[]" {
		f.fail(emptyArray(f.at(member)))
	}
	for i, raw := range f.array(member, maxTools) {
		t := f.item(member, i, raw)
		kind := "function"
		if member == "tools" {
			kind = t.needStr("type")
		}
		switch {
		case kind == "function" && wrapped && member == "tools":
			if !t.has("function") {
				t.missing("function")
			}
			t.within("function", q.readTool)
		case kind == "function":
			q.readTool(t)
		case wrapped:
			t.oneOf("type", "function", "custom")
		}
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
	if wrong := checkStrict(parameters); wrong != "" && t.boolean("strict") {
		t.fail(invalid(t.at("parameters"), "invalid_function_parameters", "Invalid schema for function '"+name+"': "+wrong))
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
