package upstream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/upstream"
)

// Whose fault each answer is, where the gateway chose the deployment and a model was to
// answer, and where the caller asks for an object of a resource.
func TestFaults(t *testing.T) {
	const html = "text/html; charset=utf-8"
	code := func(c string) string { return `{"error":{"code":"` + c + `","message":"m"}}` }
	for _, c := range []struct {
		status int
		kind   string
		body   string
		model  upstream.Fault
		object upstream.Fault
	}{
		{200, "", code(""), upstream.OfNobody, upstream.OfNobody},
		{200, html, "<html>", upstream.OfFront, upstream.OfNobody},
		{200, "", "", upstream.OfFront, upstream.OfNobody},
		{204, "", "", upstream.OfFront, upstream.OfNobody},
		{302, "", "", upstream.OfFront, upstream.OfFront},
		{400, "", code("content_filter"), upstream.OfNobody, upstream.OfNobody},
		{400, "", `{"error":{"code":"BadRequest","message":"Could not find an existing deployment to match the model x"}}`, upstream.OfName, upstream.OfNobody},
		{400, html, "<html>", upstream.OfFront, upstream.OfNobody},
		{400, "", `{"error":{"message":"Unsupported parameter: 'max_tokens'"}}`, upstream.OfEdit, upstream.OfEdit},
		{422, "", `{"detail":[{"loc":["body","max_tokens"],"msg":"Extra inputs are not permitted"}]}`, upstream.OfEdit, upstream.OfEdit},
		{401, "", `{"statusCode":401}`, upstream.OfAccess, upstream.OfAccess},
		{403, html, "<html>", upstream.OfAccess, upstream.OfAccess},
		{404, "", code("DeploymentNotFound"), upstream.OfName, upstream.OfNobody},
		{404, "", code("model_not_found"), upstream.OfName, upstream.OfNobody},
		{404, "", code("404"), upstream.OfNobody, upstream.OfNobody},
		{404, html, "<html>", upstream.OfFront, upstream.OfNobody},
		{408, "", code("Timeout"), upstream.OfDeployment, upstream.OfDeployment},
		{409, "", code("conflict"), upstream.OfNobody, upstream.OfNobody},
		{410, "", code("gone"), upstream.OfName, upstream.OfNobody},
		{413, html, "<html>", upstream.OfNobody, upstream.OfNobody},
		{424, "", code("x"), upstream.OfRequest, upstream.OfRequest},
		{429, "", code("429"), upstream.OfRoom, upstream.OfRoom},
		{429, html, "<html>", upstream.OfRoom, upstream.OfRoom},
		{431, html, "<html>", upstream.OfNobody, upstream.OfNobody},
		{500, "", code("model_error"), upstream.OfRequest, upstream.OfRequest},
		{500, "", `{"error":{"code":null,"type":"model_error"}}`, upstream.OfRequest, upstream.OfRequest},
		{500, "", code("500"), upstream.OfDeployment, upstream.OfDeployment},
		{502, html, "<html>", upstream.OfFront, upstream.OfDeployment},
		{503, "", "", upstream.OfDeployment, upstream.OfDeployment},
	} {
		for sent, want := range map[*upstream.Sent]upstream.Fault{
			{Chosen: true, Inference: true, Edits: []string{"max_tokens"}}: c.model,
			{Edits: []string{"max_tokens"}}:                                c.object,
		} {
			res := &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {c.kind}}, ContentLength: int64(len(c.body)), Body: io.NopCloser(strings.NewReader(c.body))}
			got := upstream.OfNobody
			if r := upstream.Refused(res, *sent); r != nil {
				got = r.Fault
			} else if left, _ := io.ReadAll(res.Body); string(left) != c.body {
				t.Errorf("%d %s: the body that is left is %q", c.status, c.body, left)
			}
			if got != want {
				t.Errorf("%d %s %s, sent %+v: the fault of %v, want %v", c.status, c.kind, c.body, *sent, got, want)
			}
		}
	}
}

// Inside of a stream the gateway's key was accepted already: access that is refused there
// is the request's.
func TestFaultsInsideAStream(t *testing.T) {
	for status, want := range map[int]upstream.Fault{
		429: upstream.OfRoom, 500: upstream.OfDeployment, 403: upstream.OfRequest, 401: upstream.OfRequest, 424: upstream.OfRequest, 400: upstream.OfRequest,
	} {
		if got := upstream.InStream(status, nil, "", []byte(`{"error":{"message":"m"}}`)).Fault; got != want {
			t.Errorf("%d: the fault of %v, want %v", status, got, want)
		}
	}
	if got := upstream.InStream(500, nil, "model_error", []byte(`{"error":{"code":"model_error"}}`)).Fault; got != upstream.OfRequest {
		t.Errorf("model_error: the fault of %v", got)
	}
}

// How long a refusal asks to be left alone is read out of its words.
func TestWordsOfARefusal(t *testing.T) {
	f := func(message string, want time.Duration) {
		t.Helper()
		body := `{"error":{"code":"429","message":"` + message + `"}}`
		res := &http.Response{StatusCode: 429, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
		if got := upstream.Refused(res, upstream.Sent{}).After; got != want {
			t.Errorf("%q: %v, want %v", message, got, want)
		}
	}
	f("Please retry after 3 seconds.", 3*time.Second)
	f("Please retry after 1 second. Please go here", time.Second)
	f("Rate limit is exceeded. Try again in 2 seconds.", 2*time.Second)
	f("Please try again in 250ms.", 250*time.Millisecond)
	f("Please try again in 1.5s.", 1500*time.Millisecond)
	f("Please try again in 2 minutes.", 2*time.Minute)
	f("Please retry after 99999999999 seconds.", 24*time.Hour)
	f("Please retry after a while.", 0)
	f("Please retry after 3 apples.", 0)
	f("Please retry after -3 seconds.", 0)
	f("Please retry after ", 0)
	f("Too many.", 0)
}

func FuzzRefused(f *testing.F) {
	f.Add(429, "application/json", []byte(`{"error":{"code":"429","message":"Please retry after 3 seconds."}}`))
	f.Add(500, "", []byte(`{"error":{"code":5,"type":null}}`))
	f.Add(400, "text/html", []byte("\xff retry after 1e9s"))
	f.Fuzz(func(t *testing.T, status int, kind string, body []byte) {
		res := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(string(body)))}
		r := upstream.Refused(res, upstream.Sent{Chosen: true, Inference: true, Edits: []string{"max_tokens"}})
		if r != nil {
			if r.Fault == upstream.OfNobody || r.After < 0 || r.After > 24*time.Hour {
				t.Fatalf("%+v", r)
			}
			return
		}
		if left, _ := io.ReadAll(res.Body); string(left) != string(body) {
			t.Fatalf("left %q of %q", left, body)
		}
	})
}
