package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const notFoundBody = `{"error":{"code":"404","message":"Resource not found"}}`

// Which paths and api-versions exist, and what the others answer.
func TestRoutes(t *testing.T) {
	s := start(t, config())
	v1 := `{"model":"gpt-4o",` + helloBody[1:]
	for _, c := range []struct {
		target, body string
		status       int
		says         string
	}{
		{chatPath, helloBody, 200, ""},
		{"//openai//deployments/gpt-4o/chat/completions" + dated, helloBody, 200, ""},
		{"/openai/deployments/GPT-4O/chat/completions" + dated, helloBody, 200, ""},
		{"/openai/deployments/gpt%2D4o/chat/completions" + dated, helloBody, 200, ""},
		{chatV1, v1, 200, ""},
		{chatV1 + "?api-version=v1", v1, 200, ""},
		{chatV1 + "?api-version=preview", v1, 200, ""},
		{chatV1 + dated, v1, 400, `{"error":{"code":"BadRequest","message":"API version not supported"}}`},
		{chatV1, helloBody, 400, "you must provide a model parameter"},
		{chatV1, `{"model":"nope",` + helloBody[1:], 404, "DeploymentNotFound"},
		{"/openai/deployments/nope/chat/completions" + dated, helloBody, 404, "DeploymentNotFound"},
		{"/openai/deployments/gpt-4o%2Fx/chat/completions" + dated, helloBody, 404, "DeploymentNotFound"},
		{"/openai/deployments/gpt-4o/chat/completions", helloBody, 404, notFoundBody},
		{"/openai/deployments/gpt-4o/chat/completions?api-version=latest", helloBody, 404, notFoundBody},
		{"/openai/deployments/gpt-4o/chat/completions?api-version=2024-1-1", helloBody, 404, notFoundBody},
		{"/openai/chat/completions" + dated, v1, 404, notFoundBody},
		{"/openai/deployments/gpt-4o/responses" + dated, v1, 404, notFoundBody},
		{"/v1/chat/completions", v1, 404, notFoundBody},
		{"/openai/v1/images/variations", v1, 404, notFoundBody},
		{"/openai/v1", v1, 404, notFoundBody},
		{"/", v1, 404, notFoundBody},
		{"/openai/responses" + dated, `{"model":"gpt-4o","input":"x"}`, 400, "2025-03-01-preview and later"},
		{"/openai/responses?api-version=2025-03-01-preview", `{"model":"gpt-4o","input":"x"}`, 200, ""},
	} {
		w := post(t, s, c.target, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s\nwant %d %s", c.target, w.Code, w.Body, c.status, c.says)
		}
	}
	if w := send(t, s, http.MethodGet, chatPath, ""); w.Code != 404 {
		t.Errorf("GET of a POST route: %d, want 404", w.Code)
	}
}

// Who is let in, and in which words others are turned away.
func TestAuthentication(t *testing.T) {
	cfg := config()
	locked := cfg.Resources[0]
	locked.Name, locked.KeysDisabled = "locked", true
	cfg.Resources = append(cfg.Resources, locked)
	s := start(t, cfg)
	const (
		badKey = `{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint.` +
			` Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}}`
		badToken = `{"message":"Unauthorized. Access token is missing, invalid, audience is incorrect ` +
			`(https://cognitiveservices.azure.com), or have expired.","statusCode":401}`
	)
	v1 := `{"model":"gpt-4o",` + helloBody[1:]
	for _, c := range []struct {
		host, target, key, bearer string
		status                    int
		body                      string
	}{
		{"one", chatPath, "key-1", "", 200, ""},
		{"one", chatPath, "key-2", "", 200, ""},
		{"one", chatPath, "key-3", "", 401, badKey},
		{"one", chatPath, "", "", 401, badKey},
		{"one", "/nowhere", "", "", 401, badKey},
		{"one", chatPath, "", "aaa.bbb.ccc", 200, ""},
		{"one", chatPath, "", "aaa.bbb.ccd", 401, badToken},
		{"one", chatPath, "", "key-1", 401, badToken},
		{"one", chatPath, "aaa.bbb.ccc", "", 401, badKey},
		{"one", chatPath, "key-3", "aaa.bbb.ccc", 401, badKey},
		{"one", chatV1, "", "key-1", 200, ""},
		{"one", chatV1, "", "key-3", 401, badKey},
		{"one", chatV1, "", "aaa.bbb.ccc", 200, ""},
		{"one", chatV1, "", "x.y.z", 401, badToken},
		{"locked", chatPath, "key-1", "", 403, `{"error":{"code":"AuthenticationTypeDisabled",` +
			`"message":"Key based authentication is disabled for this resource."}}`},
		{"locked", chatPath, "", "aaa.bbb.ccc", 200, ""},
	} {
		bearer := c.bearer
		if bearer != "" {
			bearer = "Bearer " + bearer
		}
		w := post(t, s, "http://"+c.host+".openai.azure.com"+c.target, v1, "api-key: "+c.key, "authorization: "+bearer)
		if w.Code != c.status || c.body != "" && w.Body.String() != c.body {
			t.Errorf("%s key %q bearer %q: %d %s\nwant %d %s", c.target, c.key, c.bearer, w.Code, w.Body, c.status, c.body)
		}
	}
	w := post(t, s, "http://one.services.ai.azure.com"+chatV1, v1, "api-key: ", "authorization: Bearer a.b.c")
	if !strings.Contains(w.Body.String(), "https://ai.azure.com") {
		t.Errorf("a Foundry host names the audience %s", w.Body)
	}
}

// More than ten header fields that the service does not know are too many; those of
// SDKs and proxies are known.
func TestTooManyHeaders(t *testing.T) {
	s := start(t, config())
	headers := []string{"x-stainless-os: Linux", "traceparent: 00-1-2-01", "x-ms-client-request-id: abc",
		"x-forwarded-for: 10.0.0.1", "openai-beta: x", "user-agent: test"}
	for i := range 10 {
		headers = append(headers, fmt.Sprintf("x-mine-%d: 1", i))
	}
	w := post(t, s, chatPath, helloBody, headers...)
	wantStatus(t, w, 200)
	if got := w.Header().Get("x-ms-client-request-id"); got != "abc" {
		t.Errorf("x-ms-client-request-id = %q, want its echo", got)
	}
	wantStatus(t, post(t, s, chatPath, helloBody, append(headers, "x-mine-10: 1")...), 431)
}

// An answer has the service's headers; two answers have different ids.
func TestHeaders(t *testing.T) {
	s := start(t, config())
	w := post(t, s, chatPath, helloBody)
	got := map[string]string{}
	for _, name := range []string{"x-ms-region", "x-ms-client-request-id", "x-ms-deployment-name", "x-ms-rai-invoked",
		"x-content-type-options", "content-type"} {
		got[name] = w.Header().Get(name)
	}
	want := map[string]string{"x-ms-region": "Sweden Central", "x-ms-client-request-id": "Not-Set",
		"x-ms-deployment-name": "gpt-4o", "x-ms-rai-invoked": "true", "x-content-type-options": "nosniff",
		"content-type": "application/json"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again := post(t, s, chatPath, helloBody)
	for _, name := range []string{"apim-request-id", "x-request-id"} {
		if a, b := w.Header().Get(name), again.Header().Get(name); len(a) != 36 || a == b {
			t.Errorf("%s = %q and then %q, want two GUIDs", name, a, b)
		}
	}
	if a, b := w.Header().Get("azureml-model-session"), again.Header().Get("azureml-model-session"); a == "" || a != b {
		t.Errorf("azureml-model-session = %q and then %q", a, b)
	}
}

// Models are those of the region's catalogue in two shapes, not the deployments.
func TestModels(t *testing.T) {
	s := start(t, config())
	w := send(t, s, http.MethodGet, "/openai/models"+dated, "")
	wantStatus(t, w, 200)
	if got := at(t, w.Body.Bytes(), "data", 1, "capabilities", "chat_completion"); got != true {
		t.Errorf("chat_completion = %v in %s", got, w.Body)
	}
	w = send(t, s, http.MethodGet, "/openai/v1/models/gpt-4o-2024-11-20", "")
	if got := at(t, w.Body.Bytes(), "id"); got != "gpt-4o-2024-11-20" {
		t.Errorf("model = %s", w.Body)
	}
	wantStatus(t, send(t, s, http.MethodGet, "/openai/v1/models/nope", ""), 404)
	wantStatus(t, send(t, s, http.MethodGet, "/openai/deployments"+dated, ""), 404)
	wantStatus(t, send(t, s, http.MethodGet, "/openai/deployments?api-version=2022-12-01", ""), 200)
}

// A resource of any model serves names it was never told of.
func TestAnyModel(t *testing.T) {
	cfg := config()
	cfg.Resources[0].AnyModel = true
	s := start(t, cfg)
	w := post(t, s, chatV1, `{"model":"gpt-6-astra",`+helloBody[1:])
	wantStatus(t, w, 200)
	if got := at(t, w.Body.Bytes(), "model"); got != "gpt-6-astra" {
		t.Errorf("model = %v", got)
	}
	if s.Counters()["one/gpt-6-astra"].Requests != 1 {
		t.Errorf("counters = %v", s.Counters())
	}
	for i := range 1200 {
		wantStatus(t, post(t, s, chatV1, fmt.Sprintf(`{"model":"m%d",%s`, i, helloBody[1:])), 200)
	}
	if n := len(s.Counters()); n > 1000 {
		t.Errorf("strangers created %d deployments", n)
	}
}
