package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// bounded is what a request that came upstream asks for at most.
type bounded struct {
	Max        *int64 `json:"max_tokens"`
	Completion *int64 `json:"max_completion_tokens"`
	Output     *int64 `json:"max_output_tokens"`
}

// spelling tells in which member the bound stands, and what it is; 0 when there is none.
func (b bounded) spelling() (string, int64) {
	for name, n := range map[string]*int64{"max_tokens": b.Max, "max_completion_tokens": b.Completion, "max_output_tokens": b.Output} {
		if n != nil {
			return name, *n
		}
	}
	return "", 0
}

// boundsGateway is a gateway before a service that remembers the bound of the last request,
// with the models gpt-4o, which writes 16,384 tokens at most, and o4-mini, which
// reasons.
func boundsGateway(t *testing.T, extra string) (*gateway, *atomic.Pointer[bounded]) {
	t.Helper()
	seen := new(atomic.Pointer[bounded])
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		b := new(bounded)
		_ = json.Unmarshal(text, b)
		seen.Store(b)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"choices":[{"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}`)
	}, extra)
	text := *g.config.Load()
	g.configure(strings.ReplaceAll(text, "{name: text-embedding-3-small}", "{name: text-embedding-3-small}\n      - {name: o4-mini, limits: [], base: o4-mini}"))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	return g, seen
}

// A request that names no bound, under a limit that is smaller than its prompt and the
// model's largest answer, is capped to half of the limit at most, in the model's own
// spelling, and told so. What names a bound, or fits as it is, is left alone; what leaves
// too little is refused.
func TestUnsaidIsCappedToTheLimit(t *testing.T) {
	const four, thinks = "gpt-4o", "o4-mini"
	long := strings.Repeat("word ", 900) // 4,500 bytes, about 910 tokens
	for _, c := range []struct {
		limit, model, prompt, member string
		spelling                     string // that came upstream
		bound                        int64
		status                       int
		code                         string
	}{
		{"tokens: 5000, per: minute", four, "hi", "", "max_tokens", 2500, 200, ""},                     // PowerProxy's own example
		{"tokens: 5000, per: minute", four, "hi", `"max_tokens":3000`, "max_tokens", 3000, 200, ""},    // said: as it is
		{"tokens: 5000, per: minute", four, "hi", `"max_tokens":null`, "max_tokens", 2500, 200, ""},    // null says nothing
		{"tokens: 5000, per: minute", four, "hi", `"n":5`, "max_tokens", 500, 200, ""},                 // for all choices together
		{"tokens: 5000, per: minute", four, "hi", `"stream":true`, "max_tokens", 2500, 200, ""},        // streams alike
		{"tokens: 1500, per: minute", four, long, "", "max_tokens", 0, 200, ""},                        // what the prompt leaves: see below
		{"tokens: 900, per: minute", four, long, "", "", 0, 400, "RequestTooLargeForLimit"},            // the prompt alone is too large
		{"tokens: 100k, per: minute", four, "hi", "", "", 0, 200, ""},                                  // the largest answer fits
		{"tokens: 100, per: minute", four, "hi", "", "", 0, 429, "RateLimitReached"},                   // half of it is no answer
		{"tokens: 100, per: minute", four, "hi", `"max_tokens":40`, "max_tokens", 40, 200, ""},         // but who says so may
		{"tokens: 5000, per: minute", thinks, "hi", "", "max_completion_tokens", 2500, 200, ""},        // spelt as models that reason take it
		{"tokens: 2000, per: minute", thinks, "hi", "", "", 0, 429, "RateLimitReached"},                // which need more than 1,000
		{"tokens: 5000, per: day", four, "hi", "", "max_tokens", 2500, 200, ""},                        // budgets alike
		{"tokens: 100, per: day", four, "hi", "", "", 0, 429, "insufficient_quota"},                    //
		{"completion_tokens: 1000, per: ever", four, "hi", "", "max_tokens", 500, 200, ""},             // half of it
		{"prompt_tokens: 1000, per: ever", four, "hi", "", "", 0, 200, ""},                             // no answer counts
		{"money: 0.02, per: month", four, "hi", "", "max_tokens", 1000, 200, ""},                       // 0.01 of 10.00 a million
		{"money: 0.0005, per: month", four, "hi", "", "", 0, 429, "insufficient_quota"},                //
		{"money: 1, per: month", four, "hi", "", "", 0, 200, ""},                                       //
		{"tokens: 5000, per: minute, dry_run: true", four, "hi", "", "", 0, 200, ""},                   // on trial nothing is refused
		{"tokens: 5000, per: minute, models: [gpt-4o-mini]", four, "hi", "", "", 0, 200, ""},           // of another model
		{"tokens: 5000, per: minute, each: deployment", four, "hi", "", "max_tokens", 2500, 200, ""},   // known late
		{"tokens: 100, per: minute, each: deployment", four, "hi", "", "", 0, 429, "RateLimitReached"}, //
		{"tokens: 5000, per: minute, deployments: [two/gpt-4o]", four, "hi", "", "", 0, 200, ""},       // another deployment serves
		{"requests: 5, per: minute", four, "hi", "", "", 0, 200, ""},                                   //
		{"concurrent: 1", four, "hi", "", "", 0, 200, ""},                                              //
	} {
		g, seen := boundsGateway(t, teamLimits("{name: the-limit, "+c.limit+"}"))
		path := strings.Replace(chatPath, four, c.model, 1)
		body := chat(c.prompt)
		if c.member != "" {
			body = chat(c.prompt, c.member)
		}
		a := g.post(path, body)
		if a.status != c.status || a.code() != c.code {
			t.Errorf("%s, %s, %q: %d %s (%s), want %d %s", c.limit, c.model, c.member, a.status, a.code(), a.message(), c.status, c.code)
			continue
		}
		told := a.header.Get("X-Tallygate-Max-Tokens")
		if c.status != 200 {
			if seen.Load() != nil {
				t.Errorf("%s: it was sent all the same", c.limit)
			}
			continue
		}
		spelling, bound := seen.Load().spelling()
		if c.limit == "tokens: 1500, per: minute" { // what the prompt, as it was counted, leaves
			if bound < 400 || bound > 600 {
				t.Errorf("%s, a long prompt: capped to %d", c.limit, bound)
			}
			c.bound = bound
		}
		if spelling != c.spelling || bound != c.bound {
			t.Errorf("%s, %s, %q: %s %d came upstream, want %s %d", c.limit, c.model, c.member, spelling, bound, c.spelling, c.bound)
		}
		if want := c.bound > 0 && !strings.HasPrefix(c.member, `"max_tokens":3`) && !strings.HasPrefix(c.member, `"max_tokens":4`); (told == strconv.FormatInt(c.bound, 10)) != want {
			t.Errorf("%s, %s, %q: told %q of %d", c.limit, c.model, c.member, told, c.bound)
		}
		if e := g.one(); e.Hold.Completion > 0 && c.bound > 0 && !strings.Contains(c.limit, "deployment") && e.Hold.Completion < c.bound {
			t.Errorf("%s: held %d and asked for %d", c.limit, e.Hold.Completion, c.bound)
		}
	}
}

// Responses and the cap of a caller behave alike: the smaller bound holds.
func TestUnsaidBesideACap(t *testing.T) {
	g, seen := boundsGateway(t, teamLimits("{tokens: 5000, per: minute}", "    max_tokens: 6000"))
	g.post(v1Path+"responses", `{"model":"gpt-4o","input":"hi"}`)
	if name, n := seen.Load().spelling(); name != "max_output_tokens" || n != 2500 {
		t.Errorf("responses: %s %d came upstream, want max_output_tokens 2500", name, n)
	}
	g, seen = boundsGateway(t, teamLimits("{tokens: 5000, per: minute}", "    max_tokens: 1000"))
	g.post(chatPath, chat("hi"))
	if _, n := seen.Load().spelling(); n != 1000 {
		t.Errorf("under a cap of 1000 that fits: %d", n)
	}
}

// With unsaid: refuse, what names no bound and could never fit is refused as before.
func TestUnsaidRefuses(t *testing.T) {
	g, _ := boundsGateway(t, "unsaid: refuse\n"+teamLimits("{tokens: 5000, per: minute}"))
	refusedWith(t, g.post(chatPath, chat("hi")), 400, "RequestTooLargeForLimit")
}

// PowerProxy's own example, and its own tests, which name no max_tokens: the answer comes,
// ends with length if it was longer, and the next waits for its room.
func TestPowerProxysExample(t *testing.T) {
	g := startGateway(t, three(), fmt.Sprintf("callers:\n  - {name: team, key: %s, max_tokens_per_minute_in_k: 5}\n", teamKey))
	a := g.post(chatPath, chat("[[tokens=4000]]"))
	if a.status != 200 || !strings.Contains(a.body, `"finish_reason":"length"`) || completionTokens(t, a) != 2500 {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	a = g.post(chatPath, chat("[[tokens=4000]]"))
	refusedWith(t, a, 429, "RateLimitReached")
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 50 || time.Duration(wait)*time.Second > 61*time.Second {
		t.Errorf("retry-after %q", a.header.Get("Retry-After"))
	}
}

// Whatever the limits are and the request is: a cap never leads to a hold above the
// amount of one of them, and is at least what an answer needs.
func TestACapNeverHoldsMoreThanALimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		tokens, completion, cents := 1+random.Int64N(40_000), 1+random.Int64N(20_000), 1+random.Int64N(30)
		choices, words := 1+random.Int64N(8), random.IntN(3000)
		model := []string{"gpt-4o", "o4-mini", "gpt-4o-mini"}[random.IntN(3)]
		limits := fmt.Sprintf("{tokens: %d, per: minute}, {completion_tokens: %d, per: day}, {money: 0.%02d, per: month}", tokens, completion, cents)
		g, seen := boundsGateway(t, teamLimits(limits))
		a := g.post(strings.Replace(chatPath, "gpt-4o", model, 1), chat(strings.Repeat("word ", words), fmt.Sprintf(`"n":%d`, choices)))
		e := g.one()
		if a.status == 429 || a.status == 400 {
			continue
		}
		if a.status != 200 || e.Hold.Tokens() > tokens || e.Hold.Completion > completion || int64(e.Hold.Cost) > cents*10_000 {
			t.Fatalf("%s, %d words of %s: %d, held %+v", limits, words, model, a.status, e.Hold)
		}
		if _, bound := seen.Load().spelling(); bound > 0 && (bound*choices > e.Hold.Completion || bound < 64) {
			t.Fatalf("%s: %d was asked for, %d choices, %+v held", limits, bound, choices, e.Hold)
		}
	}
}
