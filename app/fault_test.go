package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tallygate/tallygate"
)

// said is one answer of an upstream that a test writes itself.
type said struct {
	status int
	body   string
	header []string // name, value pairs; without a content type it is JSON
}

func (s said) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	for i := 0; i < len(s.header); i += 2 {
		if s.header[i+1] == "" {
			w.Header()[s.header[i]] = nil
			continue
		}
		w.Header().Set(s.header[i], s.header[i+1])
	}
	w.WriteHeader(s.status)
	io.WriteString(w, s.body)
}

// service is an upstream of three resources that says what a test has it say.
type service struct {
	mu    sync.Mutex
	reply func(resource, body string) said
	seen  []string // resource and body
}

func (u *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	resource, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	u.mu.Lock()
	u.seen = append(u.seen, resource+" "+string(body))
	answer := u.reply(resource, string(body))
	u.mu.Unlock()
	answer.write(w)
}

// slowly is a service that answers when it is let to. arrived waits for five requests.
type slowly struct {
	*service
	hold    chan struct{}
	arrived sync.WaitGroup
}

func (s *slowly) start(t *testing.T) string {
	s.arrived.Add(5)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.arrived.Done()
		<-s.hold
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// asked returns the resources that were asked, in order, and forgets them.
func (u *service) asked() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var names []string
	for _, s := range u.seen {
		name, _, _ := strings.Cut(s, " ")
		names = append(names, name)
	}
	u.seen = nil
	return strings.Join(names, " ")
}

// bodies returns what was sent, in order.
func (u *service) bodies() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []string
	for _, s := range u.seen {
		_, body, _ := strings.Cut(s, " ")
		out = append(out, body)
	}
	return out
}

const fine = `{"id":"c","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}`

var well = said{status: 200, body: fine}

// serviced starts a gateway before a service; extra is YAML added to threeConfig.
func serviced(t *testing.T, extra string, reply func(resource, body string) said) (*gateway, *service) {
	t.Helper()
	u := &service{reply: reply}
	server := httptest.NewServer(u)
	t.Cleanup(server.Close)
	return before(t, server.URL, extra), u
}

// before starts a gateway before what listens at an address.
func before(t *testing.T, url, extra string) *gateway {
	t.Helper()
	g := &gateway{t: t, dir: t.TempDir(), logs: new(syncBuffer)}
	g.configure(threeConfig(url, g.dir, extra))
	g.start()
	t.Cleanup(g.stop)
	return g
}

func errorBody(code, kind, message string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"type":%q,"message":%q,"param":null}}`, code, kind, message)
}

func jsonly(status int, code string) said {
	return said{status: status, body: errorBody(code, "", "It is so.")}
}

// first says one thing at resource one, and all is well at the others.
func first(s said) func(string, string) said {
	return func(resource, _ string) said {
		if resource == "one" {
			return s
		}
		return well
	}
}

// Whom each answer speaks against, and what is made of it: whether another deployment is
// asked, what becomes of the one that gave it, and what the caller is told when the
// others are well, and when they all say the same.
func TestWhoseFault(t *testing.T) {
	page := []string{"Content-Type", "text/html"}
	for _, c := range []struct {
		name string
		said said
		// asked is whom the first request asks, and then whom the next one does, when the
		// others are well; rest is why one is left alone already, failing that it comes last.
		asked, next, rest string
		// everywhere is what the caller gets, and how many are asked, when all say it.
		everywhere, attempts int
	}{
		{"408", jsonly(408, "Timeout"), "one two", "two", "", 408, 3},
		{"429", jsonly(429, "429"), "one two", "two", "throttled", 429, 3},
		{"500", jsonly(500, "InternalServerError"), "one two", "two", "", 500, 3},
		{"503", jsonly(503, "ServiceUnavailable"), "one two", "two", "", 503, 3},
		{"500 of the model, on this request", jsonly(500, "model_error"), "one two", "two", "", 500, 2},
		{"500 of its kind", said{status: 500, body: errorBody("", "model_error", "m")}, "one two", "two", "", 500, 2},
		{"424", jsonly(424, "external_connector_error"), "one two", "two", "", 424, 2},
		{"401", jsonly(401, "401"), "one two", "two", "barred", 503, 3},
		{"403", jsonly(403, "AuthenticationTypeDisabled"), "one two", "two", "barred", 503, 3},
		{"404 of the deployment", jsonly(404, "DeploymentNotFound"), "one two", "two", "barred", 503, 3},
		{"404 of the model", jsonly(404, "model_not_found"), "one two", "two", "barred", 503, 3},
		{"400 of the deployment", said{status: 400, body: errorBody("BadRequest", "", "Could not find an existing deployment to match the model")}, "one two", "two", "barred", 503, 3},
		{"410", jsonly(410, "gone"), "one two", "two", "barred", 503, 3},
		{"a page", said{200, "<html>", page}, "one two", "two", "", 503, 3},
		{"a page of 404", said{404, "<html>", page}, "one two", "two", "", 503, 3},
		{"a page of 502", said{502, "<html>", page}, "one two", "two", "", 503, 3},
		{"nothing", said{status: 200}, "one two", "two", "", 503, 3},
		{"a redirect", said{302, "", []string{"Location", "/"}}, "one two", "two", "", 503, 3},
		{"200 with an error", jsonly(200, "InternalServerError"), "one two", "two", "", 500, 3},
		{"200 with a refusal", jsonly(200, "too_many_requests"), "one two", "two", "throttled", 429, 3},
		{"200 with an error of the request", jsonly(200, "content_filter"), "one", "one", "", 200, 1},
		{"400", jsonly(400, "content_filter"), "one", "one", "", 400, 1},
		{"404 of the path", jsonly(404, "404"), "one", "one", "", 404, 1},
		{"413", said{413, "<html>", page}, "one", "one", "", 413, 1},
		{"422", jsonly(422, "unprocessable"), "one", "one", "", 422, 1},
		{"431", said{431, "<html>", page}, "one", "one", "", 431, 1},
	} {
		for _, stream := range []string{"", `"stream":true`} {
			name := c.name
			body := chat("Hello")
			if stream != "" {
				name, body = c.name+", for a stream", chat("Hello", stream)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g, u := serviced(t, "", first(c.said))
				if a := g.post(chatPath, body); len(c.asked) > 3 && a.status != 200 {
					t.Errorf("the others are well, and the caller got %d %s", a.status, a.body)
				}
				if got := u.asked(); got != c.asked {
					t.Errorf("asked %s, want %s", got, c.asked)
				}
				g.post(chatPath, chat("Hello again"))
				if got := u.asked(); got != c.next {
					t.Errorf("then asked %s, want %s", got, c.next)
				}
				if to := `"to":"` + c.rest + `"`; c.rest != "" && !strings.Contains(g.logs.String(), to) {
					t.Errorf("the log does not say %s: %s", to, g.logs.String())
				}
				everywhere, all := serviced(t, "", func(string, string) said { return c.said })
				a := everywhere.post(chatPath, body)
				if n := len(strings.Fields(all.asked())); a.status != c.everywhere || n != c.attempts {
					t.Errorf("all say it: %d after %d attempts, want %d after %d: %s", a.status, n, c.everywhere, c.attempts, a.body)
				}
			})
		}
	}
}

// A request that no deployment can answer takes none of them away from others, whatever
// the answer is and however many such requests somebody sends.
func TestPoisonHurtsNobodyElse(t *testing.T) {
	for name, poisoned := range map[string]said{
		"model_error":   jsonly(500, "model_error"),
		"424":           jsonly(424, "external_connector_error"),
		"server_error":  jsonly(500, "server_error"),
		"503":           jsonly(503, "ServiceUnavailable"),
		"a page of 502": {502, "<html>", []string{"Content-Type", "text/html"}},
		"408":           jsonly(408, "Timeout"),
		"200, error":    jsonly(200, "server_error"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			g, _ := serviced(t, "callers:\n  - {name: team, key: "+teamKey+"}\n  - {name: other, key: "+otherKey+"}\n", func(_, body string) said {
				if strings.Contains(body, "poison") {
					return poisoned
				}
				return well
			})
			for range 4 {
				var wg sync.WaitGroup
				for range 8 {
					wg.Go(func() { g.post(chatPath, chat(fmt.Sprint("poison ", n.Add(1)))) })
				}
				wg.Wait()
				if a := g.post(chatPath, chat("Hello"), "Api-Key", otherKey); a.status != 200 {
					t.Fatalf("the innocent was answered %d %s", a.status, a.body)
				}
			}
			for _, e := range g.entries() {
				if e.Caller == "other" && (e.Attempts != 1 || e.Outcome != tallygate.Answered) {
					t.Errorf("the innocent took %d attempts: %+v", e.Attempts, e)
				}
			}
		})
	}
}
