package app_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// Headers that choose another deployment stay at the gateway; the configuration's own go
// up, but for those that never do.
func TestRequestHeadersUp(t *testing.T) {
	var seen atomic.Pointer[http.Header]
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		h := r.Header.Clone()
		seen.Store(&h)
		usage(1)(w, r)
	}, "upstream_headers: [x-my-*, \"x-*-deployment\"]\n")
	a := g.post(chatPath, chat("hi"), "X-Ms-Spillover-Deployment", "gpt-5", "X-Ms-Oai-Image-Generation-Deployment", "gpt-image-1", "X-Http-Method-Override", "DELETE",
		"X-Azure-Clientip", "203.0.113.7", "X-My-Tag", "blue", "X-Stainless-Lang", "js", "Openai-Organization", "org", "Openai-Beta", "assistants=v2")
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	h := *seen.Load()
	for name, want := range map[string]string{
		"X-My-Tag": "blue", "X-Stainless-Lang": "js", "Openai-Beta": "assistants=v2", "Api-Key": resourceKey, "Content-Type": "application/json",
		"X-Ms-Spillover-Deployment": "", "X-Ms-Oai-Image-Generation-Deployment": "", "X-Http-Method-Override": "", "X-Azure-Clientip": "", "Openai-Organization": "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s went up as %q, want %q", name, got, want)
		}
	}
}

// Nothing of an answer acts on the gateway's own origin, and every answer of the data
// side says that it is what it calls itself.
func TestAnswersDoNotAct(t *testing.T) {
	acts := []string{
		"Set-Cookie", "Clear-Site-Data", "Refresh", "Alt-Svc", "Service-Worker-Allowed", "Strict-Transport-Security",
		"Access-Control-Allow-Origin", "Www-Authenticate", "Nel", "Report-To", "Location", "Link", "X-Anything",
	}
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		for _, name := range acts {
			w.Header().Set(name, "https://elsewhere.example/")
		}
		w.Header().Set("Apim-Request-Id", "id-1")
		kind := "application/json"
		if strings.Contains(r.URL.Path, "/files/") {
			kind = "text/html"
		}
		w.Header().Set("Content-Type", kind)
		if strings.HasSuffix(r.URL.Path, "/batches") {
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, `{"usage":{"total_tokens":1}}`)
	}, workshop("models: [gpt-4o]"))
	for _, c := range []struct {
		method, path, body string
		status             int
		up                 bool
	}{
		{"POST", chatPath, chat("hi"), 200, true}, {"GET", "/v1/files/f/content", "", 200, true}, {"POST", "/v1/batches", "{}", 400, true},
		{"GET", "/v1/models", "", 200, false}, {"GET", "/nowhere", "", 404, false}, {"GET", "/livez", "", 200, false}, {"GET", "/", "", 200, false},
		{"GET", "/api/v1/eventinfo", "", 200, false}, {"GET", "/api/nothing", "", 404, false}, {"GET", "/event/none", "", 404, false},
	} {
		a := g.do(c.method, c.path, c.body)
		if a.status != c.status || a.header.Get("X-Content-Type-Options") != "nosniff" || c.up && a.header.Get("Apim-Request-Id") != "id-1" {
			t.Errorf("%s %s: %d %v", c.method, c.path, a.status, a.header)
		}
		for _, name := range acts {
			if v := a.header.Get(name); strings.Contains(v, "elsewhere") {
				t.Errorf("%s %s tells %s: %s", c.method, c.path, name, v)
			}
		}
		if html := strings.Contains(c.path, "/files/"); html && a.header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
			t.Errorf("%s %s: a page is not sandboxed: %v", c.method, c.path, a.header)
		}
	}
}

// An operation's address is told as the gateway's own, in the dialect that asked.
func TestOperationLocation(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Operation-Location", "http://"+r.Host+"/one/openai/v1/videos/1?a=b")
		w.Header().Set("Location", "http://elsewhere.example/one/openai/v1/videos/1")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "{}")
	}, "")
	for asked, told := range map[string]string{"/v1/videos": "/v1/videos/1?a=b", "/openai/v1/videos": "/openai/v1/videos/1?a=b", "/api/projects/p/openai/v1/videos": "/openai/v1/videos/1?a=b"} {
		a := g.post(asked, `{"model":"sora"}`)
		if a.status != 202 || a.header.Get("Operation-Location") != g.url+told || a.header.Get("Location") != "" {
			t.Errorf("%s: %d %v", asked, a.status, a.header)
		}
	}
}

// A deployment that answers in another's stead is told in the log, once, and in every entry.
func TestAnotherDeploymentAnswers(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Ms-Deployment-Name", "gpt-5")
		usage(1)(w, r)
	}, "")
	for range 3 {
		if a := g.post(chatPath, chat("hi")); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	for _, e := range g.entries() {
		if e.Cause != "answered by the deployment gpt-5 in place of gpt-4o" {
			t.Errorf("cause %q", e.Cause)
		}
	}
	if n := strings.Count(g.logs.String(), "another deployment of the resource answers"); n != 1 {
		t.Errorf("told %d times in the log", n)
	}
}
