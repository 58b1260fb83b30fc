package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

const v1Path = "/openai/v1/"

// spent is what a limit's metric says is spent, and held what is held.
func (g *gateway) spent(name string) float64 { g.t.Helper(); return g.gauges()["spent "+name] }

// No request uses more than was held for it, whatever its body makes of its prompt:
// many tiny messages, escapes, lists of tokens, pictures, tools, several choices.
func TestNothingIsUsedAboveItsHold(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: budget, tokens: 100M, per: ever}"))
	post := func(path, body string) {
		t.Helper()
		if a := g.post(path, body); a.status != 200 {
			t.Errorf("%.120s: %d %.300s", body, a.status, a.body)
		}
	}
	for _, text := range []string{"", "!", strings.Repeat("!?", 500), strings.Repeat(`\u0021`, 300), strings.Repeat("字", 300), strings.Repeat("🦄", 200),
		strings.Repeat(`\ud83e\udd84`, 200), strings.Repeat("\u0301", 300), strings.Repeat(`\n`, 900), strings.Repeat("a b", 4000), "[[tokens=0]]", "[[tokens=500]]"} {
		post(chatPath, `{"max_tokens":20,"messages":[{"role":"user","content":"`+text+`"}]}`)
		post(chatPath, `{"max_tokens":20,"n":3,"messages":[{"role":"user","content":[{"type":"text","text":"`+text+`"}]}]}`)
		post(v1Path+"responses", `{"model":"gpt-4o","max_output_tokens":20,"input":"`+text+`x"}`)
	}
	post(chatPath, `{"max_tokens":1,"messages":[`+strings.Repeat(`{"role":"user","content":""},`, 999)+`{"role":"user","content":""}]}`)
	post(chatPath, chat("hi", `"max_completion_tokens":5`, `"stream":true`))
	post(chatPath, `{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/b.png","detail":"high"}}]}]}`)
	post(chatPath, `{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]}`)
	post(chatPath, chat("hi [[tool]]", `"max_tokens":50`, `"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","$defs":{"x":{"description":"`+strings.Repeat("word ", 500)+`"}},"properties":{"a":{"enum":["!","?"]}}}}}]`))
	post(v1Path+"embeddings", `{"model":"text-embedding-3-small","input":[`+strings.Repeat(`"!",`, 500)+`"?"]}`)
	post(v1Path+"embeddings", `{"model":"text-embedding-3-small","input":[`+strings.Repeat(`1,`, 500)+`2]}`)
	post(v1Path+"embeddings", `{"model":"text-embedding-3-small","input":[[1,2],[`+strings.Repeat(`1,`, 500)+`2]]}`)
	if n := g.gauges()["debt_total tokens"]; n != 0 {
		t.Errorf("%v tokens were used beyond what was held", n)
	}
	for _, e := range g.entries() {
		if u := e.Usage; u.Prompt > e.Hold.Prompt || u.Completion > e.Hold.Completion || u.Total == 0 || e.Cost > e.Hold.Cost {
			t.Errorf("%s of %d bytes held %+v and used %+v for %s", e.Ask.Operation, e.Ask.BodyBytes, e.Hold, u, e.Cost)
		}
	}
}

// Absurd counts are held as what they are, or refused; they never wrap around into
// room, and what is refused counts nothing.
func TestAbsurdCountsAreRefused(t *testing.T) {
	g := startBefore(t, usage(1), teamLimits("{name: budget, tokens: 1M, per: ever}, {name: purse, money: 10, per: ever}", "currency: USD"))
	prompts := strings.Repeat(`"a",`, 9_999) + `"a"`
	for _, c := range [][2]string{
		{chatPath, chat("hi", `"max_tokens":9007199254740992`, `"n":128`)},
		{chatPath, chat("hi", `"max_tokens":1e15`)},
		{chatPath, chat("hi", `"max_tokens":9223372036854775807`)},
		{chatPath, chat("hi", `"max_tokens":99999999999999999999999999`)},
		{chatPath, chat("hi", `"max_tokens":-1`)},
		{chatPath, chat("hi", `"max_tokens":4e9`, `"max_completion_tokens":1`)},
		{chatPath, chat("hi", `"max_tokens":1000`, `"n":9007199254740992`)},
		{strings.Replace(chatPath, "chat/", "", 1), `{"prompt":[` + prompts + `],"max_tokens":4000,"n":128}`},
		{strings.Replace(chatPath, "chat/", "", 1), `{"prompt":[` + prompts + `],"max_tokens":2147483647,"best_of":128}`},
		{v1Path + "responses", `{"model":"gpt-4o","input":"hi","max_output_tokens":9007199254740992}`},
	} {
		if a := g.post(c[0], c[1]); a.status != 400 {
			t.Errorf("%.100s: %d %s", c[1], a.status, a.body)
		}
	}
	if m := g.calm(); m["spent budget"] != 0 || m["spent purse"] != 0 {
		t.Errorf("refused requests have spent %v tokens and %v", m["spent budget"], m["spent purse"])
	}
	for _, e := range g.entries() {
		if e.Counted || e.Hold.Tokens() < 0 || e.Hold.Cost < 0 {
			t.Errorf("entry %+v", e)
		}
	}
}

// A prompt larger than the model's window, whose client leaves before the answer, is
// charged no more than was held: nothing reads beyond the window.
func TestLongPromptsAbandoned(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: budget, tokens: 1M, per: ever}"))
	g.fault(simulator.Fault{Kind: simulator.Stall})
	ctx, leave := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "POST", g.url+chatPath, strings.NewReader(chat(strings.Repeat("word ", 250_000), `"max_tokens":10`, `"stream":true`)))
	req.Header.Set("Api-Key", teamKey)
	done := make(chan error)
	go func() {
		_, err := http.DefaultTransport.RoundTrip(req)
		done <- err
	}()
	for inFlight(g) == 0 {
		time.Sleep(time.Millisecond)
	}
	leave()
	<-done
	g.calm()
	if e := g.one(); e.Usage.Prompt != e.Hold.Prompt || e.Usage.Total != e.Hold.Tokens() || e.Hold.Prompt == 0 {
		t.Errorf("held %+v, used %+v", e.Hold, e.Usage)
	}
}

// However its name is written and whichever route it comes by, a model is one model
// to its limits, and a fallback of it counts as it.
func TestAModelHasOneLimit(t *testing.T) {
	g := startGateway(t, three(), "models:\n  gpt-4o: {fallback: [gpt-4o-mini], limits: [{name: four, requests: 6, per: ever}]}\n")
	g.fault(simulator.Fault{Deployment: "gpt-4o", Kind: simulator.Status, Status: 500, After: 3})
	for i, c := range [][2]string{
		{chatPath, ""}, {strings.Replace(chatPath, "gpt-4o", "GPT-4O", 1), ""}, {strings.Replace(chatPath, "gpt-4o", "gpt%2D4o", 1), ""},
		{v1Path + "chat/completions", `"model":"Gpt-4o"`}, {"/v1/chat/completions", `"model":"\u0067pt-4o"`}, {v1Path + "chat/completions", `"model":"gpt-4o"`},
	} {
		members := []string{`"max_tokens":5`}
		if c[1] != "" {
			members = append(members, c[1])
		}
		if a := g.post(c[0], chat("hi", members...)); a.status != 200 || g.spent("four") != float64(i+1) {
			t.Errorf("%s %s: %d, %v of 6 are spent", c[0], c[1], a.status, g.spent("four"))
		}
	}
	refusedWith(t, g.post(strings.Replace(chatPath, "gpt-4o", "gPT-4o", 1), chat("hi")), 429, "insufficient_quota")
	if e := g.entries()[5]; e.Deployment.Model != "gpt-4o-mini" {
		t.Errorf("the fallback did not serve: %v", e.Deployment)
	}
}

// A cheap model whose fallback is dear is held at the dear price.
func TestFallbacksAreHeldAtTheirPrice(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: purse, money: 0.005, per: ever}", "currency: USD", "models:\n  gpt-4o-mini: {fallback: [gpt-4o]}"))
	g.fault(simulator.Fault{Deployment: "gpt-4o-mini", Kind: simulator.Status, Status: 500})
	mini := strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1)
	refusedWith(t, g.post(mini, chat("hi [[tokens=900]]", `"max_tokens":1000`)), 400, "RequestTooLargeForLimit")
	if a := g.post(mini, chat("hi [[tokens=400]]", `"max_tokens":400`)); a.status != 200 {
		t.Fatal(a.body)
	}
	g.calm()
	if e := g.entries()[1]; e.Cost < 4000 || e.Cost > 5000 || e.Deployment.Model != "gpt-4o" {
		t.Errorf("cost %s on %v", e.Cost, e.Deployment)
	}
}

// An upstream that lies about usage cannot bring a limit out of order: what cannot be
// true is not believed, and counts what was seen.
func TestLyingUpstreams(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		figures := strings.ReplaceAll(r.Header.Get("X-Figures"), "'", `"`)
		choice := `"choices":[{"index":0,"%s":{"content":"Hi"},"finish_reason":"stop"}],"usage":{%s}}`
		if strings.Contains(string(body), `"stream":true`) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, `data: {"model":"m",`+choice+"\n\ndata: [DONE]\n\n", "delta", figures)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"model":"m",`+choice, "message", figures)
	}, teamLimits("{name: budget, tokens: 1000, per: ever}"))
	for _, figures := range []string{
		`'prompt_tokens':-5,'completion_tokens':-5,'total_tokens':-10`, `'prompt_tokens':4611686018427387904,'completion_tokens':4611686018427387904`,
		`'total_tokens':9223372036854775807`, `'prompt_tokens':1e400`, `'prompt_tokens':'8'`, `'prompt_tokens':8,'completion_tokens':-1`, `'prompt_tokens':1.5`,
	} {
		for _, stream := range []bool{false, true} {
			before := g.calm()["spent budget"]
			if a := g.post(chatPath, chat("Hello", `"max_tokens":10`, fmt.Sprintf(`"stream":%v`, stream)), "X-Figures", figures); a.status != 200 {
				t.Fatal(a.body)
			}
			if n := g.calm()["spent budget"] - before; n < 5 || n > 20 {
				t.Errorf("%s, stream %v: %v tokens are spent", figures, stream, n)
			}
		}
	}
	for _, e := range g.entries() {
		if e.Usage.Source != tallygate.Estimated || e.Usage.Total > e.Hold.Tokens() {
			t.Errorf("usage %+v", e.Usage)
		}
	}
}

// A budget that is used up refuses a large body without counting its tokens, and one
// that has a little left counts them once.
func TestLargeBodiesAreNotCountedInVain(t *testing.T) {
	small := chat("hi", `"max_tokens":430`)
	all := len(small) + 430
	g := startBefore(t, usage(all), teamLimits(fmt.Sprintf("{name: budget, tokens: %d, per: ever}, {name: calls, requests: 3, per: ever}", all)))
	body := chat(strings.Repeat("word ", 400_000), `"max_tokens":10`)
	counted := func(want float64) {
		t.Helper()
		if n := g.metric("tallygate_prompts_counted_total "); n != want {
			t.Errorf("%v prompts were counted, want %v", n, want)
		}
	}
	refusedWith(t, g.post(chatPath, body), 400, "RequestTooLargeForLimit")
	counted(1)
	if a := g.post(chatPath, small); a.status != 200 {
		t.Fatal(a.body)
	}
	refusedWith(t, g.post(chatPath, body), 400, "RequestTooLargeForLimit")
	refusedWith(t, g.post(chatPath, chat("hi", `"max_tokens":10`)), 429, "insufficient_quota")
	counted(1)
	if m := g.calm(); m["spent calls"] != 1 {
		t.Errorf("%v requests count, 1 was served", m["spent calls"])
	}
}

// A long prompt that is cheap fits into a limit on a deployment, like into any other.
func TestDeploymentLimitsCountPrompts(t *testing.T) {
	g := startGateway(t, three(), "limits: [{name: each, tokens: 1500, per: ever, each: deployment}]\n")
	long := chat(strings.Repeat("answer ", 900), `"max_tokens":10`) // 6,300 bytes, some 900 tokens
	for range 3 {
		if a := g.post(chatPath, long); a.status != 200 {
			t.Fatalf("the tokens fit, and yet: %s", a.body)
		}
	}
	refusedWith(t, g.post(chatPath, long), 429, "insufficient_quota")
	if m := g.calm(); m["spent each"] > 4500 || m["spent each"] < 2700 {
		t.Errorf("%v tokens are spent", m["spent each"])
	}
}

// Nobody learns what others use: a limit that is shared tells its name and what it
// allows, and neither how much is left nor who used it.
func TestNobodyLearnsWhatOthersUse(t *testing.T) {
	g := startGateway(t, three(), "limits: [{name: all, tokens: 777, per: ever}, {name: coins, money: 0.0777, per: ever}]\n"+
		fmt.Sprintf("currency: USD\ncallers:\n  - {name: team, key: %s, group: product}\n  - {name: secretive, key: %s}\n", teamKey, otherKey))
	a := g.post(chatPath, chat("Hello [[tokens=123]]", `"max_tokens":123`), "Api-Key", otherKey)
	var used struct{ Usage struct{ Total_tokens int } }
	if err := json.Unmarshal([]byte(a.body), &used); err != nil || used.Usage.Total_tokens < 123 {
		t.Fatal(a.body)
	}
	for _, members := range []string{`"max_tokens":700`, `"max_tokens":1`, `"max_tokens":9999`} {
		a := g.post(chatPath, chat("hi", members))
		told := a.body + fmt.Sprint(a.header)
		for _, secret := range []string{"secretive", fmt.Sprint(777 - used.Usage.Total_tokens), "are left", "X-Ratelimit", "X-Tallygate-Budget", "product"} {
			if strings.Contains(told, secret) {
				t.Errorf("%s tells %q: %d %s", members, secret, a.status, told)
			}
		}
	}
}

// Of two limits that count the same the lower one binds, and requests count once.
func TestTwoLimitsOnOneThing(t *testing.T) {
	g := startGateway(t, three(), teamLimits("{name: high, requests: 5, per: ever}, {name: low, requests: 3, per: ever}"))
	for range 5 {
		g.post(chatPath, chat("hi", `"max_tokens":1`))
	}
	a := g.post(chatPath, chat("hi", `"max_tokens":1`))
	refusedWith(t, a, 429, "insufficient_quota")
	if m := g.calm(); m["spent high"] != 3 || m["spent low"] != 3 || !strings.Contains(a.message(), `"low"`) {
		t.Errorf("%v and %v are spent: %s", m["spent high"], m["spent low"], a.message())
	}
}

// A thousand limits at once admit and refuse as one does, and names that anyone may
// make up leave nothing behind.
func TestAThousandLimits(t *testing.T) {
	var b strings.Builder
	b.WriteString("limits:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  - {name: limit-%d, tokens: %d, per: [ever, day, hour, month][0], each: caller}\n", i, 1000+i)
	}
	text := strings.ReplaceAll(b.String(), "[ever, day, hour, month][0]", "ever")
	g := startGateway(t, three(), text)
	began := time.Now()
	for i := range 50 {
		g.post(chatPath, chat("hi [[tokens=30]]", `"max_tokens":30`))
		g.post(v1Path+"chat/completions", chat("hi", fmt.Sprintf(`"model":"made-up-%d"`, i), fmt.Sprintf(`"user":"user-%d"`, i)))
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("100 requests under a thousand limits took %s", took)
	}
	if m := g.calm(); m["spent limit-0"] != m["spent limit-999"] || m["spent limit-0"] < 900 || m["spent limit-0"] > 1000 {
		t.Errorf("%v of 1000 tokens are spent by the first limit, %v by the last", m["spent limit-0"], m["spent limit-999"])
	}
}

// Reloads in the midst of a storm neither lose a count nor lock up: what lasts over
// them is what the ledger has, and what is lowered below what is used refuses all.
func TestReloadsInAStorm(t *testing.T) {
	sim := three()
	sim.Pace = 0.02
	g := startGateway(t, sim, stormConfig(2))
	g.brew()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	defer client.CloseIdleConnections()
	text, reloads := *g.config.Load(), 0
	var over atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for amount := 900; !over.Load(); amount++ {
			extra := fmt.Sprintf("  - {name: budget, tokens: %d, per: ever, each: caller}\n  - {name: extra-%d, tokens: 5000, per: day, each: [caller, model]}\n", amount, reloads%3)
			g.configure(strings.Replace(text, "  - {name: budget, tokens: 1000, per: ever, each: caller}\n", extra, 1))
			if err := g.app.Reload(); err != nil {
				t.Error(err)
			}
			reloads++
			time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond)
		}
	})
	for seed := range 2 {
		g.strike(client, seed)
	}
	over.Store(true)
	wg.Wait()
	m := g.quiet()
	g.configure(strings.Replace(text, "tokens: 1000", "tokens: 1", 1))
	if err := g.app.Reload(); err != nil || reloads < 10 {
		t.Errorf("%d reloads, the last says %v", reloads, err)
	}
	refusedWith(t, g.post(chatPath, chat("hi", `"max_tokens":1`), "Api-Key", stormKey(0)), 400, "RequestTooLargeForLimit")
	by := callersIn(g.entries())
	for seed := range 2 {
		if u := by[fmt.Sprintf("caller-%d", seed)]; u.tokens > stormTokens || u.tokens < stormTokens/4 {
			t.Errorf("seed %d: %d tokens are used", seed, u.tokens)
		}
	}
	if m["spent budget"] != float64(by[""].tokens) || m["spent mini"] != float64(by[""].one) {
		t.Errorf("after %d reloads the limits count %v and %v, the ledger has %d and %d", reloads, m["spent budget"], m["spent mini"], by[""].tokens, by[""].one)
	}
}

// The gateway is killed under load five times. After each start the limits count what
// the ledger has, to the token, with what nobody settled at its hold, and the budget
// is not over.
func TestBudgetsSurviveKills(t *testing.T) {
	const budget, purse = 12_000, tallygate.Unit * 35 / 1000
	sim := three()
	sim.Pace = 0.05
	s, err := simulator.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	g := &gateway{t: t, dir: t.TempDir(), logs: new(syncBuffer)}
	g.configure(threeConfig(server.URL, g.dir, teamLimits(
		fmt.Sprintf("{name: budget, tokens: %d, per: ever}, {name: purse, money: %s, per: ever}, {name: hourly, tokens: 1M, per: 1h}, {name: monthly, requests: 1M, per: month}", budget, purse),
		"    max_tokens: 12", "currency: USD")))
	random, unsettled := rand.New(rand.NewPCG(3, 4)), 0
	for round := range 5 {
		child, url, _ := startChild(t, *g.config.Load())
		ctx, stop := context.WithCancel(t.Context())
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 10 * time.Second}
		got := answered{any: make(map[string]bool), whole: make(map[string]int64)}
		var wg sync.WaitGroup
		for worker := range 16 {
			wg.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					got.ask(client, url, fmt.Sprintf("r%d-w%d-n%d", round, worker, n), n%2 == 0)
				}
			})
		}
		time.Sleep(time.Duration(20+random.IntN(60)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		stop()
		wg.Wait()
		child.Wait()
		client.CloseIdleConnections()

		g.start()
		m := g.calm()
		u := callersIn(g.entries())[""]
		unsettled = u.outcomes[tallygate.Unsettled]
		if m["spent budget"] != float64(u.tokens) || millionths(m["spent purse"]) != u.cost || m["spent hourly"] != float64(u.tokens) || m["spent monthly"] != float64(u.requests) {
			t.Errorf("after kill %d the limits count %v, the ledger has %+v", round+1, m, u)
		}
		if u.tokens > budget || u.cost > purse {
			t.Errorf("after kill %d: %d of %d tokens and %s of %s are spent", round+1, u.tokens, budget, u.cost, purse)
		}
		t.Logf("kill %d: %d tokens, %s, %d unsettled", round+1, u.tokens, u.cost, unsettled)
	}
	if unsettled == 0 {
		t.Error("no kill left anything unsettled: it proves little")
	}
}
