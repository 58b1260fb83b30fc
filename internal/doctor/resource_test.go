package doctor_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/doctor"
)

func resource(t *testing.T, address string) []doctor.Resource {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return []doctor.Resource{{Name: "east", Endpoint: u, Key: "secret-key", Deployments: []string{"gpt-4o"}}}
}

// What a resource and a deployment answer is told as what is wrong and what to do; only
// what nobody can mend here is a warning, and a key shows nowhere.
func TestResource(t *testing.T) {
	const fine = `{"data":[]}`
	for _, c := range []struct {
		name                 string
		status               int // of the list of models
		body                 string
		then                 int // of the deployment
		answer               string
		key, deployment      doctor.Level
		words, aboutDeployed string
	}{
		{"all well", 200, fine, 400, `{"error":{"code":null,"message":"[] is too short - 'messages'"}}`, "ok", "ok", "the key is accepted", "is there"},
		{"embeddings", 200, fine, 400, `{"error":{"code":"OperationNotSupported","message":"x"}}`, "ok", "ok", "", "is there"},
		{"busy", 429, "", 429, "", "ok", "ok", "", "is there"},
		{"wrong name", 200, fine, 404, `{"error":{"code":"DeploymentNotFound","message":"x"}}`, "ok", "FAIL", "", "correct its name"},
		{"does not chat", 200, fine, 404, `{"error":{"code":"404","message":"Resource not found"}}`, "ok", "warn", "", "does not chat"},
		{"retired", 200, fine, 410, `{"error":{"code":"ModelDeprecated","message":"x"}}`, "ok", "FAIL", "", "retired"},
		{"key lost", 200, fine, 401, `{"error":{"code":"401"}}`, "ok", "FAIL", "", "resources[east].key"},
		{"broken", 503, "", 500, "", "warn", "warn", "does not work now", ""},
		{"wrong key", 401, `{"error":{"code":"401","message":"secret-key is wrong"}}`, 0, "", "FAIL", "", "resources[east].key", ""},
		{"no keys", 403, `{"error":{"code":"AuthenticationTypeDisabled","message":"x"}}`, 0, "", "FAIL", "", "local authentication", ""},
		{"firewall", 403, `{"error":{"code":"403","message":"Public access is disabled."}}`, 0, "", "FAIL", "", "403: Public access is disabled: let this machine's", ""},
		{"no Azure", 404, "<html>", 0, "", "FAIL", "", "no Azure OpenAI resource", ""},
		{"a portal", 302, "", 0, "", "FAIL", "", "leads elsewhere", ""},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://login.example")
			if strings.HasSuffix(r.URL.Path, "/models") {
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
				return
			}
			w.WriteHeader(c.then)
			io.WriteString(w, c.answer)
		}))
		a := doctor.Asker{Timeout: 5 * time.Second, Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
		got := a.Ask(t.Context(), resource(t, s.URL), true)[0]
		s.Close()
		if got.Key.Level != c.key || !strings.Contains(got.Key.Words, c.words) || strings.Contains(got.Key.Words, "secret") {
			t.Errorf("%s: the key is %+v", c.name, got.Key)
		}
		switch {
		case c.deployment == "" && len(got.Deployments) > 0:
			t.Errorf("%s: a deployment was asked", c.name)
		case c.deployment != "" && (got.Deployments[0].Level != c.deployment || !strings.Contains(got.Deployments[0].Words, c.aboutDeployed)):
			t.Errorf("%s: the deployment is %+v", c.name, got.Deployments[0])
		}
	}
}

// What keeps a resource from answering at all is told in words.
func TestUnreachable(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{}
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for address, want := range map[string]string{
		secure.URL: "authority that this machine does not trust",
		"https" + strings.TrimPrefix(plain.URL, "http"): "does not speak TLS",
		silent.URL:                    "no answer from 127.0.0.1:",
		closed.URL:                    "nobody listens at 127.0.0.1:",
		"https://no-such.invalid":     "DNS",
		"http://no-such.invalid:8080": "DNS",
	} {
		a := doctor.Asker{Timeout: 500 * time.Millisecond, Client: &http.Client{}}
		if address != silent.URL {
			a.Timeout = 20 * time.Second
		}
		if got := a.Ask(t.Context(), resource(t, address), true)[0].Key; got.Level != doctor.Fail || !strings.Contains(got.Words, want) {
			t.Errorf("%s: %+v, want %q", address, got, want)
		}
	}
}
