package config_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// world is an Env of the given variables and files.
func world(vars, files map[string]string) tree.Env {
	return tree.Env{
		Lookup: func(name string) (string, bool) {
			v, ok := vars[name]
			return v, ok
		},
		ReadFile: func(path string) ([]byte, error) {
			text, ok := files[path]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		},
	}
}

// alike compares what cmp cannot look into.
var alike = cmp.Options{
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	cmpopts.EquateComparable(netip.Prefix{}),
	cmpopts.IgnoreFields(config.Config{}, "Files"),
}

// nothing is an Env without variables and files.
var nothing = world(nil, nil)

// rest is what a file needs besides the setting under test.
const rest = `
resources:
  - {name: sweden, endpoint: "https://contoso.openai.azure.com", key: azure-key-1, deployments: [{name: gpt-4o}]}
callers:
  - {name: search, key: search-key}
`

func mustParse(t *testing.T, text string, env tree.Env) *config.Config {
	t.Helper()
	c, err := config.Parse("t.yaml", []byte(text), env)
	if err != nil {
		t.Fatalf("Parse failed:\n%v\nof:\n%s", err, text)
	}
	return c
}

// at returns a time zone.
func at(t *testing.T, zone string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// rootKeys are the keys of the file in a message, which grow with the gateway.
var rootKeys = regexp.MustCompile(`listen, public_url, [a-z_, ]+\)`)

// fails says that text has exactly these problems, one a line.
func fails(t *testing.T, env tree.Env, text, want string) {
	t.Helper()
	c, err := config.Parse("t.yaml", []byte(text), env)
	if err == nil {
		t.Fatalf("Parse succeeded, want:\n%s", want)
	}
	if c != nil {
		t.Error("Parse returned a Config beside its error")
	}
	problems, ok := errors.AsType[*tree.Problems](err)
	if !ok {
		t.Fatalf("the error is a %T, want *Problems", err)
	}
	for _, p := range *problems {
		if p.File != "t.yaml" {
			t.Errorf("File = %q in %v", p.File, p)
		}
	}
	if diff := cmp.Diff(strings.TrimSpace(want), rootKeys.ReplaceAllString(err.Error(), "listen, …)")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	want := config.Default()
	want.Resources = []config.Resource{{
		Name: "sweden", Endpoint: &url.URL{Scheme: "https", Host: "contoso.openai.azure.com"}, Key: "azure-key-1", Line: 3,
		Deployments: []config.Deployment{{Name: "gpt-4o", Model: "gpt-4o", Base: "gpt-4o", Priority: 1, Weight: 1, Line: 3}},
	}}
	want.Callers = []config.Caller{{Name: "search", Keys: []config.Key{{Secret: "search-key"}}, Weight: 1, Line: 5}}
	want.Models = []config.Model{{Name: "gpt-4o", Strategy: "headroom", BatchShare: 100}}
	want.Passthrough.Resource = "sweden"
	if diff := cmp.Diff(want, mustParse(t, rest, nothing), alike); diff != "" {
		t.Errorf("a file that says only what it must (-want +got):\n%s", diff)
	}
}

func TestEverySetting(t *testing.T) {
	stockholm, tokyo := at(t, "Europe/Stockholm"), at(t, "Asia/Tokyo")
	env := world(
		map[string]string{"KEY": "from-env", "A": "one", "B": "two"},
		map[string]string{"secrets/key": "from-file\n", "/abs/key": "from-abs-file\r\n", "tls/c.pem": "c", "tls/k.pem": "k"},
	)
	got := mustParse(t, `
listen: 0.0.0.0:8443
admin: {listen: "[::]:9000", key: "${env:KEY}"}
data: /var/lib/tallygate
tls: {cert: tls/c.pem, key: tls/k.pem}
log: {level: debug, format: json}
max_body: 64KiB
trusted_proxies: [10.0.0.0/8, 192.0.2.7, "2001:db8::/32", "::1"]
passthrough: {resource: west, off: true}
timeouts:
  connect: 1s
  first_byte: 2m
  idle: 3m
  header: 4s
  body: 5s
  drain: {delay: 6s, deadline: 1h30m}
keep_alive: 0
cooldown: {default: 1s, max: 90s}
ledger: {on_error: serve}
currency: EUR
zone: Europe/Stockholm
prices:
  file: prices.yaml
  unknown: {prompt: 10, completion: 30.5 EUR}
  rates: {USD: 0.92}
alerts: {webhook: "https://hooks.example/${env:KEY}", headers: {authorization: "Bearer ${env:A}"}}
limits:
  - {name: company, money: 20_000.01, per: month, warn: 90}
  - {requests: 50, per: day, each: [caller, model], models: [GPT-4o*], zone: Asia/Tokyo, answer: 403}
resources:
  - name: east
    endpoint: http://127.0.0.1:9001/base
    key: ${file:secrets/key}
    region: eastus
    deployments:
      - {name: ptu, model: gpt-4o, base: gpt-4o-2024-11-20, ptu: 100}
      - {name: gpt-4o, tpm: 1.5M, rpm: 1_000, priority: 2, weight: 3}
  - name: west
    endpoint: http://gateway.internal
    allow_http: true
    key: ${file:/abs/key}
    deployments: [{name: Mini, model: GPT-4o-mini, sku: GlobalStandard, limits: [{concurrent: 20, each: key}]}]
models:
  gpt-4o-mini: {strategy: least_busy, affinity: true, wait: 20s}
  gpt-4o:
    fallback: [GPT-4O-MINI]
    max_tokens: {cap: 4k, over: reject}
    reserve: {Product: 30%}
    batch_share: 90%
    limits: [{prompt_tokens: 1M, per: 90s, dry_run: true}]
groups:
  - {name: product, max_tokens: 4000, weight: 3, batch: true, limits: [{completion_tokens: 5k, per: week, warn: 0}]}
callers:
  - name: a
    keys: ["x-${env:A}-${env:B}", "$${env:A}"]
    group: PRODUCT
    models: ["gpt-4o*"]
    max_tokens: 512
    limits: [{tokens: 100k, per: minute}, {requests: 60, per: ever}]
unbounded: allow
unsaid: refuse
cors: {origins: ["https://App.example/", "https://*.example", "http://localhost:*"], events: []}
max_upload: 1MiB
body_memory: 64MB
spill: off
keep_alive_early: true
`, env)
	want := &config.Config{
		Listen: "0.0.0.0:8443",
		Admin:  config.Admin{Listen: "[::]:9000", Key: "from-env"},
		Data:   "/var/lib/tallygate",
		TLS:    &config.TLS{Cert: "tls/c.pem", Key: "tls/k.pem"},
		Log:    config.Log{Level: "debug", Format: "json"}, MaxBody: 65536, MaxUpload: 1 << 20, BodyMemory: 64_000_000, Spill: "off", KeepAliveEarly: true,
		TrustedProxies: []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"),
			netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("::1/128"),
		},
		CORS:        config.CORS{Origins: []string{"https://app.example", "https://*.example", "http://localhost:*"}},
		Passthrough: config.Passthrough{Resource: "west", Off: true},
		Unbounded:   "allow",
		Timeouts: config.Timeouts{
			Connect: time.Second, FirstByte: 2 * time.Minute, Idle: 3 * time.Minute, Header: 4 * time.Second, Body: 5 * time.Second,
			Drain: config.Drain{Delay: 6 * time.Second, Deadline: 90 * time.Minute},
		},
		Cooldown: config.Cooldown{Default: time.Second, Max: 90 * time.Second},
		Ledger:   config.Ledger{OnError: "serve"}, Unsaid: "refuse", AzureTables: config.AzureTables{Every: time.Minute},
		Currency: "EUR", Zone: stockholm,
		Prices: config.Prices{File: "prices.yaml", Unknown: &config.Price{Prompt: 10_000_000, Completion: 30_500_000}, Rates: map[string]string{"USD": "0.92"}},
		Alerts: config.Alerts{Webhook: "https://hooks.example/from-env", Headers: map[string]tree.Secret{"Authorization": "Bearer one"}},
		Limits: []tallygate.Limit{
			{Name: "company", Quantity: tallygate.Cost, Amount: 20_000_010_000, Period: tallygate.Month, Zone: stockholm, Warn: 90},
			{
				Name: "GPT-4o*, each caller and model: 50 requests a day", Quantity: tallygate.Requests, Amount: 50, Period: tallygate.Day, Zone: tokyo,
				Each:  []tallygate.Dimension{tallygate.ByCaller, tallygate.ByModel},
				Match: [tallygate.Dimensions][]string{tallygate.ByModel: {"GPT-4o*"}}, Warn: 80, Forbid: true,
			},
		},
		Resources: []config.Resource{{
			Name: "east", Endpoint: &url.URL{Scheme: "http", Host: "127.0.0.1:9001", Path: "/base"}, Key: "from-file", Region: "eastus", Line: 31,
			Deployments: []config.Deployment{
				{Name: "ptu", Model: "gpt-4o", Base: "gpt-4o-2024-11-20", PTU: 100, Priority: 1, Weight: 1, Line: 36},
				{Name: "gpt-4o", Model: "gpt-4o", Base: "gpt-4o", TPM: 1_500_000, RPM: 1000, Priority: 2, Weight: 3, Line: 37},
			},
		}, {
			Name: "west", Endpoint: &url.URL{Scheme: "http", Host: "gateway.internal"}, Key: "from-abs-file", AllowHTTP: true, Line: 38,
			// Names are case-insensitive at Azure: one model, spelt as the models section spells it.
			Deployments: []config.Deployment{{Name: "Mini", Model: "gpt-4o-mini", Base: "GPT-4o-mini", Priority: 1, Weight: 1, SKU: "GlobalStandard", Line: 42, Limits: []tallygate.Limit{
				{Name: "west/Mini, each key: 20 requests at once", Quantity: tallygate.Concurrent, Amount: 20, Each: []tallygate.Dimension{tallygate.ByKey}},
			}}},
		}},
		Models: []config.Model{
			{Name: "gpt-4o-mini", Strategy: "least_busy", Affinity: true, Wait: 20 * time.Second, BatchShare: 100},
			{
				Name: "gpt-4o", Strategy: "headroom", Fallback: []string{"gpt-4o-mini"},
				MaxTokens: tallygate.Cap{Tokens: 4000, Reject: true}, Reserve: map[string]int{"product": 30}, BatchShare: 90,
				Limits: []tallygate.Limit{{
					Name: "gpt-4o: 1M prompt tokens in 1m30s", Quantity: tallygate.PromptTokens, Amount: 1_000_000,
					Period: tallygate.Sliding, Length: 90 * time.Second, DryRun: true,
				}},
			},
		},
		Groups: []config.Group{{
			Name: "product", MaxTokens: tallygate.Cap{Tokens: 4000}, Weight: 3, Batch: true, Limits: []tallygate.Limit{{
				Name: "group product: 5k completion tokens a week", Quantity: tallygate.CompletionTokens, Amount: 5000, Period: tallygate.Week, Zone: stockholm,
			}},
		}},
		Callers: []config.Caller{{
			Name: "a", Keys: []config.Key{{Secret: "x-one-two"}, {Secret: "${env:A}"}}, Group: "product", Models: []string{"gpt-4o*"}, Line: 54,
			MaxTokens: tallygate.Cap{Tokens: 512}, Weight: 3, Batch: true, Limits: []tallygate.Limit{
				{Name: "a: 100k tokens a minute", Quantity: tallygate.Tokens, Amount: 100_000, Period: tallygate.Sliding, Length: time.Minute},
				{Name: "a: 60 requests in all", Quantity: tallygate.Requests, Amount: 60, Period: tallygate.Ever, Warn: 80},
			},
		}},
	}
	if diff := cmp.Diff(want, got, alike, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestModelsWithoutAnEntryFollowInOrder(t *testing.T) {
	c := mustParse(t, `
resources:
  - {name: a, endpoint: "https://a.example", key: azure-key-1, deployments: [{name: z}, {name: y}, {name: x}]}
models: {y: {wait: 1s}}
`, nothing)
	var names []string
	for _, m := range c.Models {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"y", "z", "x"}, names); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	if n := c.Notes; len(n) != 1 || n[0].String() != `t.yaml:2:1: callers: there are no callers: only people of events that are made later get in` {
		t.Errorf("notes = %v", n)
	}
}

func TestRepeatedDeploymentCountsDouble(t *testing.T) {
	c := mustParse(t, `
resources:
  - name: a
    endpoint: https://a.example
    key: azure-key-1
    deployments:
      - {name: gpt-4o, tpm: 600k}
      - {name: o3}
      - {name: GPT-4o, model: gpt-4o, base: gpt-4o, tpm: 600000}
callers: [{name: c, key: search-key}]
`, nothing)
	want := []config.Deployment{
		{Name: "gpt-4o", Model: "gpt-4o", Base: "gpt-4o", TPM: 600_000, Priority: 1, Weight: 2, Line: 7},
		{Name: "o3", Model: "o3", Base: "o3", Priority: 1, Weight: 1, Line: 8},
	}
	if diff := cmp.Diff(want, c.Resources[0].Deployments); diff != "" {
		t.Errorf("deployments (-want +got):\n%s", diff)
	}
	if len(c.Notes) != 1 || c.Notes[0].Line != 9 {
		t.Errorf("notes = %v, want one on line 9", c.Notes)
	}
}

func TestLoadReadsRelativeToTheFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key", "resource-key\n")
	write("c.pem", "")
	write("t.yaml", "tls: {cert: c.pem, key: c.pem}\n"+strings.Replace(rest, "azure-key-1", `"${file:key}"`, 1))
	c, err := config.Load(filepath.Join(dir, "t.yaml"), tree.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Resources[0].Key.Reveal(); got != "resource-key" {
		t.Errorf("key = %q", got)
	}
	if c.TLS.Cert != filepath.Join(dir, "c.pem") {
		t.Errorf("cert = %q, want it beside the file", c.TLS.Cert)
	}
}

func TestLoadOfAFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := config.Load(path, tree.Env{})
	if err == nil || err.Error() != path+": does not exist" {
		t.Errorf("Load = %v", err)
	}
	if _, err = config.Load(t.TempDir(), tree.Env{}); err == nil || !strings.HasSuffix(err.Error(), ": cannot be read: is a directory") {
		t.Errorf("Load of a directory = %v", err)
	}
}

func TestExampleLoads(t *testing.T) {
	env := world(map[string]string{
		"AZURE_OPENAI_KEY_SWEDEN": "sweden-key", "AZURE_OPENAI_KEY_FRANCE": "france-key", "SEARCH_TEAM_KEY": "search-key",
		"DATA_SCIENCE_KEY": "science-key-1", "DATA_SCIENCE_KEY_NEXT": "science-key-2", "TALLYGATE_ADMIN_KEY": "admin-key",
		"ALERT_URL": "https://hooks.example/1", "ALERT_TOKEN": "token",
		"EVENT_CODE": "myevent2026", "GITHUB_SECRET": "github-secret", "AZURE_STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true",
	}, map[string]string{"tls/tls.crt": "", "tls/tls.key": ""})
	c := mustParse(t, string(config.Example()), env)
	if len(c.Notes) > 0 {
		t.Errorf("notes on the example: %v", c.Notes)
	}
	// With every setting uncommented it still loads, and what it shows as the
	// defaults are the defaults.
	var full strings.Builder
	inside := false // a commented setting, whose own keys are indented
	for line := range strings.Lines(string(config.Example())) {
		setting, ok := strings.CutPrefix(line, "#")
		if inside = ok && (setting[0] > ' ' || inside && strings.HasPrefix(setting, "  ")); inside {
			line = setting
		}
		full.WriteString(line)
	}
	got := mustParse(t, full.String(), env)
	if got.TLS == nil || got.Admin.Key == "" || len(got.TrustedProxies) != 2 || len(got.Alerts.Headers) != 1 {
		t.Errorf("uncommenting the example missed something: %+v", got)
	}
	if len(got.Events) != 1 || len(got.SignIn) != 1 || got.AzureTables.Connection == "" {
		t.Errorf("uncommenting the example missed events: %+v", got)
	}
	c.TLS, c.Admin.Key, c.TrustedProxies, c.Alerts = got.TLS, got.Admin.Key, got.TrustedProxies, got.Alerts
	c.UpstreamHeaders = got.UpstreamHeaders
	c.PublicURL, c.Portal, c.Events, c.SignIn, c.AzureTables = got.PublicURL, got.Portal, got.Events, got.SignIn, got.AzureTables
	c.Notes = got.Notes // on the event's limit for each attendee
	if diff := cmp.Diff(c, got, alike); diff != "" {
		t.Errorf("the example's settings differ from the defaults (-default +shown):\n%s", diff)
	}
}

func TestWindowsLineEnds(t *testing.T) {
	mustParse(t, strings.ReplaceAll(rest, "\n", "\r\n"), nothing)
	fails(t, nothing, strings.ReplaceAll("\nlisen: x\n"+rest, "\n", "\r\n"), `t.yaml:2:1: lisen: unknown key (did you mean "listen"?)`)
}
