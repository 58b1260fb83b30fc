package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/upstream"
)

var deployment = &tallygate.Deployment{Resource: "sweden", Name: "gpt-4o"}

// echo starts a server that remembers the last request it saw.
func echo(t *testing.T) (*upstream.Upstream, *http.Request) {
	t.Helper()
	seen := new(http.Request)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*seen = *r
		seen.Body = io.NopCloser(bytes.NewReader(body))
	}))
	t.Cleanup(s.Close)
	base, _ := url.Parse(s.URL + "/behind/another")
	return upstream.New([]*upstream.Resource{{Name: "sweden", Base: base, Credential: upstream.Key("resource-key")}}, s.Client().Transport), seen
}

func send(t *testing.T, u *upstream.Upstream, c *upstream.Call) {
	t.Helper()
	res, err := u.Send(t.Context(), deployment, c)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

// What is known to be harmless goes upstream, and the resource's own key.
func TestHeader(t *testing.T) {
	u, seen := echo(t)
	in := http.Header{
		"Api-Key": {"callers-key"}, "Authorization": {"Bearer callers-key"}, "Ocp-Apim-Subscription-Key": {"callers-key"},
		"Openai-Event-Code": {"code"}, "Cookie": {"a=b"}, "X-Forwarded-For": {"10.1.1.1"}, "Forwarded": {"for=10.1.1.1"},
		"Connection": {"keep-alive, X-Hop"}, "X-Hop": {"1"}, "Te": {"trailers"}, "Proxy-Authorization": {"x"},
		"Accept-Encoding": {"gzip"}, "Expect": {"100-continue"},
		"Content-Type": {"application/json"}, "X-Ms-Client-Request-Id": {"id-1"}, "Openai-Beta": {"assistants=v2"},
		"X-Repeated": {"one", "two"}, "Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	}
	send(t, u, &upstream.Call{Method: "GET", Path: "/openai/models", Header: in})
	want := http.Header{
		"Api-Key": {"resource-key"}, "Accept-Encoding": {"identity"},
		"Content-Type": {"application/json"}, "X-Ms-Client-Request-Id": {"id-1"}, "Openai-Beta": {"assistants=v2"},
		"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	}
	if diff := cmp.Diff(want, seen.Header); diff != "" {
		t.Errorf("header at the resource (-want +got):\n%s", diff)
	}
	if len(in["Api-Key"]) != 1 || in["Api-Key"][0] != "callers-key" {
		t.Error("the client's header was changed")
	}
}

// The escaped path arrives as it was given, behind the resource's base.
func TestTarget(t *testing.T) {
	u, seen := echo(t)
	send(t, u, &upstream.Call{Method: "POST", Path: "/openai/deployments/my%20dep%2Fx/chat/completions", Query: "api-version=2024-10-21",
		Length: 2, Body: func() io.ReadCloser { return io.NopCloser(strings.NewReader("{}")) }})
	if got, want := seen.RequestURI, "/behind/another/openai/deployments/my%20dep%2Fx/chat/completions?api-version=2024-10-21"; got != want {
		t.Errorf("target %s, want %s", got, want)
	}
	if body, _ := io.ReadAll(seen.Body); string(body) != "{}" || seen.ContentLength != 2 {
		t.Errorf("body %q of length %d", body, seen.ContentLength)
	}
}

// A resource that cannot be reached is a failure that was not sent; a client that
// went away is its own error.
func TestFailures(t *testing.T) {
	base, _ := url.Parse("http://127.0.0.1:1")
	u := upstream.New([]*upstream.Resource{{Name: "sweden", Base: base, Credential: upstream.Key("k")}}, http.DefaultTransport)
	_, err := u.Send(t.Context(), deployment, &upstream.Call{Method: "GET", Path: "/openai/models"})
	if f, ok := errors.AsType[*upstream.Failure](err); !ok || f.Sent {
		t.Errorf("a refused connection: %v, want an unsent Failure", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = u.Send(gone, deployment, &upstream.Call{Method: "GET", Path: "/openai/models"})
	if _, ok := errors.AsType[*upstream.Failure](err); !ok || !errors.Is(err, context.Canceled) {
		t.Errorf("a client that went away: %v, want a Failure by context.Canceled", err)
	}
}

func TestRefused(t *testing.T) {
	sent := upstream.Sent{Chosen: true}
	f := func(status int, body string, refused bool, code string) {
		t.Helper()
		res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
		r := upstream.Refused(res, sent)
		if (r != nil) != refused {
			t.Fatalf("Refused(%d %s) = %v, want %v", status, body, r, refused)
		}
		if r != nil && r.Code != code {
			t.Errorf("Refused(%d %s) has code %q, want %q", status, body, r.Code, code)
		}
		if r == nil {
			if again, _ := io.ReadAll(res.Body); string(again) != body {
				t.Errorf("Refused(%d) left the body %q, want %q", status, again, body)
			}
		}
	}
	f(200, `{"id":"x"}`, false, "")
	f(429, `{"error":{"code":"429","message":"m"}}`, true, "429")
	f(429, `garbage`, true, "")
	f(500, `{"error":{"code":null,"message":"m","type":"server_error"}}`, true, "server_error")
	f(502, `<html>bad gateway</html>`, true, "")
	f(408, `{"error":{"code":"Timeout"}}`, true, "Timeout")
	f(401, `{"statusCode":401,"message":"Unauthorized."}`, true, "") // our credential, not the caller's
	f(403, `{"error":{"code":"AuthenticationTypeDisabled"}}`, true, "AuthenticationTypeDisabled")
	f(404, `{"error":{"code":"DeploymentNotFound"}}`, true, "DeploymentNotFound") // our configuration
	f(404, `{"error":{"code":"404","message":"Resource not found"}}`, false, "")  // the caller's path
	f(400, `{"error":{"code":"content_filter"}}`, false, "")                      // the caller's prompt
	option := `{"error":{"message":"Unrecognized request argument supplied: stream_options"}}`
	f(400, option, false, "") // the caller's own option
	sent.Edits = []string{"stream_options"}
	f(400, option, true, "")                                 // ours
	f(400, `{"error":{"code":"content_filter"}}`, false, "") // still the caller's prompt
	sent = upstream.Sent{}
	f(302, ``, true, "") // Azure does not redirect
	f(413, strings.Repeat("x", 100_000), false, "")
}
