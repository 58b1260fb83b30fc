package meter

import "bytes"

// Streams whose events name their type: responses above all, and those of
// images, audio and assistants, which are written the same way.

// typed reads an event. Of a delta only its beginning is read, up to the text; of
// the others only those are read whole that can say how the stream ends.
func (r *reading) typed(e event) {
	var kind, delta []byte
	var output uint32
	for k, v := range members(e.data) {
		switch string(k) {
		case "type":
			kind = text(v)
		case "sequence_number":
			if f := readFigure(v); f.given {
				r.sequence = f.n
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
		if !bytes.HasSuffix(kind, suffixAudio) { // sound is no text
			r.words.add(output, delta)
		}
	case string(kind) == "response.output_item.added":
		// The name of the function that is to be called.
		r.words.add(output, member(member(e.data, "item"), "name"))
		r.decide()
	case r.verdict == undecided || r.model == "" || tells(kind) || bytes.Contains(e.data, guardUsage):
		r.whole(e)
	}
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
		return
	}
	if s := text(t.value(fStatus)); len(s) > 0 && r.shape == typed {
		r.finish = known(s)
	}
	if reason := text(member(t.value(fIncomplete), "reason")); len(reason) > 0 {
		r.finish = string(reason)
	}
}

// output reads the text of a response that came whole: its messages, the calls
// it makes, its reasoning as far as it shows it.
func (r *reading) output(data []byte) {
	key := uint32(0)
	for item := range elements(member(data, "output")) {
		for k, v := range members(item) {
			switch string(k) {
			case "name", "arguments", "input":
				r.words.add(key, v)
			case "content", "summary":
				for part := range elements(v) {
					r.words.add(key, member(part, "text"))
					r.words.add(key, member(part, "refusal"))
				}
			}
		}
		key++
	}
}
