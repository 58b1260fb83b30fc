package eventapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// exchange is a request to the line whose answer stays in memory. It is the line's
// http.ResponseWriter and belongs to one goroutine.
type exchange struct {
	header http.Header
	status int
	body   bytes.Buffer
	took   time.Duration
	// maxTokens is what was asked for.
	maxTokens int64
}

// maxAnswer bounds an answer, in bytes: far above what mostTokens tokens are.
const maxAnswer = 8 << 20

var errTooLong = errors.New("the answer is longer than 8 MiB")

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= 200 {
		x.status = status
	}
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(p []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	if x.body.Len()+len(p) > maxAnswer {
		x.status = http.StatusBadGateway
		return 0, errTooLong
	}
	return x.body.Write(p)
}

// Flush implements http.Flusher: what was written is where it belongs.
func (x *exchange) Flush() {}

// passed are the headers of a request that say something about it to the line.
var passed = [...]string{
	"User-Agent", "X-Request-Id", "X-Ms-Client-Request-Id", "Traceparent", "X-Forwarded-For", "X-Tallygate-Max-Wait",
}

// ask has the line serve a chat completion, as if the caller had sent it.
func (a *handler) ask(r *http.Request, credential, model string, body []byte) *exchange {
	path := "/openai/deployments/" + url.PathEscape(model) + "/chat/completions"
	to := (&http.Request{
		Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		URL: &url.URL{
			Path: "/openai/deployments/" + model + "/chat/completions", RawPath: path, RawQuery: "api-version=" + generalVersion,
		},
		Header:        http.Header{"Content-Type": {"application/json"}, codeHeader: {credential}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Host: r.Host, RemoteAddr: r.RemoteAddr, TLS: r.TLS,
	}).WithContext(r.Context())
	to.RequestURI = to.URL.RequestURI()
	for _, name := range passed {
		if v := r.Header[name]; v != nil {
			to.Header[name] = v
		}
	}
	x := &exchange{header: make(http.Header)}
	began := time.Now()
	x.serve(a.Line, to)
	x.took = time.Since(began)
	return x
}

// serve has h serve the request. A handler that gives up half-way has no answer.
func (x *exchange) serve(h http.Handler, r *http.Request) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			x.status = http.StatusBadGateway
			x.body.Reset()
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(x, r)
	x.WriteHeader(http.StatusOK) // which is what silence means
}

// copyHeader tells the client what the line told of ids, limits and waiting; what
// describes the line's own body is left.
func (x *exchange) copyHeader(h http.Header) {
	for name, values := range x.header {
		switch {
		case strings.HasPrefix(name, "Content-"), name == "Connection", name == "Transfer-Encoding", name == "Trailer":
		default:
			h[name] = values
		}
	}
}

// fault reads the code and the message of an error in OpenAI's shape; nothing of what
// is in no such shape.
func (x *exchange) fault() (code, message string) {
	var body struct {
		Error struct {
			Code    any    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(x.body.Bytes(), &body) != nil {
		return "", ""
	}
	code, _ = body.Error.Code.(string)
	return code, body.Error.Message
}
