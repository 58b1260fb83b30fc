package remark_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/remark"
)

// A limit that is smaller than a model's largest answer draws a remark that says what
// becomes of a request without a bound; one that is large enough, or under a cap that
// fits, or about what answers with no text, draws none.
func TestRemarksOnSmallLimits(t *testing.T) {
	f := func(caller, more, want string) {
		t.Helper()
		cfg, err := config.Parse("t.yaml", []byte(`
resources: [{name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}, {name: o4-mini}, {name: text-embedding-3-small}]}]
callers: [{name: team, key: a-key-of-the-team, `+caller+`}]
`+more), config.Env{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := remark.Remarks(cfg)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(got, "\n")
		if want == "" && all != "" || !strings.Contains(all, want) {
			t.Errorf("{%s} %s: %q, want %q", caller, more, all, want)
		}
	}
	const small = "models: [gpt-4o], limits: [{name: few, tokens: 10k, per: minute}]"
	f(small, "", `the limit "few" is smaller than the largest answer of gpt-4o, 16384 tokens: a request that names no max_tokens is capped to 5000 tokens`)
	f(small, "unsaid: refuse\n", "is refused with 400")
	f("models: [o4-mini], limits: [{tokens: 2k, per: minute}]", "", "of o4-mini, 100000 tokens: a request that names no max_tokens is refused with 429, because half of the limit is less than 1024")
	f(small+", max_tokens: 4k", "", "")
	f(small+", group: g", "groups: [{name: g, max_tokens: 4k}]\n", "")
	f(small, "models: {gpt-4o: {max_tokens: 4k}}\n", "")
	f("models: [gpt-4o], limits: [{tokens: 100k, per: minute}]", "", "")
	f("models: [text-embedding-3-small], limits: [{tokens: 1k, per: minute}]", "", "")
	f("models: [gpt-4o], limits: [{tokens: 1k, per: minute, dry_run: true}]", "", "")
	f("models: [gpt-4o], max_tokens_per_minute_in_k: 5", "", "capped to 2500 tokens")
	event := func(more string) string {
		return "events: [{name: Shop, code: shop-2026, start: 2026-11-01T09:00, end: 2026-12-31T17:00, " + more + "limits: [{tokens: 50k, per: event}]}]\n"
	}
	f("models: [gpt-4o]", event("models: [gpt-4o], "), "") // the other model is none of the event's
	f("models: [gpt-4o]", event(""), "the largest answer of o4-mini")
	f("models: [gpt-4o]", event("max_tokens: 512, "), "")
}
