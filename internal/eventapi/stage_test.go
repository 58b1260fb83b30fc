package eventapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/eventapi"
)

// The codes of the events on the stage, and a key of the configuration that could be
// taken for one.
const (
	code    = "myevent2022"
	teamKey = "team-key-2022"
)

// stage is the package between real callers and a line that is played.
type stage struct {
	handler http.Handler
	events  *event.Door
	options eventapi.Options

	mu     sync.Mutex
	asked  []*http.Request // what the line was asked, and with which bodies
	bodies []string
	// line answers in the line's place; a plain chat completion when nil.
	line http.HandlerFunc
}

// workshop is the event that most tests are in: the one of the first version's page.
func workshop() *event.Event {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic(err)
	}
	return &event.Event{
		ID: "my-event", Code: code, Name: "My Event 2023", Zone: oslo,
		Start: time.Now().Add(-time.Hour), End: time.Now().Add(time.Hour),
		MaxTokens: tallygate.Cap{Tokens: 512}, URL: "https://example.com/a?b=1&c=2", URLText: "Fun & <games>",
		Markdown: "# Welcome", Logo: "https://example.com/logo.png",
		Organiser: event.Organiser{Name: "John Smith", Email: "jsmith@example.com"},
	}
}

func newStage(t testing.TB, events ...*event.Event) *stage {
	t.Helper()
	set, err := event.NewSet(events)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{events: event.NewRegistry().Door(set)}
	keys := caller.NewKeys()
	if err := keys.Add(teamKey, &tallygate.Caller{ID: "team"}); err != nil {
		t.Fatal(err)
	}
	keys = keys.With(s.events)
	s.options = eventapi.Options{
		Line: http.HandlerFunc(s.serveLine), Identify: func(h http.Header, from netip.Addr) (*tallygate.Identity, error) { return keys.Identify(h, "", from) }, Event: s.events.Event, Behind: s.events.Behind,
		Source: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.1") },
		Models: func(*tallygate.Identity) []api.Model {
			return []api.Model{
				{Name: "text-embedding-3-small", Kind: api.KindEmbedding, Context: 8191, Regions: []string{"eastus2"}},
				{Name: "gpt-4o", Kind: api.KindChat, Capabilities: []string{"stream", "vision"}, Context: 128000, MaxOutput: 16384},
				{Name: "gpt-35-turbo", Kind: api.KindChat},
			}
		},
		Left: func(*tallygate.Identity) []api.Left {
			return []api.Left{{Name: "each", Quantity: "requests", Amount: 50, Left: 49, Period: "event", Unit: "requests"}}
		},
		Version: "1.2.3",
	}
	s.handler = eventapi.Handler(s.options)
	return s
}

// answered is what a deployment says to a chat.
const answered = `{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-2024-08-06","choices":[{"index":0,` +
	`"finish_reason":"stop","message":{"role":"assistant","content":"A \"poem\" <here>"},"content_filter_results":{` +
	`"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"low"},` +
	`"sexual":{"filtered":true,"severity":"medium"},"violence":{"filtered":false,"severity":"safe"}}}],` +
	`"usage":{"completion_tokens":9,"prompt_tokens":20,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0}}}`

func (s *stage) serveLine(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, string(body))
	s.mu.Unlock()
	if s.line != nil {
		s.line(w, r)
		return
	}
	w.Header().Set("X-Tallygate-Deployment", "sweden-1/gpt-4o-ptu")
	w.Header().Set("X-Request-Id", "r-1")
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answered)
}

// refuses makes the line refuse everything.
func (s *stage) refuses(status int, body string, header ...string) {
	s.line = func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.Header().Set("Content-Length", "7") // the line's own, which is no length of ours
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// lineError is an error in the line's shape.
func lineError(code, message string) string {
	text, _ := json.Marshal(map[string]any{"error": map[string]any{"code": code, "message": message, "type": "x", "param": nil}})
	return string(text)
}

// send serves one request; header are names and values.
func (s *stage) send(method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// prompt sends a body to the first playground's route.
func (s *stage) prompt(body string) *httptest.ResponseRecorder {
	return s.send("POST", "/api/oai_prompt", body, "openai-event-code", code, "Content-Type", "application/json")
}

// last is the body that the line was asked with last.
func (s *stage) last() string {
	if len(s.bodies) == 0 {
		return ""
	}
	return s.bodies[len(s.bodies)-1]
}

// want checks status and body.
func want(t *testing.T, what string, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if got := w.Body.String(); w.Code != status || got != body {
		t.Errorf("%s: %d %.600s\nwant %d %s", what, w.Code, got, status, body)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("%s: Content-Type %q", what, ct)
	}
}

const unauthorized = `{"detail":"Event code is not authorized"}`

// problemBody is the first playground's body of an error.
func problemBody(message string) string {
	text, _ := json.Marshal(message)
	return `{"assistant":{"role":"assistant","content":` + string(text) +
		`},"finish_reason":"","response_ms":0,"content_filtered":{},"usage":{},"name":""}`
}
