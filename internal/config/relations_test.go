package config_test

import "testing"

func TestResources(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text, want)
	}
	f("resources: []\n", `t.yaml:1:12: resources: there are no resources (name at least one)`)
	f("resources:\nlisten: :1\n", `t.yaml:1:11: resources: there are no resources (name at least one)`)
	f("resorces: []\n", `t.yaml:1:1: resorces: unknown key (did you mean "resources"?)`)
	f("resources: [{}, sweden]\n", `
t.yaml:1:13: resources[0]: has no name
t.yaml:1:13: resources[0]: has no endpoint
t.yaml:1:13: resources[0]: has no key
t.yaml:1:13: resources[0]: has no deployments
t.yaml:1:17: resources[1]: must be a section of keys and values, not text`)
	f(`
resources:
  - name: a/b
    endpoint: https://a.example
    identity: managed
    deployments: []
  - name: "x\ty"
    endpoint: https://a.example
    key: azure-key-1
    deployments: [{name: gpt-4o}]
  - name: sweden
    endpoint: https://a.example
    key: azure-key-1
    deployments: [{name: gpt-4o, tpm: lots, weight: 0, priority: -1, ptu: 0.5}, {model: o3}]
  - name: sweden
    endpoint: https://a.example
    key: azure-key-1
    deployments: [{name: gpt-4o}]
`, `
t.yaml:3:5: resources[0]: has no key
t.yaml:3:11: resources[0].name: must not hold a /
t.yaml:5:5: resources[0].identity: unknown key (not available in this version)
t.yaml:6:18: resources[0].deployments: there are no deployments (name at least one)
t.yaml:7:11: resources[1].name: holds a control character
t.yaml:14:39: resources[2].deployments[0].tpm: is not a number such as 600000, 600k or 1.5M
t.yaml:14:53: resources[2].deployments[0].weight: must be at least 1
t.yaml:14:66: resources[2].deployments[0].priority: must not be negative
t.yaml:14:75: resources[2].deployments[0].ptu: is not a number such as 600000, 600k or 1.5M: it does not come out whole
t.yaml:14:81: resources[2].deployments[1]: has no name
t.yaml:15:11: resources[3].name: "sweden" is already taken on line 11`)
	f(`
resources:
  - name: a
    endpoint: https://a.example
    key: azure-key-1
    deployments:
      - {name: gpt-4o, model: chat}
      - {name: gpt-4o, model: other}
      - {name: GPT-4o, model: chat, base: gpt-4o}
`, `
t.yaml:8:16: resources[0].deployments[1].name: the deployment "gpt-4o" is already on line 7, for another model (a deployment serves one model)
t.yaml:9:16: resources[0].deployments[2].name: the deployment "GPT-4o" is already on line 7, with other settings (repeat an entry word for word to double its weight, or set weight)`)
}

func TestModels(t *testing.T) {
	const served = `
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: a}, {name: b}, {name: c}, {name: gpt-4.1}, {name: gpt-4o-mini}]}
`
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text+served, want)
	}
	f("models:\n  gpt4o-mini: {}\n  A: {}\n  a: {strategy: fastest}\n", `
t.yaml:2:3: models.gpt4o-mini: no deployment serves this model (did you mean "gpt-4o-mini"?)
t.yaml:4:3: models.a: "a" is already taken on line 3
t.yaml:4:17: models.a.strategy: "fastest" is not one of: headroom, priority, weight, round_robin, least_busy, latency, random`)
	f("models:\n  gpt-4.1: {fallback: [gpt-4.1, gpt-4o-mni, zzzzzz], wait: 1}\n", `
t.yaml:2:24: models["gpt-4.1"].fallback[0]: is the model itself
t.yaml:2:33: models["gpt-4.1"].fallback[1]: no deployment serves the model "gpt-4o-mni" (did you mean "gpt-4o-mini"?)
t.yaml:2:45: models["gpt-4.1"].fallback[2]: no deployment serves the model "zzzzzz"
t.yaml:2:60: models["gpt-4.1"].wait: has no unit (20s is twenty seconds)`)
	f("models: [a]\n", `t.yaml:1:9: models: must be a section of keys and values, not a list`)
	f("models: {a: b}\n", `t.yaml:1:13: models.a: must be a section of keys and values, not text`)
	f("models: {1: {}}\n", `t.yaml:1:10: models.1: no deployment serves this model`)
	f("models: {'': {}}\n", `t.yaml:1:10: models: must not be empty`)

	// A circle is told once, from its first model in the file, wherever it is entered.
	f(`
models:
  gpt-4.1: {fallback: [c]}
  a: {fallback: [b]}
  b: {fallback: [gpt-4o-mini, C]}
  c: {fallback: [A]}
`, `t.yaml:4:17: models.a.fallback: goes round in a circle: a → b → c → a`)
	// Two ways to the same model are no circle.
	mustParse(t, "models: {a: {fallback: [b, c]}, b: {fallback: [c]}}\n"+served, nothing)
}

func TestCallers(t *testing.T) {
	const served = `
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: gpt-4o}, {name: o3}]}
`
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text+served, want)
	}
	f(`
callers:
  - {name: a, key: the-same-key}
  - {name: b, keys: [another-key, the-same-key]}
  - {name: c, keys: [third-key-1, third-key-1]}
  - {name: a, key: fourth-key}
`, `
t.yaml:4:35: callers[1].keys[1]: the same key as caller "a" on line 3 (give each caller its own)
t.yaml:5:35: callers[2].keys[1]: this caller has the same key twice
t.yaml:6:12: callers[3].name: "a" is already taken on line 3`)
	f(`
callers:
  - {name: a, key: ""}
  - {name: b, key: short}
  - {name: c, key: "with a space"}
  - {name: d, key: "schlüssel"}
  - {name: e}
  - {name: f, keys: []}
  - {name: g, key: 12345678}
  - {name: h, key: good-key-1, keys: [good-key-2]}
  - {name: i, kee: good-key-3}
  - {key: good-key-4}
`, `
t.yaml:3:20: callers[0].key: the key is empty
t.yaml:4:20: callers[1].key: the key is too short: a key has at least 8 characters
t.yaml:5:20: callers[2].key: the key holds a space or another character that is not visible ASCII
t.yaml:6:20: callers[3].key: the key holds a space or another character that is not visible ASCII
t.yaml:7:5: callers[4]: has no key (give it one with key: ${env:NAME})
t.yaml:8:5: callers[5]: has no key (give it one with key: ${env:NAME})
t.yaml:9:20: callers[6].key: must be text, not a number (put it in quotes)
t.yaml:10:20: callers[7].key: there are both key and keys (put it into keys)
t.yaml:11:15: callers[8].kee: unknown key (did you mean "key"?)
t.yaml:12:5: callers[9]: has no name`)
	f(`
callers:
  - {name: a, key: good-key-1, models: [gpt-5*, gpt4o, "*", O3, 3, ""]}
`, `
t.yaml:3:41: callers[0].models[0]: "gpt-5*" matches no model
t.yaml:3:49: callers[0].models[1]: "gpt4o" matches no model (did you mean "gpt-4o"?)
t.yaml:3:65: callers[0].models[4]: must be text, not a number (put it in quotes)
t.yaml:3:68: callers[0].models[5]: must not be empty`)
}
