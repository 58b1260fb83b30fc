package app_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// What one caller of a storm may use. Whose group is poor runs out of money first,
// whose group is slow of requests, and the others of tokens.
const (
	stormTokens   = 1000
	stormRequests = 25
	stormMoney    = tallygate.Unit * 3 / 1000
	stormAtOnce   = 12
)

// stormConfig has a caller for each seed, all under the same limits and each with
// its own count.
func stormConfig(seeds int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `timeouts: {first_byte: 150ms, idle: 150ms, drain: {deadline: 2s}}
cooldown: {default: 5ms, max: 20ms}
currency: USD
models:
  gpt-4o: {fallback: [gpt-4o-mini], wait: 100ms}
groups: [{name: poor, max_tokens: 40}, {name: slow, max_tokens: 40}, {name: rich, max_tokens: 40}]
limits:
  - {name: budget, tokens: %d, per: ever, each: caller}
  - {name: together, concurrent: %d, each: caller}
  - {name: purse, money: %s, per: ever, each: caller, groups: [poor]}
  - {name: wealth, money: 10, per: ever, each: caller, groups: [rich, slow]}
  - {name: pace, requests: %d, per: 1h, each: caller, groups: [slow]}
  - {name: mini, tokens: %d, per: ever, each: caller, deployments: [one/gpt-4o]}
callers:
`, stormTokens, stormAtOnce, stormMoney, stormRequests, stormTokens/2)
	for seed := range seeds {
		fmt.Fprintf(&b, "  - {name: caller-%d, key: %s, group: %s}\n", seed, stormKey(seed), stormGroup(seed))
	}
	return b.String()
}

func stormKey(seed int) string   { return fmt.Sprintf("storm-key-%d-0123456789", seed) }
func stormGroup(seed int) string { return [...]string{"rich", "poor", "slow"}[seed%3] }

// brew makes the upstream as bad as it can be without being useless.
func (g *gateway) brew() {
	g.t.Helper()
	for _, f := range []simulator.Fault{
		{Probability: .06, Kind: simulator.Status, Status: 429, RetryAfter: "10ms"},
		{Probability: .06, Kind: simulator.Status, Status: 500},
		{Probability: .05, Kind: simulator.Reset},
		{Probability: .02, Kind: simulator.Stall},
		{Probability: .05, Kind: simulator.Stall, Delay: 20 * time.Millisecond},
		{Probability: .08, Kind: simulator.Refusal, RetryAfter: "10ms"},
		{Probability: .05, Kind: simulator.NoUsage},
		{Probability: .04, Kind: simulator.Truncate},
		{Probability: .04, Kind: simulator.Truncate, Chunks: 3},
		{Probability: .04, Kind: simulator.TruncateJSON, Chunks: 4},
		{Probability: .04, Kind: simulator.ResetStream, Chunks: 2},
		{Probability: .02, Kind: simulator.StallStream, Chunks: 2},
		{Probability: .04, Kind: simulator.ErrorEvent, Chunks: 3},
		{Probability: .05, Kind: simulator.Dribble, Chunks: 7},
		{Probability: .10, Kind: simulator.Status, Status: 503, Deployment: "gpt-4o"}, // so that fallbacks serve
	} {
		g.fault(f)
	}
}

// stormAsk makes a request of a caller at random.
func stormAsk(r *rand.Rand) (path, body string) {
	prompt := strings.Repeat("word ", 1+r.IntN(25))
	if r.IntN(4) > 0 {
		prompt += fmt.Sprintf("[[tokens=%d]]", 1+r.IntN(60))
	}
	members := []string{fmt.Sprintf(`"stream":%v`, r.IntN(2) == 0)}
	bound := func(name string) {
		if r.IntN(3) > 0 {
			members = append(members, fmt.Sprintf(`"%s":%d`, name, 1+r.IntN(60)))
		}
	}
	switch r.IntN(8) {
	case 0:
		bound("max_output_tokens")
		return "/openai/v1/responses", `{"model":"gpt-4o","input":"` + prompt + `",` + strings.Join(members, ",") + `}`
	case 1:
		bound("max_completion_tokens")
		return "/v1/chat/completions", chat(prompt, append(members, `"model":"GPT-4O"`, `"n":2`)...)
	case 2:
		bound("max_tokens")
		return strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1), chat(prompt, members...)
	}
	bound("max_tokens")
	return chatPath, chat(prompt, members...)
}

// besiege sends one request, and leaves before its end in one of three cases. It
// returns the status, 0 when none came.
func (g *gateway) besiege(client *http.Client, key string, r *rand.Rand) int {
	ctx, leave := context.WithCancel(g.t.Context())
	defer leave()
	patience := int64(math.MaxInt64) // bytes of the answer
	switch r.IntN(6) {
	case 0:
		defer time.AfterFunc(time.Duration(r.IntN(15_000))*time.Microsecond, leave).Stop()
	case 1:
		patience = int64(r.IntN(1500))
	}
	path, body := stormAsk(r)
	req, err := http.NewRequestWithContext(ctx, "POST", g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Error(err)
		return 0
	}
	req.Header.Set("Api-Key", key)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	io.CopyN(io.Discard, res.Body, patience)
	return res.StatusCode
}

// strike is 200 requests of a seed's caller at once, each tried again a few times.
func (g *gateway) strike(client *http.Client, seed int) (asked, refused int64) {
	var all, no atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
			for range 3 {
				status := g.besiege(client, stormKey(seed), r)
				if all.Add(1); status == 429 || status == 400 {
					no.Add(1)
				}
				time.Sleep(time.Duration(r.IntN(30)) * time.Millisecond)
			}
		})
	}
	wg.Wait()
	return all.Load(), no.Load()
}

var limitMetric = regexp.MustCompile(`(?m)^tallygate_limit_(\w+)\{(?:limit="([^"]*)"|quantity="([^"]*)").*\} (\S+)$`)

// gauges are the metrics of limits, by name and by limit or quantity.
func (g *gateway) gauges() map[string]float64 {
	g.t.Helper()
	req, _ := http.NewRequest("GET", g.admin+"/metrics", nil)
	req.Header.Set("Api-Key", adminKey)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	out := make(map[string]float64)
	for _, m := range limitMetric.FindAllStringSubmatch(string(text), -1) {
		x, err := strconv.ParseFloat(m[4], 64)
		if err != nil {
			g.t.Fatal(err)
		}
		out[m[1]+" "+m[2]+m[3]] += x
	}
	if len(out) == 0 {
		g.t.Fatalf("no metrics of limits in %s", text)
	}
	return out
}

// calm waits until nothing is held, which must come soon after the last request,
// and returns the metrics of then. Nothing may be above its limit nor its hold.
func (g *gateway) calm() map[string]float64 {
	g.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		m, held := g.gauges(), ""
		for name, x := range m {
			switch kind, _, _ := strings.Cut(name, " "); {
			case kind == "held" && x != 0:
				held += fmt.Sprintf(" %s: %v", name, x)
			case kind == "debt_total" && x != 0, kind == "used_ratio" && x > 1:
				g.t.Errorf("%s is %v", name, x)
			}
		}
		if held == "" {
			return m
		}
		if time.Now().After(deadline) {
			g.t.Fatalf("still held when all is quiet:%s", held)
		}
	}
}

// quiet is calm after clients have left: what they sent may still be on its way in, so
// nothing must have happened for a while.
func (g *gateway) quiet() map[string]float64 {
	g.t.Helper()
	last, same := g.calm(), 0
	for deadline := time.Now().Add(10 * time.Second); same < 5; {
		time.Sleep(20 * time.Millisecond)
		m := g.calm()
		if same++; !maps.Equal(m, last) {
			last, same = m, 0
		}
		if time.Now().After(deadline) {
			g.t.Fatal("it does not become quiet")
		}
	}
	return last
}

// used is what the ledger has of a caller.
type used struct {
	requests, tokens, one int64
	cost                  tallygate.Money
	failovers, fallbacks  int
	sources               [tallygate.Held + 1]int
	outcomes              [tallygate.Aborted + 1]int
}

func (u *used) add(e *tallygate.Entry) {
	u.outcomes[e.Outcome]++
	if !e.Counted {
		return
	}
	u.requests++
	u.tokens += e.Usage.Total
	u.cost += e.Cost
	u.sources[e.Usage.Source]++
	if e.Attempts > 1 {
		u.failovers++
	}
	if e.Deployment.Model != "gpt-4o" && strings.EqualFold(e.Ask.Model, "gpt-4o") {
		u.fallbacks++
	}
	if e.Deployment.ID() == "one/gpt-4o" {
		u.one += e.Usage.Total
	}
}

// callersIn sums the ledger by caller, and under "" in all.
func callersIn(es []tallygate.Entry) map[string]*used {
	out := map[string]*used{"": {}}
	for i := range es {
		u := out[es[i].Caller]
		if u == nil {
			u = new(used)
			out[es[i].Caller] = u
		}
		u.add(&es[i])
		out[""].add(&es[i])
	}
	return out
}

// millionths turns a metric of money back into Money.
func millionths(x float64) tallygate.Money {
	return tallygate.Money(math.Round(x * float64(tallygate.Unit)))
}

// 200 concurrent requests of one caller on the last tokens of a budget, with limits
// of money, pace and concurrency beside it, before an upstream that fails in every
// way and with clients that leave at any moment: nothing is overspent, nothing stays
// held, and what the limits count is what the ledger has, to the token and also
// after a restart. TALLYGATE_LONG=1 has a thousand seeds.
func TestStorm(t *testing.T) {
	seeds := 15
	if racing {
		seeds = 3
	}
	if os.Getenv("TALLYGATE_LONG") != "" {
		seeds = 1000
	}
	sim := three()
	sim.Pace = 0.02
	g := startGateway(t, sim, stormConfig(seeds))
	g.brew()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	defer client.CloseIdleConnections()
	before, counted := g.calm(), make([]used, seeds)
	for seed := range seeds {
		asked, refused := g.strike(client, seed)
		after := g.quiet()
		counted[seed] = used{
			tokens: int64(after["spent budget"] - before["spent budget"]), one: int64(after["spent mini"] - before["spent mini"]),
			cost: millionths(after["spent purse"] + after["spent wealth"] - before["spent purse"] - before["spent wealth"]),
		}
		if before = after; refused == 0 || refused == asked {
			t.Errorf("seed %d: %d of %d requests were refused: it proves little", seed, refused, asked)
		}
		g.logs.reset()
	}
	by := callersIn(g.entries())
	for seed := range seeds {
		u, had := by[fmt.Sprintf("caller-%d", seed)], counted[seed]
		if u.tokens > stormTokens || u.one > stormTokens/2 || stormGroup(seed) == "poor" && u.cost > stormMoney || stormGroup(seed) == "slow" && u.requests > stormRequests {
			t.Errorf("seed %d: overspent: %+v", seed, u)
		}
		if u.tokens != had.tokens || u.cost != had.cost || u.one != had.one {
			t.Errorf("seed %d: limits counted %+v, the ledger has %+v", seed, had, u)
		}
		if stormGroup(seed) == "rich" && u.tokens < stormTokens/3 || stormGroup(seed) == "poor" && u.cost < stormMoney/3 {
			t.Errorf("seed %d: only %d tokens and %s were used: it proves little", seed, u.tokens, u.cost)
		}
	}
	t.Logf("%d seeds: %+v", seeds, *by[""])
	g.start()
	if m := g.calm(); m["spent budget"] != float64(by[""].tokens) || m["spent pace"] != before["spent pace"] && seeds < 100 {
		t.Errorf("after a restart %v tokens and %v requests are counted, were %d and %v", m["spent budget"], m["spent pace"], by[""].tokens, before["spent pace"])
	}
}

// reset forgets what was written.
func (s *syncBuffer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}
