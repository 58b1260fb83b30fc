package app_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/op"
)

// secretObject is what the upstream keeps for somebody else.
const secretObject = "another caller's object"

// keeper answers whatever comes with somebody else's object, and counts. What a model
// reads it answers as a model.
func keeper(seen *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"x","note":%q,"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`, secretObject)
	}
}

// tableCallers are the callers of the table, and how each says who it is. The key of the
// first may do everything.
var tableCallers = []struct {
	name, header, credential string
	restricted               bool
}{
	{"unrestricted", "Api-Key", teamKey, false},
	{"globbed", "Api-Key", "globbed-key-0123456789", true},
	{"every model", "Authorization", "Bearer every-key-0123456789", true},
	{"attendee", "Api-Key", "workshop2026/ann", true},
}

func tableConfig(off bool) string {
	return "callers:\n  - {name: team, key: " + teamKey + "}\n  - {name: globbed, key: globbed-key-0123456789, models: [gpt-4o]}\n" +
		"  - {name: every, key: every-key-0123456789, models: [\"*\"]}\n" + workshop("models: [gpt-4o]") +
		fmt.Sprintf("passthrough: {off: %v}\n", off)
}

// strange are routes that are in no table: what others may have heard of, what the
// service may have tomorrow, and what resembles the routes of models.
var strange = []string{
	"rerank", "moderations", "skills", "chat", "chat/completions/a/b", "responses/a/b", "embeddings/x", "files/a/b/c", "admin/keys",
	"organization/usage/completions", "batches/b/output", "videos/v/extend", "realtime/translations", "agents/a/runs", "conversations/c/items/i/x",
}

// tableMethods are those that any route is asked with.
var tableMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// tableRoutes are all routes that are known with all methods, and some that are not.
func tableRoutes() (paths []string, known map[string]*op.Unit) {
	known = make(map[string]*op.Unit)
	for method, u := range op.New().All() {
		path := string(u.Template)
		known[method+" "+path] = u
		if method == "GET" {
			known["HEAD "+path] = u
		}
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return append(paths, strange...), known
}

// The route decides what is reached, for every route, method, dialect and caller, with
// and without a body that names a model: restricted callers reach their models and
// their list, nobody reaches objects where passthrough is off, and what is refused has
// not gone up.
func TestTableOfRoutes(t *testing.T) {
	for _, off := range []bool{false, true} {
		t.Run(fmt.Sprintf("passthrough off %v", off), func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			g := startBefore(t, keeper(&seen), tableConfig(off))
			paths, known := tableRoutes()
			for _, path := range paths {
				for _, method := range tableMethods {
					for i, who := range tableCallers {
						for j, body := range []string{"", `{"model":"gpt-4o","messages":[],"input":"x","prompt":"x"}`} {
							url := address(path, i+j+len(path))
							before := seen.Load()
							a := g.do(method, url, body, "Api-Key", "", who.header, who.credential)
							went := seen.Load() > before
							row := fmt.Sprintf("%s %s, %s, body %q", method, url, who.name, body)
							r, ok := known[method+" "+path]
							checkRow(t, row, due{r, ok, !off && !who.restricted, body != ""}, a, went)
						}
					}
				}
			}
		})
	}
}

// address is the path in one of the dialects.
func address(path string, n int) string {
	path = strings.NewReplacer("models/{id...}", "models/gpt-4o", "{id...}", "id-1", "{id}", "id-1").Replace(path)
	switch n % 5 {
	case 0:
		return "/v1/" + path
	case 1:
		return "/openai/" + path + "?api-version=2025-04-01-preview"
	case 2:
		return "/api/projects/p/openai/v1/" + path
	case 3:
		return "/openai/deployments/gpt-4o/" + path + "?api-version=2025-04-01-preview"
	}
	return "/openai/v1/" + path
}

// due is what decides about an answer.
type due struct {
	route *op.Unit
	known bool
	// objects says that the caller may reach them, named that the body names a model.
	objects, named bool
}

// checkRow holds an answer to what is due.
func checkRow(t *testing.T, row string, d due, a answer, went bool) {
	t.Helper()
	right := false
	switch text := []string{"chat/completions", "responses", "embeddings", "completions"}; {
	case d.known && d.route.Access == tallygate.ToList:
		right = a.status == 200 && !went
	case d.known && d.route.Access == tallygate.ToModel && d.named && slices.Contains(text, string(d.route.Template)):
		right = a.status == 200 && went
	case d.known && d.route.Access == tallygate.ToModel:
		right = a.status == 200 && went || a.status >= 400 && a.status < 500 && !went
	case d.objects:
		right = a.status == 200 && went || a.status == 405 && !went
	default:
		right = (a.status == 403 || a.status == 405) && !went && !strings.Contains(a.body, secretObject)
	}
	if !right {
		t.Errorf("%s: %d %s, went up: %v", row, a.status, a.body, went)
	}
}

// CONNECT is refused on every path, and its connection ends.
func TestConnect(t *testing.T) {
	g := startBefore(t, usage(1), "")
	for _, target := range []string{"/livez", "/readyz", "/", "/v1/models", "elsewhere.example:443"} {
		conn := g.raw("CONNECT " + target + " HTTP/1.1\r\nHost: gateway\r\nApi-Key: " + teamKey + "\r\n\r\n")
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		text, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 405 ") || !strings.Contains(string(text), "Connection: close") {
			t.Errorf("CONNECT %s: %q, %v", target, text, err)
		}
	}
}

// A request for a socket is refused in our own words and goes nowhere.
func TestUpgradeRefused(t *testing.T) {
	var seen atomic.Int64
	g := startBefore(t, keeper(&seen), "")
	for _, path := range []string{"/openai/v1/realtime?model=gpt-4o", "/v1/responses", "/api/v1/realtime?model=gpt-4o", "/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-4o"} {
		s := g.status(g.raw("GET " + path + " HTTP/1.1\r\nHost: gateway\r\nApi-Key: " + teamKey + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"))
		if s != "501 Not Implemented" || seen.Load() > 0 {
			t.Errorf("%s: %q, %d went up", path, s, seen.Load())
		}
	}
}

// One model of the list is told in every dialect, and only to who may use it.
func TestOneModel(t *testing.T) {
	var seen atomic.Int64
	g := startBefore(t, keeper(&seen), tableConfig(true))
	for _, prefix := range []string{"/v1/", "/openai/v1/", "/openai/%s?api-version=2024-10-21", "/api/v1/", "/v1/api/", "/api/v1/openai/v1/", "/api/projects/p/openai/v1/", "/openai/deployments/x/%s?api-version=2024-10-21"} {
		for id, want := range map[string]int{"gpt-4o": 200, "GPT-4o": 200, "gpt%2D4o": 200, "gpt-4o-mini": 404, "no-such": 404} {
			url := prefix + "models/" + id
			if strings.Contains(prefix, "%s") {
				url = strings.Replace(prefix, "%s", "models/"+id, 1)
			}
			a := g.do("GET", url, "", "Api-Key", "workshop2026/ann")
			if a.status != want || want == 200 != strings.Contains(a.body, `"id":"gpt-4o"`) || want == 404 != (a.code() == "model_not_found") {
				t.Errorf("GET %s: %d %s", url, a.status, a.body)
			}
		}
	}
	if a := g.do("HEAD", "/v1/models/gpt-4o", ""); a.status != 200 || a.body != "" {
		t.Errorf("HEAD: %d %q", a.status, a.body)
	}
	if seen.Load() > 0 {
		t.Errorf("%d requests went up", seen.Load())
	}
}
