package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/simulator"
)

const (
	dated     = "?api-version=2024-10-21"
	chatPath  = "/openai/deployments/gpt-4o/chat/completions" + dated
	chatV1    = "/openai/v1/chat/completions"
	helloBody = `{"messages":[{"role":"user","content":"Tell me about tides"}]}`
)

// config is one resource with a deployment of each sort, without limits or delays.
func config() simulator.Config {
	return simulator.Config{Seed: 7, AdminKey: "admin", Resources: []simulator.Resource{{
		Name: "one", Region: "swedencentral", Key: "key-1", Keys: []string{"key-2"}, Tokens: []string{"aaa.bbb.ccc"},
		Deployments: []simulator.Deployment{
			{Name: "gpt-4o"},
			{Name: "o4-mini"},
			{Name: "gpt-5", Model: "gpt-5"},
			{Name: "emb", Model: "text-embedding-3-small"},
			{Name: "ada", Model: "text-embedding-ada-002"},
			{Name: "instruct", Model: "gpt-35-turbo-instruct"},
		},
	}}}
}

func start(t testing.TB, cfg simulator.Config) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// send sends a request with key-1 in api-key unless a header says otherwise. Headers
// are "name: value"; an empty value removes one.
func send(t *testing.T, h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	r.Header.Set("api-key", "key-1")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(t *testing.T, h http.Handler, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return send(t, h, http.MethodPost, target, body, headers...)
}

// at digs a value out of JSON: object members by name, array items by number.
func at(t testing.TB, body []byte, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("answer is no JSON: %v\n%s", err, body)
	}
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%v: %v is no object in %s", path, step, body)
			}
			v = m[s]
		case int:
			a, ok := v.([]any)
			if !ok || s >= len(a) {
				t.Fatalf("%v: no item %v in %s", path, step, body)
			}
			v = a[s]
		}
	}
	return v
}

// wantStatus fails unless the answer has that status.
func wantStatus(t *testing.T, w *httptest.ResponseRecorder, want int) {
	t.Helper()
	if w.Code != want {
		t.Fatalf("status = %d, want %d: %s", w.Code, want, w.Body)
	}
}

// events splits a stream into its data lines.
func events(t testing.TB, body string) []string {
	t.Helper()
	var out []string
	for block := range strings.SplitSeq(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		_, data, ok := strings.Cut(block, "data: ")
		if !ok || strings.Contains(data, "\n") {
			t.Fatalf("malformed event %q", block)
		}
		out = append(out, data)
	}
	return out
}

func TestNewRefusesWhatMakesNoSense(t *testing.T) {
	dep := func(d simulator.Deployment) simulator.Config {
		return simulator.Config{Resources: []simulator.Resource{{Name: "a", Key: "k",
			Deployments: []simulator.Deployment{d}}}}
	}
	for says, cfg := range map[string]simulator.Config{
		"no resources": {},
		"is negative": {Pace: -1, Resources: []simulator.Resource{
			{Name: "a", Key: "k"}}},
		"as in a host name": {Resources: []simulator.Resource{{Name: "a/b", Key: "k"}}},
		"no key":            {Resources: []simulator.Resource{{Name: "a"}}},
		"A is there twice":  {Resources: []simulator.Resource{{Name: "a", Key: "k"}, {Name: "A", Key: "k"}}},
		"has no name":       dep(simulator.Deployment{}),
		"needs ptu":         dep(simulator.Deployment{Name: "x", SKU: "GlobalProvisionedManaged"}),
		"has no ptu":        dep(simulator.Deployment{Name: "x", SKU: "Standard", PTU: 5}),
		"use classic":       dep(simulator.Deployment{Name: "x", Throttle: "loud"}),
		"must not be":       dep(simulator.Deployment{Name: "x", TPM: -1}),
		"use 0 (none)":      dep(simulator.Deployment{Name: "x", RPMWindow: 61}),
	} {
		if _, err := simulator.New(cfg); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("New = %v, want an error that says %q", err, says)
		}
	}
}

func TestParseConfig(t *testing.T) {
	cfg, err := simulator.ParseConfig([]byte(`{"seed":3,"pace":1,"resources":[{"name":"a","key":"k","deployments":[
		{"name":"g","model":"gpt-4o","tpm":1000,"latency":{"first_token":"200ms","per_token":"5ms"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := cfg.Resources[0].Deployments[0]
	if d.Latency.FirstToken.String() != "200ms" || d.TPM != 1000 || cfg.Seed != 3 {
		t.Errorf("ParseConfig = %+v", cfg)
	}
	for _, bad := range []string{
		`{"sed":1}`, `{`, `{} {}`, `{"resources":[{"deployments":[{"latency":{"first_token":200}}]}]}`,
		`{"resources":[{"deployments":[{"latency":{"firsttoken":"1s"}}]}]}`,
	} {
		if _, err := simulator.ParseConfig([]byte(bad)); err == nil {
			t.Errorf("ParseConfig(%s) takes it", bad)
		}
	}
}

// A resource is found by the first label of the host or by the first path segment.
func TestResourcesByHostAndPath(t *testing.T) {
	cfg := config()
	cfg.Resources = append(cfg.Resources, simulator.Resource{Name: "two", Key: "key-two", Region: "eastus2",
		Deployments: []simulator.Deployment{{Name: "gpt-4o"}}})
	s := start(t, cfg)
	for _, c := range []struct {
		target, key, region string
		status              int
	}{
		{"http://one.openai.azure.com" + chatPath, "key-1", "Sweden Central", 200},
		{"http://TWO.localhost:8090" + chatPath, "key-two", "East US 2", 200},
		{"http://two.localhost" + chatPath, "key-1", "East US 2", 401},
		{"http://127.0.0.1:99/two" + chatPath, "key-two", "East US 2", 200},
		{"http://127.0.0.1:99/three" + chatPath, "key-two", "", 404},
		{"http://127.0.0.1:99" + chatPath, "key-two", "", 404},
	} {
		w := post(t, s, c.target, helloBody, "api-key: "+c.key)
		if w.Code != c.status || w.Header().Get("x-ms-region") != c.region {
			t.Errorf("%s: %d in %q, want %d in %q", c.target, w.Code, w.Header().Get("x-ms-region"), c.status, c.region)
		}
	}
	wantStatus(t, post(t, s.Handler("Two"), chatPath, helloBody, "api-key: key-two"), 200)
	wantStatus(t, post(t, s.Handler("nobody"), chatPath, helloBody), 404)
}

// The same seed and question give the same words; another seed gives others.
func TestAnswersAreDeterministic(t *testing.T) {
	ask := func(seed uint64, target, body string) string {
		cfg := config()
		cfg.Seed = seed
		s := start(t, cfg)
		post(t, s, chatPath, helloBody) // an earlier request changes nothing
		return at(t, post(t, s, target, body).Body.Bytes(), "choices", 0, "message", "content").(string)
	}
	first := ask(1, chatPath, helloBody)
	if again := ask(1, chatPath, helloBody); again != first {
		t.Errorf("the same question got %q and %q", first, again)
	}
	if v1 := ask(1, chatV1, `{"model":"gpt-4o",`+helloBody[1:]); v1 != first {
		t.Errorf("the v1 route answers %q, the dated one %q", v1, first)
	}
	if other := ask(2, chatPath, helloBody); other == first {
		t.Errorf("two seeds gave the same %q", first)
	}
	if !strings.Contains(strings.ToLower(first), "tides") {
		t.Errorf("the answer does not speak of what was asked: %q", first)
	}
}
