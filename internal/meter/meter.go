// Package meter is the way back, counted: it copies the upstream's answer to the
// client byte for byte as it comes, and reads what was used from a copy beside.
//
// The copy comes first. Bytes are written and flushed as they arrive; the reading
// never delays, changes or breaks them, whatever they hold. Three things are done
// to a stream, all declared: what only the gateway asked for is taken out again
// (Answer.StripUsage), comment lines keep a silent connection open
// (Answer.KeepAlive), and a stream that breaks off ends in an error event instead
// of in silence. A stream that begins with a refusal is handed back before
// anything was sent, so that another deployment can be tried.
//
// The upstream's own usage figure is the truth. Where it is missing (old API
// versions, a cut stream, a client that went away) tokens are counted from the
// text with the model's own encoding, and the usage says so by its Source.
package meter

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/tokenizer"
)

// Options are what a Meter counts with. All are required.
type Options struct {
	Catalog *catalog.Catalog
	Tokens  *tokenizer.Set
}

// Meter copies and counts answers. Safe for concurrent use.
type Meter struct {
	catalog  *catalog.Catalog
	tokens   *tokenizer.Set
	readings sync.Pool // of *reading
	buffers  sync.Pool // of *[bufferSize]byte
}

// New returns a Meter.
func New(o Options) *Meter {
	return &Meter{
		catalog: o.Catalog, tokens: o.Tokens,
		readings: sync.Pool{New: func() any { return new(reading) }},
		buffers:  sync.Pool{New: func() any { return new([bufferSize]byte) }},
	}
}

// Answer says what is copied, and how.
type Answer struct {
	// API is how the operation writes its answers, and takes its prompts.
	API API
	// Choices is how many completions were asked for; 0 counts as 1. A stream of chunks
	// that lacks its [DONE] is whole when so many have finished.
	Choices int64
	// Stream says that the request asked for a stream. The answer's content type, or how
	// it begins, decides in the end: errors to stream requests come as plain JSON.
	Stream bool
	// Inference says that a model was to answer: an error object or nothing at all in the
	// place of that is handed back, while nothing was sent.
	Inference bool
	// Base is the underlying model; it decides the encoding.
	Base string
	// Request is the request's JSON body, for estimates when the answer tells no
	// usage; nil where there is none, so that nothing can be estimated.
	Request []byte
	// Object says that the answer shows an object that an earlier request has made:
	// the usage in it is that one's, and this request has used nothing.
	Object bool
	// StripUsage says that the gateway itself asked for the usage chunk of a
	// stream: it is taken out again, with the usage members of other chunks.
	StripUsage bool
	// KeepAlive is how long a stream may be silent until a comment line is
	// written; 0 is never.
	KeepAlive time.Duration
	// Idle is how long the upstream may be silent until it is given up; 0 is for
	// ever.
	Idle time.Duration
	// AtOnce says that nothing may be held back: the service goes on with the work
	// whatever becomes of its stream, so no other deployment may be asked.
	AtOnce bool
	// Before is called exactly once, right before the first byte or header
	// leaves. It may block. When it fails nothing is written. nil is allowed. It
	// may be called from another goroutine than Copy's, but never after Copy
	// returned.
	Before func() error
	// ReadOn is asked once when the client has gone in the midst of an answer: whether
	// to read on, for the usage at its end, or for what else comes until the request's
	// context ends. Of an answer that is no stream at most MaxReadOn bytes are read
	// then. nil is no.
	ReadOn func() bool
}

// MaxReadOn bounds what is read of an answer whose client has gone, in bytes.
const MaxReadOn = 4 << 20

// Result is what became of an answer.
type Result struct {
	// Usage is what the request has used.
	//
	// Its source is Held, and its figures are none, when something was used and neither
	// the answer nor a count of its text tells how much.
	Usage tallygate.Usage
	// Told is what an object says that it has used (Answer.Object).
	Told tallygate.Usage
	// Committed says that status and header have left. While it is false another
	// deployment's answer can still be sent.
	Committed bool
	Outcome   tallygate.Outcome
	// Bytes counts the body bytes sent to the client.
	Bytes int64
	// FirstByte is when the first body byte was written; zero when none was.
	FirstByte time.Time
	// Finish is the finish_reason of the first choice, or the status of a
	// response ("completed", or the reason why it is incomplete).
	Finish string
	// Model and ResponseID are the model and id the answer names.
	Model, ResponseID string
	// Code is the code of the error that the answer holds or ended in, or a note
	// on a usage that could not be believed; empty when all is well.
	Code string
}

// Copy writes the answer's status, the header that the caller has already put
// into w.Header(), and the body, and says what it used. It does not close
// res.Body, but to end a read of an upstream that fell silent (Answer.Idle): its
// Close must be safe beside a read, as net/http's are. Where the body has a method
// Next() ([]byte, error) that returns what has arrived, it is used instead of Read.
//
// The error is nil when the answer went out whole, whatever its status. It is what
// Before returned when that failed, a *Refusal when a stream, or an answer of status
// 200, refused before anything was sent, a *Failure when the upstream broke off, and any other when the
// client went away. While Result.Committed is false nothing was sent, and after a
// refusal or a failure another deployment can be tried. An answer that failed later
// must not look whole: a stream of events has then got an error event, but of any
// other the caller has to break the connection (panic with http.ErrAbortHandler).
//
// A request that only reads or cancels an object (Answer.Object), or of which
// res.Request says that it is no POST, has used nothing, whatever the object says.
func (m *Meter) Copy(w http.ResponseWriter, res *http.Response, a Answer) (Result, error) {
	if res.Header.Get("Content-Encoding") == "" && (isEvents(res) ||
		a.Stream && res.StatusCode == http.StatusOK && m.beginsLikeEvents(w, res)) {
		return m.copyStream(w, res, a)
	}
	return m.copyBody(w, res, a)
}

// isEvents reports whether an answer is a stream of events.
func isEvents(res *http.Response) bool {
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/event-stream")
}

// billable reports whether a request can have used anything.
func billable(res *http.Response) bool {
	return res.Request == nil || res.Request.Method == "" || res.Request.Method == http.MethodPost
}
