package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// exampleEnv has a different value for every variable and an empty one for every
// file that is asked for.
func exampleEnv() Env {
	return Env{
		Lookup: func(name string) (string, bool) {
			if name == "RATE" {
				return "0.10", true
			}
			return "value-of-" + name, true
		},
		ReadFile: func(string) ([]byte, error) { return nil, nil },
	}
}

func TestPrint(t *testing.T) {
	c, err := Parse("t.yaml", []byte(`
resources:
  - name: sweden
    endpoint: https://contoso.openai.azure.com/openai/v1/
    key: ${env:KEY}
    region: swedencentral
    deployments: [{name: ptu, model: gpt-4o, ptu: 50}, {name: gpt-4o, tpm: 1_000k}, {name: gpt-4o, tpm: 1_000k}]
models: {gpt-4o: {wait: 90s}}
callers:
  - {name: "true", keys: ["${env:A}", "${env:B}"], models: ["*"], limits: [{tokens: 100k, per: minute}]}
`), exampleEnv())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	const want = `listen: :8080
admin:
  listen: 127.0.0.1:8081
data: data
log:
  level: info
  format: auto
max_body: 100MB
max_upload: 512MiB
body_memory: 256MiB
spill: on
cors:
  events: ['*']
passthrough:
  resource: sweden
  off: false
unbounded: refuse
timeouts:
  connect: 10s
  first_byte: 10m
  idle: 10m
  header: 10s
  body: 1m
  drain:
    delay: 0s
    deadline: 30s
keep_alive: 15s
keep_alive_early: false
cooldown:
  default: 10s
  max: 1m
ledger:
  on_error: refuse
currency: USD
zone: UTC
prices:
  unknown: refuse
unsaid: cap
resources:
- name: sweden
  endpoint: https://contoso.openai.azure.com
  key: '[redacted]'
  allow_http: false
  region: swedencentral
  deployments:
  - {name: ptu, model: gpt-4o, base: gpt-4o, ptu: 50, priority: 1, weight: 1}
  - {name: gpt-4o, model: gpt-4o, base: gpt-4o, tpm: 1M, priority: 1, weight: 2}
models:
  gpt-4o: {strategy: headroom, affinity: false, wait: 1m30s, batch_share: 100%}
callers:
- name: 'true'
  keys: ['[redacted]', '[redacted]']
  models: ['*']
  weight: 1
  batch: false
  tell_deployment: false
  limits:
  - {name: 'true: 100k tokens a minute', tokens: 100k, per: minute, dry_run: false}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// reparse prints c with its keys and reads it again.
func reparse(t *testing.T, c *Config) {
	t.Helper()
	var b bytes.Buffer
	if err := c.print(&b, func(s Secret) *yaml.Node { return tree.TextNode(s.Reveal()) }); err != nil {
		t.Fatalf("print: %v", err)
	}
	again, err := Parse("t.yaml", b.Bytes(), exampleEnv())
	if err != nil {
		t.Fatalf("what was printed does not parse:\n%v\n%s", err, b.String())
	}
	if diff := cmp.Diff(c, again,
		cmpopts.IgnoreFields(Config{}, "Notes", "Files"), cmpopts.IgnoreFields(Resource{}, "Line"), cmpopts.IgnoreFields(Deployment{}, "Line"), cmpopts.IgnoreFields(Caller{}, "Line"), cmpopts.IgnoreFields(Event{}, "Line"),
		cmpopts.EquateComparable(netip.Prefix{}), cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Fatalf("printed and read again (-before +after):\n%s\n%s", diff, b.String())
	}
	if violations := conforms(t, Schema(), b.Bytes()); len(violations) > 0 {
		t.Fatalf("the schema refuses what Parse accepts: %v\n%s", violations, b.String())
	}
}

func TestPrintedConfigReadsTheSame(t *testing.T) {
	for _, text := range seeds {
		c, err := Parse("t.yaml", []byte(text), exampleEnv())
		if err == nil {
			reparse(t, c)
		}
	}
}

// seeds are files for the fuzzer to start from; some are right.
var seeds = []string{
	string(example),
	strings.ReplaceAll(string(example), "\n#", "\n"),
	`{resources: [{name: "${env:A}", endpoint: "http://[::1]:80/a%2fb//openai/x?y", key: "$${12345678", deployments: [{name: "<<"}, {name: "1"}, {name: "<<"}, {name: "~", model: "null"}]}], models: {"1": {wait: 1ns, fallback: ["<<"]}, "<<": {}}, callers: [{name: "- a: b #", key: "!\"'{}[],&*#?|->", models: ["*", "<*"]}]}`,
	full,
	"resources: [{name: a, endpoint: \"https://a\", key: aaaaaaaa, deployments: [{name: a}]}]\ntls: {self_signed: true, hosts: [\"::1\", \"\U0001F600\"]}\ntrusted_proxies: [::/0, 1.2.3.4, '::ffff:1.2.3.4']\nadmin: {listen: ''}\nmax_body: 1KiB",
	"a: &a [*a]\nlog: {<<: *a}\n? {}\n: x\nresources: !!map {}\n--- 1",
	"resources: [{name: a, name: b}, null, [], 1]\nmodels: {a: null, b: {fallback: [b, a]}, a: {fallback: [b]}}\ncallers: {}\n",
	"\xef\xbb\xbflisten: |\n  x\n  ${\nmax_body: 1.5MB\nkeep_alive: 1h\ntimeouts: {drain: {delay: \"${file:x}\"}}\n",
}

// full has every setting about limits and money.
const full = `
currency: EUR
zone: Asia/Tokyo
prices: {file: p.yaml, unknown: {prompt: 10, completion: 30.000001 EUR}, rates: {USD: 0.920, SEK: "${env:RATE}"}}
alerts: {webhook: "https://${env:A}.example/", headers: {authorization: "Bearer ${env:B}", x-a: "'"}}
limits:
  - {money: 20000, per: month, warn: 1%, answer: 403}
  - {name: "x: (2)", tokens: 200k, per: minute, each: caller, dry_run: true}
  - {requests: 50, per: day, each: [caller, model], models: ["gpt*", O3], zone: America/New_York}
  - {concurrent: 0, events: ["*"], each: attendee}
  - {prompt_tokens: 1, per: ever, callers: [a, b*], groups: [G], deployments: [r/*]}
  - {completion_tokens: 1, per: event, warn: 0}
groups: [{name: g, max_tokens: {cap: 9, over: reject}, weight: 2, batch: true, limits: [{tokens: 5M, per: 59m59s, warn: 5}]}, {name: "${env:A}"}]
models: {gpt-4o: {max_tokens: 4k, reserve: {G: 30%}, batch_share: 1%, limits: [{money: 0.5 EUR, per: 10s}], fallback: [o3]}}
resources: [{name: r, endpoint: "https://r", key: "${env:K}", deployments: [{name: gpt-4o, sku: Standard, limits: [{tokens: 1, per: year}]}, {name: o3}]}]
callers:
  - {name: a, key: "${env:A}", group: g, weight: 1, batch: false, max_tokens: null, limits: [{tokens: 1, per: hour}, {tokens: 1, per: hour}], max_tokens_per_minute_in_k: {gpt-4o: 0.02, o3: -1}}
  - {name: b, key: "${env:B}", max_tokens_per_minute_in_k: 30}
`

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("t.yaml", text, exampleEnv())
		if err != nil {
			problems, ok := errors.AsType[*Problems](err)
			if !ok || len(*problems) == 0 || c != nil {
				t.Fatalf("Parse = %v, %v", c, err)
			}
			if strings.Contains(err.Error(), "value-of-") && !bytes.Contains(text, []byte("value-of-")) {
				t.Fatalf("a resolved value is shown: %v", err)
			}
			for _, p := range *problems {
				if p.Line > tree.End(text).Line || (p.Line > 0) != (p.Column > 0) {
					t.Fatalf("a problem outside the file: %v", p)
				}
			}
			return
		}
		reparse(t, c)
	})
}

// conforms returns how the YAML text departs from a JSON Schema of the few words
// that Schema uses.
func conforms(t *testing.T, schemaText, text []byte) []string {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(schemaText, &s); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Load(text, &v); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return departs(t, s, v, "")
}

func TestFilesCannotBeReadFromThere(t *testing.T) {
	env := exampleEnv()
	env.ReadFile = func(path string) ([]byte, error) { return nil, fs.ErrNotExist }
	if _, err := Load("x.yaml", env); err == nil || err.Error() != "x.yaml: does not exist" {
		t.Errorf("Load = %v", err)
	}
}
