package meter

import (
	"bytes"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// Chat and text completions, streamed in chunks and whole.

// The byte strings that tell what a chunk is. Their opening quotation marks are
// left out: a search is faster for what begins with a rarer byte.
var (
	guardContent = []byte(`delta":{"content":"`)
	guardDelta   = []byte(`delta"`)
	guardIndex0  = []byte(`index":0`)
	guardGoesOn  = []byte(`finish_reason":null`)
	guardUsage   = []byte(`usage"`)
	guardNoUsage = []byte(`usage":null`)
)

// form is what the chunks of a stream have in common: all but their text. A chunk
// of the same form needs no reading, and nearly all of them are of one. Deltas of
// typed streams use it their own way.
type form struct {
	head, tail []byte // up to the text's opening quotation mark, from its closing one on
}

// maxForm bounds what is kept of a chunk as its form, in bytes.
const maxForm = 4 << 10

// text returns the text of a chunk of this form, as a JSON string.
func (f *form) text(data []byte) (raw []byte, ok bool) {
	from, to := len(f.head), len(data)-len(f.tail)
	if from == 0 || from >= to || !bytes.Equal(data[:from], f.head) || !bytes.Equal(data[to:], f.tail) {
		return nil, false
	}
	// The text must end where the tail begins, not before it.
	return data[from-1 : to+1], jsontext.SkipString(data, from-1) == to+1
}

// plain reads the commonest chunk, in which the first choice goes on with some
// text and nothing else happens, and returns false for any other.
func (r *reading) plain(data []byte) bool {
	raw, ok := r.form.text(data)
	if !ok {
		from, end := plainText(data)
		if from < 0 || r.model == "" {
			return false
		}
		raw = data[from:end]
		if len(data) <= maxForm {
			r.form.head = append(r.form.head[:0], data[:from+1]...)
			r.form.tail = append(r.form.tail[:0], data[end-1:]...)
		}
	}
	r.words.add(0, raw)
	return true
}

// plainText returns where the text of a plain chunk lies, as a JSON string; from
// is -1 when the chunk is of another kind. It looks for a few byte strings instead
// of reading all: inside a JSON string a quotation mark has a backslash before it,
// so none of them can be part of the model's text.
func plainText(data []byte) (from, end int) {
	i := bytes.Index(data, guardContent)
	if i < 1 || data[i-1] != '"' || !bytes.Contains(data, guardGoesOn) {
		return -1, 0
	}
	from = i + len(guardContent) - 1
	end = jsontext.SkipString(data, from)
	if end < 0 || end >= len(data) || data[end] != '}' || bytes.Contains(data[end:], guardDelta) {
		return -1, 0
	}
	rest := data[end:]
	at := bytes.Index(rest, guardIndex0)
	if at < 0 {
		rest = data
		at = bytes.Index(data[:i], guardIndex0)
	}
	if at < 0 {
		return -1, 0
	}
	if rest = rest[at+len(guardIndex0):]; len(rest) == 0 || rest[0] != ',' && rest[0] != '}' {
		return -1, 0
	}
	if u := bytes.Index(data, guardUsage); u >= 0 && !bytes.HasPrefix(data[u:], guardNoUsage) {
		return -1, 0
	}
	return from, end
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
	for choice := range jsontext.Elements(jsontext.Member(data, "choices")) {
		var index uint32
		var delta, words, finish []byte
		for k, v := range jsontext.Members(choice) {
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
				finish = jsontext.Text(v)
			}
		}
		if len(finish) > 0 {
			if r.finish == "" || index == 0 {
				r.finish = known(finish)
			}
			r.finishes(index)
		}
		r.words.add(index<<16+inContent, words)
		r.message(index<<16, delta)
	}
}

// finishes notes that a choice has finished.
func (r *reading) finishes(choice uint32) {
	word, bit := int(choice/64), uint64(1)<<(choice%64)
	for len(r.over) <= word {
		r.over = append(r.over, 0)
	}
	if r.over[word]&bit == 0 {
		r.over[word] |= bit
		r.finished++
	}
	r.ended = r.ended || r.finished >= r.choices
}

// message reads the text of a message, or of a delta of one, under a key.
func (r *reading) message(key uint32, raw []byte) {
	for k, v := range jsontext.Members(raw) {
		switch string(k) {
		case "content":
			r.words.add(key+inContent, v)
		case "refusal":
			r.words.add(key+inRefusal, v)
		case "reasoning_content":
			r.words.add(key+inReasoning, v)
		case "audio":
			r.words.add(key+inTranscript, jsontext.Member(v, "transcript"))
		case "function_call":
			r.call(key+inFunction, v)
		case "tool_calls":
			for call := range jsontext.Elements(v) {
				tool := uint32(0)
				if f := readFigure(jsontext.Member(call, "index")); f.given && !f.bad {
					tool = uint32(f.n) & 0xfff
				}
				r.call(key|(inTool+tool), jsontext.Member(call, "function"))
				r.call(key|(inTool+tool), jsontext.Member(call, "custom"))
			}
		}
	}
}

// call reads the text of a call of a function: its name and its arguments.
func (r *reading) call(key uint32, raw []byte) {
	for k, v := range jsontext.Members(raw) {
		switch string(k) {
		case "name", "arguments", "input":
			r.words.add(key, v)
		}
	}
}
