package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/tallygate/tallygate"
)

// intake reads a body into a buffer.
type intake struct {
	r     *http.Request
	limit int64 // the largest body that is taken, in bytes
	// keep is what of a body that need not be in one piece is kept in memory; what is
	// more goes to the disk. 0 says that the body is to be in one piece, in memory.
	keep  int64
	buf   *buffer     // nil when someone else has taken it over
	form  *formReader // reads along; nil when it is no form
	ended bool
}

// errUnkept says that no more of a body is kept: neither memory nor disk take it.
var errUnkept = errors.New("the body is not kept")

// begin takes a buffer, and refuses a body that says it is too large.
func (in *intake) begin(opt *Options) (err error) {
	if in.r.ContentLength > max(in.limit, 0) {
		return tooLarge(in.limit)
	}
	in.buf, err = newBuffer(account{of: opt.Memory, payer: opt.Payer}, in.r.ContentLength+1)
	return err
}

// drop gives the buffer back that nobody has taken over.
func (in *intake) drop() {
	if in.buf != nil {
		in.buf.release()
	}
}

// sniff reads until the first byte that is no white space, and reports whether it
// begins a JSON object.
func (in *intake) sniff() (bool, error) {
	for i := 0; ; {
		for ; i < len(in.buf.b); i++ {
			switch in.buf.b[i] {
			case ' ', '\t', '\r', '\n':
				continue
			}
			return in.buf.b[i] == '{', nil
		}
		switch {
		case in.ended:
			return false, nil
		case i >= maxBlank:
			return false, badBody(fmt.Sprintf("The body begins with more than %d bytes of white space.", maxBlank))
		}
		if err := in.some(); err != nil {
			return false, err
		}
	}
}

// maxBlank is the most white space before a body whose type nobody says, in bytes.
const maxBlank = 64 << 10

// all reads to the end.
func (in *intake) all() error {
	for !in.ended {
		if err := in.some(); err != nil {
			return err
		}
	}
	if n := in.r.ContentLength; n >= 0 && n != in.buf.size() {
		return badBody(fmt.Sprintf("The body has %d bytes, but Content-Length says %d.", in.buf.size(), n))
	}
	if in.form != nil {
		return in.form.end()
	}
	return nil
}

// some reads once.
func (in *intake) some() error {
	room, err := in.room()
	if err != nil {
		return err
	}
	n, err := in.r.Body.Read(room)
	in.buf.filled(n)
	if in.buf.size() > in.limit {
		return tooLarge(in.limit)
	}
	if in.form != nil {
		if err := in.form.feed(room[:n]); err != nil {
			return err
		}
	}
	if err == io.EOF {
		in.ended = true
		return nil
	}
	if err != nil {
		return broken(in.r, in.buf.size(), err)
	}
	return nil
}

// room returns where the next bytes go: in memory as long as there is some, then by way
// of a page that goes to the disk each time it is full.
func (in *intake) room() ([]byte, error) {
	buf := in.buf
	full := len(buf.pages) > 0 && buf.last == pageSize
	if in.keep > 0 && full && (buf.file != nil || buf.size() >= in.keep) {
		if !buf.toDisk() {
			return nil, errUnkept
		}
	}
	room, err := buf.room()
	if err != nil && in.keep > 0 && full { // there is no memory for more, but maybe disk
		if !buf.toDisk() {
			return nil, errUnkept
		}
		return buf.room()
	}
	return room, err
}

// broken says why a body did not come whole, of which n bytes came.
func broken(r *http.Request, n int64, err error) error {
	var large *http.MaxBytesError
	var timeout net.Error
	switch {
	case errors.As(err, &large):
		return tooLarge(large.Limit)
	// First, because the server ends the context for any failed read.
	case errors.As(err, &timeout) && timeout.Timeout():
		return &tallygate.Error{
			Kind: tallygate.RequestTimeout, Err: err,
			Message: fmt.Sprintf("The body did not come in time: %d bytes were there at the deadline.", n),
		}
	case r.Context().Err() != nil, errors.Is(err, context.Canceled),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return &tallygate.Error{Kind: tallygate.Canceled, Message: "The client closed the request before its body was whole.", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Err: err,
			Message: fmt.Sprintf("The body ended early, after %d bytes%s.", n, ofLength(r.ContentLength)),
		}
	}
	return &tallygate.Error{Kind: tallygate.BadRequest, Message: "The body could not be read.", Err: err}
}

func ofLength(n int64) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprintf(" of %d", n)
}
