package wire

import (
	"bytes"
	"strings"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// prompted scans a member of the prompt that is a string, which begins at i, and counts
// it by its key: as text, as a picture in a data URL, or as what is elsewhere.
func (s *scanner) prompted(key []byte, i int) int {
	kind := aText
	switch string(key) {
	case "data":
		kind = aSound
	case "url", "image_url":
		kind = anAddress
	case "file_data":
		kind = aFile
	case "file_id", "file_url", "server_url":
		kind = aReference
	case "type":
		kind = aKind
	}
	end, escaped := s.text(i)
	if end < 0 {
		return end
	}
	raw := s.b[i+1 : end-1]
	if escaped && kind > aSound {
		raw = jsontext.AppendInner(nil, raw)
	}
	inside := s.field != FieldTools || s.depth == toolDepth // and no schema that speaks of such members
	switch {
	case kind == aSound: // no text, and the body's length bounds it
	case kind == anAddress && inside && isPicture(raw):
		s.files++
		s.binary += int64(end - i - 2)
	case kind == aFile && inside: // pages are pictures and text
		s.refers = true
	default:
		s.refers = s.refers || (kind == anAddress || kind == aReference) && inside || kind == aKind && s.hosted(raw)
		s.chars += int64(end - i - 2)
	}
	return end
}

// What a member of the prompt is, by its key.
const (
	aText = iota
	aSound
	anAddress
	aFile
	aReference
	aKind
)

// toolDepth is how deep the members of a tool are.
const toolDepth = 3

// isPicture reports whether an address is a picture itself.
func isPicture(url []byte) bool { return bytes.HasPrefix(url, []byte("data:image/")) }

// hosted reports whether a member type says that the service itself adds to the
// prompt: tools of its own, what they did before, and items that it keeps.
func (s *scanner) hosted(kind []byte) bool {
	name := string(kind)
	if s.field == FieldTools {
		return s.depth == toolDepth && name != "function" && name != "custom"
	}
	return name == "item_reference" || strings.HasSuffix(name, "_call") && name != "function_call" && name != "custom_tool_call"
}

// refersAt reports whether a member of the body itself, whose value is at i, makes the
// prompt more than the body.
func (s *scanner) refersAt(key []byte, i int) bool {
	if i >= len(s.b) || s.b[i] == 'n' {
		return false
	}
	switch string(key) {
	case "previous_response_id", "conversation", "data_sources", "dataSources", "web_search_options":
		return true
	case "prompt":
		return s.b[i] == '{' // one that the service keeps
	}
	return false
}
