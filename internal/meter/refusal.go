package meter

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/tallygate/tallygate/internal/jsontext"
)

// Refusal is a stream that came with status 200 and refuses in its first event.
// Nothing has been sent: another deployment may be tried.
type Refusal struct {
	// Status is what the answer should have had: 429, 403 or 5xx.
	Status int
	// Header is the answer's header; retry-after and retry-after-ms may be there.
	Header http.Header
	// Code is the error's code, or its type when it has none.
	Code string
	// Body is the error as the body {"error":…} of an answer with Status.
	Body []byte
}

// Error implements error; the text is for the operator.
func (r *Refusal) Error() string {
	return fmt.Sprintf("the stream refused with %d %s", r.Status, r.Code)
}

// Failure is an answer that the upstream broke off: a reset, a silence that lasted
// too long, an end before the end. As long as nothing was sent another deployment
// may be tried.
type Failure struct{ Err error }

// Error implements error; the text is for the operator.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// statusUser is the status of an error that the request itself is to blame for.
const statusUser = http.StatusBadRequest

// elsewhere reports whether another deployment may answer what one refused with
// that status.
func elsewhere(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusFailedDependency:
		return true
	}
	return status >= 500
}

// unexplained is the error object of a response that failed without saying why.
const unexplained = `{"message":"The response failed, and the service does not say why.","type":"server_error","param":null,"code":"response_failed"}`

// refuses reports whether a whole answer of status 200, as far as it has come, is an error
// that another deployment may not give.
func (r *reading) refuses() bool {
	raw := r.tap.value(fError)
	failed := !r.chunked && string(jsontext.Text(r.tap.value(fStatus))) == "failed"
	switch {
	case r.tap.choice > 0:
		return false
	case jsontext.IsObject(raw):
	case failed && jsontext.IsNull(raw):
		raw = []byte(unexplained)
	default:
		return false
	}
	code, status := readError(raw, false)
	if !elsewhere(status) {
		return false
	}
	r.code, r.status, r.verdict, r.fault = code, status, refused, bytes.Clone(raw)
	return true
}

// refusal returns the refusal that the reading has found.
func (r *reading) refusal(h http.Header) *Refusal {
	body := append(append([]byte(`{"error":`), r.fault...), '}')
	return &Refusal{Status: r.status, Header: h, Code: r.code, Body: body}
}

// readError returns an error object's code (its type when it has none) and the
// status that the answer should have had. limits says that the answer came with
// Retry-After, which only refusals for lack of room do.
func readError(raw []byte, limits bool) (code string, status int) {
	code = jsontext.ScalarText(jsontext.Member(raw, "code"))
	kind := jsontext.ScalarText(jsontext.Member(raw, "type"))
	status = errorStatus(kind)
	if status == 0 {
		status = errorStatus(code)
	}
	if status == 0 {
		if f := readFigure(jsontext.Member(raw, "status")); f.given && f.n >= 400 && f.n < 600 {
			status = int(f.n)
		}
	}
	switch {
	case status != 0:
	case limits:
		status = http.StatusTooManyRequests
	default:
		status = http.StatusInternalServerError
	}
	if code == "" {
		code = kind
	}
	return code, status
}

// errorStatus returns the HTTP status that an error's type or code stands for, 0
// when it says nothing. The types are those Azure documents for errors in a
// stream of responses.
func errorStatus(name string) int {
	switch name {
	case "too_many_requests", "rate_limit_exceeded", "rate_limit_reached", "RateLimitReached", "no_capacity":
		return http.StatusTooManyRequests
	case "external_connector_error":
		return http.StatusFailedDependency
	case "server_error", "InternalServerError", "internal_error", "model_error":
		return http.StatusInternalServerError
	case "ServiceUnavailable":
		return http.StatusServiceUnavailable
	case "forbidden":
		return http.StatusForbidden
	case "user_error", "invalid_request_error", "content_filter", "invalid_prompt", "context_length_exceeded":
		return statusUser
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 400 && n < 600 {
		return n
	}
	return 0
}
