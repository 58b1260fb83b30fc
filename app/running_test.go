package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// A reload changes who may ask at once; a wrong configuration changes nothing and
// says why.
func TestReload(t *testing.T) {
	g := startGateway(t, three(), "")
	was := *g.config.Load()
	g.configure(strings.Replace(was, teamKey, "new-team-key-0123456789", 1))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	if a := g.post(chatPath, chat("Hello")); a.status != 401 {
		t.Errorf("the old key is answered %d", a.status)
	}
	if a := g.post(chatPath, chat("Hello"), "Api-Key", "new-team-key-0123456789"); a.status != 200 {
		t.Errorf("the new key is answered %d %s", a.status, a.body)
	}
	g.configure(was + "nonsense: true\n")
	if err := g.app.Reload(); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a wrong configuration: %v", err)
	}
	if a := g.post(chatPath, chat("Hello"), "Api-Key", "new-team-key-0123456789"); a.status != 200 {
		t.Errorf("after a wrong configuration the running one answers %d", a.status)
	}
}

// A request on its way ends in the configuration it began in.
func TestReloadUnderAStream(t *testing.T) {
	sim := three()
	sim.Pace = 1
	for i := range sim.Resources {
		sim.Resources[i].Deployments[0].Latency = simulator.Latency{FirstToken: time.Millisecond, PerToken: 10 * time.Millisecond}
	}
	g := startGateway(t, sim, "")
	done := make(chan answer)
	go func() { done <- g.post(chatPath, chat("[[tokens=50]]", `"stream":true`)) }()
	for len(g.sim.Requests()) == 0 && canceled(g) == 0 && inFlight(g) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	if a := <-done; a.status != 200 || !strings.HasSuffix(a.body, "data: [DONE]\n\n") {
		t.Errorf("the stream ended in %d %q", a.status, a.body[max(0, len(a.body)-200):])
	}
}

func inFlight(g *gateway) (n int64) {
	for _, c := range g.sim.Counters() {
		n += c.InFlight
	}
	return n
}

// Stopping lets streams end within the deadline; those that do not are cut with a
// word, and all are in the ledger.
func TestDrain(t *testing.T) {
	sim := three()
	sim.Pace = 1
	for i := range sim.Resources {
		sim.Resources[i].Deployments[0].Latency = simulator.Latency{FirstToken: time.Millisecond, PerToken: 10 * time.Millisecond}
	}
	g := startGateway(t, sim, "timeouts: {drain: {deadline: 1s}}\n")
	short, long := make(chan answer), make(chan answer)
	go func() { short <- g.post(chatPath, chat("[[tokens=30]]", `"stream":true`)) }()
	go func() { long <- g.post(chatPath, chat("[[tokens=3000]]", `"stream":true`)) }()
	for inFlight(g) < 2 {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	es := g.entries() // stops it
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if a := <-short; !strings.HasSuffix(a.body, "data: [DONE]\n\n") || strings.Contains(a.body, `"error"`) {
		t.Errorf("the short stream ended %q", a.body[max(0, len(a.body)-200):])
	}
	if a := <-long; !strings.Contains(a.body, `"error"`) {
		t.Errorf("the long stream ended %q", a.body[max(0, len(a.body)-200):])
	}
	if len(es) != 2 || es[0].Outcome != tallygate.Answered || es[1].Outcome != tallygate.Failed || es[1].Usage.Source != tallygate.Partial {
		t.Errorf("entries %+v", es)
	}
}

// Ready says no while stopping, and health needs no key; everything else on the
// admin side does.
func TestAdmin(t *testing.T) {
	g := startGateway(t, three(), "")
	g.post(chatPath, chat("Hello"))
	f := func(method, url, key string, status int, about string) {
		t.Helper()
		req, _ := http.NewRequest(method, url, nil)
		if key != "" {
			req.Header.Set("Authorization", "Bearer "+key)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != status || !strings.Contains(string(body), about) {
			t.Errorf("%s %s with key %q: %d %.300s, want %d with %q", method, url, key, res.StatusCode, body, status, about)
		}
		for _, secret := range []string{teamKey, resourceKey, adminKey} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s tells %q", url, secret)
			}
		}
	}
	for _, base := range []string{g.url, g.admin} {
		f("GET", base+"/livez", "", 200, "ok")
		f("GET", base+"/readyz", "", 200, "ok")
	}
	for _, key := range []string{"", "wrong", teamKey} {
		f("GET", g.admin+"/metrics", key, 401, "admin key")
		f("GET", g.admin+"/debug/pprof/", key, 401, "admin key")
		f("POST", g.admin+"/admin/v1/config/reload", key, 401, "admin key")
	}
	f("GET", g.admin+"/metrics", adminKey, 200, `tallygate_requests_total{deployment="one/gpt-4o",model="gpt-4o",operation="chat/completions",outcome="answered",status="200"} 1`)
	f("GET", g.admin+"/metrics", adminKey, 200, "tallygate_ledger_dropped_entries_total 0")
	f("POST", g.admin+"/admin/v1/config/reload", adminKey, 204, "")
	f("GET", g.admin+"/nothing", adminKey, 404, "")
}

// TLS with a self-signed certificate is trusted through its CA, speaks HTTP/2, and
// keeps its CA over a restart.
func TestSelfSigned(t *testing.T) {
	g := startGateway(t, three(), "tls: {self_signed: true}\n")
	ask := func(roots *x509.CertPool) {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
		defer client.CloseIdleConnections()
		req, _ := http.NewRequest("POST", "https://"+g.app.Addr().String()+chatPath, strings.NewReader(chat("Hello", `"stream":true`)))
		req.Header.Set("Api-Key", teamKey)
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != 200 || res.ProtoMajor != 2 || !strings.HasSuffix(string(body), "data: [DONE]\n\n") {
			t.Errorf("answer %s %s %s", res.Proto, res.Status, body)
		}
	}
	pem, err := os.ReadFile(filepath.Join(g.dir, "tls", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	ask(roots)
	g.stop()
	g.start()
	ask(roots)
}

// The address in the ledger is the peer's, unless the peer is a trusted proxy.
func TestSourceAddress(t *testing.T) {
	f := func(extra, forwarded, want string) {
		t.Helper()
		g := startGateway(t, three(), extra)
		g.post(chatPath, chat("Hello"), "X-Forwarded-For", forwarded)
		if e := g.one(); e.IP.String() != want {
			t.Errorf("%q with X-Forwarded-For %q: %s, want %s", extra, forwarded, e.IP, want)
		}
		for _, r := range g.sim.Requests() {
			if r.Header.Get("X-Forwarded-For") != "" {
				t.Error("X-Forwarded-For went upstream")
			}
		}
	}
	trusted := "trusted_proxies: [127.0.0.0/8, 10.0.0.0/8]\n"
	f("", "203.0.113.7", "127.0.0.1")                      // nobody is trusted
	f(trusted, "203.0.113.7", "203.0.113.7")               // the proxy is
	f(trusted, "198.51.100.9, 203.0.113.7", "203.0.113.7") // only the hop that the proxy wrote
	f(trusted, "203.0.113.7, 10.1.2.3", "203.0.113.7")     // through two trusted proxies
	f(trusted, "203.0.113.7:4711", "203.0.113.7")          // with a port, as Application Gateway writes
	f(trusted, "[2001:db8::7]:4711", "2001:db8::7")        // IPv6
	f(trusted, "203.0.113.7, nonsense", "127.0.0.1")       // what no proxy wrote
	f(trusted, "", "127.0.0.1")
}

// Routes that the gateway does not know pass through to one resource, with its own
// key, and are in the ledger.
func TestPassthrough(t *testing.T) {
	g := startGateway(t, three(), "passthrough: {resource: two}\n")
	a := g.do("GET", "/openai/v1/something/new?limit=2", "")
	if a.status != 404 || !strings.Contains(a.body, "Resource not found") {
		t.Errorf("answer %d %s, want the resource's own", a.status, a.body)
	}
	rs := g.sim.Requests()
	if len(rs) != 1 || rs[0].Resource != "two" || rs[0].Target != "/two/openai/v1/something/new?limit=2" || rs[0].Header.Get("Api-Key") != resourceKey {
		t.Errorf("upstream saw %+v", rs)
	}
	if e := g.one(); e.Ask.Operation != "{path...}" || e.Deployment.Resource != "two" || e.Status != 404 || e.Outcome != tallygate.Answered {
		t.Errorf("entry %+v", e)
	}
}

// Two gateways run in one process and know nothing of each other.
func TestTwoGateways(t *testing.T) {
	a, b := startGateway(t, three(), ""), startGateway(t, three(), "")
	a.post(chatPath, chat("Hello"))
	a.post(chatPath, chat("Hello"))
	b.post(chatPath, chat("Hello"))
	if n, m := len(a.entries()), len(b.entries()); n != 2 || m != 1 {
		t.Errorf("%d and %d entries, want 2 and 1", n, m)
	}
}

// After a restart the ledger goes on where it was.
func TestRestart(t *testing.T) {
	g := startGateway(t, three(), "")
	g.post(chatPath, chat("Hello"))
	g.stop()
	g.start()
	g.post(chatPath, chat("Hello"))
	if n := len(g.entries()); n != 2 {
		t.Errorf("%d entries after a restart, want 2", n)
	}
}

// A limit refuses with the wait in both headers, and the refusal is in the ledger.
func TestRequestLimit(t *testing.T) {
	g := startGateway(t, three(), "callers:\n  - {name: team, key: "+teamKey+", limits: [{requests: 2, per: minute}]}\n")
	statuses := ""
	for range 4 {
		a := g.post(chatPath, chat("Hello"))
		statuses += " " + http.StatusText(a.status)
		if a.status == 429 && (a.header.Get("Retry-After") == "" || a.header.Get("Retry-After-Ms") == "" || !strings.Contains(a.message(), "retry after")) {
			t.Errorf("refusal %v %s", a.header, a.body)
		}
	}
	// The clock's minute may turn once between them.
	if n := strings.Count(statuses, "Too Many"); n == 0 || n > 2 {
		t.Errorf("answers%s", statuses)
	}
	if n := len(g.entries()); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
}
