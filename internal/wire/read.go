package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/tallygate/tallygate"
)

// readBody reads and peeks at a JSON body, and leaves any other to be streamed.
func (q *Request) readBody(r *http.Request, limit int64) error {
	must := q.Access == tallygate.ToModel && q.route.op.json
	empty := r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0
	switch {
	case empty && must:
		return errEmpty()
	case empty:
		return q.checkForm()
	}
	q.BodyBytes = max(r.ContentLength, 0)
	kind := contentType(r.Header)
	switch {
	case must:
	case kind == typeForm:
		return q.readForm(r, limit)
	case kind == typeOther && q.takesForm():
		return notForm()
	case kind == typeOther:
		return q.keepOrStream(r, limit)
	}
	in := intake{r: r, limit: limit, buf: newBuffer(r.ContentLength + 1)}
	defer in.drop()
	if !must && kind == typeNone {
		if json, err := in.sniff(); err != nil {
			return err
		} else if !json && q.takesForm() {
			return notForm()
		} else if !json {
			q.source = newSource(slices.Clone(in.buf.b), r)
			return nil
		}
	}
	if err := encoded(r.Header); err != nil {
		return err
	}
	if err := in.all(); err != nil {
		return err
	}
	q.BodyBytes = int64(len(in.buf.b))
	if q.BodyBytes == 0 { // chunked, and nothing came
		if must {
			return errEmpty()
		}
		return nil
	}
	q.body, in.buf = in.buf, nil
	if err := q.look(); err != nil {
		return err
	}
	return q.checkForm()
}

func errEmpty() error { return badBody("The body is empty. This route takes a JSON object.") }

// maxKept is the largest body that is kept although nobody here reads it, so that
// it can be sent to another deployment, in bytes.
const maxKept = 32 << 10

// keepOrStream keeps a small body that is no JSON, and leaves a large one, or one
// of unknown length, to be streamed.
func (q *Request) keepOrStream(r *http.Request, limit int64) error {
	if r.ContentLength < 0 || r.ContentLength > maxKept {
		q.source = newSource(nil, r)
		return nil
	}
	in := intake{r: r, limit: max(limit, maxKept), buf: newBuffer(r.ContentLength + 1)}
	if err := in.all(); err != nil {
		in.buf.release()
		return err
	}
	q.body, q.opaque = in.buf, true
	return nil
}

// readForm reads a form whole, and what is in it as it comes.
func (q *Request) readForm(r *http.Request, limit int64) error {
	if err := encoded(r.Header); err != nil {
		return err
	}
	form, err := q.newForm(r.Header)
	if err != nil {
		return err
	}
	in := intake{r: r, limit: limit, buf: newBuffer(r.ContentLength + 1), form: form}
	defer in.drop()
	if err := in.all(); err != nil {
		return err
	}
	if err := form.end(); err != nil {
		return err
	}
	q.body, in.buf, q.opaque = in.buf, nil, true
	q.BodyBytes = int64(len(q.body.b))
	return q.checkForm()
}

// intake reads a body into a buffer.
type intake struct {
	r     *http.Request
	limit int64
	buf   *buffer     // nil when someone else has taken it over
	form  *formReader // reads along; nil when it is none
	ended bool
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
		if in.ended {
			return false, nil
		}
		if err := in.some(); err != nil {
			return false, err
		}
	}
}

// all reads to the end.
func (in *intake) all() error {
	if in.r.ContentLength > in.limit {
		return tooLarge(in.limit)
	}
	for !in.ended {
		if err := in.some(); err != nil {
			return err
		}
	}
	if n := in.r.ContentLength; n >= 0 && n != int64(len(in.buf.b)) {
		return badBody(fmt.Sprintf("The body has %d bytes, but Content-Length says %d.", len(in.buf.b), n))
	}
	return nil
}

// some reads once.
func (in *intake) some() error {
	buf := in.buf
	if len(buf.b) == cap(buf.b) {
		buf.grow(in.r.ContentLength + 1)
	}
	n, err := in.r.Body.Read(buf.b[len(buf.b):cap(buf.b)])
	buf.b = buf.b[:len(buf.b)+n]
	if int64(len(buf.b)) > in.limit {
		return tooLarge(in.limit)
	}
	if in.form != nil {
		if err := in.form.feed(buf.b[len(buf.b)-n:]); err != nil {
			return err
		}
	}
	if err == io.EOF {
		in.ended = true
		return nil
	}
	if err != nil {
		return in.broken(err)
	}
	return nil
}

// broken says why a body did not come whole.
func (in *intake) broken(err error) error {
	var large *http.MaxBytesError
	var timeout net.Error
	switch {
	case errors.As(err, &large):
		return tooLarge(large.Limit)
	// First, because the server ends the context for any failed read.
	case errors.As(err, &timeout) && timeout.Timeout():
		return &tallygate.Error{
			Kind: tallygate.RequestTimeout, Err: err,
			Message: fmt.Sprintf("The body did not come in time: %d bytes were there at the deadline.", len(in.buf.b)),
		}
	case in.r.Context().Err() != nil, errors.Is(err, context.Canceled),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return &tallygate.Error{Kind: tallygate.Canceled, Message: "The client closed the request before its body was whole.", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Err: err,
			Message: fmt.Sprintf("The body ended early, after %d bytes%s.", len(in.buf.b), ofLength(in.r.ContentLength)),
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

// The content types that matter.
type bodyType uint8

const (
	typeOther bodyType = iota
	typeNone           // not said
	typeJSON
	typeForm
)

func contentType(h http.Header) bodyType {
	lines := h["Content-Type"]
	if len(lines) == 0 || lines[0] == "" {
		return typeNone
	}
	media, _, _ := strings.Cut(lines[0], ";")
	media = strings.TrimSpace(media)
	if strings.EqualFold(media, "application/json") || strings.EqualFold(media, "text/json") ||
		len(media) > 5 && strings.EqualFold(media[len(media)-5:], "+json") {
		return typeJSON
	}
	if strings.EqualFold(media, "multipart/form-data") {
		return typeForm
	}
	return typeOther
}

// encoded refuses a body that is compressed: what cannot be read cannot be
// authorised or counted.
func encoded(h http.Header) error {
	for _, line := range h["Content-Encoding"] {
		if line = strings.TrimSpace(line); line != "" && !strings.EqualFold(line, "identity") {
			return &tallygate.Error{
				Kind: tallygate.BadRequest, Code: "UnsupportedContentEncoding", Param: "Content-Encoding",
				Message: fmt.Sprintf("The body is encoded as %q. Send JSON bodies as they are, without Content-Encoding.", clip(line, 32)),
			}
		}
	}
	return nil
}

func tooLarge(limit int64) error {
	return &tallygate.Error{
		Kind:    tallygate.TooLarge,
		Message: fmt.Sprintf("The body is larger than %d bytes, the most that this gateway takes.", limit),
	}
}

func badBody(message string) *tallygate.Error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Message: message}
}

// clip bounds a foreign text to n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
