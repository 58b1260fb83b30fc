package rehearse

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// read reads an answer that came after a second.
func read(status int, stream bool, body string, header ...string) answer {
	res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return readAnswer(res, stream, func() time.Duration { return time.Second })
}

// An answer's tokens are read, and of an error its code and message, in every shape
// that is about.
func TestReadAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   answer
	}{
		"a chat":           {200, `{"choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":30,"completion_tokens":9}}`, answer{prompt: 30, completion: 9}},
		"the event proxy":  {200, `{"assistant":{"content":"Hi"},"usage":{"usage":{"prompt_tokens":30,"completion_tokens":9}},"name":"x"}`, answer{prompt: 30, completion: 9}},
		"odd content":      {200, `{"assistant":{"content":{"name":"f"}},"content_filtered":{},"usage":{"usage":{"completion_tokens":9}}}`, answer{completion: 9}},
		"no JSON":          {200, `hello`, answer{}},
		"Azure's error":    {429, `{"error":{"code":"429","message":"Please retry\nafter 8 seconds."}}`, answer{code: "429", message: "Please retry after 8 seconds."}},
		"OpenAI's error":   {429, `{"error":{"message":"m","type":"too_many_requests","param":null,"code":null}}`, answer{code: "too_many_requests", message: "m"}},
		"a number as code": {500, `{"error":{"message":"m","code":500}}`, answer{code: "500", message: "m"}},
		"a string":         {500, `{"error":"m"}`, answer{message: "m"}},
		"a detail":         {401, `{"detail":"Event code is not authorized"}`, answer{message: "Event code is not authorized"}},
		"a message":        {400, `{"message":"Response validation error"}`, answer{message: "Response validation error"}},
		"in the chat":      {429, `{"assistant":{"role":"assistant","content":"OpenAI API retry limit reached..."},"usage":{}}`, answer{message: "OpenAI API retry limit reached..."}},
		"a bare string":    {400, `"Oops, no chat messages."`, answer{message: "Oops, no chat messages."}},
		"a page":           {502, "<html>\n  Bad\n</html>", answer{message: "<html> Bad </html>"}},
		"nothing":          {503, ``, answer{message: "Service Unavailable"}},
		"a redirect":       {307, ``, answer{message: "Temporary Redirect"}},
	} {
		c.want.status = c.status
		if diff := cmp.Diff(c.want, read(c.status, false, c.body), cmp.AllowUnexported(answer{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Of a stream the first token, the usage and the end are noticed, and errors in it.
func TestReadStream(t *testing.T) {
	const first = `data: {"choices":[],"prompt_filter_results":[]}` + "\n\n" + `data: {"choices":[{"delta":{"role":"assistant","content":""}}]}` + "\n\n"
	const token = `data: {"choices":[{"delta":{"content":"Hi"}}]}` + "\r\n\r\n: comment\n\n"
	const last = `data: {"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":9}}` + "\n\n"
	for name, c := range map[string]struct {
		body string
		want answer
	}{
		"whole":      {first + token + last + "data: [DONE]\n\n", answer{firstToken: time.Second, prompt: 30, completion: 9}},
		"empty":      {first + last + "data: [DONE]", answer{prompt: 30, completion: 9}},
		"broken off": {first + token, answer{firstToken: time.Second, broken: true, code: "broken off", message: "the stream ended without [DONE]"}},
		"an error": {first + token + `data: {"error":{"code":"server_error","message":"m"}}` + "\n\n",
			answer{firstToken: time.Second, code: "in stream: server_error", message: "m"}},
		"error null": {`data: {"error":null,"choices":[{"delta":{"tool_calls":[{}]}}]}` + "\n\ndata: [DONE]\n\n", answer{firstToken: time.Second}},
		"long line":  {"data: " + strings.Repeat("x", 2*maxEvent) + "\n\n" + token + "data: [DONE]\n\n", answer{firstToken: time.Second}},
	} {
		c.want.status = 200
		if diff := cmp.Diff(c.want, read(200, true, c.body), cmp.AllowUnexported(answer{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if a := read(429, true, `{"error":{"code":"429","message":"m"}}`, "retry-after-ms", "1500"); a.code != "429" || a.retryAfter != 1500*time.Millisecond {
		t.Errorf("a refused stream: %+v", a)
	}
}

// When to come again is read as SDKs read it.
func TestRetryAfter(t *testing.T) {
	for name, c := range map[string]struct {
		header []string
		want   time.Duration
	}{
		"milliseconds win": {[]string{"retry-after-ms", "1500", "retry-after", "2"}, 1500 * time.Millisecond},
		"seconds":          {[]string{"retry-after", "7"}, 7 * time.Second},
		"not a number":     {[]string{"retry-after-ms", "soon", "retry-after", "3"}, 3 * time.Second},
		"negative":         {[]string{"retry-after", "-3"}, 0},
		"a date gone by":   {[]string{"retry-after", "Mon, 02 Jan 2006 15:04:05 GMT"}, 0},
		"for ever":         {[]string{"retry-after", "1e300"}, 366 * 24 * time.Hour},
		"no number at all": {[]string{"retry-after", "NaN"}, 0},
		"nothing":          {nil, 0},
	} {
		if got := read(429, false, "", c.header...).retryAfter; got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Whatever a server answers, reading it ends, and what is kept of it is bounded.
func FuzzReadAnswer(f *testing.F) {
	f.Add(200, true, "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n", "1")
	f.Add(200, false, `{"usage":{"usage":{"usage":{"prompt_tokens":1}}}}`, "")
	f.Add(429, false, `{"error":{"code":[1],"type":{},"message":{"a":"`+strings.Repeat("ü", 900)+`"}}}`, "1e309")
	f.Add(500, true, "\xff\xfe", "Mon, 02 Jan 2006 15:04:05 GMT")
	f.Fuzz(func(t *testing.T, status int, stream bool, body, after string) {
		a := read(status, stream, body, "retry-after", after, "retry-after-ms", after)
		if len(a.code) > 4*60 || len(a.message) > 4*maxSaid || a.prompt < 0 || a.completion < 0 || a.retryAfter < 0 {
			t.Errorf("%+v", a)
		}
		if a.ok() && (status < 200 || status > 299) {
			t.Errorf("%d is taken for an answer", status)
		}
	})
}
