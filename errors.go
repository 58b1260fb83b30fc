package tallygate

import (
	"errors"
	"net/http"
	"time"
)

// Kind says what went wrong, for the machine: it decides the HTTP status and the
// error code of the refusal.
type Kind uint8

// The kinds. Anything that is not an *Error counts as Internal, and its text
// never leaves the gateway.
const (
	Internal         Kind = iota
	BadRequest            // 400: the request cannot be understood
	Unauthenticated       // 401: no key, or an unknown one
	Forbidden             // 403: known, but not allowed
	NotFound              // 404: no such deployment or resource
	MethodNotAllowed      // 405
	RequestTimeout        // 408: the client did not send its body in time
	TooLarge              // 413: the body is over the limit
	HeaderTooLarge        // 431: the header is
	Throttled             // 429: no room now; RetryAfter says when
	Exhausted             // 429: a budget is spent; waiting does not help
	Unavailable           // 503: nothing alive to serve it
	BadUpstream           // 502: the upstream's answer makes no sense
	Canceled              // 499: the client went away; nothing is answered
	NotImplemented        // 501: what HTTP has and this gateway does not serve
	Conflict              // 409: it does not go with what there is
	Stale                 // 412: somebody changed it meanwhile, or it went
	Unprocessable         // 422: it can be read, and cannot be used
)

// Status is the HTTP status of a refusal of the kind.
func (k Kind) Status() int {
	switch k {
	case BadRequest:
		return http.StatusBadRequest
	case Unauthenticated:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case RequestTimeout:
		return http.StatusRequestTimeout
	case Conflict:
		return http.StatusConflict
	case Stale:
		return http.StatusPreconditionFailed
	case Unprocessable:
		return http.StatusUnprocessableEntity
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case HeaderTooLarge:
		return http.StatusRequestHeaderFieldsTooLarge
	case Throttled, Exhausted:
		return http.StatusTooManyRequests
	case Canceled:
		return StatusCanceled
	case NotImplemented:
		return http.StatusNotImplemented
	case BadUpstream:
		return http.StatusBadGateway
	case Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// StatusCanceled is what stands for an answer that nobody waited for, as with nginx.
const StatusCanceled = 499

// Error is why a request was not served: a kind for the machine, a message for
// the caller, a cause for the operator.
type Error struct {
	Kind Kind
	// Code is the error code of the body, such as "DeploymentNotFound"; the
	// kind's own when empty.
	Code string
	// Message is for the caller: what is wrong, where, and what to do.
	Message string
	// Param names the field at fault; may be empty.
	Param string
	// Problems are all that is wrong with what was sent, a sentence each; may be empty.
	Problems []string
	// RetryAfter is when to come back, for Throttled and Unavailable; 0 when unknown.
	RetryAfter time.Duration
	// Err is the cause, for the operator. It never reaches the caller.
	Err error
}

// Error returns the message and the cause; it is for logs, not for callers.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// AsError returns err as an *Error: itself when it is or wraps one, else an
// Internal one that keeps err as its cause. It returns nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Message: "The gateway failed to process the request.", Err: err}
}
