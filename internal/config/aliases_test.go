package config

import (
	"strings"
	"testing"
)

// An alias is the name of nothing else: of no model, served or listed, and of no other
// alias, however it is spelt.
func TestAliasesCollide(t *testing.T) {
	f := func(want, models string) {
		t.Helper()
		c, err := Parse("t.yaml", []byte(`
resources: [{name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}, {name: o3}]}]
models: `+models+`
`), exampleEnv())
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", models, err)
		case want == "":
			reparse(t, c)
		case err == nil || !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v, want %q", models, err, want)
		}
	}
	f("", "{gpt-4o: {aliases: [gpt-35-turbo, gpt4]}, o3: {aliases: [think]}}")
	f(`"O3" is the name of a model`, "{gpt-4o: {aliases: [O3]}}")
	f(`"gpt-4o" is the name of a model`, "{gpt-4o: {aliases: [gpt-4o]}}")
	f(`"GPT4" is already taken on line 3`, "{gpt-4o: {aliases: [gpt4]}, o3: {aliases: [GPT4]}}")
	f(`must not hold a *`, "{gpt-4o: {aliases: [gpt-*]}}")
}
