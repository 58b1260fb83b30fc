package wire

import (
	"cmp"
	"math"
	"net/http"

	"github.com/tallygate/tallygate"
)

// Options say how requests are read.
type Options struct {
	// Table is the table of routes. Required.
	Table Table
	// MaxBody is the largest JSON body that is read, in bytes, and MaxUpload the largest
	// of any other kind. 0 counts as 100 MiB and 512 MiB; more than 2 GiB less a byte
	// counts as that. No JSON body may be larger than a payer's share of Memory.
	MaxBody, MaxUpload int64
	// Memory is what bodies may take, for all requests together; nil is no bound. Payer
	// is whose share of it this request takes.
	Memory *Memory
	Payer  Payer
}

// keptBytes is what of an upload is kept in memory at most, to be sent again, in bytes.
const keptBytes = 32 << 20

func (o *Options) json() int64 {
	limit := cmp.Or(max(o.MaxBody, 0), 100<<20)
	if share := o.Memory.share(); share > 0 {
		limit = min(limit, share)
	}
	return min(limit, math.MaxInt32)
}

func (o *Options) upload() int64 {
	return min(cmp.Or(max(o.MaxUpload, 0), 512<<20), math.MaxInt32)
}

// Request is a request as read. It belongs to the goroutine that serves it; only
// the readers of its Body may be used by another one.
type Request struct {
	alias string // the model as the request names it, when that is another name for Model
	tallygate.Ask
	// Allow lists the methods of the route, as the Allow header has them. It is
	// set when the error of Read is MethodNotAllowed.
	Allow string

	route  route
	listed string  // see Listed
	body   *buffer // the body that was read; nil when there is none
	opaque bool    // and it is no JSON
	peek   peek
	form   *formData // what is in it; nil when it is no form
	source *source   // the body that is streamed; nil when there is none
}

// Read reads what r asks for. A JSON body is read whole and checked, a form read as it
// comes; these and all others are kept, in memory or on disk, to be sent as often as it
// takes. What of the others there is no room for is left to be streamed through.
//
// The Request is never nil: when there is an error it holds what was known by
// then, so that a refused request can be recorded for what it was. It must be
// closed in either case. The error is a *tallygate.Error of the kind BadRequest,
// NotFound, MethodNotAllowed, NotImplemented, RequestTimeout, TooLarge, Canceled or, when
// there is no room for the body, Unavailable.
func Read(r *http.Request, opt Options) (*Request, error) {
	q := new(Request)
	q.Method, q.Choices = r.Method, 1
	if r.Method == http.MethodConnect {
		q.Allow = anyMethod
		return q, q.wrongMethod()
	}
	if err := q.readURL(r.URL, opt.Table); err != nil {
		return q, err
	}
	if q.Access == tallygate.ToModel && q.route.query != "" {
		q.route.query = without(q.route.query, chooser)
	}
	if err := checkUpgrade(r.Header); err != nil {
		return q, err
	}
	if err := q.checkMethod(); err != nil {
		return q, err
	}
	if err := q.checkVersion(); err != nil {
		return q, err
	}
	err := q.readBody(r, &opt)
	return q, err
}

// Close gives the body's memory back. Neither the Request nor a Body of it may be
// used afterwards, but readers that are still open stay good until they are
// closed themselves. Closing twice does nothing.
func (q *Request) Close() {
	if q.body != nil {
		q.body.release()
		q.body = nil
	}
}

// Replayable reports whether the body can be sent once more. It is false when part of
// it could not be kept and has been streamed.
func (q *Request) Replayable() bool { return q.source == nil || !q.source.taken.Load() }

// Peeked reports whether there is a JSON body, so that the Ask tells its fields.
func (q *Request) Peeked() bool { return q.body != nil && !q.opaque }

// JSON returns the JSON body as it came, nil when there is none or it is streamed
// unread. It is good until Close and must not be changed.
func (q *Request) JSON() []byte {
	if !q.Peeked() {
		return nil
	}
	return q.body.b
}

// PromptChars estimates the characters of the prompt as the service does when a
// request arrives, before it has a tokenizer's word: the bytes of the strings in
// messages, input, prompt, instructions and tools, without binary data (data URLs,
// audio), and four for each number (a token, where prompts are given as tokens).
// It is 0 for a body that was not read.
func (q *Request) PromptChars() int64 { return q.peek.chars }

// Beyond says what of the prompt the body's length does not bound: files are the
// pictures that are in the body as data URLs, of bytes in all, whose tokens have
// nothing to do with their length; refers reports that the body refers to something
// that is elsewhere or that the service makes more of (a picture by its address, an
// earlier response, a file, a tool of the service's own), or was not read.
func (q *Request) Beyond() (files, bytes int64, refers bool) {
	if q.form != nil {
		return q.form.Files, q.form.FileBytes, false
	}
	if !q.Peeked() {
		return 0, 0, q.body != nil || q.source != nil
	}
	return q.peek.files, q.peek.binary, q.peek.refers
}

// Later reports whether the answer comes before the work is done, and so without its
// usage: a response in the background.
func (q *Request) Later() bool { return q.peek.later && q.route.rule.Background }

// Guesses reports whether the request foretells its answer (prediction): tokens of that
// which do not come true are billed, and the answer does not show them.
func (q *Request) Guesses() bool { return q.peek.guesses }

// Tier is the service_tier that the request asks for, where that has a price of its own;
// else empty.
func (q *Request) Tier() string { return q.peek.tier }

// Kept reports whether the operation is about what the resource keeps, such as files
// and threads, so that no model reads the body now.
func (q *Request) Kept() bool { return q.Access != tallygate.ToModel && !q.route.names }

// Listed returns the model that a request for the list of models asks for by itself,
// as the path has it; empty when it asks for all of them.
func (q *Request) Listed() string { return q.listed }

// CanIncludeUsage reports whether the gateway may itself ask for the usage chunk
// of the answer's stream: the operation and the API version have it, and the body
// does not ask for it itself. One that declines it is overridden, since what it uses has
// to be known; it is not shown the chunk.
func (q *Request) CanIncludeUsage() bool {
	return q.Stream && q.route.rule.UsageChunk && q.body != nil && q.peek.usage != usageSaid && q.peek.spans[FieldDataSources].to == 0 &&
		(q.route.form == formV1 || versionHasUsage(q.APIVersion))
}

// CanCap reports whether the gateway may bound the tokens of a completion in the
// body: the operation has a field for it, and the body is the JSON object to hold it.
func (q *Request) CanCap() bool {
	return q.route.rule.JSON && len(q.route.rule.Bounds) > 0 && q.Peeked() && q.peek.object
}

// CanRespell reports whether a bound that the gateway puts in has a second name there.
func (q *Request) CanRespell() bool { return q.CanCap() && len(q.route.rule.Bounds) > 1 }

// Inference reports whether a model is to read the request and to answer it, at a
// deployment that the gateway chooses.
func (q *Request) Inference() bool { return q.Access == tallygate.ToModel }

// versionHasUsage reports whether a dated API version takes
// stream_options.include_usage: since 2024-09-01-preview, and 2024-10-21 of those
// that are generally available.
func versionHasUsage(v string) bool {
	if len(v) < len("2024-10-21") {
		return false
	}
	date, preview := v[:10], v[10:]
	for i := range len(date) {
		if i == 4 || i == 7 {
			if date[i] != '-' {
				return false
			}
		} else if date[i] < '0' || date[i] > '9' {
			return false
		}
	}
	return preview == "" && date >= "2024-10-21" || preview == "-preview" && date >= "2024-09-01"
}

// Mean makes the request one for a model that the name in it stands for: what follows
// goes by the model's own name, and the upstream never sees the other.
func (q *Request) Mean(model string) { q.alias, q.Model = q.Written(), model }

// Written returns the model's name as the request has it.
func (q *Request) Written() string {
	if q.alias != "" {
		return q.alias
	}
	return q.Model
}
