package wire

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
)

// FormFacts are what a form (multipart/form-data) holds, as far as it matters here.
// What the Ask has a word for is there: Model, Stream, Choices (from n), User.
type FormFacts struct {
	// Text is the length of all fields that are no files, and Prompt that of prompt
	// alone, in bytes. It bounds what of the form a model reads as text.
	Text, Prompt int64
	// ResponseFormat, Language, Size and Quality are the fields of these names; empty
	// when unsaid.
	ResponseFormat, Language, Size, Quality string
	// Files is how many files there are, FileBytes their length together.
	Files, FileBytes int64
	// FileName and FileType are what the client says of the first of them, and Head is
	// how it begins: up to 4 KiB, in which the headers of sound and pictures are.
	FileName, FileType string
	Head               []byte
}

// formData is what was read of a form.
type formData struct {
	FormFacts
	model  span  // the value of its field model
	from   int64 // where the first file begins, and to where it ends
	to     int64
	seen   []string
	sealed bool // what comes now nobody waits for
}

// Form returns what the form holds; ok is false when the body is none.
func (q *Request) Form() (facts FormFacts, ok bool) {
	if q.form == nil {
		return FormFacts{}, false
	}
	return q.form.FormFacts, true
}

// File returns the file of a form that has one, to be read anywhere; nil when not all of it
// was kept. It is good until Close.
func (q *Request) File() *io.SectionReader {
	if q.form == nil || q.form.Files != 1 || q.body == nil || q.source != nil {
		return nil
	}
	return io.NewSectionReader(bufferReader{q.body}, q.form.from, q.form.to-q.form.from)
}

// bufferReader reads a body anywhere.
type bufferReader struct{ buf *buffer }

// ReadAt implements io.ReaderAt.
func (r bufferReader) ReadAt(p []byte, at int64) (n int, err error) {
	size := r.buf.size()
	for n < len(p) && at+int64(n) < size {
		k, err := r.buf.readAt(p[n:], at+int64(n), size)
		if n += k; err != nil {
			return n, err
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// takesForm reports whether the operation's body is a form.
func (q *Request) takesForm() bool {
	return q.route.rule.Form
}

func notForm() error {
	return &tallygate.Error{
		Kind: tallygate.BadRequest, Code: "UnsupportedContentType", Param: "Content-Type",
		Message: "This route takes a form. Send it as multipart/form-data.",
	}
}

// newForm returns the reader of the request's form.
func (q *Request) newForm(h http.Header) (*formReader, error) {
	limits, wrong := boundary(h)
	if wrong != "" {
		return nil, badForm("%s", wrong)
	}
	q.form = new(formData)
	return &formReader{delim: []byte("--" + limits), part: q.formPart}, nil
}

// formNames are the fields that matter here. They are given once, in this spelling and
// not as files: readers behind may differ in which of two they take.
var formNames = [...]string{"model", "n", "stream", "response_format", "language", "user", "size", "quality"}

// add counts a part.
func (f *formData) add(p *formPart) {
	if p.file || bare(p.name) == "file" { // which some readers take without a file name
		if f.Files++; f.Files == 1 {
			f.FileName, f.FileType, f.Head = p.filename, p.kind, append([]byte(nil), p.head...)
			f.from, f.to = p.from, p.to
		}
		f.FileBytes += p.to - p.from
	} else {
		f.Text += p.to - p.from
	}
	if p.name == "prompt" {
		f.Prompt += p.to - p.from
	}
}

// sealForm closes the facts of a form of which the rest is streamed. It is taken for as
// long as it may be.
func (q *Request) sealForm(in *intake) error {
	if q.takesForm() && q.Model == "" {
		return &tallygate.Error{
			Kind: tallygate.Unavailable, Code: "BodyMemoryExhausted", Param: "model", RetryAfter: roomAgain,
			Message: "The gateway has no room for the form's file at the moment, and the field model has not come before it. Please retry later, or send the fields first.",
		}
	}
	if in.form.state == atContent {
		last := in.form.now
		last.to = in.limit
		if n := in.r.ContentLength; n >= 0 {
			last.to = n
		}
		q.form.add(&last)
	}
	q.form.sealed = true
	return nil
}

// formPart takes over a part.
func (q *Request) formPart(p *formPart) error {
	f := q.form
	if !f.sealed {
		f.add(p)
	}
	for _, name := range formNames {
		if bare(p.name) != name {
			continue
		}
		value, err := f.field(p, name)
		if err != nil {
			return err
		}
		return q.formField(name, value, p)
	}
	return nil
}

// bare returns a field's name as a lax reader could take it: letters of any case,
// spaces around it, brackets or a point behind.
func bare(name string) string {
	if i := strings.IndexAny(name, "[."); i > 0 {
		name = name[:i]
	}
	return strings.ToLower(strings.TrimSpace(name))
}

// field returns the text of a field that matters here.
func (f *formData) field(p *formPart, name string) (string, error) {
	refuse := func(why string) error {
		return &tallygate.Error{Kind: tallygate.BadRequest, Code: "InvalidForm", Param: name, Message: fmt.Sprintf(why, name)}
	}
	switch {
	case f.sealed:
		return "", refuse("The form has the field %s behind a large file. Send fields before files.")
	case p.name != name:
		return "", refuse(fmt.Sprintf("The form has the field %q. Write it %%s, or leave it out.", clip(p.name, 64)))
	case slices.Contains(f.seen, name):
		return "", refuse("The form has the field %s twice. Give it once.")
	case p.file:
		return "", refuse("The form's field %s is a file. Send it as a plain field.")
	case foreignText(p.kind):
		return "", refuse("The form's field %s is not plain UTF-8 text, says its Content-Type. Send it as such.")
	case len(p.head) > maxValue:
		return "", refuse("The form's field %s is longer than 1024 bytes.")
	}
	value := string(p.head)
	if !printable(value) || value != strings.TrimSpace(value) {
		return "", refuse("The form's field %s has line breaks, spaces around it, or is not UTF-8 text.")
	}
	f.seen = append(f.seen, name)
	return value, nil
}

// foreignText reports whether a field's content type says that it is more than plain
// text in a superset of ASCII.
func foreignText(kind string) bool {
	if kind == "" {
		return false
	}
	media, params, _ := strings.Cut(strings.ToLower(kind), ";")
	params = strings.ReplaceAll(strings.ReplaceAll(params, " ", ""), `"`, "")
	return strings.TrimSpace(media) != "text/plain" || !slices.Contains([]string{"", "charset=utf-8", "charset=us-ascii"}, params)
}

// formField takes over a field's value.
func (q *Request) formField(name, value string, p *formPart) error {
	f := q.form
	switch name {
	case "model":
		if q.route.pathModel || !q.route.names {
			return nil
		}
		if len(value) > maxName {
			q.Model = clip(value, maxName)
			return wrongType(FieldModel, "a text of at most 256 bytes")
		}
		q.Model, f.model = value, span{int32(p.from), int32(p.to)}
	case "n":
		return q.formCount(value)
	case "stream":
		return q.formStream(value)
	case "response_format":
		f.ResponseFormat = value
	case "language":
		f.Language = value
	case "user":
		q.User = clip(value, maxName)
	case "size":
		f.Size = value
	case "quality":
		f.Quality = value
	}
	if q.route.rule.Pictures {
		q.Picture = pictureKind(f.Quality, f.Size)
	}
	return nil
}

// formCount reads n.
func (q *Request) formCount(value string) error {
	var n int64
	for i := range len(value) {
		if value[i] < '0' || value[i] > '9' {
			return wrongType(FieldN, "a whole number")
		}
		n = min(10*n+int64(value[i]-'0'), maxCount)
	}
	if q.Choices = max(q.Choices, n); n > maxChoices && q.takesForm() {
		return wrongType(FieldN, fmt.Sprintf("a whole number of at most %d", maxChoices))
	}
	return nil
}

// formStream reads stream, in all the ways that services take a yes or no.
func (q *Request) formStream(value string) error {
	switch strings.ToLower(value) {
	case "true", "1", "yes", "on", "t", "y":
		q.Stream = true
	case "false", "0", "no", "off", "f", "n", "":
	default:
		return wrongType(FieldStream, "true or false")
	}
	return nil
}

// checkForm checks what was read of a body where a form is due.
func (q *Request) checkForm() error {
	if q.takesForm() && q.Model == "" {
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Param: "model",
			Message: "The form names no model. Add the field model: the name of the deployment to ask.",
		}
	}
	return nil
}
