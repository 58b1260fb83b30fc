package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/simulator"
)

// childConfig names, in a child's environment, the configuration to serve.
const childConfig = "TALLYGATE_TEST_CHILD"

// childLog makes the child write its log to its standard error.
const childLog = "TALLYGATE_TEST_CHILD_LOG"

// TestMain is the test binary's own gateway when it runs as a child: a gateway
// that can be killed.
func TestMain(m *testing.M) {
	text := os.Getenv(childConfig)
	if text == "" {
		os.Exit(m.Run())
	}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv(childLog) != "" {
		log = slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	a, err := app.New(context.Background(), app.Options{Log: log, Load: func() (*config.Config, error) {
		return config.Parse("child.yaml", []byte(text), config.Env{})
	}})
	if err == nil {
		err = a.Start()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	admin := "" // where it has none
	if at := a.AdminAddr(); at != nil {
		admin = " http://" + at.String()
	}
	fmt.Println("http://" + a.Addr().String() + admin)
	io.Copy(io.Discard, os.Stdin) // until the parent is gone
	if err := a.Stop(context.Background()); err != nil {
		os.Exit(1)
	}
}

// startChild starts a gateway in a process of its own and returns its address, and that
// of its admin side, on ports that it got and nobody else can.
func startChild(t *testing.T, text string) (child *exec.Cmd, url, admin string) {
	t.Helper()
	child = exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childConfig+"="+text)
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if !strings.HasPrefix(line, "http://") {
		t.Fatalf("the child says %q", line)
	}
	url, admin, _ = strings.Cut(strings.TrimSpace(line), " ")
	return child, url, admin
}

// answered is what clients got from gateways that were killed under them.
type answered struct {
	mu    sync.Mutex
	any   map[string]bool  // requests of which a first byte came
	whole map[string]int64 // total tokens of those that came whole
}

// ask sends one chat and notes what came of it.
func (a *answered) ask(client *http.Client, url, id string, stream bool) {
	body := chat(fmt.Sprintf("%s [[tokens=%d]]", id, 3+len(id)%7), fmt.Sprintf(`"stream":%v`, stream))
	if stream {
		body = strings.Replace(body, `"stream":true`, `"stream":true,"stream_options":{"include_usage":true}`, 1)
	}
	req, _ := http.NewRequest("POST", url+chatPath, strings.NewReader(body))
	req.Header.Set("Api-Key", teamKey)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Request-Id", id)
	res, err := client.Do(req)
	if err != nil || res.StatusCode != 200 {
		return
	}
	defer res.Body.Close()
	a.mu.Lock()
	a.any[id] = true
	a.mu.Unlock()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return
	}
	i := strings.LastIndex(string(text), `"usage":{`)
	var usage struct{ Total_tokens int64 }
	if i < 0 || json.NewDecoder(strings.NewReader(string(text[i+len(`"usage":`):]))).Decode(&usage) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.whole[id] = usage.Total_tokens
}

// The gateway is killed under load twenty times. Every request that anyone got a
// byte of is in the ledger exactly once, and no request is there twice. What came
// whole counts as it was, or, when the kill came between its last byte and its
// entry, at its hold.
func TestKilledUnderLoad(t *testing.T) {
	sim, err := simulator.New(three())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	dir := t.TempDir()
	text := threeConfig(server.URL, dir, "")
	got := answered{any: make(map[string]bool), whole: make(map[string]int64)}
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 20 // and one more start at the end, which settles what the last kill left
	if racing {
		rounds = 4
	}
	for round := range rounds {
		child, url, _ := startChild(t, text)
		ctx, stop := context.WithCancel(t.Context())
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 10 * time.Second}
		var wg sync.WaitGroup
		for worker := range 16 {
			wg.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					got.ask(client, url, fmt.Sprintf("r%d-w%d-n%d", round, worker, n), n%2 == 0)
				}
			})
		}
		time.Sleep(time.Duration(50+random.IntN(200)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		stop()
		wg.Wait()
		child.Wait()
		client.CloseIdleConnections()
	}
	g := &gateway{t: t, dir: dir, logs: new(syncBuffer)}
	g.configure(text)
	g.start()
	seen := make(map[string]tallygate.Entry)
	unsettled := 0
	for _, e := range g.entries() {
		if _, twice := seen[e.RequestID]; twice {
			t.Errorf("%s is in the ledger twice", e.RequestID)
		}
		seen[e.RequestID] = e
		if e.Outcome == tallygate.Unsettled {
			unsettled++
			if e.Usage.Source != tallygate.Held || e.Usage.Total != e.Hold.Tokens() || e.Hold.Tokens() == 0 {
				t.Errorf("unsettled %+v", e)
			}
		}
	}
	for id := range got.any {
		if _, ok := seen[id]; !ok {
			t.Errorf("%s was answered and is not in the ledger", id)
		}
	}
	for id, total := range got.whole {
		if e := seen[id]; e.Usage.Total != total && e.Outcome != tallygate.Unsettled {
			t.Errorf("%s used %d tokens, the ledger has %+v", id, total, e.Usage)
		}
	}
	t.Logf("%d answered (%d whole), %d entries, %d unsettled", len(got.any), len(got.whole), len(seen), unsettled)
	if len(got.whole) < 10*rounds {
		t.Errorf("only %d answers in %d rounds: the test proves little", len(got.whole), rounds)
	}
}
