package meter

import "bytes"

// Chat and text completions, streamed in chunks and whole.

var (
	guardContent = []byte(`"delta":{"content":"`)
	guardDelta   = []byte(`"delta"`)
	guardIndex0  = []byte(`"index":0`)
	guardGoesOn  = []byte(`"finish_reason":null`)
	guardUsage   = []byte(`"usage"`)
	guardNoUsage = []byte(`"usage":null`)
)

// plain reads the commonest chunk, in which the first choice goes on with some
// text and nothing else happens, and returns false for any other. It looks for a
// few byte strings instead of reading all: inside a JSON string a quotation mark
// has a backslash before it, so none of them can be part of the model's text.
func (r *reading) plain(data []byte) bool {
	i := bytes.Index(data, guardContent)
	if i < 0 || r.model == "" || !bytes.Contains(data, guardGoesOn) {
		return false
	}
	from := i + len(guardContent) - 1
	end := skipString(data, from)
	if end < 0 || end >= len(data) || data[end] != '}' {
		return false
	}
	rest := data[end:]
	if bytes.Contains(rest, guardDelta) {
		return false
	}
	index := bytes.Index(rest, guardIndex0)
	if index >= 0 {
		rest = rest[index+len(guardIndex0):]
	} else if index = bytes.Index(data[:i], guardIndex0); index >= 0 {
		rest = data[index+len(guardIndex0):]
	}
	if index < 0 || len(rest) == 0 || rest[0] != ',' && rest[0] != '}' {
		return false
	}
	if u := bytes.Index(data, guardUsage); u >= 0 && !bytes.HasPrefix(data[u:], guardNoUsage) {
		return false
	}
	r.words.add(0, data[from:end])
	return true
}

// The texts of a choice that are counted apart from each other.
const (
	inContent = iota
	inRefusal
	inReasoning
	inTranscript
	inFunction
	inTool // and one for each further tool call
)

// chunk reads the choices of a chunk or of a whole answer: their text, and why
// they ended.
func (r *reading) chunk(data []byte) {
	for choice := range elements(member(data, "choices")) {
		var index uint32
		var delta, words, finish []byte
		for k, v := range members(choice) {
			switch string(k) {
			case "index":
				if f := readFigure(v); f.given && !f.bad {
					index = uint32(f.n) & 0xffff
				}
			case "delta", "message":
				delta = v
			case "text":
				words = v
			case "finish_reason":
				finish = text(v)
			}
		}
		if len(finish) > 0 {
			if r.finish == "" || index == 0 {
				r.finish = known(finish)
			}
			r.ended = true
		}
		r.words.add(index<<16|inContent, words)
		r.message(index<<16, delta)
	}
}

// message reads the text of a message, or of a delta of one, under a key.
func (r *reading) message(key uint32, raw []byte) {
	for k, v := range members(raw) {
		switch string(k) {
		case "content":
			r.words.add(key|inContent, v)
		case "refusal":
			r.words.add(key|inRefusal, v)
		case "reasoning_content":
			r.words.add(key|inReasoning, v)
		case "audio":
			r.words.add(key|inTranscript, member(v, "transcript"))
		case "function_call":
			r.call(key|inFunction, v)
		case "tool_calls":
			for call := range elements(v) {
				tool := uint32(0)
				if f := readFigure(member(call, "index")); f.given && !f.bad {
					tool = uint32(f.n) & 0xfff
				}
				r.call(key|(inTool+tool), member(call, "function"))
				r.call(key|(inTool+tool), member(call, "custom"))
			}
		}
	}
}

// call reads the text of a call of a function: its name and its arguments.
func (r *reading) call(key uint32, raw []byte) {
	for k, v := range members(raw) {
		switch string(k) {
		case "name", "arguments", "input":
			r.words.add(key, v)
		}
	}
}
