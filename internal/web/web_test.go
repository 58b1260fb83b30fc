package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/web"
)

// The page comes with a policy that allows nothing inline and no other origin for
// scripts, packed where the client takes that, and only by GET and HEAD.
func TestPlayground(t *testing.T) {
	p, err := web.New()
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, path string, header ...string) *http.Response {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w.Result()
	}
	res := get("GET", "/")
	body, _ := io.ReadAll(res.Body)
	policy := res.Header.Get("Content-Security-Policy")
	if res.StatusCode != 200 || !strings.Contains(string(body), "<title>") || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%d %s %.100s", res.StatusCode, res.Header.Get("Content-Type"), body)
	}
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(string(body), "<script>") || strings.Contains(string(body), "<style>") || strings.Contains(string(body), "style=") {
		t.Error("the page has something inline, which its policy forbids")
	}
	if res := get("GET", "/", "If-None-Match", res.Header.Get("Etag")); res.StatusCode != 304 {
		t.Errorf("unchanged: %d", res.StatusCode)
	}
	if res := get("GET", "/", "Accept-Encoding", "gzip"); res.Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if unpacked, _ := io.ReadAll(r); string(unpacked) != string(body) {
			t.Error("packed, it is something else")
		}
	}
	for method, status := range map[string]int{"HEAD": 200, "POST": 405, "DELETE": 405} {
		if res := get(method, "/"); res.StatusCode != status {
			t.Errorf("%s: %d, want %d", method, res.StatusCode, status)
		}
	}
	if res := get("GET", "/../web.go"); res.StatusCode != 404 || p.Has("/nothing") {
		t.Errorf("beside the files: %d", res.StatusCode)
	}
}
