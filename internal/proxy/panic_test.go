package proxy_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/cost"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/op"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/price"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/tokenizer"
	"github.com/tallygate/tallygate/internal/upstream"
)

const key = "team-key-0123456789"

// line is a proxy on real neighbours, before an upstream that is a function.
type line struct {
	*proxy.Proxy
	t       *testing.T
	entries []tallygate.Entry // as observed
	asked   int               // requests that came to the upstream
}

// newLine has one caller, under a limit of 1000 tokens and one of 2 requests at once.
func newLine(t *testing.T, book *ledger.Ledger, answer func(*http.Request) *http.Response) *line {
	t.Helper()
	l := &line{t: t}
	d := &tallygate.Deployment{Resource: "one", Name: "gpt-4o", Model: "gpt-4o", Base: "gpt-4o"}
	keys := caller.NewKeys()
	if err := keys.Add(key, &tallygate.Caller{ID: "team"}); err != nil {
		t.Fatal(err)
	}
	books, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	list, err := price.New("EUR", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	limits, err := limit.New(t.Context(), []tallygate.Limit{
		{Name: "tokens", Quantity: tallygate.Tokens, Amount: 1000, Period: tallygate.Ever},
		{Name: "together", Quantity: tallygate.Concurrent, Amount: 2},
	}, limit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		l.asked++
		res := answer(r)
		res.Request, res.ProtoMajor, res.ProtoMinor = r, 1, 1
		return res, nil
	})
	l.Proxy = &proxy.Proxy{
		Operations: op.New(),
		Forms:      new(proxy.Forms),
		Callers:    keys, Limits: limits, Pool: pool.New([]pool.Model{{Name: "gpt-4o", Deployments: []*tallygate.Deployment{d}}}, pool.Options{}),
		Upstream: upstream.New([]*upstream.Resource{{Name: "one", Base: &url.URL{Scheme: "http", Host: "one.invalid"}, Credential: upstream.Key("key")}}, transport),
		Meter:    meter.New(meter.Options{Catalog: books, Tokens: new(tokenizer.Set)}), Ledger: book,
		Models: map[string]proxy.Model{"gpt-4o": {Model: cost.Model{
			Capacity: tallygate.Capacity{Context: 128_000, Output: 16_384}, Bases: []string{"gpt-4o"}, Deployments: []*tallygate.Deployment{d},
		}}},
		Tariff:  cost.New(cost.Options{List: list}),
		Counted: func() {}, Begin: func() {}, Observe: func(e *tallygate.Entry) { l.entries = append(l.entries, *e) },
		Log: slog.New(slog.DiscardHandler),
	}
	return l
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func openLedger(t *testing.T) *ledger.Ledger {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
		store.Close()
	})
	return l
}

// mine is a writer in which one call panics, and each after it if it stays so.
type mine struct {
	http.ResponseWriter
	calls, at int
	stays     bool
}

func (m *mine) tread(what string) {
	if m.calls++; m.calls == m.at || m.stays && m.calls > m.at {
		panic("boom in " + what)
	}
}

func (m *mine) Header() http.Header         { m.tread("Header"); return m.ResponseWriter.Header() }
func (m *mine) WriteHeader(status int)      { m.tread("WriteHeader"); m.ResponseWriter.WriteHeader(status) }
func (m *mine) Write(p []byte) (int, error) { m.tread("Write"); return m.ResponseWriter.Write(p) }
func (m *mine) Flush()                      { m.tread("Flush"); m.ResponseWriter.(http.Flusher).Flush() }

// ask sends a chat, and returns what panicked out of the line.
func (l *line) ask(w http.ResponseWriter, stream bool) (out any) {
	body := fmt.Sprintf(`{"messages":[{"role":"user","content":"Hello"}],"max_tokens":100,"stream":%v}`, stream)
	r := httptest.NewRequestWithContext(l.t.Context(), "POST", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", strings.NewReader(body))
	r.Header.Set("Api-Key", key)
	r.Header.Set("Content-Type", "application/json")
	defer func() { out = recover() }()
	l.ServeHTTP(w, r)
	return nil
}

// check holds what the limits have against what was recorded.
func (l *line) check(what string, entries int) {
	l.t.Helper()
	var spent int64
	for _, e := range l.entries {
		if e.Counted {
			spent += e.Usage.Total
		}
	}
	if len(l.entries) != entries {
		l.t.Errorf("%s: %d entries for %d requests", what, len(l.entries), entries)
	}
	for _, s := range l.Limits.States() {
		if s.Held != 0 || s.Limit.Quantity == tallygate.Tokens && s.Spent != spent {
			l.t.Errorf("%s: of %s %d are held and %d spent, the entries have %d", what, s.Limit.Name, s.Held, s.Spent, spent)
		}
	}
}

func respond(status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

const streamed = `data: {"id":"1","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}

data: {"id":"1","model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"1","model":"gpt-4o","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}

data: [DONE]

`

const whole = `{"id":"1","model":"gpt-4o","choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}`

// Wherever a request panics, at whatever it does with its writer, once or from there
// on: its hold is settled once, what counts is what the entry says, which is the hold
// if a deployment was asked and its usage is not known, and nothing if none was. The
// next request finds the rest of the room.
func TestPanicsSettleTheirHolds(t *testing.T) {
	book := openLedger(t)
	for name, answer := range map[string]func(*http.Request) *http.Response{
		"a stream":  func(*http.Request) *http.Response { return respond(200, "text/event-stream", streamed) },
		"an answer": func(*http.Request) *http.Response { return respond(200, "application/json", whole) },
		"a refusal": func(*http.Request) *http.Response {
			return respond(429, "application/json", `{"error":{"code":"429","message":"no"}}`)
		},
		"a panic upstream": func(*http.Request) *http.Response { panic("boom in RoundTrip") },
	} {
		for _, stays := range []bool{false, true} {
			held, quiet := 0, false
			for at := 2; at < 60 && !quiet; at++ { // the first is before anything has begun
				l := newLine(t, book, answer)
				m := &mine{ResponseWriter: httptest.NewRecorder(), at: at, stays: stays}
				l.ask(m, name == "a stream")
				quiet = m.calls < at
				what := fmt.Sprintf("%s, panic at call %d, stays %v", name, at, stays)
				l.check(what, 1)
				if len(l.entries) != 1 {
					continue
				}
				switch e := l.entries[0]; {
				case l.asked == 0 && (e.Counted || e.Usage.Known()):
					t.Errorf("%s: nobody was asked, and %+v counts", what, e.Usage)
				case e.Usage.Source == tallygate.Held:
					if held++; e.Usage.Total != e.Hold.Tokens() || e.Hold.Tokens() < 100 || !e.Counted {
						t.Errorf("%s: held %+v, counts %+v", what, e.Hold, e.Usage)
					}
				}
				if name == "an answer" || name == "a stream" {
					w := httptest.NewRecorder()
					l.ask(w, false)
					if w.Code != 200 {
						t.Errorf("%s: the next request is answered %d %s", what, w.Code, w.Body)
					}
					l.check(what+", then another", 2)
				}
			}
			if held == 0 && name != "a refusal" {
				t.Errorf("%s: no panic was counted at its hold: it proves little", name)
			}
		}
	}
}
