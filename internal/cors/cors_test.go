package cors_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/cors"
)

// Whatever a browser, or somebody else, calls its origin: only a host below the one that
// is named, or that host at another port, passes for it; and nothing of what was sent
// stands in the answer but an origin and the names of known headers.
func FuzzAnswer(f *testing.F) {
	f.Add("https://a.contoso.com", "content-type, x-stainless-os")
	f.Add("https://contoso.com.evil.example", "x-stainless-\r\nset-cookie: a")
	f.Add("https://evil.example/.contoso.com", "cookie")
	f.Add("http://localhost:80@evil.example", "")
	origins := cors.Origins{"https://*.contoso.com", "http://localhost:*"}
	f.Fuzz(func(t *testing.T, origin, headers string) {
		r := httptest.NewRequest("OPTIONS", "/v1/models", nil)
		r.Header["Origin"] = []string{origin}
		r.Header["Access-Control-Request-Method"] = []string{"POST"}
		r.Header["Access-Control-Request-Headers"] = []string{headers}
		w := httptest.NewRecorder()
		if !origins.Answer(w, r, "POST") {
			if len(w.Header()) > 0 {
				t.Errorf("%q is refused with %v", origin, w.Header())
			}
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.User != nil || u.Path != "" || u.Scheme+"://"+u.Host != origin {
			t.Fatalf("%q is no origin: %v", origin, err)
		}
		if !strings.HasSuffix(u.Host, ".contoso.com") && u.Hostname() != "localhost" {
			t.Errorf("%q may call", origin)
		}
		if names := w.Header().Get("Access-Control-Allow-Headers"); strings.Trim(names, "abcdefghijklmnopqrstuvwxyz0123456789-_, ") != "" || strings.Contains(names, "cookie") && !strings.Contains(names, "x-stainless-") {
			t.Errorf("headers %q", names)
		}
	})
}
