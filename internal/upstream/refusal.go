package upstream

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Refusal is an answer that another deployment may not give: it is kept whole, so
// that the last one can be told to the caller when all have refused.
type Refusal struct {
	Status int
	Header http.Header
	Body   []byte
	// Code is the error code of the body, such as "429" or "DeploymentNotFound".
	Code string
	// Fault is what it is about.
	Fault Fault
	// After is how long its words ask to be left alone; 0 when they do not.
	After time.Duration
}

// maxRefusal bounds what is read of a refusal's body, in bytes.
const maxRefusal = 64 << 10

// Refused reads res as a refusal if it is one, and closes it then. Otherwise it
// returns nil and leaves res as it was, but for the statuses whose body it had to
// read: res.Body then gives it again.
func Refused(res *http.Response, sent Sent) *Refusal {
	if nothing(res, sent) {
		res.Body.Close()
		return &Refusal{Status: res.StatusCode, Header: res.Header, Code: "empty", Fault: OfFront}
	}
	if !tells(res.StatusCode, sent) && judge(res.StatusCode, res.Header, nil, words{}, sent) == OfNobody {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	said := read(body)
	f := &Refusal{Status: res.StatusCode, Header: res.Header, Body: body, Code: said.name()}
	if f.Fault = judge(res.StatusCode, res.Header, body, said, sent); f.Fault == OfNobody {
		res.Body = &reread{Reader: io.MultiReader(bytes.NewReader(body), res.Body), Closer: res.Body}
		return nil
	}
	if f.Fault == OfRoom {
		f.After = saidAfter(body)
	}
	res.Body.Close()
	return f
}

// InStream returns the refusal that came inside of an answer of status 200, as if its
// status had been the one that it stands for. The gateway's key was good for the answer,
// so access that is refused there is the request's.
func InStream(status int, header http.Header, code string, body []byte) *Refusal {
	f := &Refusal{Status: status, Header: header, Code: code, Body: body, After: saidAfter(body)}
	switch f.Fault = judge(status, nil, body, read(body), Sent{}); f.Fault {
	case OfNobody, OfAccess:
		f.Fault = OfRequest
	}
	return f
}

// Answer returns the refusal as the answer that it was.
func (f *Refusal) Answer() *http.Response {
	return &http.Response{
		StatusCode: f.Status, Header: f.Header, ContentLength: int64(len(f.Body)),
		Body: io.NopCloser(bytes.NewReader(f.Body)),
	}
}

// Mentions reports whether the refusal speaks of any of the members.
func (f *Refusal) Mentions(members []string) bool { return mentions(f.Body, members) }

type reread struct {
	io.Reader
	io.Closer
}

// Error implements error; the text is for the operator.
func (f *Refusal) Error() string { return fmt.Sprintf("refused with %d %s", f.Status, f.Code) }

// ErrorShape reports whether the body is an error object of the service, and not
// the page of something that stands before it.
func (f *Refusal) ErrorShape() bool {
	var shape struct {
		Error struct{ Message string } `json:"error"`
	}
	return json.Unmarshal(f.Body, &shape) == nil && shape.Error.Message != ""
}

// words are what an error body says of its error, in OpenAI's or Azure's shape.
type words struct{ code, kind, param, message string }

func read(body []byte) words {
	var shape struct {
		Error struct {
			Code    any `json:"code"`
			Type    any `json:"type"`
			Param   any `json:"param"`
			Message any `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &shape) != nil {
		return words{}
	}
	var w words
	w.code, _ = shape.Error.Code.(string)
	w.kind, _ = shape.Error.Type.(string)
	w.param, _ = shape.Error.Param.(string)
	w.message, _ = shape.Error.Message.(string)
	return w
}

// name is the error's code, or its type where it has none.
func (w words) name() string { return cmp.Or(w.code, w.kind) }
