package simulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate/internal/simulator"
)

// limited is a resource with one deployment.
func limited(d simulator.Deployment) simulator.Config {
	return simulator.Config{AdminKey: "admin", Resources: []simulator.Resource{{Name: "one", Region: "eastus2", Key: "key-1",
		Deployments: []simulator.Deployment{d}}}}
}

func headers(w *httptest.ResponseRecorder, names ...string) map[string]string {
	out := map[string]string{}
	for _, n := range names {
		if v := w.Header().Values(n); len(v) > 0 {
			out[n] = v[0]
		}
	}
	return out
}

// Tokens are counted by an estimate at arrival; the request that crosses the limit is
// served, later ones are refused until the minute ends.
func TestTokenWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, limited(simulator.Deployment{Name: "gpt-4o", TPM: 100, RPM: -1}))
		body := chat("123456789012345678901234567890123456", `"max_tokens":50`) // 40 characters with the role, so 10 + 50
		names := []string{"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
			"x-ratelimit-limit-requests", "retry-after", "retry-after-ms"}
		for _, want := range []struct {
			status    int
			remaining string
		}{{200, "40"}, {200, "-20"}, {429, "-80"}} {
			w := post(t, s, chatPath, body)
			wantStatus(t, w, want.status)
			if got := w.Header().Get("x-ratelimit-remaining-tokens"); got != want.remaining {
				t.Errorf("remaining = %s, want %s", got, want.remaining)
			}
		}
		time.Sleep(52*time.Second + 500*time.Millisecond)
		w := post(t, s, chatPath, body)
		wantStatus(t, w, 429)
		if diff := cmp.Diff(map[string]string{"x-ratelimit-limit-tokens": "100", "x-ratelimit-remaining-tokens": "-140",
			"x-ratelimit-reset-tokens": "8", "retry-after": "8", "retry-after-ms": "7500"}, headers(w, names...)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(`{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI `+
			`API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 8 seconds. `+
			`Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}`,
			w.Body.String()); diff != "" {
			t.Error(diff)
		}
		time.Sleep(7500 * time.Millisecond)
		wantStatus(t, post(t, s, chatPath, body), 200)
		if c := s.Counters()["one/gpt-4o"]; c.Throttled != 2 || c.Statuses[429] != 2 || c.Statuses[200] != 3 {
			t.Errorf("counters = %+v", c)
		}
	})
}

// Requests are counted by the minute, by sub-windows where configured, by the model's
// ratio where only tokens are configured; a request that is wrong counts too.
func TestRequestWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, limited(simulator.Deployment{Name: "gpt-4o", TPM: 1_000_000_000, RPM: 120, RPMWindow: 1}))
		for i, want := range []int{200, 200, 429} {
			if w := post(t, s, chatPath, helloBody); w.Code != want {
				t.Errorf("request %d in a second: %d, want %d", i, w.Code, want)
			} else if want == 429 && (w.Header().Get("retry-after-ms") != "1000" || !strings.Contains(w.Body.String(), "call rate limit")) {
				t.Errorf("refusal %v %s", w.Header(), w.Body)
			}
		}
		time.Sleep(time.Second)
		wantStatus(t, post(t, s, chatPath, helloBody), 200)
	})
	synctest.Test(t, func(t *testing.T) {
		s := start(t, limited(simulator.Deployment{Name: "gpt-4o", TPM: 300}))
		for i, want := range []int{400, 200, 200, 429} { // 10 requests for 1,000 tokens
			body := helloBody
			if want == 400 {
				body = `{}`
			}
			if w := post(t, s, chatPath, body); w.Code != want {
				t.Errorf("request %d: %d, want %d", i, w.Code, want)
			}
		}
		s.ResetWindows()
		wantStatus(t, post(t, s, chatPath, helloBody), 200)
		s.SetLimits("one", "GPT-4o", simulator.Limits{RPM: 1})
		wantStatus(t, post(t, s, chatPath, helloBody), 429)
		if s.SetLimits("one", "nope", simulator.Limits{}) || s.SetLimits("one", "gpt-4o", simulator.Limits{TPM: -1}) {
			t.Error("SetLimits takes what it cannot do")
		}
	})
}

// The legacy estimate counts a request without a cap as 16 tokens.
func TestLegacyEstimate(t *testing.T) {
	s := start(t, limited(simulator.Deployment{Name: "gpt-4o", TPM: 1000, RPM: -1, LegacyEstimate: true}))
	post(t, s, chatPath, helloBody)
	w := post(t, s, chatPath, chat("x", `"max_tokens":100,"n":2`))
	if got := w.Header().Get("x-ratelimit-remaining-tokens"); got != "784" {
		t.Errorf("remaining = %s, want 1000-16-200", got)
	}
}

// A provisioned deployment says how full it is, refuses above 100 %, drains with time
// and corrects its estimate by what a request came to.
func TestProvisioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, limited(simulator.Deployment{Name: "gpt-4o", PTU: 1})) // 2,500 a minute, output times 4
		w := post(t, s, chatPath, chat("[[tokens=10]]", `"max_tokens":1000`))
		wantStatus(t, w, 200)
		prompt, _, _, _ := usageOf(t, w.Body.Bytes())
		if got, want := w.Header().Get("azure-openai-deployment-utilization"), percent(prompt+4000); got != want {
			t.Errorf("utilization = %s, want %s while the estimate stands", got, want)
		}
		if w.Header().Get("x-ratelimit-limit-tokens") != "" {
			t.Error("a provisioned deployment has x-ratelimit headers")
		}
		w = post(t, s, chatPath, chat("[[tokens=10]]", `"max_tokens":10`))
		if got, want := w.Header().Get("azure-openai-deployment-utilization"), percent(2*(prompt+40)); got != want {
			t.Errorf("utilization = %s, want %s after the correction", got, want)
		}
		wantStatus(t, post(t, s, chatPath, chat("[[tokens=700]]", "")), 200)
		w = post(t, s, chatPath, helloBody)
		wantStatus(t, w, 429)
		ms, _ := strconv.Atoi(w.Header().Get("retry-after-ms"))
		if ms < 8000 || ms > 15000 || !strings.Contains(w.Body.String(), "Provisioned-Managed deployment") {
			t.Errorf("refused for %d ms: %s", ms, w.Body)
		}
		time.Sleep(time.Duration(ms-1) * time.Millisecond)
		wantStatus(t, post(t, s, chatPath, helloBody), 429)
		time.Sleep(time.Millisecond)
		wantStatus(t, post(t, s, chatPath, helloBody), 200)
	})
}

func percent(load float64) string {
	return strconv.FormatFloat(load/25, 'f', 1, 64) + "%"
}

// What a provisioned deployment has no room for spills over, by its own configuration
// or by the request's wish, and says where from.
func TestSpillover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := limited(simulator.Deployment{Name: "ptu", Model: "gpt-4o", PTU: 1})
		cfg.Resources[0].Deployments = append(cfg.Resources[0].Deployments,
			simulator.Deployment{Name: "std", Model: "gpt-4o", RPM: 1})
		s := start(t, cfg)
		path := strings.Replace(chatPath, "gpt-4o", "ptu", 1)
		post(t, s, path, chat("[[tokens=1000]]", ""))
		wantStatus(t, post(t, s, path, helloBody), 429)
		w := post(t, s, path, helloBody, "x-ms-spillover-deployment: std")
		wantStatus(t, w, 200)
		if diff := cmp.Diff(map[string]string{"x-ms-spillover-from-deployment": "ptu", "x-ms-deployment-name": "std",
			"x-ratelimit-remaining-requests": "0"}, headers(w, "x-ms-spillover-from-deployment", "x-ms-deployment-name",
			"x-ratelimit-remaining-requests", "azure-openai-deployment-utilization")); diff != "" {
			t.Error(diff)
		}
		w = post(t, s, path, helloBody, "x-ms-spillover-deployment: std")
		wantStatus(t, w, 429)
		if w.Header().Get("x-ms-spillover-error") != "429" || !strings.Contains(w.Body.String(), "Provisioned") {
			t.Errorf("both full: %v %s", w.Header(), w.Body)
		}
		for name, c := range s.Counters() {
			if c.InFlight != 0 {
				t.Errorf("%s has %d in flight", name, c.InFlight)
			}
		}
	})
}

// A deployment speaks the generation of 429 it is configured for; the v1 routes speak
// the typed one of their own.
func TestThrottleGenerations(t *testing.T) {
	for _, c := range []struct {
		throttle simulator.Generation
		target   string
		want     string
	}{
		{"", chatV1, `{"error":{"message":"Your requests to gpt-4o for gpt-4o in eastus2 have exceeded rate limit.",` +
			`"type":"too_many_requests","param":null,"code":"rate_limit_exceeded"}}`},
		{simulator.Named, chatPath, `{"error":{"code":"RateLimitReached","message":"Your requests to gpt-4o for gpt-4o in East US 2 ` +
			`have exceeded the call rate limit for your current AIServices S0 pricing tier. This request was for ` +
			`ChatCompletions_Create under Azure OpenAI API version 2024-10-21. Please retry after 60 seconds. Please go here: ` +
			`https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}`},
		{simulator.NoCapacity, chatPath, `{"error":{"message":"The system is currently experiencing high demand and cannot process ` +
			`your request. Your request exceeds the maximum usage size allowed during peak load. For improved capacity reliability, ` +
			`consider switching to Provisioned Throughput.","type":"too_many_requests","param":null,"code":"no_capacity"}}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, limited(simulator.Deployment{Name: "gpt-4o", RPM: 1, Throttle: c.throttle}))
			body := `{"model":"gpt-4o",` + helloBody[1:]
			post(t, s, c.target, body)
			if diff := cmp.Diff(c.want, post(t, s, c.target, body).Body.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// At a lifelike pace the first token comes after its time and the others at theirs;
// twice the pace takes twice as long.
func TestPace(t *testing.T) {
	took := func(pace float64, more string) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			cfg := limited(simulator.Deployment{Name: "gpt-4o",
				Latency: simulator.Latency{FirstToken: 400 * time.Millisecond, PerToken: 10 * time.Millisecond, Jitter: -1}})
			cfg.Pace = pace
			s := start(t, cfg)
			from := time.Now()
			wantStatus(t, post(t, s, chatPath, chat("[[tokens=50]]", more)), 200)
			d = time.Since(from)
		})
		return d
	}
	if d := took(1, `"stream":true`); d != 900*time.Millisecond {
		t.Errorf("a stream of 50 tokens took %v", d)
	}
	if d := took(1, ""); d != 900*time.Millisecond {
		t.Errorf("a whole answer of 50 tokens took %v", d)
	}
	if d := took(2, ""); d != 1800*time.Millisecond {
		t.Errorf("at pace 2 it took %v", d)
	}
	if d := took(0, `"stream":true`); d != 0 {
		t.Errorf("at pace 0 it took %v", d)
	}
}

// A client that leaves in mid-stream is counted, with the tokens it got.
func TestClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := limited(simulator.Deployment{Name: "gpt-4o", PTU: 100,
			Latency: simulator.Latency{FirstToken: 100 * time.Millisecond, PerToken: 10 * time.Millisecond, Jitter: -1}})
		cfg.Pace = 1
		s := start(t, cfg)
		for _, body := range []string{chat("[[tokens=1000]]", `"stream":true`), chat("[[tokens=1000]]", ""), chat("[[wait=1m]]", "")} {
			ctx, cancel := context.WithTimeout(t.Context(), 305*time.Millisecond)
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, chatPath, strings.NewReader(body))
			r.Header.Set("api-key", "key-1")
			s.ServeHTTP(httptest.NewRecorder(), r)
			cancel()
		}
		log := s.Requests()
		if !log[0].Canceled || log[0].CompletionTokens != 21 || log[0].Events != 23 || log[0].Status != 200 {
			t.Errorf("stream = %+v", log[0])
		}
		if !log[1].Canceled || log[1].Status != 0 || !log[2].Canceled {
			t.Errorf("whole = %+v, wait = %+v", log[1], log[2])
		}
		if c := s.Counters()["one/gpt-4o"]; c.Canceled != 3 || c.InFlight != 0 {
			t.Errorf("counters = %+v", c)
		}
	})
}

// flushes is a ResponseWriter that notes when the stream was flushed and how far it was.
type flushes struct {
	*httptest.ResponseRecorder
	from time.Time
	at   []time.Duration
	sent []int
}

func (f *flushes) Flush() {
	f.at = append(f.at, time.Since(f.from))
	f.sent = append(f.sent, strings.Count(f.Body.String(), `"content":"`))
}

// A buffering content filter lets tokens go in bursts, the first not before its time.
func TestBursts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := limited(simulator.Deployment{Name: "gpt-4o", Burst: 4,
			Latency: simulator.Latency{FirstToken: 400 * time.Millisecond, PerToken: 10 * time.Millisecond, Jitter: -1}})
		cfg.Pace = 1
		s := start(t, cfg)
		w := &flushes{ResponseRecorder: httptest.NewRecorder(), from: time.Now()}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, chatPath, strings.NewReader(chat("[[tokens=10]]", `"stream":true`)))
		r.Header.Set("api-key", "key-1")
		s.ServeHTTP(w, r)
		// The prompt's results, before the first token, and after 4 and 8 of the 10 tokens;
		// the role's chunk has a content too, but an empty one.
		const ms = time.Millisecond
		if diff := cmp.Diff([]time.Duration{100 * ms, 100 * ms, 400 * ms, 440 * ms}, w.at); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int{0, 0, 5, 9}, w.sent); diff != "" {
			t.Error(diff)
		}
	})
}
