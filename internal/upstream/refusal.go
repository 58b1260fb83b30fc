package upstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Refusal is an answer that another deployment may not give: it is kept whole, so
// that the last one can be told to the caller when all have refused.
type Refusal struct {
	Status int
	Header http.Header
	Body   []byte
	// Code is the error code of the body, such as "429" or "DeploymentNotFound".
	Code string
}

// maxRefusal bounds what is read of a refusal's body, in bytes.
const maxRefusal = 64 << 10

// Refused reads res as a refusal if it is one, and closes it then. Otherwise it
// returns nil and leaves res as it was, but for the statuses whose body it had to
// read: res.Body then gives it again. asked says that the gateway put
// stream_options into the request: then a 400 about it is a refusal too.
func Refused(res *http.Response, asked bool) *Refusal {
	switch {
	case Retryable(res.StatusCode):
	case res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusBadRequest && asked:
		// Only their body tells whose fault it is.
	case res.StatusCode >= 300 && res.StatusCode < 400:
		// Azure OpenAI does not redirect; whoever answers is not it.
	default:
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	f := &Refusal{Status: res.StatusCode, Header: res.Header, Body: body, Code: errorCode(body)}
	if res.StatusCode == http.StatusNotFound && f.Code != "DeploymentNotFound" || res.StatusCode == http.StatusBadRequest && !f.UsageOption() {
		res.Body = &reread{Reader: io.MultiReader(bytes.NewReader(body), res.Body), Closer: res.Body}
		return nil
	}
	res.Body.Close()
	return f
}

type reread struct {
	io.Reader
	io.Closer
}

// Retryable reports whether a status says something about the deployment and not
// about the request: 408, 424, 429, 5xx; and 401 and 403, since the credential is
// ours and the network rules are the resource's.
func Retryable(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusFailedDependency, http.StatusTooManyRequests,
		http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return status >= 500
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

// UsageOption reports whether a 400 was for stream_options, which some API
// versions and features do not take.
func (f *Refusal) UsageOption() bool {
	return f.Status == http.StatusBadRequest && bytes.Contains(f.Body, []byte("stream_options"))
}

// errorCode returns the code of an error body in OpenAI's or Azure's shape.
func errorCode(body []byte) string {
	var shape struct {
		Error struct {
			Code any `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &shape) != nil {
		return ""
	}
	code, _ := shape.Error.Code.(string)
	return code
}
