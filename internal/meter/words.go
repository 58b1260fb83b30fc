package meter

import (
	"github.com/tallygate/tallygate/internal/jsontext"
	"github.com/tallygate/tallygate/internal/tokenizer"
)

// words is the text of a completion, kept to be counted in case no usage comes.
// Text is counted whole, not piece by piece: the deltas of one choice (or of one
// tool call) are put together first, because tokens reach over them. What is more
// than a bound goes on into a counter, so memory is bounded however long it gets.
type words struct {
	meter  *Meter
	base   string // the underlying model, for the encoding
	tracks []track
	last   int // the track that was added to last
	// pieces counts the deltas that had text. Each is a token at least, and more where
	// the service cut the text in other places than the encoding does.
	pieces int64
}

// track is one text: of one choice, or one argument list.
type track struct {
	key     uint32
	text    []byte
	counter *tokenizer.Counter
}

const (
	// maxTrack bounds the text of a track that waits to be counted, in bytes.
	maxTrack = 32 << 10
	// maxTracks bounds the texts; more of them run together in the last.
	maxTracks = 64
)

// add adds the contents of a JSON string to the text of that key.
func (w *words) add(key uint32, raw []byte) {
	if len(raw) <= 2 || raw[0] != '"' {
		return
	}
	w.pieces++
	t := w.track(key)
	t.text = jsontext.AppendText(t.text, raw)
	if len(t.text) < maxTrack {
		return
	}
	if t.counter == nil {
		e := w.meter.encoding(w.base)
		if e == nil {
			return
		}
		t.counter = e.NewCounter()
	}
	t.counter.Write(t.text)
	t.text = t.text[:0]
}

// track returns the text of that key, a new one when there is none.
func (w *words) track(key uint32) *track {
	if w.last < len(w.tracks) && w.tracks[w.last].key == key {
		return &w.tracks[w.last]
	}
	for i := range w.tracks {
		if w.tracks[i].key == key {
			w.last = i
			return &w.tracks[i]
		}
	}
	if len(w.tracks) == maxTracks {
		return &w.tracks[maxTracks-1]
	}
	w.last = len(w.tracks)
	if w.last < cap(w.tracks) {
		w.tracks = w.tracks[:w.last+1] // with its buffer
	} else {
		w.tracks = append(w.tracks, track{})
	}
	t := &w.tracks[w.last]
	t.key, t.text, t.counter = key, t.text[:0], nil
	return t
}

// empty reports whether there is no text.
func (w *words) empty() bool { return len(w.tracks) == 0 }

// count returns the tokens of all text, and of a stream no fewer than its pieces.
func (w *words) count() int64 {
	var n int64
	for i := range w.tracks {
		t := &w.tracks[i]
		switch e := w.meter.encoding(w.base); {
		case t.counter != nil:
			t.counter.Write(t.text)
			t.text = t.text[:0]
			n += int64(t.counter.Count())
		case e != nil:
			n += int64(e.Count(t.text))
		default:
			n += roughly(int64(len(t.text)))
		}
	}
	return max(n, w.pieces)
}

// reset empties the text and keeps the buffers.
func (w *words) reset() {
	for i := range w.tracks {
		w.tracks[i].counter = nil
	}
	w.tracks, w.last, w.pieces = w.tracks[:0], 0, 0
}

// roughly guesses the tokens of so many bytes of text.
func roughly(bytes int64) int64 { return (bytes + 3) / 4 }
