package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// starts are the requests that start work whose cost nobody can bound.
var starts = []string{
	"batches", "videos", "video/generations/jobs", "fine_tuning/jobs", "realtime/client_secrets", "evals/e/runs", "threads/t/runs", "threads/runs", newRoute,
}

// newRoute is one that nobody knows: it may start anything.
const newRoute = "some/new/route"

// harmless are requests that read, upload, cancel or delete, with their methods.
var harmless = [][2]string{
	{"GET", "batches"}, {"GET", "batches/b"}, {"POST", "batches/b/cancel"}, {"GET", "videos/v"}, {"DELETE", "videos/v"}, {"POST", "files"}, {"DELETE", "files/f"},
	{"POST", "uploads"}, {"POST", "uploads/u/complete"}, {"GET", "fine_tuning/jobs"}, {"POST", "fine_tuning/jobs/j/cancel"}, {"POST", "threads"},
	{"POST", "threads/t/messages"}, {"POST", "threads/t/runs/r/cancel"}, {"GET", "evals/e/runs/r"}, {"DELETE", "evals/e"}, {"POST", "vector_stores"},
}

// Whoever is under any limit of tokens or money is refused what starts work that nobody
// can bound, and told which limit and what to do; what only reads, uploads, cancels or
// deletes passes. Without such a limit, with one on trial, or where it is allowed, all
// passes, and counts nothing.
func TestWorkThatNobodyCanBound(t *testing.T) {
	for _, c := range []struct {
		extra   string
		refused string
	}{
		{teamLimits("{name: none, tokens: 0, per: day}"), `"none" is one of tokens`},
		{teamLimits("{name: purse, money: 100, per: month}"), `"purse" is one of money`},
		{teamLimits("{name: answers, completion_tokens: 1M, per: day}"), `"answers"`},
		{teamLimits("") + "groups:\n  - {name: product, limits: [{name: group, prompt_tokens: 1M, per: day}]}\n", `"group"`},
		{teamLimits("") + "models:\n  gpt-4o: {limits: [{name: model, tokens: 1M, per: day}]}\n", `"model"`},
		{teamLimits("") + "limits:\n  - {name: each, tokens: 1M, per: day, each: [caller, model]}\n", `"each"`},
		{teamLimits("{requests: 100, per: day}, {concurrent: 5}, {tokens: 1M, per: day, dry_run: true}"), ""},
		{teamLimits("") + "limits:\n  - {name: theirs, tokens: 1, per: day, groups: [other]}\n" + "groups:\n  - {name: other}\n", ""},
		{teamLimits("{name: allowed, tokens: 10, per: day}, {money: 0.001, per: month}") + "unbounded: allow\n", ""},
	} {
		g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"id":"x","object":"x","usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}`)
		}, c.extra)
		for _, op := range starts {
			a := g.post(v1Path+op, `{"model":"gpt-4o"}`)
			switch {
			case c.refused == "" && op == newRoute: // counts by what it shows, and has no room
			case c.refused == "" && a.status != 200:
				t.Errorf("%s: %s is answered %d %s", c.extra, op, a.status, a.body)
			case c.refused != "" && (a.status != 403 || a.code() != "UnboundedOperation" || !strings.Contains(a.message(), c.refused) || !strings.Contains(a.message(), "unbounded: allow")):
				t.Errorf("%s: %s is answered %d %s", c.extra, op, a.status, a.body)
			}
		}
		for _, h := range harmless {
			if a := g.do(h[0], v1Path+h[1], strings.Repeat("{}", len(h[0])%3%2)); a.status != 200 {
				t.Errorf("%s: %s %s is answered %d %s", c.extra, h[0], h[1], a.status, a.body)
			}
		}
		for _, e := range g.entries() {
			if (e.Usage.Known() || e.Cost != 0) && e.Ask.Operation != "{path...}" {
				t.Errorf("%s: %s %s counts %+v", c.extra, e.Method, e.Ask.Operation, e.Usage)
			}
		}
	}
}
