package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/alert"
)

// teamLimits is the callers section with limits (in YAML) for the team.
func teamLimits(limits string, more ...string) string {
	return fmt.Sprintf("callers:\n  - name: team\n    key: %s\n    group: product\n    limits: [%s]\n%s\n", teamKey, limits, strings.Join(more, "\n"))
}

// refusedWith checks a refusal's status and code.
func refusedWith(t *testing.T, a answer, status int, code string) {
	t.Helper()
	if a.status != status || a.code() != code {
		t.Fatalf("%d %s (%s), want %d %s", a.status, a.code(), a.message(), status, code)
	}
}

// A rate answers with 429 and when to come back, in the headers that SDKs read and
// in words; what it refused did not count.
func TestARateRefuses(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: calls, requests: 2, per: minute}"))
	for range 2 {
		if a := g.post(chatPath, chat("hi")); a.status != 200 {
			t.Fatal(a.status, a.body)
		}
	}
	a := g.post(chatPath, chat("hi"))
	refusedWith(t, a, 429, "RateLimitReached")
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || wait < 50 || wait > 61 {
		t.Errorf("retry-after %q", a.header.Get("Retry-After"))
	}
	if ms, err := strconv.Atoi(a.header.Get("Retry-After-Ms")); err != nil || ms <= (wait-1)*1000 || ms > wait*1000 {
		t.Errorf("retry-after-ms %q beside %d s", a.header.Get("Retry-After-Ms"), wait)
	}
	if !strings.Contains(a.message(), fmt.Sprintf(`"calls" (2 requests a minute). Please retry after %d seconds.`, wait)) {
		t.Errorf("message %q", a.message())
	}
	if es := g.entries(); es[2].Counted || !es[1].Counted || es[2].Outcome != tallygate.Refused {
		t.Errorf("counted: %v, %v", es[1].Counted, es[2].Counted)
	}
}

// A budget that is used up answers insufficient_quota and that a retry is no use;
// or 403, as API Management does, when so configured.
func TestABudgetRefuses(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{requests: 1, per: month}"))
	g.post(chatPath, chat("hi"))
	a := g.post(chatPath, chat("hi"))
	refusedWith(t, a, 429, "insufficient_quota")
	if a.header.Get("X-Should-Retry") != "false" || !strings.Contains(a.message(), "It renews at ") {
		t.Errorf("should-retry %q, message %q", a.header.Get("X-Should-Retry"), a.message())
	}
	g = startGateway(t, three(), teamLimits("{requests: 1, per: month, answer: 403}"))
	g.post(chatPath, chat("hi"))
	refusedWith(t, g.post(chatPath, chat("hi")), 403, "insufficient_quota")
}

// The x-ratelimit headers are those of the caller's own limits, with what is left
// after this request; the deployment's never pass.
func TestRateLimitHeadersAreOurs(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{requests: 10, per: minute}, {tokens: 5000, per: minute}, {money: 2 USD, per: day}"))
	a := g.post(chatPath, chat("hi", `"max_tokens":100`))
	for name, want := range map[string]string{
		"X-Ratelimit-Limit-Requests": "10", "X-Ratelimit-Remaining-Requests": "9", "X-Ratelimit-Reset-Requests": "60",
		"X-Ratelimit-Limit-Tokens": "5000", "X-Tallygate-Budget-Limit": "2.00",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	left, err := strconv.Atoi(a.header.Get("X-Ratelimit-Remaining-Tokens"))
	if err != nil || left > 4900 || left < 4700 {
		t.Errorf("remaining tokens %d after a hold of 100 and a short prompt", left)
	}
	g = startGateway(t, three(), "")
	for name := range g.post(chatPath, chat("hi")).header {
		if strings.HasPrefix(name, "X-Ratelimit") {
			t.Errorf("a caller without limits is told %s", name)
		}
	}
}

// asked returns max_tokens as the simulator saw it, by asking for more words than
// the cap.
func completionTokens(t *testing.T, a answer) int {
	t.Helper()
	var body struct {
		Usage struct {
			Completion int `json:"completion_tokens"`
			Output     int `json:"output_tokens"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return max(body.Usage.Completion, body.Usage.Output)
}

// A cap lowers what asks for more, and sets what asks for nothing, in every
// spelling, and says so; what asks for less is untouched.
func TestACapClamps(t *testing.T) {
	g := startGateway(t, three(), fmt.Sprintf("callers:\n  - {name: team, key: %s, max_tokens: 20}\n", teamKey))
	for _, test := range []struct {
		member string
		capped bool
	}{
		{`"max_tokens":500`, true}, {`"max_completion_tokens":500`, true},
		{`"temperature":1`, true}, {`"max_tokens":null`, true}, {`"max_tokens":12`, false}, {`"max_tokens":20`, false},
	} {
		a := g.post(chatPath, chat("[[tokens=100]]", test.member))
		if n := completionTokens(t, a); n > 20 || test.capped && n < 20 {
			t.Errorf("%s: %d completion tokens, want 20", test.member, n)
		}
		if got := a.header.Get("X-Tallygate-Max-Tokens"); (got == "20") != test.capped {
			t.Errorf("%s: told %q", test.member, got)
		}
	}
	a := g.post("/openai/v1/responses", `{"model":"gpt-4o","input":"[[tokens=100]]","max_output_tokens":900}`)
	if n := completionTokens(t, a); n != 20 {
		t.Errorf("responses: %d output tokens, want 20", n)
	}
	for _, e := range g.entries() {
		if e.Hold.Completion > 20 || e.Usage.Completion > e.Hold.Completion {
			t.Errorf("held %d and used %d under a cap of 20", e.Hold.Completion, e.Usage.Completion)
		}
	}
}

// A cap that rejects says what may be asked for; the tighter of a caller's and its
// group's holds.
func TestACapRejects(t *testing.T) {
	g := startGateway(t, three(), fmt.Sprintf("groups:\n  - {name: product, max_tokens: {cap: 30, over: reject}}\n"+
		"callers:\n  - {name: team, key: %s, group: product, max_tokens: 400}\n", teamKey))
	a := g.post(chatPath, chat("hi", `"max_tokens":31`))
	refusedWith(t, a, 400, "MaxTokensExceeded")
	if !strings.Contains(a.message(), "30") {
		t.Error(a.message())
	}
	if a := g.post(chatPath, chat("hi", `"max_tokens":30`)); a.status != 200 {
		t.Error(a.status, a.body)
	}
}

// What a request costs is in the ledger by the price list, to the millionth; a
// budget of money holds the worst and settles the true cost.
func TestMoney(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: purse, money: 0.02, per: month}"))
	a := g.post(chatPath, chat("[[tokens=50]]", `"max_tokens":200`))
	if a.status != 200 {
		t.Fatal(a.body)
	}
	// 0.02 USD buys 2,000 completion tokens of gpt-4o: 1,950 do not fit any more.
	a = g.post(chatPath, chat("hi", `"max_tokens":1950`))
	refusedWith(t, a, 429, "insufficient_quota")
	if !strings.Contains(a.message(), "0.02 USD a month") {
		t.Error(a.message())
	}
	e := g.entries()[0]
	micros := e.Usage.Prompt*2_500_000 + e.Usage.Completion*10_000_000
	want := tallygate.Money((micros + 999_999) / 1_000_000)
	if e.Pricing != tallygate.Listed || e.Cost != want || e.Cost == 0 || e.Hold.Cost < e.Cost {
		t.Errorf("%d + %d tokens cost %v (%v), want %v; held %v", e.Usage.Prompt, e.Usage.Completion, e.Cost, e.Pricing, want, e.Hold.Cost)
	}
}

// unpriced is a configuration whose model has no price.
func unpriced(g *gateway, upstream string) string {
	return strings.ReplaceAll(*g.config.Load(), "{name: gpt-4o-mini}", "{name: gpt-4o-mini, model: house-model, base: house-model}")
}

// A model without a price is refused by a limit of money, served without one, and
// its entry says that the cost is unknown; a configured default counts instead.
func TestUnknownPrice(t *testing.T) {
	const path = "/openai/deployments/house-model/chat/completions?api-version=2024-10-21"
	extra := teamLimits("{name: purse, money: 1, per: month}", fmt.Sprintf("  - {name: free, key: %s}", otherKey))
	g := startGateway(t, three(), extra)
	g.configure(unpriced(g, ""))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, g.post(path, chat("hi")), 403, "PriceUnknown")
	if a := g.post(path, chat("hi"), "Api-Key", otherKey); a.status != 200 {
		t.Fatal(a.body)
	}
	g.configure(*g.config.Load() + "prices: {unknown: {prompt: 1000000, completion: 1000000}}\n")
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, g.post(path, chat("hi", `"max_tokens":5`)), 400, "RequestTooLargeForLimit")
	es := g.entries()
	if es[1].Pricing != tallygate.Unpriced || es[1].Cost != 0 || es[1].Usage.Total == 0 {
		t.Errorf("without a price: %v, %v", es[1].Pricing, es[1].Cost)
	}
}

// After a restart every counter is what the ledger sums up to, to the token.
func TestCountersSurviveARestart(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{tokens: 3000, per: day}, {name: pm, requests: 4, per: minute}"))
	used := int64(0)
	for i := range 3 {
		a := g.post(chatPath, chat(fmt.Sprintf("[[tokens=%d]]", 50+i), `"max_tokens":100`))
		var body struct {
			Usage struct {
				Total int64 `json:"total_tokens"`
			}
		}
		if err := json.Unmarshal([]byte(a.body), &body); err != nil {
			t.Fatal(err)
		}
		used += body.Usage.Total
	}
	g.stop()
	g.start()
	// A hold of exactly what is left fits, with the prompt's bytes as its bound.
	body := func(max int64) string { return chat("x", fmt.Sprintf(`"max_tokens":%d`, max)) }
	left := 3000 - used
	fits := left - int64(len(body(left)))
	refusedWith(t, g.post(chatPath, body(left)), 429, "insufficient_quota")
	if a := g.post(chatPath, body(fits)); a.status != 200 {
		t.Errorf("%d of 3000 used, and %d + %d bytes do not fit: %s", used, fits, len(body(fits)), a.body)
	}
	refusedWith(t, g.post(chatPath, chat("hi", `"max_tokens":1`)), 429, "RateLimitReached") // the fifth in a minute
}

// metric returns the value of a metric without labels, or of the first line that
// begins so.
func (g *gateway) metric(line string) float64 {
	g.t.Helper()
	req, _ := http.NewRequest("GET", g.admin+"/metrics", nil)
	req.Header.Set("Api-Key", adminKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	buf := make([]byte, 32<<10)
	for {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	for l := range strings.Lines(b.String()) {
		if rest, ok := strings.CutPrefix(l, line); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndex(rest, " ")+1:]), 64)
			if err != nil {
				g.t.Fatal(err)
			}
			return v
		}
	}
	g.t.Fatalf("there is no metric %s", line)
	return 0
}

// A prompt is counted only when its bytes do not fit into a limit: then the count
// lets in what its length would not.
func TestPromptsAreCountedOnlyWhenTheyMust(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{tokens: 3000, per: minute}"))
	long := strings.Repeat("answer ", 900) // 6,300 bytes, some 900 tokens
	for range 3 {
		if a := g.post(chatPath, chat("hi", `"max_tokens":10`)); a.status != 200 {
			t.Fatal(a.body)
		}
	}
	if n := g.metric("tallygate_prompts_counted_total "); n != 0 {
		t.Errorf("%v short prompts were counted", n)
	}
	if a := g.post(chatPath, chat(long, `"max_tokens":10`)); a.status != 200 {
		t.Errorf("the tokens fit, and yet: %s", a.body)
	}
	if n := g.metric("tallygate_prompts_counted_total "); n != 1 {
		t.Errorf("%v prompts were counted, want 1", n)
	}
	if n := g.metric(`tallygate_limit_debt_total{quantity="tokens"}`); n != 0 {
		t.Errorf("%v tokens beyond holds", n)
	}
}

// A limit on a deployment sends what does not fit there to the next one, and
// refuses when all are full.
func TestALimitOnADeployment(t *testing.T) {
	g := startGateway(t, three(), "limits: [{requests: 1, per: day, each: deployment, models: [gpt-4o]}]\n")
	seen := make(map[string]bool)
	for range 3 {
		if a := g.post(chatPath, chat("hi")); a.status != 200 {
			t.Fatal(a.body)
		}
	}
	refusedWith(t, g.post(chatPath, chat("hi")), 429, "insufficient_quota")
	for _, e := range g.entries()[:3] {
		seen[e.Deployment.ID()] = true
	}
	if len(seen) != 3 {
		t.Errorf("three requests went to %v", seen)
	}
}

// At most so many requests are on their way at once, streams until their end.
func TestConcurrentRequests(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{concurrent: 1}"))
	req, _ := http.NewRequestWithContext(t.Context(), "POST", g.url+chatPath, strings.NewReader(chat("[[wait=300ms]] [[tokens=20]]", `"stream":true`)))
	req.Header.Set("Api-Key", teamKey)
	req.Header.Set("Content-Type", "application/json")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if res, err := http.DefaultClient.Do(req); err == nil {
			for buf := make([]byte, 4096); ; {
				if _, err := res.Body.Read(buf); err != nil {
					break
				}
			}
			res.Body.Close()
		}
	}()
	time.Sleep(100 * time.Millisecond)
	refusedWith(t, g.post(chatPath, chat("hi")), 429, "RateLimitReached")
	<-done
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if a := g.post(chatPath, chat("hi")); a.status == 200 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("still refused after the stream's end: %s", a.body)
		}
	}
}

// A budget warns at its share, once, by log, metric and webhook; a limit on trial
// refuses nobody and tells whom it would have.
func TestWarningsAndTrials(t *testing.T) {
	var mu sync.Mutex
	var alerts []alert.Alert
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var a alert.Alert
		if json.NewDecoder(r.Body).Decode(&a) == nil && r.Header.Get("X-Token") == "hook-secret" {
			alerts = append(alerts, a)
		}
	}))
	defer hook.Close()
	g := startGateway(t, three(), teamLimits("{name: five, requests: 5, per: day, warn: 60%}, {name: trial, requests: 2, per: hour, dry_run: true, warn: 50%}")+
		fmt.Sprintf("alerts: {webhook: %s, headers: {X-Token: hook-secret}}\n", hook.URL))
	for i := range 6 {
		a := g.post(chatPath, chat("hi"))
		if want := map[bool]int{true: 200, false: 429}[i < 5]; a.status != want {
			t.Fatalf("request %d: %d %s", i+1, a.status, a.body)
		}
		if got := a.header.Get("X-Tallygate-Dry-Run"); i > 1 && i < 5 && got != "trial" {
			t.Errorf("request %d: %q would have refused", i+1, got)
		}
	}
	if n := g.metric(`tallygate_limit_refusals_total{limit="trial",mode="dry_run"}`); n != 3 {
		t.Errorf("%v requests would have been refused, want 3", n)
	}
	if n := g.metric(`tallygate_limit_spent{limit="five"`); n != 5 {
		t.Errorf("%v spent of the limit of five", n)
	}
	g.stop()
	mu.Lock()
	defer mu.Unlock()
	var kinds []string
	for _, a := range alerts {
		kinds = append(kinds, a.Limit+" "+a.Kind+" "+a.Spent)
		if trial := a.Limit == "trial"; a.DryRun != trial || strings.Contains(a.Text, "on trial and refuses nothing") != trial {
			t.Errorf("said of %s: %+v", a.Limit, a)
		}
	}
	if got := strings.Join(kinds, ", "); got != "trial limit_warning 1, five limit_warning 3, five limit_exhausted 5" {
		t.Errorf("alerts: %s", got)
	}
	if strings.Contains(g.logs.String(), "hook-secret") {
		t.Error("the webhook's secret is in the log")
	}
}

// PowerProxy's tokens a minute count for each model apart.
func TestPowerProxyLimits(t *testing.T) {
	g := startGateway(t, three(), fmt.Sprintf("callers:\n  - {name: team, key: %s, max_tokens_per_minute_in_k: 1}\n", teamKey))
	mini := strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1)
	body := chat("[[tokens=600]]", `"max_tokens":800`)
	if a := g.post(chatPath, body); a.status != 200 {
		t.Fatal(a.body)
	}
	if a := g.post(mini, body); a.status != 200 {
		t.Errorf("the other model has its own thousand, and yet: %s", a.body)
	}
	refusedWith(t, g.post(chatPath, body), 429, "RateLimitReached")
}
