package meter

import (
	"bytes"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// Streams whose events name their type: responses above all, and those of
// images, audio and assistants, which are written the same way.

// typed reads an event. Of a delta only its beginning is read, up to the text; of
// the others only those are read whole that can say how the stream ends.
func (r *reading) typed(e event) {
	if raw, n, ok := r.form.delta(e.data); ok {
		r.sequence = n
		r.words.add(r.item, raw)
		return
	}
	var kind, sequence, delta []byte
	var output uint32
	for k, v := range jsontext.Members(e.data) {
		switch string(k) {
		case "type":
			kind = jsontext.Text(v)
		case "sequence_number":
			if f := readFigure(v); f.given && !f.bad {
				r.sequence, sequence = f.n, v
			}
		case "output_index":
			output = uint32(max(0, readFigure(v).n))
		case "delta":
			delta = v
		}
		if delta != nil && kind != nil {
			break
		}
	}
	switch {
	case delta != nil && bytes.HasSuffix(kind, suffixDelta):
		r.decide()
		if bytes.HasSuffix(kind, suffixAudio) {
			return // sound is no text
		}
		r.words.add(output, delta)
		r.item = output
		r.form.learn(e.data, sequence, delta)
	case string(kind) == "response.output_item.added":
		// The name of the function that is to be called.
		r.words.add(output, jsontext.Member(jsontext.Member(e.data, "item"), "name"))
		r.decide()
	case r.verdict == undecided || r.model == "" || tells(kind) || bytes.Contains(e.data, guardUsage):
		r.whole(e)
	}
}

// learn keeps what the deltas of an output item have in common: all up to their
// text but the sequence number. head is what is before that, tail what is between.
func (f *form) learn(data, sequence, delta []byte) {
	f.head, f.tail = f.head[:0], f.tail[:0]
	// Both are parts of data: what is behind them tells where they begin.
	at, from := cap(data)-cap(sequence), cap(data)-cap(delta)
	if sequence == nil || delta[0] != '"' || at > from || from > maxForm {
		return
	}
	f.head = append(f.head, data[:at]...)
	f.tail = append(f.tail, data[at+len(sequence):from+1]...)
}

// delta returns the text and the number of a delta of this form.
func (f *form) delta(data []byte) (raw []byte, sequence int64, ok bool) {
	rest, ok := bytes.CutPrefix(data, f.head)
	if !ok || len(f.head) == 0 {
		return nil, 0, false
	}
	n := 0
	for n < len(rest) && n < 9 && rest[n] >= '0' && rest[n] <= '9' {
		sequence = sequence*10 + int64(rest[n]-'0')
		n++
	}
	if n == 0 || !bytes.HasPrefix(rest[n:], f.tail) {
		return nil, 0, false
	}
	from := len(f.head) + n + len(f.tail) - 1
	end := jsontext.SkipString(data, from)
	if end < 0 {
		return nil, 0, false
	}
	return data[from:end], sequence, true
}

var (
	suffixDelta = []byte(".delta")
	suffixAudio = []byte(".audio.delta")
)

// tells reports whether an event of that type, or of none, can say how the
// stream ends.
func tells(kind []byte) bool {
	switch string(kind) {
	case "", "error", "response.failed", "response.completed", "response.incomplete", "response.cancelled":
		return true
	}
	return isLast(kind)
}

// isLast reports whether an event of that type is the last of an image, of speech or of a
// transcription.
func isLast(kind []byte) bool {
	switch string(kind) {
	case "image_generation.completed", "image_edit.completed", "speech.audio.done", "transcript.text.done":
		return true
	}
	return false
}

// terminal takes the status of a response whose stream ends, or that came whole.
func (r *reading) terminal(t *tap, kind []byte) {
	switch string(kind) {
	case "response.completed", "response.incomplete", "response.cancelled", "response.failed":
		r.ended = true
	case "":
		// A body: its status says how it ended.
	default:
		if isLast(kind) {
			r.finished++ // of the images that were asked for
			r.ended = r.ended || r.finished >= r.choices
		}
		return
	}
	if s := jsontext.Text(t.value(fStatus)); len(s) > 0 && !r.chunked {
		r.finish = known(s)
	}
	if reason := jsontext.Text(jsontext.Member(t.value(fIncomplete), "reason")); len(reason) > 0 {
		r.finish = string(reason)
	}
}

// output reads the text of a response that came whole: its messages, the calls
// it makes, its reasoning as far as it shows it.
func (r *reading) output(data []byte) {
	key := uint32(0)
	for item := range jsontext.Elements(jsontext.Member(data, "output")) {
		for k, v := range jsontext.Members(item) {
			switch string(k) {
			case "name", "arguments", "input":
				r.words.add(key, v)
			case "content", "summary":
				for part := range jsontext.Elements(v) {
					r.words.add(key, jsontext.Member(part, "text"))
					r.words.add(key, jsontext.Member(part, "refusal"))
				}
			}
		}
		key++
	}
}
