package config_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/config"
)

func TestWholeFile(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text, want)
	}
	const empty = `t.yaml: is empty (a configuration names at least one resource)`
	f("", empty)
	f("# only a comment\n", empty)
	f("---\n...\n", `t.yaml:2:1: has no resources`)
	f("---\n\n", `t.yaml:1:4: has no resources`)
	f("just text", `t.yaml:1:1: must be a section of keys and values, not text`)
	f("- a\n- b\n", `t.yaml:1:1: must be a section of keys and values, not a list`)
	f("listen: :1\n---\nlisten: :2\n", `t.yaml:2:1: a second YAML document begins here (keep one document in a file; remove the ---)`)
	f("listen: :1\n---\n@\n", `t.yaml:3:1: is not YAML: found character that cannot start any token`)
	f("a: é\nb: \xff\n", `t.yaml:2:4: is not UTF-8 (save it as UTF-8)`)
	f("\xff\xfea\x00", `t.yaml: is UTF-16 (save it as UTF-8)`)
	f("a: \"\x01\"", `t.yaml:1:5: is not YAML: control characters are not allowed (value: 1)`)
	f("# "+strings.Repeat("x", 4<<20), `t.yaml: is larger than 4 MiB`)
	f(strings.Repeat("[", 20_000), `t.yaml:1:10001: is not YAML: exceeded max depth of 10000`)
	f("listen: a: b", `t.yaml:1:10: is not YAML: mapping values are not allowed in this context (a second ": " on the line, or an indentation that does not fit; put text with a colon in quotes)`)
	f("admin: {key: a\n\n", `t.yaml:1:15: is not YAML: did not find expected ',' or '}'`)
	f("admin:\n\tkey: x", `t.yaml:2:1: is not YAML: found character that cannot start any token (indent with spaces, not with tabs)`)
	f("admin: {key: ${env:X}}", `t.yaml:1:15: is not YAML: did not find expected ',' or '}' (inside { } and [ ], put ${…} in quotes)`)
	f("admin:\n  key: *topsecret\n", `t.yaml:2:8: is not YAML: it names an anchor (*) that does not exist (put text that begins with * in quotes)`)
}

func TestKeys(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text+rest, want)
	}
	f("lisen: :1\nmaxBody: 1\nTLS:\n", `
t.yaml:1:1: lisen: unknown key (did you mean "listen"?)
t.yaml:2:1: maxBody: unknown key (did you mean "max_body"?)
t.yaml:3:1: TLS: unknown key (did you mean "tls"?)`)
	f("log: {colour: red}\n", `t.yaml:1:7: log.colour: unknown key (the keys here are level, format)`)
	f("events: []\n", `t.yaml:1:1: events: unknown key (not available in this version)`)
	f("listen: :1\ndata: d\nlisten: :2\n", `t.yaml:3:1: listen: is there twice, first on line 1`)
	f("log: {level: info, level: info}\n", `t.yaml:1:20: log.level: is there twice, first on line 1`)
	f("x: &x {level: info}\nlog: *x\n", `
t.yaml:1:1: x: unknown key (the keys here are listen, admin, data, tls, log, max_body, trusted_proxies, passthrough, timeouts, keep_alive, cooldown, ledger, resources, models, callers)
t.yaml:2:6: log: is a YAML alias (*), which is not supported (write the value out)`)
	f("log:\n  <<: {level: info}\n", `t.yaml:2:3: log: has a YAML merge key (<<), which is not supported (write the keys out)`)
	f("? [a]\n: b\n", `t.yaml:1:3: has a key that is not plain text`)
	f("${env:X}: b\n", `t.yaml:1:1: has a reference in a key (references stand in values only)`)
	f("admin: !secret\n  key: x\n", `t.yaml:1:8: admin: has a YAML tag, which is not supported (remove the !)`)
	f("data: !!binary aGk=\n", `t.yaml:1:7: data: has a YAML tag, which is not supported (remove the !)`)
	f(`"a.b": 1`+"\n", `t.yaml:1:1: ["a.b"]: unknown key (the keys here are listen, admin, data, tls, log, max_body, trusted_proxies, passthrough, timeouts, keep_alive, cooldown, ledger, resources, models, callers)`)
}

func TestAliasBombIsRefusedUnexpanded(t *testing.T) {
	fails(t, nothing, `
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
trusted_proxies: [*d, *d, *d]
`+rest, `
t.yaml:2:1: a: unknown key (the keys here are listen, admin, data, tls, log, max_body, trusted_proxies, passthrough, timeouts, keep_alive, cooldown, ledger, resources, models, callers)
t.yaml:3:1: b: unknown key (the keys here are listen, admin, data, tls, log, max_body, trusted_proxies, passthrough, timeouts, keep_alive, cooldown, ledger, resources, models, callers)
t.yaml:4:1: c: unknown key (the keys here are listen, admin, data, tls, log, max_body, trusted_proxies, passthrough, timeouts, keep_alive, cooldown, ledger, resources, models, callers)
t.yaml:5:1: d: unknown key (the keys here are listen, admin, data, tls, log, max_body, trusted_proxies, passthrough, timeouts, keep_alive, cooldown, ledger, resources, models, callers)
t.yaml:6:19: trusted_proxies[0]: is a YAML alias (*), which is not supported (write the value out)
t.yaml:6:23: trusted_proxies[1]: is a YAML alias (*), which is not supported (write the value out)
t.yaml:6:27: trusted_proxies[2]: is a YAML alias (*), which is not supported (write the value out)`)
}

func TestTypes(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text+rest, want)
	}
	f("listen: 8080\n", `t.yaml:1:9: listen: must be text, not a number (put it in quotes)`)
	f("listen:\n", `t.yaml:1:8: listen: has no value (give it a value or remove the line)`)
	f("listen: [a]\n", `t.yaml:1:9: listen: must be text, not a list`)
	f("data: {a: b}\n", `t.yaml:1:7: data: must be text, not a section`)
	f("log: info\n", `t.yaml:1:6: log: must be a section of keys and values, not text`)
	f("trusted_proxies: 10.0.0.0/8\n", `t.yaml:1:18: trusted_proxies: must be a list, not text (begin each item with - or write [a, b])`)
	f("max_body: true\n", `t.yaml:1:11: max_body: must be a number, not true or false`)
	f("keep_alive: [1s]\n", `t.yaml:1:13: keep_alive: must be a duration such as 20s, not a list`)
	f("passthrough: {off: yes}\n", `t.yaml:1:20: passthrough.off: must be true or false`)
	f("passthrough: {off: 1}\n", `t.yaml:1:20: passthrough.off: must be true or false`)
	f("passthrough: {off: \"true\"}\n", `t.yaml:1:20: passthrough.off: must be true or false`)
}

func TestValues(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text+rest, want)
	}
	f("listen: localhost\n", `t.yaml:1:9: listen: is not an address such as :8080 or 127.0.0.1:8080`)
	f("listen: :80800\n", `t.yaml:1:9: listen: has no port from 0 to 65535`)
	f("listen: :http\n", `t.yaml:1:9: listen: has no port from 0 to 65535`)
	f("admin: {listen: :8081}\n", `t.yaml:1:17: admin.listen: can be reached from other machines without a key (set admin.key, or listen on 127.0.0.1)`)
	f("admin: {listen: 8081}\n", `t.yaml:1:17: admin.listen: must be text, not a number (put it in quotes)`)
	f("data: ''\n", `t.yaml:1:7: data: is not a directory's path`)
	f("log: {level: warning}\n", `t.yaml:1:14: log.level: "warning" is not one of: debug, info, warn, error`)
	f("log: {level: inof}\n", `t.yaml:1:14: log.level: "inof" is not one of: debug, info, warn, error (did you mean "info"?)`)
	f("ledger: {on_error: ignore}\n", `t.yaml:1:20: ledger.on_error: "ignore" is not one of: refuse, serve`)
	f("max_body: 0\n", `t.yaml:1:11: max_body: must be at least 1`)
	f("max_body: 100M\n", `t.yaml:1:11: max_body: is not a size such as 100MB, 64KiB or 1048576`)
	f("keep_alive: 15\n", `t.yaml:1:13: keep_alive: has no unit (20s is twenty seconds)`)
	f("keep_alive: 1d\n", `t.yaml:1:13: keep_alive: is not a duration (the longest unit is h: a day is 24h)`)
	f("keep_alive: -1s\n", `t.yaml:1:13: keep_alive: must not be negative`)
	f("keep_alive: soon\n", `t.yaml:1:13: keep_alive: is not a duration such as 500ms, 20s or 1h30m`)
	f("timeouts: {connect: 0}\n", `t.yaml:1:21: timeouts.connect: must be at least 1ms`)
	f("cooldown: {default: 2m}\n", `t.yaml:1:11: cooldown: default 2m is longer than max 1m`)
	f("trusted_proxies: [10.0.0.1/8, 10.0.0.0/33, proxy, \"fe80::1%eth0\", 10.0.0.1]\n", `
t.yaml:1:19: trusted_proxies[0]: is an address with a network's length (clear the host bits, or leave out the / for one address)
t.yaml:1:31: trusted_proxies[1]: is not a network such as 10.0.0.0/8 or an address
t.yaml:1:44: trusted_proxies[2]: is not a network such as 10.0.0.0/8 or an address
t.yaml:1:51: trusted_proxies[3]: is not a network such as 10.0.0.0/8 or an address`)
	f("passthrough: {resource: swedn}\n", `t.yaml:1:25: passthrough.resource: there is no resource of this name (did you mean "sweden"?)`)
	f("tls:\n", `t.yaml:1:5: tls: says nothing (give cert and key, or self_signed: true, or remove it)`)
	f("tls: {cert: c.pem}\n", `
t.yaml:1:6: tls: needs both cert and key (or self_signed: true for development)
t.yaml:1:13: tls.cert: the file "c.pem" does not exist`)
	f("tls: {self_signed: true, cert: c.pem, key: k.pem}\n", `
t.yaml:1:20: tls.self_signed: there are both a certificate and self_signed (keep one of them)
t.yaml:1:32: tls.cert: the file "c.pem" does not exist
t.yaml:1:44: tls.key: the file "k.pem" does not exist`)
	f("tls: {hosts: [a]}\n", `t.yaml:1:14: tls.hosts: hosts are for self_signed: true; a certificate of your own names its hosts itself`)
	f("tls:\n  cert: c.pem\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    c2VjcmV0\n", `
t.yaml:2:9: tls.cert: the file "c.pem" does not exist
t.yaml:3:8: tls.key: must be the path of a file, not its content (put the PEM into a file and name that)`)
}

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
	f(`
callers:
  - name: a
    key: good-key-1
    limits:
      - {tokens: 0, per: minute}
      - {requests: -5, per: minute}
      - {tokens: 1, per: hour}
      - {tokens: 1}
      - {per: minute}
      - {tokens: 1, requests: 1, per: minute}
      - {tokens: 99999999999999999999, per: minute}
      - {tokens: 2000000000M, per: minute}
      - {money: 5, per: month}
`, `
t.yaml:6:18: callers[0].limits[0].tokens: must be at least 1
t.yaml:7:20: callers[0].limits[1].requests: must not be negative
t.yaml:8:26: callers[0].limits[2].per: "hour" is not one of: minute
t.yaml:9:9: callers[0].limits[3]: has no per
t.yaml:10:9: callers[0].limits[4]: bounds neither requests nor tokens (such as {tokens: 100k, per: minute})
t.yaml:11:9: callers[0].limits[5]: bounds both requests and tokens (write them as two limits)
t.yaml:12:18: callers[0].limits[6].tokens: is too large
t.yaml:13:18: callers[0].limits[7].tokens: must be at most 1000000000M
t.yaml:14:10: callers[0].limits[8].money: unknown key (not available in this version)
t.yaml:14:25: callers[0].limits[8].per: "month" is not one of: minute`)
}

// TestOneMistakeIsOneProblem keeps a mistake in the resources from casting doubt
// on everything that refers to them.
func TestOneMistakeIsOneProblem(t *testing.T) {
	fails(t, nothing, `
passthrough: {resource: a}
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deploymnts: [{name: gpt-4o}]}
models: {gpt-4o: {fallback: [o3]}}
callers: [{name: a, key: good-key-1, models: [gpt-4o]}]
`, `t.yaml:4:64: resources[0].deploymnts: unknown key (did you mean "deployments"?)`)
	fails(t, nothing, `
passthrough: {resource: a}
resources: {name: a}
callers: [{name: a, key: good-key-1, models: [gpt-4o]}]
`, `t.yaml:3:12: resources: must be a list, not a section (begin each item with - or write [a, b])`)
}

func TestProblemString(t *testing.T) {
	f := func(p config.Problem, want string) {
		t.Helper()
		if got := p.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
	f(config.Problem{File: "f", Line: 1, Column: 2, Path: "p", Message: "m", Hint: "h"}, "f:1:2: p: m (h)")
	f(config.Problem{File: "f", Message: "m"}, "f: m")
	f(config.Problem{Path: "p", Message: "m"}, "p: m")
}
