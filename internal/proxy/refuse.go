package proxy

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/tallygate/tallygate"
)

// shape is how a kind of error looks on the wire: its default code and OpenAI's error
// type.
type shape struct{ code, kind string }

var shapes = [...]shape{
	tallygate.Internal:         {"InternalServerError", "server_error"},
	tallygate.BadRequest:       {"BadRequest", "invalid_request_error"},
	tallygate.Unauthenticated:  {"401", "invalid_request_error"},
	tallygate.Forbidden:        {"Forbidden", "invalid_request_error"},
	tallygate.NotFound:         {"404", "invalid_request_error"},
	tallygate.MethodNotAllowed: {"MethodNotAllowed", "invalid_request_error"},
	tallygate.RequestTimeout:   {"Timeout", "invalid_request_error"},
	tallygate.TooLarge:         {"RequestEntityTooLarge", "invalid_request_error"},
	tallygate.HeaderTooLarge:   {"RequestHeaderFieldsTooLarge", "invalid_request_error"},
	tallygate.Throttled:        {"429", "too_many_requests"},
	tallygate.Exhausted:        {"insufficient_quota", "insufficient_quota"},
	tallygate.Unavailable:      {"ServiceUnavailable", "server_error"},
	tallygate.BadUpstream:      {"BadGateway", "server_error"},
	tallygate.Canceled:         {"ClientClosedRequest", ""},
	tallygate.NotImplemented:   {"NotImplemented", "invalid_request_error"},
	tallygate.Conflict:         {"Conflict", "invalid_request_error"},
	tallygate.Stale:            {"VersionMismatch", "invalid_request_error"},
	tallygate.Unprocessable:    {"Unprocessable", "invalid_request_error"},
}

// errorBody is the error object of Azure OpenAI and OpenAI.
type errorBody struct {
	Error struct {
		Code    string  `json:"code"`
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
	} `json:"error"`
}

// Refuse answers a request that is refused before it comes to the line, in the line's
// shape. Nothing records it.
func Refuse(w http.ResponseWriter, err error) { refuse(w, new(tallygate.Entry), err) }

// refuse turns err into the one answer a caller gets for it, and into the entry.
// It is the only way an error leaves the gateway: what is not a *tallygate.Error
// shows as Internal, without its text.
func refuse(w http.ResponseWriter, e *tallygate.Entry, err error) {
	why := tallygate.AsError(err)
	s := shapes[min(int(why.Kind), len(shapes)-1)]
	code := why.Code
	if code == "" {
		code = s.code
	}
	status := why.Kind.Status()
	e.Status, e.Code = status, code
	e.Outcome = outcome(why.Kind)
	if why.Err != nil {
		e.Cause = why.Err.Error()
	}
	if why.Kind == tallygate.Canceled {
		w.WriteHeader(status) // nobody should be there to read it, but silence would be a 200
		return
	}
	var body errorBody
	body.Error.Code, body.Error.Message, body.Error.Type = code, why.Message, s.kind
	if why.Param != "" {
		body.Error.Param = &why.Param
	}
	text, err := json.Marshal(body)
	if err != nil { // strings alone cannot fail; an empty body is still the right status
		text = nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	retryHeaders(h, why)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	n, _ := w.Write(text)
	e.AnswerBytes = int64(n)
}

// outcome tells the gateway's refusals from its failures.
func outcome(k tallygate.Kind) tallygate.Outcome {
	switch k {
	case tallygate.Canceled:
		return tallygate.Aborted
	case tallygate.Internal, tallygate.BadUpstream, tallygate.Unavailable:
		return tallygate.Failed
	}
	return tallygate.Refused
}

// retryHeaders tells the client whether and when to come back. SDKs read
// retry-after-ms first, then retry-after in whole seconds, and x-should-retry
// before their own rules; what will not pass by waiting is not worth a retry.
func retryHeaders(h http.Header, why *tallygate.Error) {
	switch {
	case why.Kind == tallygate.Throttled, why.Kind == tallygate.Unavailable && why.RetryAfter > 0:
		wait := max(why.RetryAfter, time.Millisecond)
		ms := (wait + time.Millisecond - 1) / time.Millisecond
		h.Set("Retry-After-Ms", strconv.FormatInt(int64(ms), 10))
		h.Set("Retry-After", strconv.FormatInt(int64((ms+999)/1000), 10))
	case why.Kind == tallygate.Exhausted:
		h.Set("X-Should-Retry", "false")
	}
}
