package app_test

import (
	"strings"
	"testing"
)

// Clients of the event proxy name models that are not here, or none: on its routes they
// are served by the event's model of the class, and told which. A model that is here and
// not the event's stays refused; other routes, and callers of the configuration, are as
// they were.
func TestNamesThatNobodyKnows(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o-mini, text-embedding-3-small]", "max_tokens: 50")+
		"models: {gpt-4o-mini: {aliases: [gpt-35-turbo]}}\n")
	body := `{"messages":[{"role":"user","content":"hi"}]}`
	named := func(model string) string { return strings.Replace(body, "{", `{"model":"`+model+`",`, 1) }
	input := `{"input":"hi"}`
	for _, test := range []struct {
		path, body, key string
		status          int
		model           string
	}{
		{"/v1/api/openai/deployments/proxy/chat/completions", body, "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/v1/api/openai/deployments/deployment-name/chat/completions?api-version=2023-09-01-preview", body, "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/v1/api/openai/deployments/proxy/embeddings", input, "workshop2026/ann", 200, "text-embedding-3-small"},
		{"/v1/api/engines/gpt-3.5-turbo/chat/completions", body, "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/engines/gpt-3.5-turbo/chat/completions", body, "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/v1/api/chat/completions", named("gpt-3.5-turbo"), "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/api/v1/chat/completions", named("gpt-3.5-turbo"), "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/api/v1/chat/completions", named("gpt-35-turbo"), "workshop2026/ann", 200, "gpt-4o-mini"},
		{"/v1/api/engines/text-davinci-002/completions", `{"prompt":"hi"}`, "workshop2026/ann", 403, ""},
		{"/v1/api/openai/deployments/gpt-4o/chat/completions", body, "workshop2026/ann", 403, ""},
		{"/v1/api/openai/deployments/gpt-4o-mini/chat/completions", body, "workshop2026/ann", 200, ""},
		{"/openai/deployments/proxy/chat/completions?api-version=2024-10-21", body, "workshop2026/ann", 403, ""},
		{"/v1/chat/completions", named("gpt-3.5-turbo"), "workshop2026/ann", 403, ""},
		{"/v1/api/openai/deployments/proxy/chat/completions", body, teamKey, 404, ""},
	} {
		a := g.do("POST", test.path, test.body, "Api-Key", test.key)
		if a.status != test.status || a.header.Get("X-Tallygate-Model") != test.model {
			t.Errorf("%s of %s: %d, by %q: %.200s; want %d, by %q", test.path, test.key, a.status, a.header.Get("X-Tallygate-Model"), a.body, test.status, test.model)
		}
	}
	for _, e := range g.entries() {
		if e.Status == 200 && !strings.HasPrefix(e.Ask.Model, "gpt-4o-mini") && e.Ask.Model != "text-embedding-3-small" {
			t.Errorf("the ledger has %q", e.Ask.Model)
		}
	}
}

// Keys in the query count where the configuration says so, for its callers alone; no
// log, no entry and no upstream ever has one.
func TestKeysInTheQuery(t *testing.T) {
	for _, on := range []bool{false, true} {
		extra := workshop()
		if on {
			extra += "query_keys: true\n"
		}
		g := startGateway(t, three(), extra)
		ask := func(query string, header ...string) int {
			t.Helper()
			return g.post(chatPath+"&"+query, chat("hi"), append([]string{"Api-Key", ""}, header...)...).status
		}
		in := map[bool]int{true: 200, false: 401}[on]
		for query, want := range map[string]int{
			"api-key=" + teamKey: in, "subscription-key=" + teamKey: in, "Subscription-Key=" + strings.ReplaceAll(teamKey, "-", "%2D"): in,
			"api-key=workshop2026/ann": 401, "api-key=workshop2026%2Fann": 401, "api-key=nobody": 401, "x=" + teamKey: 401,
		} {
			if got := ask(query); got != want {
				t.Errorf("query_keys %v, %s: %d, want %d", on, query, got, want)
			}
		}
		both := map[bool]int{true: 400, false: 200}[on]
		if got := ask("api-key="+teamKey, "Authorization", "Bearer "+otherKey, "Api-Key", otherKey); got != both && on {
			t.Errorf("two callers: %d", got)
		}
		if got := ask("api-key="+teamKey, "Authorization", "Bearer "+teamKey); got != 200 {
			t.Errorf("one caller twice: %d", got)
		}
		for _, r := range g.sim.Requests() {
			if strings.Contains(r.Target, teamKey) {
				t.Errorf("sent on: %s", r.Target)
			}
		}
		if strings.Contains(g.logs.String(), teamKey) {
			t.Error("a key is in the log")
		}
	}
}
