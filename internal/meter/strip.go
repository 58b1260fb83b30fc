package meter

import (
	"bytes"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// strip takes out of a stream of chunks what only stream_options.include_usage
// brought: the usage chunk at the end, and the usage member, null, of the others.
// It holds back an event until it is whole, and one at most; an event over
// maxEvent bytes goes out as it is.
type strip struct {
	events  events
	held    []byte // the beginning of an event
	passing bool   // the event is too long to hold: it passes
	dropped bool   // the end of the last event was taken out
}

// write gives p, less what is taken out, to put. Both are the stream's own.
func (t *strip) write(p []byte, put func([]byte)) {
	if t.events.lf && !t.events.open && len(t.held) == 0 && len(p) > 0 && p[0] == '\n' {
		// The second half of the line end of an event that has gone already.
		t.events.next(p[:1])
		if !t.dropped {
			put(p[:1])
		}
		p = p[1:]
	}
	sent, at := 0, 0 // p[:sent] is dealt with, p[:at] is read
	begin := 0       // of the event being read
	for at < len(p) {
		e, n, ok := t.events.next(p[at:])
		at += n
		if !ok {
			break
		}
		if t.passing || len(t.held) > 0 {
			t.finish(e, p[:at], put)
			begin, sent = at, at
			continue
		}
		raw := p[begin:at]
		from, to := surplus(raw, e)
		t.dropped = from < to && to == len(raw)
		if from < to {
			if begin+from > sent {
				put(p[sent : begin+from])
			}
			sent = begin + to
		}
		begin = at
	}
	if t.passing {
		put(p[sent:])
		return
	}
	if begin > sent {
		put(p[sent:begin])
	}
	t.hold(p[begin:], put)
}

// finish deals with an event that began in an earlier piece and ends with rest.
func (t *strip) finish(e event, rest []byte, put func([]byte)) {
	if t.passing {
		t.passing = false
		put(rest)
		return
	}
	t.held = append(t.held, rest...)
	from, to := surplus(t.held, e)
	t.dropped = from < to && to == len(t.held)
	if from > 0 {
		put(t.held[:from])
	}
	if to < len(t.held) {
		put(t.held[to:])
	}
	t.held = t.held[:0]
}

// hold keeps the beginning of an event, or lets it pass when it grows too long.
func (t *strip) hold(p []byte, put func([]byte)) {
	t.held = append(t.held, p...)
	if len(t.held) > maxEvent {
		put(t.held)
		t.held, t.passing = t.held[:0], true
	}
}

// end lets go what was held of an event that nothing ended.
func (t *strip) end(put func([]byte)) {
	if len(t.held) == 0 {
		return
	}
	e, _ := t.events.end()
	from, to := surplus(t.held, e)
	put(t.held[:from])
	put(t.held[to:])
	t.held = t.held[:0]
}

var endsInNoUsage = []byte(`,"usage":null}`)

// surplus returns which bytes of the event raw are there only because usage was
// asked for: from and to are equal when none are.
func surplus(raw []byte, e event) (from, to int) {
	last := bytes.HasSuffix(e.data, endsInNoUsage)
	if !last && !bytes.Contains(e.data, guardUsage) {
		return 0, 0
	}
	at := dataAt(raw, e.data)
	if at < 0 {
		return 0, 0 // data of several lines; nobody writes chunks that way
	}
	if last {
		// The last member of the outermost object, the commonest case.
		end := at + len(e.data) - 1
		return end - len(endsInNoUsage) + 1, end
	}
	from, to, value := memberSpan(e.data, "usage")
	switch {
	case from == to:
		return 0, 0
	case jsontext.IsNull(value):
		return at + from, at + to
	case jsontext.IsObject(value) && usageOnly(e.data):
		return 0, len(raw)
	}
	return 0, 0
}

// dataAt returns where the data of the event raw begins, -1 when it is not in one
// piece there.
func dataAt(raw, data []byte) int {
	const at = len("data: ")
	if len(raw) >= at+len(data) && bytes.Equal(raw[at:at+len(data)], data) {
		return at
	}
	return bytes.Index(raw, data)
}

// usageOnly reports whether a chunk with a usage is there for its sake alone: it
// has no choices, and no annotation of the prompt.
func usageOnly(data []byte) bool {
	if jsontext.Member(data, "prompt_filter_results") != nil || jsontext.Member(data, "prompt_annotations") != nil {
		return false
	}
	choices := jsontext.Member(data, "choices")
	for range jsontext.Elements(choices) {
		return false
	}
	return choices != nil
}

// memberSpan returns where a member lies in the object raw, with the comma that
// ties it to its neighbours, and its value. from and to are equal when it is not
// there.
func memberSpan(raw []byte, name string) (from, to int, value []byte) {
	after := jsontext.Space(raw, 0) + 1 // behind the member before
	first, found := true, false
	for k, v := range jsontext.Members(raw) {
		// v is a part of raw: what is behind it tells where it begins.
		begin := cap(raw) - cap(v)
		if found {
			// The first of several: it goes up to the key of the second.
			return from, to + bytes.IndexByte(raw[to:begin], '"'), value
		}
		if string(k) == name {
			from, to, value = after, begin+len(v), v
			if found = first; !found {
				return from, to, value
			}
		}
		after, first = begin+len(v), false
	}
	return from, to, value
}
