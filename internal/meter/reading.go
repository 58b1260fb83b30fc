package meter

import (
	"bytes"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/jsontext"
)

// reading is what an answer has told so far. It is fed with the answer's bytes,
// as a stream of events or as one JSON body, and never fails on any of them.
type reading struct {
	events events
	tap    tap
	words  words
	form   form
	spare  []byte   // a buffer for the copy of a body
	over   []uint64 // a bit for each choice that has finished
	told
}

// told is what one answer has told; all else in a reading is kept for the next.
type told struct {
	chunked  bool   // completions cut in pieces, as against events that name their type
	streamed bool   // it is a stream of events
	item     uint32 // the output item whose deltas have the form
	limits   bool   // the answer came with Retry-After
	// The bytes of a body whose text was read, and all its bytes; 0 when equal.
	read, total int64

	usage  tallygate.Usage
	known  bool  // a usage came
	bad    bool  // one came that cannot be true
	unread bool  // some of the answer could not be read
	length int64 // seconds of sound that a transcript says it is of

	id, model, finish string
	code              string // of the error it holds
	sequence          int64  // of the last event; -1 when events have none

	verdict verdict
	fault   []byte // the error object, when verdict is refused
	status  int    // that the error should have had
	// ended: the stream said that it is complete, or every choice that was asked for has
	// finished. failed: it said that it broke.
	ended, failed     bool
	choices, finished int64 // that were asked for, and that have finished
}

// verdict is what the beginning of a stream makes of it.
type verdict uint8

const (
	// undecided: nothing but a preamble came, which refusals have as well.
	undecided verdict = iota
	// answering: an answer began, or a refusal that another deployment would
	// repeat.
	answering
	// refused: the stream refuses, another deployment may not.
	refused
)

// maxSpare bounds the buffers that a reading keeps for the next answer, in bytes.
const maxSpare = 64 << 10

// reading returns a reading for an answer; release gives it back.
func (m *Meter) reading(a *Answer) *reading {
	r := m.readings.Get().(*reading)
	r.chunked, r.sequence, r.choices = a.API.Chunked(), -1, max(a.Choices, 1)
	r.words.meter, r.words.base = m, a.Base
	return r
}

// release gives a reading back, empty but for its buffers. It empties it in place:
// a copy would make the stack of every stream larger by its size.
func (m *Meter) release(r *reading) {
	if cap(r.spare) > maxSpare {
		r.spare = nil
	}
	r.events.reset()
	r.tap.reset()
	r.words.reset()
	r.form.head, r.form.tail = r.form.head[:0], r.form.tail[:0]
	clear(r.over)
	r.over = r.over[:0]
	r.told = told{}
	m.readings.Put(r)
}

// feed reads the next piece of a stream.
func (r *reading) feed(p []byte) {
	for len(p) > 0 {
		e, n, ok := r.events.next(p)
		p = p[n:]
		if ok {
			r.event(e)
		}
	}
}

// close reads what the end of the stream left without its blank line.
func (r *reading) close() {
	if e, ok := r.events.end(); ok {
		r.event(e)
	}
}

// event reads one event.
func (r *reading) event(e event) {
	switch {
	case e.long != nil:
		r.facts(e.long, e)
	case string(e.data) == "[DONE]":
		r.ended = true
		r.decide()
	case r.chunked:
		if r.verdict == answering && r.plain(e.data) {
			return
		}
		r.whole(e)
		r.chunk(e.data)
	default:
		r.typed(e)
	}
}

// whole reads the facts of an event that is whole in memory.
func (r *reading) whole(e event) {
	r.tap.reset()
	r.tap.feed(e.data)
	r.facts(&r.tap, e)
}

// facts takes over what a tap has found in an event or in a body.
func (r *reading) facts(t *tap, e event) {
	r.takeUsage(t.value(fUsage))
	if f := readSeconds(t.value(fDuration)); f.given && !f.bad {
		r.length = f.n
	}
	if r.id == "" {
		r.id = string(jsontext.Text(t.value(fID)))
	}
	if r.model == "" {
		r.model = string(jsontext.Text(t.value(fModel)))
	}
	if s := jsontext.Text(t.value(fFinish)); len(s) > 0 && r.finish == "" {
		r.finish = known(s)
		r.ended = r.ended || r.choices == 1
	}
	kind := jsontext.Text(t.value(fType))
	r.terminal(t, kind)
	switch raw := t.value(fError); {
	case jsontext.IsObject(raw):
		r.takeError(raw)
	case string(kind) == "error" || string(e.name) == "error" || e.data != nil && len(raw) > 0 && raw[0] == '"':
		r.takeError(flatError(t, e.data)) // the event itself is the error
	case string(kind) == "response.failed":
		r.takeError([]byte(unexplained))
	case !r.preamble(t, kind):
		r.decide()
	}
}

// flatError returns the error object of an event that is the error itself.
func flatError(t *tap, data []byte) []byte {
	if jsontext.IsObject(data) {
		return data
	}
	if code := t.value(fCode); !jsontext.IsNull(code) {
		return append(append([]byte(`{"code":`), code...), '}')
	}
	return []byte("{}")
}

// known returns a finish reason as a string, without allocating for those there
// are.
func known(reason []byte) string {
	switch string(reason) {
	case "stop":
		return "stop"
	case "length":
		return "length"
	case "tool_calls":
		return "tool_calls"
	case "content_filter":
		return "content_filter"
	case "completed":
		return "completed"
	}
	return string(reason)
}

// preamble reports whether an event is one that refusals begin with as well.
func (r *reading) preamble(t *tap, kind []byte) bool {
	if r.chunked {
		return t.choice == 0 && !r.known
	}
	switch string(kind) {
	case "response.created", "response.in_progress", "response.queued":
		return true
	}
	return false
}

// decide notes that the stream answers, unless it has refused.
func (r *reading) decide() {
	if r.verdict == undecided {
		r.verdict = answering
	}
}

// takeUsage reads a usage object; the last one that makes sense counts.
func (r *reading) takeUsage(raw []byte) {
	if !jsontext.IsObject(raw) {
		return
	}
	u, ok, bad := readUsage(raw)
	if ok {
		r.usage, r.known = u, true
	}
	r.bad = r.bad || bad
}

// takeError notes an error object: a refusal when nothing else came before.
func (r *reading) takeError(raw []byte) {
	code, status := readError(raw, r.limits)
	if r.code == "" {
		r.code = code
	}
	switch {
	case r.verdict == undecided && !elsewhere(status):
		r.verdict, r.status = answering, status
	case r.verdict == undecided:
		r.verdict, r.status = refused, status
		r.fault = bytes.Clone(raw)
	}
	r.failed = true
}

// report puts what the answer told into out.
func (r *reading) report(a *Answer, out *Result) {
	if a.Object && r.known {
		out.Told = r.usage
	}
	out.Finish, out.Model, out.ResponseID, out.Code = r.finish, r.model, r.id, r.code
}
