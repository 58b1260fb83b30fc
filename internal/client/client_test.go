package client_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/client"
	"github.com/tallygate/tallygate/internal/console"
)

const key = "a-key-of-the-admin-side"

// side is a client of an admin side that answers by f.
func side(t *testing.T, f http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	c, err := client.New(&client.Options{Address: s.URL, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What is asked for is asked in the words of the API: the key, the path with whatever a
// name holds, the query, and the version to be replaced.
func TestCalls(t *testing.T) {
	var got string
	c := side(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = strings.TrimSpace(r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("If-Match") + " " + string(body))
		if r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("%s came with %q", got, r.Header.Get("Authorization"))
		}
		switch r.URL.Path {
		case "/admin/v1/limits":
			json.NewEncoder(w).Encode(api.LimitList{Limits: []api.Limit{{Name: "team", Origin: "stored", Version: 7}, {Name: "filed", Origin: "file"}}})
		case "/admin/v1/events":
			json.NewEncoder(w).Encode(api.EventList{Events: []api.Event{{ID: "lab", Origin: "stored"}}})
		}
	})
	ctx := t.Context()
	for want, call := range map[string]func() error{
		"GET /admin/v1/limits?name=te%2A&subject=a%3Db&subjects=5": func() error {
			_, err := c.Limits(ctx, client.LimitQuery{Name: "te*", Subject: "a=b", Subjects: 5})
			return err
		},
		`PUT /admin/v1/limits/team "7" {}`: func() error {
			replaced, err := c.SetLimit(ctx, "team", []byte("{}"))
			if !replaced {
				t.Error("the limit is there, and is not replaced")
			}
			return err
		},
		"PUT /admin/v1/limits/new%2Fone  {}": func() error {
			replaced, err := c.SetLimit(ctx, "new/one", []byte("{}"))
			if replaced {
				t.Error("the limit is not there, and is replaced")
			}
			return err
		},
		"DELETE /admin/v1/limits/a%20b":                              func() error { return c.DeleteLimit(ctx, "a b") },
		"GET /admin/v1/prices?model=gpt-4o":                          func() error { _, err := c.Prices(ctx, "gpt-4o"); return err },
		"DELETE /admin/v1/prices/x":                                  func() error { return c.DeletePrices(ctx, "x") },
		`PUT /admin/v1/events/lab "3" {"a":1}`:                       func() error { _, err := c.PutEvent(ctx, "lab", map[string]int{"a": 1}, 3); return err },
		`DELETE /admin/v1/events/lab "3"`:                            func() error { return c.DeleteEvent(ctx, "lab", 3) },
		"POST /admin/v1/events/lab/attendees/ann@example.com/revoke": func() error { return c.Tell(ctx, "lab", "ann@example.com", "revoke") },
		"GET /admin/v1/events/lab/attendees":                         func() error { _, _, err := c.Attendees(ctx, "lab"); return err },
		"GET /admin/v1/status":                                       func() error { _, err := c.Status(ctx); return err },
		`PUT /admin/v1/prices/list?dry_run=true "2" text`: func() error {
			_, err := c.PutPrices(ctx, &client.PriceFile{ID: "list", Text: []byte("text"), Version: 2, DryRun: true})
			return err
		},
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if got != want {
			t.Errorf("asked %s\nwant  %s", got, want)
		}
	}
}

// A refusal keeps its code and all that is wrong, each in a line that steers no terminal.
func TestRejection(t *testing.T) {
	status := http.StatusBadRequest
	c := side(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(api.Failure{Error: api.Error{Code: "Invalid", Message: "no \x1b[2J", Problems: []string{"a: is none", "b: neither"}}})
	})
	err := c.DeleteLimit(t.Context(), "x")
	r, ok := errors.AsType[*client.Rejection](err)
	if !ok || !r.Wrong || r.Code != "Invalid" || err.Error() != "no \uFFFD[2J\n  a: is none\n  b: neither" {
		t.Errorf("%q", err)
	}
	status = http.StatusConflict
	if r, ok := errors.AsType[*client.Rejection](c.DeleteLimit(t.Context(), "x")); !ok || r.Wrong {
		t.Error("a conflict is the request's fault")
	}
}

// What is not an admin side is told from one that does not take the key, from one that
// cannot be reached, and from one that sends us elsewhere: the key does not go there.
func TestWrongSides(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the key went elsewhere") }))
	defer elsewhere.Close()
	for want, f := range map[string]http.HandlerFunc{
		"does not take this admin key": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+api.Realm+`"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"the side that callers use":                        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"is not a gateway's admin side: it says 404":       http.NotFound,
		"is not a gateway's admin side: invalid character": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
		"is not a gateway's admin side: it says 302":       func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
	} {
		if _, err := side(t, f).Status(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	elsewhere.Close()
	c, err := client.New(&client.Options{Address: elsewhere.URL, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Status(t.Context())
	if _, ok := errors.AsType[*client.UnreachableError](err); !ok || strings.Contains(err.Error(), key) {
		t.Errorf("%v", err)
	}
}

// What is wrong with where to ask is said by the flag that says it, and no key is shown.
func TestOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]client.Options{
		"--admin: ":                   {Address: "localhost", Key: key},
		"--gateway: ":                 {Address: "http://localhost", Key: key, Gateway: "ftp://x"},
		"--key-file: ":                {Address: "http://localhost", KeyFile: file + "-not"},
		"the admin key is missing":    {Address: "http://localhost"},
		"a character that no key has": {Address: "http://localhost", Key: key + " " + key},
	} {
		_, err := client.New(&o)
		if _, ok := errors.AsType[*console.UsageError](err); !ok || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), key) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := client.New(&client.Options{Address: "https://localhost/base/", KeyFile: file, Key: "\n"}); err != nil {
		t.Error(err)
	}
}

// An event that is not there is asked for by the name that was probably meant, and one
// from elsewhere is not changed here.
func TestEvents(t *testing.T) {
	c := side(t, func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(api.EventList{Events: []api.Event{{ID: "spring-lab", Origin: "stored"}, {ID: "filed", Origin: "file"}, {ID: "rows", Origin: "azure-tables"}}})
	})
	if _, err := c.Event(t.Context(), "spring-lap"); err == nil || !strings.Contains(err.Error(), "did you mean spring-lab?") {
		t.Error(err)
	}
	if _, err := c.StoredEvent(t.Context(), "spring-lab"); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"filed", "rows"} {
		if _, err := c.StoredEvent(t.Context(), id); err == nil || !strings.Contains(err.Error(), "change it there") {
			t.Errorf("%s: %v", id, err)
		}
	}
}
