package meter

import (
	"errors"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// events are what the streams of an operation are made of.
type eventsOf struct {
	op                            API
	preamble, piece, last, second string // second is a last one of another choice
	ended                         string // says that all is complete; empty when the last says so
	refused                       string // an error event
}

func named(kind, more string) string {
	return "event: " + kind + "\ndata: {\"type\":\"" + kind + "\"" + more + "}\n\n"
}

var streamed = []eventsOf{
	{
		op: Chat, preamble: firstChunk, piece: textChunk, last: lastChunk,
		second: strings.ReplaceAll(lastChunk, `"index":0`, `"index":1`), ended: doneChunk,
		refused: `data: {"error":{"message":"x","type":"server_error","code":"server_error"}}` + "\n\n",
	},
	{
		op: Text, preamble: firstChunk,
		piece:  `data: {"id":"c","model":"m","choices":[{"text":"Hi","index":0,"finish_reason":null}]}` + "\n\n",
		last:   `data: {"id":"c","model":"m","choices":[{"text":"","index":0,"finish_reason":"stop"}]}` + "\n\n",
		second: `data: {"id":"c","model":"m","choices":[{"text":"","index":1,"finish_reason":"stop"}]}` + "\n\n", ended: doneChunk,
		refused: `data: {"error":{"message":"x","type":"server_error","code":"server_error"}}` + "\n\n",
	},
	{
		op: Events, preamble: named("response.created", `,"response":{"id":"r"}`),
		piece:   named("response.output_text.delta", `,"delta":"Hi"`),
		last:    named("response.completed", `,"response":{"id":"r","status":"completed"}`),
		refused: named("response.failed", `,"response":{"id":"r","status":"failed","error":{"code":"server_error","message":"x"}}`),
	},
	{
		op: Media, piece: named("image_generation.partial_image", `,"b64_json":"AA"`),
		last: named("image_generation.completed", `,"b64_json":"AAAA"`), second: named("image_generation.completed", `,"b64_json":"BBBB"`),
		refused: named("error", `,"error":{"code":"server_error","message":"x"}`),
	},
	{
		op: Media, piece: named("speech.audio.delta", `,"audio":"AA"`), last: named("speech.audio.done", ``),
		refused: named("error", `,"error":{"code":"server_error","message":"x"}`),
	},
	{
		op: Media, piece: named("transcript.text.delta", `,"delta":"Hi"`), last: named("transcript.text.done", `,"text":"Hi"`),
		refused: named("error", `,"error":{"code":"server_error","message":"x"}`),
	},
}

// ending is a way in which a stream ends, and what is due then.
type ending struct {
	name    string
	came    string
	err     error
	choices int64
	want    due
}

type due int

const (
	isWhole   due = iota // answered, as it came
	isBroken             // an error event behind what came
	isFailing            // failed, as it came
	isBack               // nothing left
)

func endings(s eventsOf) []ending {
	reset := errors.New("connection reset by peer")
	half := s.piece[:len(s.piece)/2]
	out := []ending{
		{"empty", "", nil, 1, isBack},
		{"reset at once", "", reset, 1, isBack},
		{"comments alone", ": hello\n\n", nil, 1, isBack},
		{"cut in the midst", s.preamble + s.piece, nil, 1, isBroken},
		{"reset in the midst", s.preamble + s.piece, reset, 1, isBroken},
		{"cut in an event", s.preamble + s.piece + half, nil, 1, isBroken},
		{"reset in an event", s.preamble + s.piece + half, reset, 1, isBroken},
		{"whole", s.preamble + s.piece + s.last + s.ended, nil, 1, isWhole},
		{"whole, then a reset", s.preamble + s.piece + s.last + s.ended, reset, 1, isWhole},
		{"finished, the rest lacking", s.preamble + s.piece + s.last, nil, 1, isWhole},
		{"an error in the midst", s.preamble + s.piece + s.refused, nil, 1, isFailing},
		{"an error at once", s.preamble + s.refused, nil, 1, isBack},
	}
	if s.preamble != "" {
		out = append(out, ending{"a preamble alone", s.preamble, nil, 1, isBack}, ending{"a preamble, then a reset", s.preamble, reset, 1, isBack})
	}
	if s.second == "" {
		return out // there is never more than one choice
	}
	if s.op.Chunked() { // images have no index: two are two
		out = append(out, ending{"one of two finished, twice", s.preamble + s.piece + s.last + s.last, nil, 2, isBroken})
	}
	return append(out,
		ending{"one of two finished", s.preamble + s.piece + s.last, nil, 2, isBroken},
		ending{"one of two finished, then a reset", s.preamble + s.piece + s.last, reset, 2, isBroken},
		ending{"both of two finished", s.preamble + s.piece + s.second + s.last, reset, 2, isWhole})
}

// However a stream ends, the client can tell whether it is whole, and so does the ledger:
// what broke off ends in one error event of the operation's own shape with nothing behind
// it, or, where nothing had left, is handed back; nothing says [DONE] but the upstream.
func TestHowStreamsEnd(t *testing.T) {
	for _, s := range streamed {
		for _, c := range endings(s) {
			w := newClient()
			a := Answer{API: s.op, Stream: true, Base: "gpt-4o", Choices: c.choices}
			out, err := newMeter(t).Copy(w, eventAnswer(&parts{pieces: [][]byte{[]byte(c.came)}, err: c.err}), a)
			got := w.got()
			tail, begun := strings.CutPrefix(got, c.came)
			ok := false
			switch c.want {
			case isWhole:
				ok = err == nil && got == c.came && out.Outcome == tallygate.Answered
			case isBack:
				ok = err != nil && !out.Committed && got == "" && out.Outcome == tallygate.Failed && !out.Usage.Known()
			case isFailing:
				ok = err != nil && got == c.came && out.Outcome == tallygate.Failed
			case isBroken:
				ok = err != nil && begun && isErrorEvent(s.op, strings.TrimLeft(tail, "\n")) && out.Outcome == tallygate.Failed
				if s.op.counted() {
					ok = ok && out.Usage.Source == tallygate.Partial
				}
			}
			if !ok {
				t.Errorf("%s, %s: %+v, %v, %q", s.op, c.name, out, err, got)
			}
		}
	}
}

// isErrorEvent reports whether a text is one error event as the operation has them, and
// nothing else.
func isErrorEvent(op API, text string) bool {
	before := "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":"
	if op.Chunked() {
		before = "data: {\"error\":{\"message\":"
	}
	return strings.HasPrefix(text, before) && strings.HasSuffix(text, "}\n\n") && strings.Count(text, "\n\n") == 1
}
