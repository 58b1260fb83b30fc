package h1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// ErrProtocol is in the chain of every error that says that the server does not
// speak HTTP/1.1 as it should: such a connection is closed and its answer, or the
// rest of it, is lost.
var ErrProtocol = errors.New("malformed HTTP response")

// ErrStale is in the chain of an error when the server had, by all appearances,
// closed an idle connection just as it was taken for this request: no byte of an
// answer came, and the connection broke sooner than a server could have reacted.
// The request was most likely never read. The transport has then not sent it
// again, because it may not (see [Transport]).
var ErrStale = errors.New("idle connection was closed by the server")

// Phase says how far a request came.
type Phase uint8

// The phases, in their order.
const (
	// PhaseRequest: the request itself cannot be sent as it is.
	PhaseRequest Phase = iota
	// PhaseDial: no connection came about, or the proxy refused the tunnel.
	PhaseDial
	// PhaseHandshake: TLS failed.
	PhaseHandshake
	// PhaseWrite: the request's body could not be read, or not be written.
	PhaseWrite
	// PhaseHeader: no answer, or none that makes sense.
	PhaseHeader
	// PhaseBody: the answer broke off.
	PhaseBody
)

// String returns the phase as error texts name it.
func (p Phase) String() string {
	return [...]string{"request", "dial", "TLS handshake", "write request", "read response header", "read response body"}[min(p, PhaseBody)]
}

// Error is why a request got no answer, or not all of it. What happened is told
// by its chain: a [net.Error] that timed out, [syscall.ECONNRESET] or [io.EOF]
// before the header, [io.ErrUnexpectedEOF] within the header or body, ErrProtocol,
// ErrStale, or the context's own error when that ended.
type Error struct {
	Phase Phase
	// Addr is the server's host, with the port where the URL has one.
	Addr string
	// Unsent says that no byte of the request was written.
	Unsent bool
	Err    error
}

// Error tells phase, server and cause.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Addr, e.Phase, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether a time-out ended it, a context's deadline among them.
func (e *Error) Timeout() bool {
	if ne, ok := errors.AsType[net.Error](e.Err); ok {
		return ne.Timeout()
	}
	return errors.Is(e.Err, os.ErrDeadlineExceeded) || errors.Is(e.Err, context.DeadlineExceeded)
}

// Sent reports whether the server may have got the request, or a part of it.
func (e *Error) Sent() bool { return !e.Unsent }

// protocolError is an ErrProtocol that says what was wrong.
func protocolError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrProtocol}, args...)...)
}

// hungUp reports whether err is what a closed or reset connection gives.
func hungUp(err error) bool {
	return err == io.EOF || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrClosedPipe)
}
