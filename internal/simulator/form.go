package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
)

// form is a multipart body as read: its fields by name in order, and its files.
type form struct {
	values map[string][]string
	files  []formFile
}

// formFile is a file of a form.
type formFile struct {
	field, name string
	data        []byte
}

// maxParts is how many parts a form may have.
const maxParts = 1000

// form reads the request's body as multipart/form-data.
func (c *call) form() (*form, *apiError) {
	body, err := c.read()
	if err != nil {
		return nil, err
	}
	kind, params, bad := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if bad != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, modelError(http.StatusUnsupportedMediaType, "Unsupported content type: '"+
			headerSafe(c.r.Header.Get("Content-Type"))+"'. Supported content types: 'multipart/form-data'.",
			"invalid_request_error", "", "")
	}
	f := readForm(body, params["boundary"])
	if f == nil {
		return nil, invalid("", "", "Could not parse multipart form")
	}
	return f, nil
}

// readForm reads the parts between boundaries; nil when they are none.
func readForm(body []byte, boundary string) *form {
	f := &form{values: map[string][]string{}}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for range maxParts {
		part, err := parts.NextPart()
		if err == io.EOF {
			return f
		}
		if err != nil {
			return nil
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil
		}
		if name := part.FormName(); part.FileName() != "" {
			f.files = append(f.files, formFile{name, part.FileName(), data})
		} else {
			f.values[name] = append(f.values[name], string(data))
		}
	}
	return nil
}

// value is a field's last value; empty when it is not there.
func (f *form) value(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// filesOf returns the files of a field, or of the field with brackets.
func (f *form) filesOf(name string) (out []formFile) {
	for _, file := range f.files {
		if file.field == name || file.field == name+"[]" {
			out = append(out, file)
		}
	}
	return out
}

// fields are the form's values as those of a JSON object, so that both are checked
// alike: the fields that are numbers or booleans there are such here.
func (f *form) fields() *fields {
	out := &fields{raw: map[string]json.RawMessage{}}
	for name := range f.values {
		v := f.value(name)
		switch name {
		case "n", "temperature", "partial_images", "output_compression", "stream":
			if json.Valid([]byte(v)) {
				out.raw[name] = json.RawMessage(v)
				continue
			}
		}
		out.raw[name] = appendString(nil, v)
	}
	return out
}
