package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// control asks the admin side with its key; header are further name, value pairs.
func (g *gateway) control(method, path, body string, header ...string) answer {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.admin+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+adminKey)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// must is control that must be answered with a status.
func (g *gateway) must(status int, method, path, body string, header ...string) answer {
	g.t.Helper()
	a := g.control(method, path, body, header...)
	if a.status != status {
		g.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, a.status, a.body, status)
	}
	return a
}

// shownLimit is a limit as the admin side tells it.
type shownLimit struct {
	Name, Origin, Problem, Quantity, Period, Zone string
	Version                                       int64
	Amount                                        any
	Subjects                                      []struct {
		Subject           string
		Spent, Held, Left any
		Resets            *time.Time
		Refused           int64
	}
	More int `json:"more_subjects"`
}

func (g *gateway) limits(query string) []shownLimit {
	g.t.Helper()
	var list struct{ Limits []shownLimit }
	decode(g.t, g.must(200, "GET", "/admin/v1/limits"+query, ""), &list)
	return list.Limits
}

func decode(t *testing.T, a answer, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// A limit that is set counts for the very next request, with what was used before; so
// do raising and deleting it.
func TestLimitSet(t *testing.T) {
	g := startGateway(t, three(), "")
	ask := func(status int) {
		t.Helper()
		if a := g.post(chatPath, chat("Hello")); a.status != status {
			t.Fatalf("answered %d %s, want %d", a.status, a.body, status)
		}
	}
	ask(200)
	ask(200)
	made := g.must(201, "PUT", "/admin/v1/limits/team%20a%2Fb", `{"requests":3,"per":"year","callers":["team"],"each":"caller"}`)
	var shown shownLimit
	decode(t, made, &shown)
	if shown.Name != "team a/b" || shown.Origin != "stored" || shown.Version == 0 || made.header.Get("ETag") != fmt.Sprintf("%q", fmt.Sprint(shown.Version)) {
		t.Errorf("made %s with ETag %s", made.body, made.header.Get("ETag"))
	}
	ask(200)
	ask(429)
	s := g.limits("?name=team*&subject=caller%3Dteam")
	if len(s) != 1 || len(s[0].Subjects) != 1 || s[0].Subjects[0].Spent != 3.0 || s[0].Subjects[0].Left != 0.0 || s[0].Subjects[0].Refused != 1 || s[0].Subjects[0].Resets == nil {
		t.Errorf("limits %+v", s)
	}
	g.must(200, "PUT", "/admin/v1/limits/team%20a%2Fb", `{"requests":4,"per":"year","callers":["team"],"each":"caller"}`, "If-Match", made.header.Get("ETag"))
	ask(200)
	ask(429)
	g.must(204, "DELETE", "/admin/v1/limits/team%20a%2Fb", "")
	ask(200)
	if left := g.limits(""); len(left) != 0 {
		t.Errorf("after deleting there are %+v", left)
	}
}

// A request on its way when limits change settles in the limits there are after it.
func TestLimitSetUnderWay(t *testing.T) {
	sim := three()
	sim.Pace = 1
	g := startGateway(t, sim, "limits: [{name: file, tokens: 1M, per: hour}]\n")
	done := make(chan answer)
	go func() { done <- g.post(chatPath, chat("[[tokens=40]]", `"stream":true`, `"max_tokens":1000`)) }()
	for inFlight(g) == 0 {
		time.Sleep(time.Millisecond)
	}
	g.must(201, "PUT", "/admin/v1/limits/one", `{"requests":1,"per":"hour"}`)
	if a := <-done; a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for spent := 0.0; spent == 0; {
		s := g.limits("?name=file")[0].Subjects[0]
		spent, _ = s.Spent.(float64)
		if held := s.Held.(float64); spent > 0 && held != 0 {
			t.Errorf("spent %v and held %v after the only request", spent, held)
		}
	}
}

// However limits are changed under many requests, not one gets more than its amount.
func TestLimitSetUnderLoad(t *testing.T) {
	g := startGateway(t, three(), "")
	g.must(201, "PUT", "/admin/v1/limits/few", `{"requests":20,"per":"year"}`)
	var served, refused atomic.Int64
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 15 {
				switch a := g.post(chatPath, chat("Hello")); a.status {
				case 200:
					served.Add(1)
				case 429:
					refused.Add(1)
				default:
					t.Errorf("%d %s", a.status, a.body)
				}
			}
		})
	}
	for i := range 20 {
		g.must(200, "PUT", "/admin/v1/limits/few", `{"requests":20,"per":"year"}`, "If-Match", "*")
		g.must(201, "PUT", fmt.Sprintf("/admin/v1/limits/other-%d", i), `{"tokens":"1M","per":"day","each":"caller"}`)
	}
	callers.Wait()
	if served.Load() != 20 || refused.Load() != 40 {
		t.Errorf("served %d and refused %d, want 20 and 40", served.Load(), refused.Load())
	}
	for _, l := range g.limits("?name=other-*") {
		if spent := l.Subjects[0].Spent; spent != g.limits("?name=other-0")[0].Subjects[0].Spent {
			t.Errorf("%s has spent %v, another that counts the same does not", l.Name, spent)
		}
	}
}

// Of two who change a limit one is told; what the file says is not changed here.
func TestLimitConflicts(t *testing.T) {
	g := startGateway(t, three(), "limits: [{name: from the file, requests: 1000, per: day}]\n")
	put := func(status int, code, match string) {
		t.Helper()
		a := g.control("PUT", "/admin/v1/limits/x", `{"requests":9,"per":"hour"}`, "If-Match", match)
		if a.status != status || a.code() != code {
			t.Errorf("If-Match %q: %d %s, want %d %s", match, a.status, a.body, status, code)
		}
	}
	put(412, "VersionMismatch", `"7"`)
	put(412, "VersionMismatch", `*`)
	put(400, "InvalidIfMatch", `W/"7`)
	put(201, "", "")
	version := g.limits("?name=x")[0].Version
	put(409, "Exists", "")
	put(412, "VersionMismatch", fmt.Sprint(version+1))
	put(200, "", fmt.Sprint(version))
	put(412, "VersionMismatch", fmt.Sprint(version))
	put(200, "", "*")
	for _, method := range []string{"PUT", "DELETE"} {
		if a := g.control(method, "/admin/v1/limits/from%20the%20file", `{"requests":9,"per":"hour"}`); a.status != 409 || a.code() != "LimitOfFile" || !strings.Contains(a.message(), "configuration file") {
			t.Errorf("%s of a limit of the file: %d %s", method, a.status, a.body)
		}
	}
	g.must(412, "DELETE", "/admin/v1/limits/x", "", "If-Match", "1000")
	g.must(404, "DELETE", "/admin/v1/limits/y", "")

	// Of many at once that make the same one, one does.
	var made sync.Map
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			made.Store(i, g.control("PUT", "/admin/v1/limits/race", fmt.Sprintf(`{"requests":%d,"per":"hour"}`, 100+i)).status)
		})
	}
	all.Wait()
	var statuses []int
	made.Range(func(_, status any) bool { statuses = append(statuses, status.(int)); return true })
	slices.Sort(statuses)
	if want := []int{201, 409, 409, 409, 409, 409, 409, 409}; !slices.Equal(statuses, want) {
		t.Errorf("answers %v, want %v", statuses, want)
	}
}

// What cannot be a limit is refused with all that is wrong, and changes nothing.
func TestLimitInvalid(t *testing.T) {
	g := startGateway(t, three(), "")
	for _, c := range []struct {
		name, body, want string
		status           int
	}{
		{"x", "", "is not JSON", 400},
		{"x", "{", "is not JSON", 400},
		{"x", `{"tokns":5,"callers":["tem"]}`, `tokns: unknown key (did you mean \"tokens\"?)`, 400},
		{"x", `{"tokens":5,"per":"hour","callers":["tem"]}`, `callers[0]: \"tem\" matches no caller`, 400},
		{"x", `{"tokens":-5,"per":"hour"}`, "tokens: ", 400},
		{"x", `{"tokens":"${env:PATH}","per":"hour"}`, "has a reference", 400},
		{"x", `{"tokens":5,"per":"hour","name":"y"}`, "name: is not", 400},
		{strings.Repeat("x", 129), `{"tokens":5,"per":"hour"}`, "longer than 128 bytes", 400},
		{"%00", `{"tokens":5,"per":"hour"}`, "not printable", 400},
		{"x", `{"tokens":5,"per":"hour","name":"` + strings.Repeat("x", 1<<20) + `"}`, "more than 1048576 bytes", 413},
	} {
		a := g.control("PUT", "/admin/v1/limits/"+c.name, c.body)
		if a.status != c.status || !strings.Contains(a.body, c.want) {
			t.Errorf("PUT %.40s %.60s: %d %s, want %d with %s", c.name, c.body, a.status, a.body, c.status, c.want)
		}
	}
	for _, query := range []string{"?sbject=x", "?subjects=0", "?subjects=many", "?name=a&name=b"} {
		g.must(400, "GET", "/admin/v1/limits"+query, "")
	}
	if left := g.limits(""); len(left) != 0 {
		t.Errorf("there are %+v", left)
	}
}

// Of many subjects the most used are shown, and how many there are beyond.
func TestLimitSubjects(t *testing.T) {
	g := startGateway(t, three(), "limits: [{name: each, requests: 1000, per: day, each: model}]\n")
	for model, n := range map[string]int{"gpt-4o": 1, "gpt-4o-mini": 3} {
		for range n {
			g.post(strings.Replace(chatPath, "gpt-4o", model, 1), chat("Hello"))
		}
	}
	l := g.limits("?subjects=1")[0]
	if len(l.Subjects) != 1 || l.Subjects[0].Subject != "model=gpt-4o-mini" || l.Subjects[0].Spent != 3.0 || l.More != 1 {
		t.Errorf("%+v", l)
	}
	if l := g.limits("?subject=*-mini")[0]; len(l.Subjects) != 1 || l.More != 0 {
		t.Errorf("%+v", l)
	}
}

// Every route of the admin side needs the admin key; a caller's is none.
func TestControlNeedsKey(t *testing.T) {
	g := startGateway(t, three(), "")
	for _, route := range []string{
		"GET /admin/v1/limits", "PUT /admin/v1/limits/x", "DELETE /admin/v1/limits/x", "GET /admin/v1/prices",
		"PUT /admin/v1/prices/x", "DELETE /admin/v1/prices/x", "POST /admin/v1/prices/reprice",
	} {
		method, path, _ := strings.Cut(route, " ")
		for _, key := range []string{"", "wrong", teamKey} {
			if a := g.control(method, path, `{"requests":1,"per":"hour"}`, "Authorization", "Bearer "+key); a.status != 401 || a.code() != "Unauthorized" {
				t.Errorf("%s with key %q: %d %s", route, key, a.status, a.body)
			}
		}
		if a := g.control("PATCH", path, ""); a.status != 405 {
			t.Errorf("PATCH %s: %d", path, a.status)
		}
	}
	if left := g.limits(""); len(left) != 0 {
		t.Errorf("there are %+v", left)
	}
}

// Stored limits outlive a restart and a reload. One that no longer goes with the
// configuration is left out, is told of, and keeps nothing from starting.
func TestStoredLimits(t *testing.T) {
	g := startGateway(t, three(), "")
	g.must(201, "PUT", "/admin/v1/limits/stored", `{"requests":2,"per":"day","callers":["team"]}`)
	g.must(201, "PUT", "/admin/v1/limits/of-other", `{"requests":5,"per":"day","callers":["other"]}`)
	g.post(chatPath, chat("Hello"))
	g.stop()
	g.start()
	g.post(chatPath, chat("Hello"))
	if a := g.post(chatPath, chat("Hello")); a.status != 429 || !strings.Contains(a.message(), "stored") {
		t.Fatalf("after a restart: %d %s", a.status, a.body)
	}
	was := *g.config.Load()
	without := strings.Replace(was, "  - {name: other, key: "+otherKey+", models: [gpt-4o-mini]}\n", "", 1)
	check := func() {
		t.Helper()
		if a := g.post(chatPath, chat("Hello")); a.status != 429 {
			t.Errorf("the limit that still goes: %d %s", a.status, a.body)
		}
		l := g.limits("?name=of-other")
		if len(l) != 1 || !strings.Contains(l[0].Problem, `callers[0]: "other" matches no caller`) || l[0].Version == 0 {
			t.Errorf("the limit that does not: %+v", l)
		}
	}
	g.configure(without)
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	check()
	g.stop()
	g.start()
	check()
	if !strings.Contains(g.logs.String(), `"kind":"limit","id":"of-other"`) {
		t.Error("the log does not tell of it")
	}

	// The file takes the name of a stored one: the file's counts, and the other may go.
	g.configure(without + "limits: [{name: stored, requests: 1000, per: day}]\n")
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	both := g.limits("?name=stored")
	if len(both) != 2 || both[0].Origin != "file" || both[1].Origin != "stored" || both[1].Problem == "" {
		t.Errorf("%+v", both)
	}
	g.must(204, "DELETE", "/admin/v1/limits/stored", "")
	g.must(204, "DELETE", "/admin/v1/limits/of-other", "")
	if l := g.limits(""); len(l) != 1 || l[0].Origin != "file" {
		t.Errorf("%+v", l)
	}
}

// A price that is set is what the next request costs; what is wrong with a list is said
// and changes nothing.
func TestPricesSet(t *testing.T) {
	g := startGateway(t, three(), "")
	g.post(chatPath, chat("Hello"))
	changes := g.must(200, "PUT", "/admin/v1/prices/ours?dry_run=true", "currency: USD\nprices: [{model: gpt-4o, prompt: 100, completion: 200}]")
	if !strings.Contains(changes.body, `"dry_run":true`) || !strings.Contains(changes.body, `"prompt":"100.00"`) {
		t.Errorf("dry run: %s", changes.body)
	}
	g.post(chatPath, chat("Hello"))
	a := g.must(201, "PUT", "/admin/v1/prices/ours", `{"currency":"USD","prices":[{"model":"gpt-4o","prompt":100,"completion":"200"}]}`)
	if strings.Replace(a.body, "false", "true", 1) != changes.body {
		t.Errorf("did %s after announcing %s", a.body, changes.body)
	}
	g.post(chatPath, chat("Hello"))
	var list struct {
		Prices []struct{ Model, Origin string }
		Stored []struct {
			ID      string
			Version int64
			Prices  int
		}
	}
	decode(t, g.must(200, "GET", "/admin/v1/prices?model=gpt-4o", ""), &list)
	if len(list.Prices) != 1 || list.Prices[0].Origin != "stored:ours" || len(list.Stored) != 1 || list.Stored[0].Prices != 1 {
		t.Errorf("prices %+v", list)
	}
	for body, want := range map[string]string{
		"":                            "is empty",
		"currency: USD\nprices: [{}]": "prices[0].model: is missing",
		"currency: SEK\nprices: [{model: a, prompt: 1, completion: 1}]": "prices.rates",
		strings.Repeat("#", 1<<20+1):                                    "more than 1048576 bytes",
	} {
		if a := g.control("PUT", "/admin/v1/prices/bad", body); a.status/100 != 4 || !strings.Contains(a.body, want) {
			t.Errorf("PUT %.60q: %d %s, want %q", body, a.status, a.body, want)
		}
	}
	g.must(409, "PUT", "/admin/v1/prices/ours", "currency: USD\nprices: [{model: a, prompt: 1, completion: 1}]")
	g.must(400, "PUT", "/admin/v1/prices/ours?dry_run=perhaps", "")
	g.stop()
	g.start()
	g.post(chatPath, chat("Hello"))
	g.must(204, "DELETE", "/admin/v1/prices/ours", "")
	g.must(404, "DELETE", "/admin/v1/prices/ours", "")
	g.post(chatPath, chat("Hello"))
	es := g.entries()
	cheap, dear := es[0].Cost, es[2].Cost
	want := tallygate.Money(100*es[2].Usage.Prompt + 200*es[2].Usage.Completion)
	if cheap == 0 || dear != want || es[1].Cost != cheap || es[3].Cost != dear || es[4].Cost != cheap || es[2].Pricing != tallygate.Listed {
		t.Errorf("costs %v %v %v %v %v, the dear ones should be %v", es[0].Cost, es[1].Cost, es[2].Cost, es[3].Cost, es[4].Cost, want)
	}
}

// The list that was stored last counts first, and a list whose currency has no rate any
// more is left out and told of.
func TestStoredPrices(t *testing.T) {
	g := startGateway(t, three(), "prices: {rates: {EUR: 2}}\n")
	g.must(201, "PUT", "/admin/v1/prices/z", "currency: USD\nprices: [{model: gpt-4o, prompt: 1, completion: 1}]")
	g.must(201, "PUT", "/admin/v1/prices/a", "currency: EUR\nprices: [{model: gpt-4o, prompt: 3, completion: 3}]")
	prompt := func() string {
		t.Helper()
		var list struct {
			Prices []struct{ Rates map[string]string }
		}
		decode(t, g.must(200, "GET", "/admin/v1/prices?model=gpt-4o", ""), &list)
		return list.Prices[0].Rates["prompt"]
	}
	if got := prompt(); got != "6.00" {
		t.Errorf("the list stored last: %s", got)
	}
	was := *g.config.Load()
	g.configure(strings.Replace(was, "EUR: 2", "GBP: 2", 1))
	g.stop()
	g.start()
	if got := prompt(); got != "1.00" {
		t.Errorf("without a rate: %s", got)
	}
	a := g.must(200, "GET", "/admin/v1/prices?model=gpt-4o", "")
	if !strings.Contains(a.body, `"problem":"the prices of stored:a are in EUR`) || !strings.Contains(g.logs.String(), `"kind":"prices","id":"a"`) {
		t.Errorf("nothing tells of the list that is left out: %s", a.body)
	}
	if file := g.must(200, "GET", "/admin/v1/prices", "", "Accept", "application/yaml"); !strings.HasPrefix(file.body, "currency: USD\n") {
		t.Errorf("as a file: %.100s", file.body)
	}
}

// Repricing changes what usage costs, and the counters of limits of money with it, now
// and after a restart.
func TestReprice(t *testing.T) {
	g := startGateway(t, three(), "limits: [{name: budget, money: 100, per: ever}]\n")
	for range 3 {
		g.post(chatPath, chat("Hello"))
	}
	spent := func() string { t.Helper(); return fmt.Sprint(g.limits("?name=budget")[0].Subjects[0].Spent) }
	before := spent()
	g.must(201, "PUT", "/admin/v1/prices/ours", "currency: USD\nprices: [{model: gpt-4o, prompt: 100, completion: 200}]")
	type report struct {
		Entries, Changed int64
		Before, After    string
	}
	reprice := func(body string) (r report) {
		t.Helper()
		decode(t, g.must(200, "POST", "/admin/v1/prices/reprice", body), &r)
		return r
	}
	would := reprice(`{"from":"2020-01-01T00:00:00Z","dry_run":true}`)
	if would.Entries != 3 || would.Changed != 3 || would.Before != before || would.After == before {
		t.Errorf("dry run %+v, before %s", would, before)
	}
	if r := reprice(`{"from":"2020-01-01T00:00:00Z","where":{"caller":["other"]}}`); r.Entries != 0 {
		t.Errorf("of another caller: %+v", r)
	}
	if r := reprice(`{"from":"2020-01-01T00:00:00Z","to":"2021-01-01T00:00:00Z"}`); r.Entries != 0 {
		t.Errorf("of another year: %+v", r)
	}
	if r := reprice(`{"from":"2020-01-01T00:00:00Z"}`); r != would {
		t.Errorf("did %+v after announcing %+v", r, would)
	}
	if r := reprice(`{"from":"2020-01-01T00:00:00Z"}`); r.Changed != 0 || r.Before != would.After {
		t.Errorf("again: %+v", r)
	}
	for _, wrong := range []string{``, `{}`, `{"from":"yesterday"}`, `{"from":"2020-01-01T00:00:00Z","too":1}`,
		`{"from":"2020-01-01T00:00:00Z","where":{"calller":["x"]}}`, `{"from":"2020-01-01T00:00:00Z","to":"2019-01-01T00:00:00Z"}`} {
		g.must(400, "POST", "/admin/v1/prices/reprice", wrong)
	}
	if got := spent(); got != would.After {
		t.Errorf("the running budget has spent %s, the ledger says %s", got, would.After)
	}
	g.stop()
	g.start()
	if got := spent(); got != would.After {
		t.Errorf("after a restart the budget has spent %s, the ledger says %s", got, would.After)
	}
	var sum tallygate.Money
	for _, e := range g.entries() {
		sum += e.Cost
	}
	if sum.String() != would.After {
		t.Errorf("the ledger has %s, want %s", sum, would.After)
	}
}
