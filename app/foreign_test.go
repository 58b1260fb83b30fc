package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// startBefore starts a gateway before a server of the test's own.
func startBefore(t *testing.T, upstream http.HandlerFunc, extra string) *gateway {
	t.Helper()
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	g := &gateway{t: t, dir: t.TempDir(), logs: new(syncBuffer)}
	g.configure(threeConfig(server.URL, g.dir, extra))
	g.start()
	t.Cleanup(g.stop)
	return g
}

// A long answer that breaks off half-way reaches the client as broken, with a
// declared length and without, and counts as failed. What was made of it nobody knows.
func TestLongAnswerCut(t *testing.T) {
	for _, declared := range []bool{true, false} {
		g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if declared {
				w.Header().Set("Content-Length", "200000")
			}
			fmt.Fprint(w, `{"data":[`, strings.Repeat("1,", 50_000))
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "")
		req, _ := http.NewRequest("POST", g.url+chatPath, strings.NewReader(chat("Hello")))
		req.Header.Set("Api-Key", teamKey)
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err == nil {
			t.Errorf("declared %v: a cut answer of %d bytes looks whole", declared, len(body))
		}
		if e := g.one(); e.Outcome != tallygate.Failed || e.Usage.Source != tallygate.Held || e.Usage.Total != e.Hold.Tokens() || e.Cause == "" {
			t.Errorf("declared %v: entry %+v", declared, e)
		}
	}
}

// Whatever stands before the service and answers nonsense is not shown to callers.
func TestNonsenseUpstream(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://evil.example/", http.StatusTemporaryRedirect)
		},
		"a login page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>corporate proxy at 10.0.0.1</html>")
		},
		"a cookie and a redirecting header": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "session=1")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		g := startBefore(t, answer, "")
		a := g.post(chatPath, chat("Hello"))
		if a.status != 503 || a.code() == "" || strings.Contains(a.body, "10.0.0.1") || a.header.Get("Location") != "" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %v %s", name, a.status, a.header, a.body)
		}
		if e := g.one(); e.Attempts != 3 || e.Outcome != tallygate.Failed {
			t.Errorf("%s: entry %+v", name, e)
		}
	}
}

// Headers pass both ways, repeated ones too; credentials and connection headers do
// not.
func TestHeadersPass(t *testing.T) {
	var seen http.Header
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		h := w.Header()
		h["Warning"] = []string{"a", "b"}
		h.Set("Apim-Request-Id", "their-id")
		h.Set("Connection", "X-Hop")
		h.Set("X-Hop", "1")
		h.Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`)
	}, "")
	a := g.post(chatPath, chat("Hello"), "X-Ms-Client-Request-Id", "mine", "Openai-Beta", "x=1", "Traceparent",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Cookie", "a=b")
	if got := a.header["Warning"]; len(got) != 2 || a.header.Get("X-Hop") != "" || a.header.Get("X-Ms-Client-Request-Id") != "mine" {
		t.Errorf("header to the client %v", a.header)
	}
	if seen.Get("Api-Key") != resourceKey || seen.Get("Openai-Beta") != "x=1" || seen.Get("Traceparent") == "" || seen.Get("Cookie") != "" {
		t.Errorf("header upstream %v", seen)
	}
	if e := g.one(); e.UpstreamID != "their-id" || e.Trace != "0af7651916cd43dd8448eb211c80319c" || e.RequestID != "mine" || e.Usage.Total != 3 {
		t.Errorf("entry %+v", e)
	}
}
