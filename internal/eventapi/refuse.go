package eventapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/event"
)

// The first version's one answer to every credential that is no good, on its own
// routes and on the one that names the user.
const (
	notAuthorized = "Event code is not authorized"
	invalidUser   = "Invalid event_code/github_id"
)

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) {
	text, err := encode(v)
	if err != nil { // none of the shapes here can fail; an empty body is still the right status
		text = nil
	}
	write(w, status, text)
}

func write(w http.ResponseWriter, status int, text []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // every answer depends on who asks and when
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that left reads no answer
}

// encode writes JSON as FastAPI does: compact, with <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// detail refuses in FastAPI's shape; what is a message, or a list of problems.
func detail(w http.ResponseWriter, status int, what any) {
	reply(w, status, struct {
		Detail any `json:"detail"`
	}{what})
}

func notFound(w http.ResponseWriter) { detail(w, http.StatusNotFound, "Not Found") }

// refuseCode refuses a credential on the first version's routes: in its one text,
// whatever is wrong, so that nothing is told about codes. Only who must wait is told
// so, because that is about the address and not about the code.
func refuseCode(w http.ResponseWriter, err error, text string) {
	switch why := tallygate.AsError(event.Throttled(err)); why.Kind {
	case tallygate.Unauthenticated, tallygate.Forbidden:
		detail(w, http.StatusUnauthorized, text)
	case tallygate.Throttled:
		wait(w.Header(), why.RetryAfter)
		detail(w, http.StatusTooManyRequests, why.Message)
	default:
		detail(w, why.Kind.Status(), why.Message)
	}
}

// wait tells when to come back.
func wait(h http.Header, after time.Duration) {
	ms := int64(max(after, time.Millisecond)+time.Millisecond-1) / int64(time.Millisecond)
	h.Set("Retry-After-Ms", strconv.FormatInt(ms, 10))
	h.Set("Retry-After", strconv.FormatInt((ms+999)/1000, 10))
}

// refusal is the error object of OpenAI, with the event it is about.
type refusal struct {
	Error struct {
		Code    string  `json:"code"`
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Event   *times  `json:"event,omitempty"`
	} `json:"error"`
}

// times are what a refusal tells about an event.
type times struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// refuse refuses a credential in OpenAI's shape, with the reason: who knows a right
// credential may know what is wrong with its event.
func (a *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	why := tallygate.AsError(event.Throttled(err))
	code := why.Kind.Status()
	var out refusal
	e := &out.Error
	if e.Code, e.Message, e.Type = why.Code, why.Message, "invalid_request_error"; e.Code == "" {
		e.Code = strconv.Itoa(code)
	}
	switch {
	case code >= 500:
		e.Type = "server_error"
	case why.Kind == tallygate.Throttled:
		e.Type = "too_many_requests"
		wait(w.Header(), why.RetryAfter)
	}
	switch why.Code {
	case event.CodeNotStarted, event.CodeEnded, event.CodeInactive, event.CodeRevoked, event.CodeSignUp:
		if a.Behind == nil {
			break
		}
		if ev, ok := a.Behind(caller.Credential(r.Header)); ok {
			e.Event = &times{ev.ID, ev.Name, in(ev, ev.Start), in(ev, ev.End)}
		}
	}
	reply(w, code, &out)
}

// in is a time of an event in the event's zone, to the second.
func in(e *event.Event, t time.Time) time.Time {
	if e.Zone == nil {
		return t.UTC().Truncate(time.Second)
	}
	return t.In(e.Zone).Truncate(time.Second)
}
