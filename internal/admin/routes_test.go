package admin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/openapi"
)

// describedBy returns the document that the admin side serves, and the side.
func describedBy(t *testing.T) (http.Handler, *openapi.Document) {
	t.Helper()
	h := Handler(Options{Key: "admin-key", Version: "v1.2.3", Metrics: NewMetrics(""), Ready: func() error { return nil }})
	r := httptest.NewRequest(http.MethodGet, "/admin/openapi.json", nil)
	r.Header.Set("Authorization", "Bearer admin-key")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if problems := openapi.Check(w.Body.Bytes()); w.Code != http.StatusOK || len(problems) > 0 {
		t.Fatalf("%d, %q", w.Code, problems)
	}
	d := new(openapi.Document)
	if err := json.Unmarshal(w.Body.Bytes(), d); err != nil {
		t.Fatal(err)
	}
	return h, d
}

// Every route is in the document, and every operation of the document is a route: the
// mux gets its routes from the table alone that the document is made of.
func TestEveryRouteIsDescribed(t *testing.T) {
	_, d := describedBy(t)
	o := Options{Metrics: NewMetrics("")}
	mux, described := http.NewServeMux(), 0
	for _, r := range o.routes() {
		mux.HandleFunc(r.Method+" "+r.Path, r.serve)
		if d.Paths[r.Path][strings.ToLower(r.Method)] == nil {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
		}
	}
	open := make(map[string]bool)
	for _, p := range probes() {
		open[p.Path] = true
	}
	for path, methods := range d.Paths {
		for method := range methods {
			described++
			at := regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "x")
			if _, pattern := mux.Handler(httptest.NewRequest(strings.ToUpper(method), at, nil)); pattern == "" && !open[path] {
				t.Errorf("%s %s is in the document, but not served", method, path)
			}
		}
	}
	if described < 25 {
		t.Errorf("only %d operations are described", described)
	}
	registered := regexp.MustCompile(`mux\.Handle`)
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		if text, err := os.ReadFile(f.Name()); err == nil && !strings.HasSuffix(f.Name(), "_test.go") {
			n += len(registered.FindAll(text, -1)) - strings.Count(string(text), "mux.Handler(")
		}
	}
	if n != 1 {
		t.Errorf("routes are registered at %d places, not from the one table", n)
	}
}

// Probes take no key, everything else does, and so the document says.
func TestProbesAreOpen(t *testing.T) {
	h, d := describedBy(t)
	for path, methods := range d.Paths {
		for method, e := range methods {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(strings.ToUpper(method), regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "x"), nil))
			if open := e.Security != nil; open == (w.Code == http.StatusUnauthorized) {
				t.Errorf("%s %s answers %d, and the document says open: %v", method, path, w.Code, open)
			}
		}
	}
	if d.Components.Schemas["Failure"] == nil || d.Info.Version != "v1.2.3" {
		t.Errorf("%+v", d.Info)
	}
}
