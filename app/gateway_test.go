package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/simulator"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/policy"
)

// The credentials of the test gateway.
const (
	teamKey     = "team-key-0123456789"
	otherKey    = "other-key-0123456789"
	adminKey    = "admin-key-0123456789"
	resourceKey = "resource-key-0123456789"
)

// gateway is a running gateway before a simulator, reached through its listeners.
type gateway struct {
	t     *testing.T
	sim   *simulator.Simulator
	app   *app.App
	url   string // of the data side
	admin string
	dir   string
	// config is the text that the next load reads.
	config   atomic.Pointer[string]
	logs     *syncBuffer
	stopped  bool
	policies []policy.Policy // beside the built-in ones
}

// three is the simulator most tests run on: the same model in three resources.
func three() simulator.Config {
	deployments := func() []simulator.Deployment {
		return []simulator.Deployment{{Name: "gpt-4o"}, {Name: "gpt-4o-mini"}, {Name: "text-embedding-3-small"}}
	}
	return simulator.Config{Seed: 1, Resources: []simulator.Resource{
		{Name: "one", Region: "swedencentral", Key: resourceKey, Deployments: deployments()},
		{Name: "two", Region: "eastus2", Key: resourceKey, Deployments: deployments()},
		{Name: "three", Region: "japaneast", Key: resourceKey, Deployments: deployments()},
	}}
}

// config of three; %s is the simulator's address, extra is appended.
func threeConfig(upstream, dir, extra string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "listen: 127.0.0.1:0\nadmin: {listen: 127.0.0.1:0, key: %s}\ndata: %s\nlog: {level: debug}\n", adminKey, dir)
	if !strings.Contains(extra, "timeouts:") {
		b.WriteString("timeouts: {drain: {deadline: 2s}}\n")
	}
	b.WriteString("resources:\n")
	for i, name := range []string{"one", "two", "three"} {
		fmt.Fprintf(&b, "  - name: %s\n    endpoint: %s/%s\n    key: %s\n    deployments:\n", name, upstream, name, resourceKey)
		fmt.Fprintf(&b, "      - {name: gpt-4o, priority: %d}\n      - {name: gpt-4o-mini}\n      - {name: text-embedding-3-small}\n", i+1)
	}
	if !strings.Contains(extra, "callers:") {
		fmt.Fprintf(&b, "callers:\n  - {name: team, key: %s, group: product}\n  - {name: other, key: %s, models: [gpt-4o-mini]}\n", teamKey, otherKey)
	}
	return b.String() + extra
}

// startGateway starts a gateway before a simulator of the given configuration and
// stops both with the test. extra is YAML added to threeConfig.
func startGateway(t *testing.T, sim simulator.Config, extra string) *gateway {
	t.Helper()
	s, err := simulator.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	g := &gateway{t: t, sim: s, dir: t.TempDir(), logs: new(syncBuffer)}
	g.configure(threeConfig(server.URL, g.dir, extra))
	g.start()
	t.Cleanup(g.stop)
	return g
}

// configure sets what the next load reads.
func (g *gateway) configure(text string) { g.config.Store(&text) }

func (g *gateway) start() {
	g.t.Helper()
	a, err := app.New(g.t.Context(), app.Options{
		Load: func() (*config.Config, error) {
			return config.Parse("gateway.yaml", []byte(*g.config.Load()), config.Env{})
		},
		Version: "test", Policies: g.policies, Log: slog.New(slog.NewJSONHandler(g.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		g.t.Fatalf("start: %v", err)
	}
	if err := a.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.app, g.stopped = a, false
	g.url, g.admin = "http://"+a.Addr().String(), "http://"+a.AdminAddr().String()
}

func (g *gateway) stop() {
	if g.stopped {
		return
	}
	g.stopped = true
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := g.app.Stop(ctx); err != nil {
		g.t.Errorf("stop: %v", err)
	}
}

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is the error code of the body, empty when there is none.
func (a answer) code() string {
	var body struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(a.body), &body)
	return body.Error.Code
}

// message is the error message of the body.
func (a answer) message() string {
	var body struct{ Error struct{ Message string } }
	_ = json.Unmarshal([]byte(a.body), &body)
	return body.Error.Message
}

const chatPath = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"

// chat is a body that asks for a chat; members are further members of the object.
func chat(prompt string, members ...string) string {
	p, _ := json.Marshal(prompt)
	return `{"messages":[{"role":"user","content":` + string(p) + `}]` + strings.Join(append([]string{""}, members...), ",") + `}`
}

// post sends a body with the team's key; header are further name, value pairs.
func (g *gateway) post(path, body string, header ...string) answer {
	g.t.Helper()
	return g.do("POST", path, body, header...)
}

func (g *gateway) do(method, path, body string, header ...string) answer {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Api-Key", teamKey)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Del(header[i])
		if header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatalf("read the answer to %s: %v", path, err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// entries stops the gateway and returns all its ledger holds, in order.
func (g *gateway) entries() []tallygate.Entry {
	g.t.Helper()
	g.stop()
	return readLedger(g.t, g.dir)
}

// readLedger returns all entries of a data directory no gateway runs on.
func readLedger(t *testing.T, dir string) []tallygate.Entry {
	t.Helper()
	r, err := ledger.OpenReader(t.Context(), dir, func(ctx context.Context) (ledger.Store, error) {
		return sqlite.Open(ctx, filepath.Join(dir, app.StoreFile), sqlite.Options{ReadOnly: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []tallygate.Entry
	for after := int64(0); ; {
		page, err := r.Read(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return out
		}
		for _, n := range page {
			out = append(out, n.Entry)
			after = n.Seq
		}
	}
}

// one returns the only entry of the ledger.
func (g *gateway) one() tallygate.Entry {
	g.t.Helper()
	es := g.entries()
	if len(es) != 1 {
		g.t.Fatalf("%d entries in the ledger, want 1", len(es))
	}
	return es[0]
}

// syncBuffer is a buffer that many may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// dataIn returns the configuration with another data directory.
func dataIn(config, was, is string) string {
	return strings.Replace(config, "data: "+was, "data: "+is, 1)
}
