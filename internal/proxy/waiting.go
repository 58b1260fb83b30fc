package proxy

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// waiting is the ResponseWriter of a request whose client is told that it is still waited
// for before anybody has answered: after a while the head of a stream leaves, with a
// comment, and then a comment each while. What is written afterwards goes behind that:
// a stream as it is, and a refusal as an error event.
//
// Until start it is the writer that it wraps. The timer's goroutine writes until the
// answer begins; mu stands between the two.
type waiting struct {
	http.ResponseWriter
	control *http.ResponseController
	every   time.Duration
	chunked bool // the stream is one of chunks, as chats have it

	mu      sync.Mutex
	header  http.Header // the answer's, apart from the one that may have left; nil before start
	timer   *time.Timer
	begun   bool   // the head has left
	over    bool   // the answer has begun
	telling bool   // it is no stream: it is told in one
	told    []byte // what is to be told
}

// maxTold bounds a refusal that is told in a stream, in bytes.
const maxTold = 64 << 10

var comment = []byte(": keep-alive\n")

// newWaiting returns a writer that starts to tell when start is called.
func newWaiting(w http.ResponseWriter, every time.Duration) *waiting {
	return &waiting{ResponseWriter: w, control: http.NewResponseController(w), every: every}
}

// start begins to wait, for a stream: one of completions in chunks, or of events.
func (w *waiting) start(chunked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.chunked = chunked
	w.header = w.ResponseWriter.Header().Clone()
	w.timer = time.AfterFunc(w.every, w.tick)
}

// tick is the timer's.
func (w *waiting) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	if !w.begun {
		w.begun = true
		h := w.ResponseWriter.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-cache")
		w.ResponseWriter.WriteHeader(http.StatusOK)
	}
	if _, err := w.ResponseWriter.Write(comment); err != nil || w.control.Flush() != nil {
		return // the client has left: the request's context says so
	}
	w.timer.Reset(w.every)
}

// end stops to wait, and tells what is to be told. It must be called before the handler
// returns.
func (w *waiting) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.telling {
		_, _ = w.ResponseWriter.Write(w.event())
		_ = w.control.Flush() // a client that has left hears nothing
	}
}

// event returns the refusal as an event of the operation's own shape.
func (w *waiting) event() []byte {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(w.told, &body) != nil || len(body.Error) == 0 || body.Error[0] != '{' {
		body.Error = json.RawMessage(`{"message":"The deployment gave no answer that can be told in a stream.","type":"server_error","param":null,"code":"BadGateway"}`)
	}
	data := any(body)
	if !w.chunked {
		data = struct {
			Type     string          `json:"type"`
			Error    json.RawMessage `json:"error"`
			Sequence int             `json:"sequence_number"`
		}{"error", body.Error, 0}
	}
	text, _ := json.Marshal(data) // what was unmarshalled marshals
	if w.chunked {
		return fmt.Appendf(nil, "data: %s\n\n", text)
	}
	return fmt.Appendf(nil, "event: error\ndata: %s\n\n", text)
}

// Header implements http.ResponseWriter.
func (w *waiting) Header() http.Header {
	if w.header == nil {
		return w.ResponseWriter.Header()
	}
	return w.header
}

// WriteHeader implements http.ResponseWriter: the answer begins.
func (w *waiting) WriteHeader(status int) {
	if w.header == nil {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.over = true
	w.timer.Stop()
	if w.begun {
		kind, _, _ := strings.Cut(w.header.Get("Content-Type"), ";")
		w.telling = status != http.StatusOK || !strings.EqualFold(strings.TrimSpace(kind), "text/event-stream")
		return
	}
	h := w.ResponseWriter.Header()
	clear(h)
	maps.Copy(h, w.header)
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *waiting) Write(p []byte) (int, error) {
	if w.header != nil && !w.over {
		w.WriteHeader(http.StatusOK)
	}
	if w.telling {
		w.told = append(w.told, p[:min(len(p), maxTold-len(w.told))]...)
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// FlushError is what http.ResponseController calls to flush.
func (w *waiting) FlushError() error {
	if w.header != nil && !w.over {
		w.WriteHeader(http.StatusOK)
	}
	return w.control.Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *waiting) Unwrap() http.ResponseWriter { return w.ResponseWriter }
