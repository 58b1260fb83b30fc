package config

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// callersText is a file with a callers section.
func callersText(callers string) []byte {
	return []byte("resources: [{name: a, endpoint: \"https://a.example\", key: azure-key-1, deployments: [{name: gpt-4o}]}]\ncallers:\n" + callers)
}

// Keys may have names and be digests, beside plain ones; reports find what people call
// each by its id.
func TestKeysHaveNames(t *testing.T) {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("the-laptop-key-of-ann")))
	c, err := Parse("t.yaml", callersText(`
  - {name: team, keys: [plain-key-1, {name: ann, key: "`+digest+`"}]}
  - {name: one, key: plain-key-2}
  - {name: bot, keys: [{name: ci, key: plain-key-3}]}
`), exampleEnv())
	if err != nil {
		t.Fatal(err)
	}
	reparse(t, c)
	want := map[string]string{}
	for key, name := range map[string]string{"plain-key-1": "team/1", "the-laptop-key-of-ann": "team/ann", "plain-key-2": "one", "plain-key-3": "bot/ci"} {
		want[fmt.Sprintf("%x", sha256.Sum256([]byte(key)))[:12]] = name
	}
	if got := c.KeyNames(); !maps.Equal(got, want) {
		t.Errorf("KeyNames() = %v, want %v", got, want)
	}
}

// What is wrong with a key is said without showing it: a digest that is none, a name
// twice, and a digest of a key that somebody has.
func TestKeyProblems(t *testing.T) {
	f := func(want, callers string) {
		t.Helper()
		_, err := Parse("t.yaml", callersText(callers), exampleEnv())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", callers, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "plain-key") {
			t.Errorf("%v shows a key", err)
		}
	}
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("plain-key-1")))
	f("the digest is not sha256: and 64 hex digits", "  - {name: a, key: \"sha256:abc\"}")
	f("the digest is not sha256: and 64 hex digits", "  - {name: a, key: \""+strings.ToUpper(digest[7:])+"\", keys: [\"sha256:"+strings.ToUpper(digest[7:])+"\"]}")
	f("the same key as caller \"a\" on line", "  - {name: a, key: plain-key-1}\n  - {name: b, key: \""+digest+"\"}")
	f("this caller has the same key twice", "  - {name: a, keys: [plain-key-1, \""+digest+"\"]}")
	f("is already taken", "  - {name: a, keys: [{name: x, key: plain-key-1}, {name: X, key: plain-key-2}]}")
	f("has no name", "  - {name: a, keys: [{key: plain-key-1}]}")
	f("has no key", "  - {name: a, keys: [{name: x}]}")
}

// A description may stand wherever something has a name, and is printed again.
func TestDescriptions(t *testing.T) {
	c, err := Parse("t.yaml", []byte(`
resources: [{name: a, description: d1, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o, description: d2}]}]
models: {gpt-4o: {description: d3}}
groups: [{name: g, description: d4}]
callers: [{name: a, description: "d5: long, and ${env:X}", key: plain-key-1, group: g, limits: [{description: d6, tokens: 1k, per: day}]}]
limits: [{description: d7, tokens: 1k, per: day}]
events: [{name: E, description: d8, code: event-code, start: 2030-01-01, end: 2030-01-02}]
`), exampleEnv())
	if err != nil {
		t.Fatal(err)
	}
	reparse(t, c)
	got := []string{c.Resources[0].Description, c.Resources[0].Deployments[0].Description, c.Models[0].Description, c.Groups[0].Description,
		c.Callers[0].Description, c.Callers[0].Limits[0].Description, c.Limits[0].Description, c.Events[0].Description}
	if s := strings.Join(got, "|"); s != "d1|d2|d3|d4|d5: long, and value-of-X|d6|d7|d8" {
		t.Errorf("descriptions %s", s)
	}
}
