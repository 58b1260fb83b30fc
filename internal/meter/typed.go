package meter

import (
	"bytes"
	"strconv"
)

// Streams whose events name their type: responses above all, and those of
// images, audio and assistants, which are written the same way.

var (
	guardType     = []byte(`{"type":"`)
	guardSequence = []byte(`"sequence_number":`)
	guardOutput   = []byte(`"output_index":`)
	guardText     = []byte(`"delta":"`)
	suffixDelta   = []byte(".delta")
	suffixAudio   = []byte(".audio.delta")
)

// typed reads an event. Deltas are read by guards, like plain chunks; of the
// others only those are read whole that can say how it ends.
func (r *reading) typed(e event) {
	kind := eventType(e)
	if n := numberAfter(e.data, guardSequence); n >= 0 {
		r.sequence = n
	}
	switch {
	case bytes.HasSuffix(kind, suffixDelta) && !bytes.Contains(e.data, guardUsage):
		r.decide()
		r.delta(kind, e.data)
		return
	case string(kind) == "response.output_item.added":
		r.itemName(e.data)
	}
	if r.verdict == undecided || r.model == "" || tells(kind) || bytes.Contains(e.data, guardUsage) {
		r.whole(e)
		return
	}
}

// tells reports whether an event of that type, or of none, can say how the
// stream ends.
func tells(kind []byte) bool {
	switch string(kind) {
	case "", "error", "response.failed", "response.completed", "response.incomplete", "response.cancelled":
		return true
	}
	return false
}

// eventType returns the type of an event: its data's, or its name.
func eventType(e event) []byte {
	if rest, ok := bytes.CutPrefix(e.data, guardType); ok {
		if n := bytes.IndexByte(rest, '"'); n >= 0 {
			return rest[:n]
		}
	}
	if kind := text(member(e.data, "type")); len(kind) > 0 {
		return kind
	}
	return e.name
}

// delta reads the text that an event adds. Sound is no text.
func (r *reading) delta(kind, data []byte) {
	if bytes.HasSuffix(kind, suffixAudio) {
		return
	}
	i := bytes.Index(data, guardText)
	var raw []byte
	if i >= 0 {
		from := i + len(guardText) - 1
		if end := skipString(data, from); end > 0 {
			raw = data[from:end]
		}
	} else {
		raw = member(data, "delta")
	}
	r.words.add(outputKey(data), raw)
}

// itemName reads the name of the function that an output item begins to call.
func (r *reading) itemName(data []byte) {
	r.words.add(outputKey(data), member(member(data, "item"), "name"))
}

// outputKey returns the key of the text of an output item.
func outputKey(data []byte) uint32 {
	return uint32(max(0, numberAfter(data, guardOutput)))
}

// numberAfter returns the number behind a guard, -1 when there is none.
func numberAfter(data, guard []byte) int64 {
	i := bytes.Index(data, guard)
	if i < 0 {
		return -1
	}
	from := space(data, i+len(guard))
	end := from
	for end < len(data) && data[end] >= '0' && data[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(data[from:end]), 10, 64)
	if err != nil {
		return -1
	}
	return n
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
