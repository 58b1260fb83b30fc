package wire

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
)

// readBody reads the body: JSON in one piece, to be peeked at, and any other kept for as
// long as there is room and streamed through where there is none.
func (q *Request) readBody(r *http.Request, opt *Options) error {
	must := q.route.rule.JSON
	empty := r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0
	switch {
	case empty && must:
		return errEmpty()
	case empty:
		return q.checkForm()
	}
	q.BodyBytes = max(r.ContentLength, 0)
	in := intake{r: r, limit: opt.json()}
	kind := contentType(r.Header)
	switch {
	case must:
	case kind == typeForm:
		return q.readForm(&in, opt)
	case kind == typeOther && q.takesForm():
		return notForm()
	case kind == typeOther:
		return q.keep(&in, opt)
	}
	if err := in.begin(opt); err != nil {
		return err
	}
	defer in.drop()
	if !must && kind == typeNone {
		if json, err := in.sniff(); err != nil {
			return err
		} else if !json && q.takesForm() {
			return notForm()
		} else if !json {
			return q.keep(&in, opt)
		}
	}
	return q.readJSON(&in, must)
}

// readJSON reads a JSON body to its end and peeks at it.
func (q *Request) readJSON(in *intake, must bool) error {
	if err := encoded(in.r.Header); err != nil {
		return err
	}
	if err := in.all(); err != nil {
		return err
	}
	in.buf.join()
	q.BodyBytes = in.buf.size()
	if q.BodyBytes == 0 { // chunked, and nothing came
		if must {
			return errEmpty()
		}
		return q.checkForm()
	}
	q.body, in.buf = in.buf, nil
	if err := q.look(); err != nil {
		return err
	}
	return q.checkForm()
}

func errEmpty() error { return badBody("The body is empty. This route takes a JSON object.") }

// readForm reads a form, and what is in it as it comes.
func (q *Request) readForm(in *intake, opt *Options) error {
	if err := encoded(in.r.Header); err != nil {
		return err
	}
	var err error
	if in.form, err = q.newForm(in.r.Header); err != nil {
		return err
	}
	if err := q.keep(in, opt); err != nil {
		return err
	}
	return q.checkForm()
}

// keep reads a body that nobody peeks at, so that it can be sent again. What there is no
// room for is left to be streamed.
func (q *Request) keep(in *intake, opt *Options) error {
	in.limit, in.keep = opt.upload(), keptBytes
	if in.buf == nil {
		if err := in.begin(opt); err != nil {
			return err
		}
		defer in.drop()
	}
	err := in.all()
	if err == errUnkept {
		q.source = &source{r: in.r, form: in.form, kept: in.buf.size(), limit: in.limit}
		if in.form != nil {
			err = q.sealForm(in)
		} else {
			err = nil
		}
	} else {
		q.BodyBytes = in.buf.size()
	}
	if err != nil {
		return err
	}
	q.body, in.buf, q.opaque = in.buf, nil, true
	return nil
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
