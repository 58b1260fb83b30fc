package config_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
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
	f("sinks: []\n", `t.yaml:1:1: sinks: unknown key (not available in this version)`)
	f("listen: :1\ndata: d\nlisten: :2\n", `t.yaml:3:1: listen: is there twice, first on line 1`)
	f("log: {level: info, level: info}\n", `t.yaml:1:20: log.level: is there twice, first on line 1`)
	f("x: &x {level: info}\nlog: *x\n", `
t.yaml:1:1: x: unknown key (the keys here are listen, …)
t.yaml:2:6: log: is a YAML alias (*), which is not supported (write the value out)`)
	f("log:\n  <<: {level: info}\n", `t.yaml:2:3: log: has a YAML merge key (<<), which is not supported (write the keys out)`)
	f("? [a]\n: b\n", `t.yaml:1:3: has a key that is not plain text`)
	f("${env:X}: b\n", `t.yaml:1:1: has a reference in a key (references stand in values only)`)
	f("admin: !secret\n  key: x\n", `t.yaml:1:8: admin: has a YAML tag, which is not supported (remove the !)`)
	f("data: !!binary aGk=\n", `t.yaml:1:7: data: has a YAML tag, which is not supported (remove the !)`)
	f(`"a.b": 1`+"\n", `t.yaml:1:1: ["a.b"]: unknown key (the keys here are listen, …)`)
}

func TestAliasBombIsRefusedUnexpanded(t *testing.T) {
	fails(t, nothing, `
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
trusted_proxies: [*d, *d, *d]
`+rest, `
t.yaml:2:1: a: unknown key (the keys here are listen, …)
t.yaml:3:1: b: unknown key (the keys here are listen, …)
t.yaml:4:1: c: unknown key (the keys here are listen, …)
t.yaml:5:1: d: unknown key (the keys here are listen, …)
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
	f("body_memory: 3MB\n", `t.yaml:1:14: body_memory: must be at least 4MB`)
	f("spill: maybe\n", `t.yaml:1:8: spill: "maybe" is not one of: on, off`)
	f("max_body: 100M\n", `t.yaml:1:11: max_body: is not a size such as 100MB, 64KiB or 1048576`)
	f("keep_alive: 15\n", `t.yaml:1:13: keep_alive: has no unit (20s is twenty seconds)`)
	f("keep_alive: 1d\n", `t.yaml:1:13: keep_alive: is not a duration (the longest unit is h: a day is 24h)`)
	f("keep_alive: -1s\n", `t.yaml:1:13: keep_alive: must not be negative`)
	f("keep_alive: soon\n", `t.yaml:1:13: keep_alive: is not a duration such as 500ms, 20s or 1h30m`)
	f("timeouts: {connect: 0}\n", `t.yaml:1:21: timeouts.connect: must be at least 1ms`)
	f("cooldown: {default: 2m}\n", `t.yaml:1:11: cooldown: default 2m is longer than max 1m`)
	const origin = " (write scheme and host as browsers do, such as https://app.example, https://*.example or http://localhost:*)"
	f("cors: {origins: ['*', app.example, 'https://a.example/x', 'https://u:p@a.example', null, 'https://a*.example', 'https://*.a.*', 'https://a:443', 'null']}\n", `
t.yaml:1:18: cors.origins[0]: would let every web page call with whatever key it has (name the origins; * is for cors.events alone)
t.yaml:1:23: cors.origins[1]: is not an origin`+origin+`
t.yaml:1:36: cors.origins[2]: is not an origin`+origin+`
t.yaml:1:59: cors.origins[3]: is not an origin`+origin+`
t.yaml:1:84: cors.origins[4]: has no value (give it a value or remove the line)
t.yaml:1:90: cors.origins[5]: has a * that is neither the first label of a host nor a port`+origin+`
t.yaml:1:112: cors.origins[6]: has more than one *`+origin+`
t.yaml:1:129: cors.origins[7]: names the port that is the scheme's own (browsers leave it out)
t.yaml:1:146: cors.origins[8]: is not an origin`+origin)
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
	f := func(p tree.Problem, want string) {
		t.Helper()
		if got := p.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
	f(tree.Problem{File: "f", Line: 1, Column: 2, Path: "p", Message: "m", Hint: "h"}, "f:1:2: p: m (h)")
	f(tree.Problem{File: "f", Message: "m"}, "f: m")
	f(tree.Problem{Path: "p", Message: "m"}, "p: m")
}

func TestEndlessProblemsAreCounted(t *testing.T) {
	_, err := config.Parse("t.yaml", []byte("callers:\n"+strings.Repeat("- x\n", 5000)), nothing)
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 1001 || lines[1000] != "t.yaml: has 4001 more problems" {
		t.Errorf("%d lines, the last of them %q", len(lines), lines[len(lines)-1])
	}
}

// TestNames holds names to one line of text, since logs and metrics show them.
func TestNames(t *testing.T) {
	f := func(written, want string) {
		t.Helper()
		fails(t, nothing, strings.Replace(rest, "name: search", "name: "+written, 1), "t.yaml:5:12: callers[0].name: "+want)
	}
	f(`""`, "must not be empty")
	f(`" a"`, "must not begin or end with a space")
	f(`"a\nb"`, "holds a control character")
	f(`"a\u2028b"`, "holds a control character")
	f(`"$${x}"`, "must not hold ${")
	f(strings.Repeat("x", 129), "is longer than 128 bytes")
}
