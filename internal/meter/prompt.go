package meter

import (
	"strings"

	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/jsontext"
	"github.com/tallygate/tallygate/internal/tokenizer"
)

// Prompt counts the prompt tokens of a request's JSON body for an underlying model:
// all text in the model's encoding, what the chat format adds, tools, pictures.
// The formulas are OpenAI's published ones; the result is near the upstream's
// figure, not equal to it. What is not in the body (an earlier response that is
// continued, files, sound) counts nothing. A body that is no JSON object counts 0.
// It costs time in proportion to the body; safe for concurrent use.
func (m *Meter) Prompt(api API, base string, body []byte) int64 {
	if len(body) == 0 {
		return 0
	}
	model, _ := m.catalog.Lookup(base)
	p := &prompt{encoding: m.encoding(base), overhead: model.Overhead, image: model.Image}
	if p.image == nil {
		fallback, _ := m.catalog.Lookup("")
		p.image = fallback.Image
	}
	switch {
	case api == Events:
		p.responses(body)
	case api == Chat:
		p.chat(body)
	default:
		p.inputs(api, body)
	}
	return p.tokens
}

// inputs adds the body of what has one text, or several: completions have a prompt,
// embeddings and speech an input, pictures a prompt.
func (p *prompt) inputs(api API, body []byte) {
	if api == Text {
		p.texts(jsontext.Member(body, "prompt"))
		p.string(jsontext.Member(body, "suffix"))
		return
	}
	p.texts(jsontext.Member(body, "input"))
	p.texts(jsontext.Member(body, "prompt"))
	p.string(jsontext.Member(body, "instructions"))
}

// prompt adds up a prompt.
type prompt struct {
	encoding *tokenizer.Encoding // nil: count roughly
	overhead *catalog.Overhead
	image    *catalog.Image
	tokens   int64
	most     int64 // the count may stop above it; 0 is never
	scratch  []byte
}

// count adds the tokens of a text.
func (p *prompt) count(text []byte) {
	switch {
	case len(text) == 0:
	case p.encoding == nil:
		p.tokens += roughly(int64(len(text)))
	default:
		p.tokens += int64(p.encoding.Count(text))
	}
}

// string adds a JSON string; anything else is nothing.
func (p *prompt) string(raw []byte) {
	if p.most > 0 && len(raw) > textPiece && raw[0] == '"' {
		p.long(raw)
		return
	}
	p.scratch = jsontext.AppendText(p.scratch[:0], raw)
	p.count(p.scratch)
}

// texts adds a string, strings, tokens, or lists of tokens: what completions and
// embeddings take.
func (p *prompt) texts(raw []byte) {
	p.string(raw)
	for v := range jsontext.Elements(raw) {
		if p.enough() {
			return
		}
		switch v[0] {
		case '"':
			p.string(v)
		case '[':
			for range jsontext.Elements(v) {
				p.tokens++
			}
		default:
			p.tokens++ // a token as such
		}
	}
}

// chat adds the body of a chat completion.
func (p *prompt) chat(body []byte) {
	for k, v := range jsontext.Members(body) {
		switch string(k) {
		case "messages":
			for message := range jsontext.Elements(v) {
				p.message(message)
			}
			p.tokens += p.overhead.Reply
		case "tools":
			p.tools(v)
		case "functions":
			p.functions(v)
		case "response_format":
			p.schema(jsontext.Member(v, "json_schema"))
		}
	}
}

// message adds a message of a chat.
func (p *prompt) message(raw []byte) {
	if !jsontext.IsObject(raw) {
		return
	}
	p.tokens += p.overhead.Message
	var all []byte // of all parts, counted together
	for k, v := range jsontext.Members(raw) {
		switch string(k) {
		case "role", "refusal":
			p.string(v)
		case "name":
			p.string(v)
			p.tokens += p.overhead.Name
		case "content":
			all = p.content(all, v)
		case "function_call":
			p.call(v)
		case "tool_calls":
			for call := range jsontext.Elements(v) {
				p.call(jsontext.Member(call, "function"))
				p.call(jsontext.Member(call, "custom"))
			}
		}
	}
	p.count(all)
}

// content adds the pictures of a message's content and appends its text to dst.
func (p *prompt) content(dst, raw []byte) []byte {
	dst = jsontext.AppendText(dst, raw)
	for part := range jsontext.Elements(raw) {
		for k, v := range jsontext.Members(part) {
			switch string(k) {
			case "text", "refusal":
				dst = jsontext.AppendText(dst, v)
			case "image_url":
				// Chat has an object here, responses a string.
				if jsontext.IsObject(v) {
					p.picture(jsontext.Member(v, "url"), jsontext.Member(v, "detail"))
				} else {
					p.picture(v, jsontext.Member(part, "detail"))
				}
			}
		}
	}
	return dst
}

// call adds a function call of an earlier answer.
func (p *prompt) call(raw []byte) {
	for k, v := range jsontext.Members(raw) {
		switch string(k) {
		case "name", "arguments", "input":
			p.string(v)
		}
	}
}

// schema adds a JSON schema the answer must follow: its text.
func (p *prompt) schema(raw []byte) {
	if jsontext.IsObject(raw) {
		p.count(raw)
	}
}

// responses adds the body of a response: instructions and input items.
func (p *prompt) responses(body []byte) {
	for k, v := range jsontext.Members(body) {
		switch string(k) {
		case "instructions":
			if len(v) > 2 {
				p.string(v)
				p.tokens += p.overhead.Message + 1 // its role
			}
		case "input":
			p.input(v)
			p.tokens += p.overhead.Reply
		case "tools":
			p.tools(v)
		case "text":
			p.schema(jsontext.Member(jsontext.Member(v, "format"), "schema"))
		}
	}
}

// input adds the input of a response: a text, or items.
func (p *prompt) input(raw []byte) {
	if len(raw) > 0 && raw[0] == '"' {
		p.string(raw)
		p.tokens += p.overhead.Message + 1
		return
	}
	for item := range jsontext.Elements(raw) {
		switch string(jsontext.Text(jsontext.Member(item, "type"))) {
		case "", "message":
			p.message(item)
		default:
			p.item(item)
		}
	}
}

// item adds an input item that is no message: a call, what it returned, reasoning.
func (p *prompt) item(raw []byte) {
	p.tokens += p.overhead.Message
	var all []byte
	for k, v := range jsontext.Members(raw) {
		switch string(k) {
		case "name", "arguments", "input":
			p.string(v)
		case "output", "summary", "content":
			all = p.content(all, v)
		}
	}
	p.count(all)
}

// tools adds the tools of a request. Those of chat have their function inside,
// those of responses are it themselves.
func (p *prompt) tools(raw []byte) {
	n := 0
	for tool := range jsontext.Elements(raw) {
		inner := jsontext.Member(tool, "function")
		if inner == nil && jsontext.Member(tool, "name") != nil {
			inner = tool
		}
		if inner == nil {
			continue // built in: what it costs nobody says
		}
		p.function(inner)
		n++
	}
	if n > 0 {
		p.tokens += p.overhead.Functions
	}
}

// functions adds the functions of a request: tools before there were tools.
func (p *prompt) functions(raw []byte) {
	n := 0
	for f := range jsontext.Elements(raw) {
		p.function(f)
		n++
	}
	if n > 0 {
		p.tokens += p.overhead.Functions
	}
}

// function adds a function: its name, description and parameters.
func (p *prompt) function(raw []byte) {
	o := p.overhead
	p.tokens += o.Function
	p.pair(jsontext.Text(jsontext.Member(raw, "name")), jsontext.Text(jsontext.Member(raw, "description")))
	first := true
	for name, property := range jsontext.Members(jsontext.Member(jsontext.Member(raw, "parameters"), "properties")) {
		if first {
			p.tokens += o.Properties
			first = false
		}
		p.tokens += o.Property
		kind := string(jsontext.Text(jsontext.Member(property, "type"))) + ":" + description(property)
		p.pair(name, []byte(kind))
		if enum := jsontext.Member(property, "enum"); enum != nil {
			p.tokens += o.Enum
			for item := range jsontext.Elements(enum) {
				p.tokens += o.EnumItem
				p.string(item)
			}
		}
		p.nested(property)
	}
}

// nested adds what a property holds below its first level, as its text.
func (p *prompt) nested(property []byte) {
	for k, v := range jsontext.Members(property) {
		switch string(k) {
		case "properties", "items", "anyOf":
			p.count(v)
		}
	}
}

// description returns a description less the full stop at its end, as the formula
// has it.
func description(raw []byte) string {
	return strings.TrimSuffix(string(jsontext.Text(jsontext.Member(raw, "description"))), ".")
}

// pair adds "a:b".
func (p *prompt) pair(a, b []byte) {
	p.scratch = append(append(append(p.scratch[:0], a...), ':'), b...)
	p.count(p.scratch)
}
