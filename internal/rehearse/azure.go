package rehearse

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/simulator"
)

// azure is the simulated deployments, at a time that only moves when now is set.
type azure struct {
	now         time.Duration // since the event began
	deployments []http.Handler
	quotas      []Quota
	tokens      int64 // what a request counts as
	body        []byte
	err         error // the first answer that is neither an answer nor a 429
}

// The model can ask for many tokens and takes a long prompt; its own limits
// are never reached.
const (
	simulatedModel = "gpt-4.1"
	simulatedKey   = "rehearsal"
	simulatedMost  = 32_768
)

func newAzure(e Event, quotas []Quota, o Virtual) (*azure, error) {
	a := &azure{quotas: quotas, tokens: e.Prompt + e.MaxTokens}
	a.body = body(a.tokens)
	epoch := time.Unix(0, 0).UTC()
	cfg := simulator.Config{Seed: o.Seed, Remember: -1, Now: func() time.Time { return epoch.Add(a.now) }}
	for i, q := range quotas {
		cfg.Resources = append(cfg.Resources, simulator.Resource{
			Name: "r" + strconv.Itoa(i), Key: simulatedKey,
			Deployments: []simulator.Deployment{{
				Name: simulatedModel, TPM: q.TPM, RPM: q.RPM, RPMWindow: int64(o.Slice / time.Second),
			}},
		})
	}
	s, err := simulator.New(cfg)
	if err != nil {
		return nil, err
	}
	for _, r := range cfg.Resources {
		a.deployments = append(a.deployments, s.Handler(r.Name))
	}
	return a, nil
}

// body is a chat that counts as so many tokens: a quarter of its prompt's characters,
// of which the role has four, and max_tokens. The limits see their sum only, so the
// prompt is as short as it may be; that makes a rehearsal fast.
func body(tokens int64) []byte {
	const brief = "[[tokens=1]]"
	most := min(max(tokens-4, 1), simulatedMost)
	content := strings.Repeat("x", int(max(4*(tokens-most)-4, 0)))
	if len(content) >= len(brief) {
		content = brief + content[len(brief):] // an answer of one token costs the least time
	}
	return fmt.Appendf(nil, `{"max_tokens":%d,"messages":[{"role":"user","content":"%s"}]}`, most, content)
}

// told is what a deployment says to a request.
type told struct {
	ok    bool
	retry time.Duration // of a refusal: when to come again
	// What is left of its minute, and when that ends.
	tokens, requests int64
	reset            time.Duration
}

// ask sends a request to a deployment.
func (a *azure) ask(i int) told {
	r, err := http.NewRequest(http.MethodPost, "http://simulated/openai/deployments/"+simulatedModel+
		"/chat/completions?api-version=2024-10-21", bytes.NewReader(a.body))
	if err != nil {
		a.fail(err)
		return told{retry: time.Minute}
	}
	r.Header.Set("api-key", simulatedKey)
	var w answerHead
	a.deployments[i].ServeHTTP(&w, r)
	t := told{
		ok: w.status == http.StatusOK, retry: time.Duration(w.number("retry-after-ms")) * time.Millisecond,
		tokens: w.number("x-ratelimit-remaining-tokens"), requests: w.number("x-ratelimit-remaining-requests"),
		reset: time.Duration(w.number("x-ratelimit-reset-tokens")) * time.Second,
	}
	if !t.ok && (w.status != http.StatusTooManyRequests || t.retry <= 0) {
		a.fail(fmt.Errorf("the simulator answered %d %.200s", w.status, w.text))
		t.retry = time.Minute
	}
	return t
}

func (a *azure) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// answerHead is a ResponseWriter that keeps the head, and the start of an error.
type answerHead struct {
	header http.Header
	status int
	text   []byte
}

// Header implements http.ResponseWriter.
func (w *answerHead) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header, 16)
	}
	return w.header
}

// WriteHeader implements http.ResponseWriter.
func (w *answerHead) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *answerHead) Write(b []byte) (int, error) {
	if w.status >= 400 && len(w.text) < 200 {
		w.text = append(w.text, b...)
	}
	return len(b), nil
}

// number reads a header; one that is absent is 0. The simulator writes some names in
// lower case, past Header.Set's spelling.
func (w *answerHead) number(name string) int64 {
	n, _ := strconv.ParseInt(w.header.Get(name), 10, 64)
	return n
}
