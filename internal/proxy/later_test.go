package proxy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/proxy"
)

// later sends a request about responses, and returns when it is answered.
func (l *line) later(method, path, body string) {
	l.t.Helper()
	r := httptest.NewRequestWithContext(l.t.Context(), method, "/openai/v1/"+path, strings.NewReader(body))
	r.Header.Set("Api-Key", key)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if l.ServeHTTP(w, r); w.Code != http.StatusOK {
		l.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

// What goes on in the background keeps its hold, but not its place among requests at
// once. It is recorded once: with its usage when an answer tells its end, even before its
// own request is closed, else at its hold when it is too old, or when the gateway stops.
func TestLater(t *testing.T) {
	book := openLedger(t)
	const ask = `{"model":"gpt-4o","input":"hi","background":true,"max_output_tokens":100}`
	show := func(id, status string, tokens int) string {
		usage := "null"
		if tokens > 0 {
			usage = fmt.Sprintf(`{"input_tokens":%d,"output_tokens":1,"total_tokens":%d}`, tokens-1, tokens)
		}
		return fmt.Sprintf(`{"id":%q,"object":"response","status":%q,"usage":%s}`, id, status, usage)
	}
	type step struct{ method, path, shows string }
	get := func(id, status string, tokens int) step {
		return step{"GET", "responses/" + id, show(id, status, tokens)}
	}
	done := get("resp_1", "completed", 9)
	for name, c := range map[string]struct {
		early, steps []step
		after        time.Duration // it is looked after
		stops        bool
		recorded     int
		total        int64 // -1: the hold
	}{
		"on its way":                    {nil, []step{get("resp_1", "in_progress", 9)}, 0, false, 0, 0},
		"not old":                       {nil, nil, time.Hour, false, 0, 0},
		"too old":                       {nil, nil, 7 * time.Hour, false, 1, -1},
		"the gateway stops":             {nil, nil, 0, true, 1, -1},
		"another one's end":             {nil, []step{get("resp_2", "completed", 9)}, 0, true, 1, -1},
		"cancelled without a word":      {nil, []step{{"POST", "responses/resp_1/cancel", show("resp_1", "cancelled", 0)}}, 0, true, 1, -1},
		"cancelled":                     {nil, []step{{"POST", "responses/resp_1/cancel", show("resp_1", "cancelled", 8)}}, 0, true, 1, 8},
		"completed, and told twice":     {nil, []step{done, done}, 7 * time.Hour, true, 1, 9},
		"failed":                        {nil, []step{get("resp_1", "failed", 0)}, 0, false, 1, 0},
		"told before the entry's close": {[]step{done}, nil, 0, false, 1, 9},
	} {
		shows := show("resp_1", "queued", 0)
		early := c.early
		var l *line
		l = newLine(t, book, func(r *http.Request) *http.Response {
			answer := shows
			for len(early) > 0 {
				s := early[0]
				early, shows = early[1:], s.shows
				l.later(s.method, s.path, "")
			}
			return respond(200, "application/json", answer)
		})
		d := l.Models["gpt-4o"].Deployments
		l.Pool = pool.New([]pool.Model{{Name: "gpt-4o", Deployments: d}, {Deployments: []*tallygate.Deployment{{Resource: "one"}}}}, pool.Options{})
		l.Later = new(proxy.Later)
		l.later("POST", "responses", ask)
		if len(c.early) == 0 {
			for _, s := range l.Limits.States() {
				if held := s.Held != 0; held != (s.Limit.Quantity == tallygate.Tokens) {
					t.Errorf("%s: %d are held of %s", name, s.Held, s.Limit.Name)
				}
			}
		}
		for _, s := range c.steps {
			shows = s.shows
			l.later(s.method, s.path, "")
		}
		l.Later.Expire(time.Now().Add(c.after))
		if c.stops {
			l.Later.Close()
		}
		recorded := 0
		for _, e := range l.entries {
			if e.Ask.Operation != tallygate.Responses {
				continue
			}
			recorded++
			if u := e.Usage; u.Total != c.total && (c.total >= 0 || u.Source != tallygate.Held || u.Total != e.Hold.Tokens()) {
				t.Errorf("%s: usage %+v", name, u)
			}
		}
		if recorded != c.recorded {
			t.Errorf("%s: recorded %d times", name, recorded)
		}
		if recorded == 1 {
			l.check(name, len(l.entries))
		}
	}
}
