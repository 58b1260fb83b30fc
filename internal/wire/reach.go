package wire

import (
	"bytes"
	"strings"

	"github.com/tallygate/tallygate"
)

// What a request refers to and reaches is found by the keys of its members and by how
// their values begin, while the body is checked. Only what is known to be whole in
// itself counts as nothing: a kind of tool or item that nobody knows counts.

// lookout is how members of a value are looked at.
type lookout uint8

const (
	lookNot    lookout = iota // free form: metadata, schemas
	lookPrompt                // what the model reads, and all that is not known
	lookTools                 // tools, among them schemas of functions
	lookData                  // data sources
)

// seen is what was found.
type seen struct {
	refers bool
	reach  tallygate.Reach
	item   item
}

// item is the element of input or tools that is open: whether it has an id, content and
// encrypted_content, and what its type says.
type item struct {
	id, content, encrypted bool
	kind                   itemKind
}

type itemKind uint8

const (
	noType itemKind = iota
	otherType
	aMessage
	aCall      // of a function, or what it returned
	aReasoning // whole only when it is encrypted
	aFunction  // a tool that the caller runs
)

// itemDepth is how deep the elements of input and tools are.
const itemDepth = 3

// lookAt says how the members of a field of the body are looked at.
func lookAt(key []byte, f Field) lookout {
	switch f {
	case FieldTools:
		return lookTools
	case FieldDataSources:
		return lookData
	}
	switch string(key) {
	case "metadata", "response_format", "text", "functions", "logit_bias":
		return lookNot
	}
	return lookPrompt
}

// noteTop notes a member of the body itself, whose value is at i.
func (s *scanner) noteTop(key []byte, i int) {
	if i >= len(s.b) || s.b[i] == 'n' {
		return
	}
	key = s.folded(key)
	switch string(key) {
	case "data_sources", "datasources":
		s.seen.reach |= tallygate.ReachData
	case "web_search_options":
		s.seen.reach |= tallygate.ReachTools
	case "tools":
		if first := s.space(i + 1); s.b[i] != '[' || first < len(s.b) && s.b[first] != '{' && s.b[first] != ']' {
			s.seen.reach |= tallygate.ReachTools
		}
	case "prompt":
		s.seen.refers = s.seen.refers || s.b[i] == '{'
	case "conversation", "thread", "assistant", "agent", "agent_reference", "container", "deployment", "deployment_name", "engine", "models":
		s.seen.refers = true
	default:
		s.noteName(key, i)
	}
}

// note notes a member inside the body, whose value is at i.
func (s *scanner) note(key []byte, i int) {
	if i >= len(s.b) || s.b[i] == 'n' {
		return
	}
	key = s.folded(key)
	switch s.look {
	case lookTools:
		s.noteTool(key, i)
	case lookData:
		// It would have the service ask a deployment that nobody has checked.
		s.seen.refers = s.seen.refers || string(key) == "deployment_name"
	default:
		s.notePrompt(key, i)
	}
}

// notePrompt notes a member of the prompt, or of what is not known.
func (s *scanner) notePrompt(key []byte, i int) {
	top := s.depth == itemDepth && s.field == FieldInput
	switch string(key) {
	case "type":
		if top {
			s.seen.item.kind = kindOf(s.b[i:])
		}
		s.noteKind(i)
	case "id":
		s.seen.item.id = s.seen.item.id || top
		s.seen.refers = s.seen.refers || s.field == FieldNone && s.depth == 2 // a voice of one's own, say
	case "content":
		s.seen.item.content = s.seen.item.content || top
	case "encrypted_content":
		s.seen.item.encrypted = s.seen.item.encrypted || top && !bytes.HasPrefix(s.b[i:], []byte(`""`))
	case "audio":
		s.seen.refers = s.seen.refers || s.b[i] == '{' && s.field == FieldMessages // what was said before, by its id
	case "tools":
		s.seen.reach |= tallygate.ReachTools
	case "annotations", "citations", "context", "action", "logprobs":
		s.look = lookNot // what earlier answers told of themselves: nobody fetches it
	default:
		s.noteName(key, i)
	}
}

// noteTool notes a member of a tool.
func (s *scanner) noteTool(key []byte, i int) {
	c := s.b[i]
	if s.depth > itemDepth && c != '"' && c != '[' {
		return // a schema describes members of such names by objects
	}
	switch string(key) {
	case "type":
		if s.depth == itemDepth {
			s.seen.item.kind = kindOf(s.b[i:])
		}
		s.noteKind(i)
	case "container":
		s.seen.refers = s.seen.refers || s.depth == itemDepth && c == '"'
	case "model", "deployment", "deployment_name":
		s.seen.refers = s.seen.refers || s.depth == itemDepth
	default:
		s.noteName(key, i)
	}
}

// noteName notes a member by what its name says of it: the id of something, or an
// address.
func (s *scanner) noteName(key []byte, i int) {
	n := len(key)
	if n < 3 {
		return
	}
	switch {
	case key[n-1] == 'd' && bytes.HasSuffix(key, []byte("_id")), key[n-1] == 's' && bytes.HasSuffix(key, []byte("_ids")):
		switch string(key) {
		case "call_id", "tool_call_id", "connector_id": // of the request's own; of a service that all may use
		default:
			s.seen.refers = s.seen.refers || !s.emptyArray(i)
		}
	case string(key) == "file_data": // may be an address all the same
		if head := s.b[i:min(i+16, len(s.b))]; bytes.Contains(head, []byte("://")) || bytes.IndexByte(head, '\\') >= 0 {
			s.seen.reach |= tallygate.ReachFiles
		}
	case key[n-1] != 'l' || string(key) != "url" && !bytes.HasSuffix(key, []byte("_url")):
	case s.b[i] == '{': // its own url follows
	case s.inData(i):
	case string(key) == "url", string(key) == "image_url":
		s.seen.reach |= tallygate.ReachImages
		s.seen.refers = s.seen.refers || !s.address(i)
	case string(key) == "server_url":
		s.seen.reach |= tallygate.ReachTools
	default:
		s.seen.reach |= tallygate.ReachFiles
	}
}

// noteKind notes a type that says that what it is of stands elsewhere.
func (s *scanner) noteKind(i int) {
	if end := bytes.IndexByte(s.b[i+1:min(len(s.b), i+64)], '"'); s.b[i] == '"' && end > 0 {
		s.seen.refers = s.seen.refers || bytes.HasSuffix(s.b[i+1:i+1+end], []byte("_reference"))
	}
}

// address reports whether the value at i begins like the address of something on the
// network; else a name takes its place, of a file say.
func (s *scanner) address(i int) bool {
	return bytes.Contains(s.b[i:min(i+16, len(s.b))], []byte("://")) || s.b[i] != '"'
}

// inData reports whether the value at i is a data URL, as it is written.
func (s *scanner) inData(i int) bool {
	const data = `"data:`
	return len(s.b)-i >= len(data) && strings.EqualFold(string(s.b[i:i+len(data)]), data)
}

// emptyArray reports whether the value at i is an array of nothing.
func (s *scanner) emptyArray(i int) bool {
	if s.b[i] != '[' {
		return false
	}
	i = s.space(i + 1)
	return i < len(s.b) && s.b[i] == ']'
}

// endItem judges an element of input or tools by what it was found to have.
func (s *scanner) endItem() {
	it := &s.seen.item
	switch {
	case s.look == lookTools:
		if it.kind != aFunction {
			s.seen.reach |= tallygate.ReachTools
		}
	case s.field != FieldInput || !it.id:
	case it.kind == aCall, (it.kind == aMessage || it.kind == noType) && it.content, it.kind == aReasoning && it.encrypted:
	default:
		s.seen.refers = true // its id is all of it, as far as anybody knows
	}
}

// kindOf returns what the value of a type, with its quotes, says of an item or a tool.
func kindOf(value []byte) itemKind {
	end := bytes.IndexByte(value[1:], '"')
	if value[0] != '"' || end < 0 {
		return otherType
	}
	switch string(value[1 : 1+end]) {
	case "message":
		return aMessage
	case "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output":
		return aCall
	case "reasoning":
		return aReasoning
	case "function", "custom":
		return aFunction
	}
	return otherType
}

// folded returns a key in lower case with underscores: a service that does not mind the
// case, or takes camel case too, would read it.
func (s *scanner) folded(key []byte) []byte {
	if !hasUpper(key) {
		return key
	}
	out := make([]byte, 0, len(key)+4)
	for i, c := range key {
		if c < 'A' || c > 'Z' {
			out = append(out, c)
			continue
		}
		if i > 0 && key[i-1] >= 'a' && key[i-1] <= 'z' {
			out = append(out, '_')
		}
		out = append(out, c|0x20)
	}
	return out
}
