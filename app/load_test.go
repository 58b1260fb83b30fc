package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/simulator"
)

// 200 parallel streams each have their own usage, and every row of the ledger has
// that of its own request.
func TestParallelStreams(t *testing.T) {
	sim := three()
	sim.Pace = 0.05
	g := startGateway(t, sim, "")
	type usage struct{ Prompt_tokens, Completion_tokens int64 }
	var mu sync.Mutex
	want := make(map[string]usage)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			id := fmt.Sprintf("stream-%d", i)
			body := chat(strings.Repeat("word ", i+1)+fmt.Sprintf("[[tokens=%d]]", i%50+1), `"stream":true`, `"stream_options":{"include_usage":true}`)
			a := g.post(chatPath, body, "X-Request-Id", id)
			var got usage
			for line := range strings.Lines(a.body) {
				var chunk struct{ Usage *usage }
				if data, ok := strings.CutPrefix(line, "data: {"); ok && json.Unmarshal([]byte("{"+data), &chunk) == nil && chunk.Usage != nil {
					got = *chunk.Usage
				}
			}
			mu.Lock()
			defer mu.Unlock()
			want[id] = got
		})
	}
	wg.Wait()
	es := g.entries()
	if len(es) != 200 {
		t.Fatalf("%d entries for 200 streams", len(es))
	}
	distinct := make(map[usage]bool)
	for _, e := range es {
		got := usage{e.Usage.Prompt, e.Usage.Completion}
		distinct[got] = true
		if got != want[e.RequestID] || got.Completion_tokens == 0 || e.Usage.Source != tallygate.Exact {
			t.Errorf("%s: the ledger has %+v, the client got %+v", e.RequestID, e.Usage, want[e.RequestID])
		}
	}
	if len(distinct) < 100 {
		t.Errorf("only %d distinct usages: the test proves little", len(distinct))
	}
}

// A client that goes away mid-stream ends the upstream's work within a second, and
// what it was sent is counted. A thousand of them leave nothing behind.
func TestAbortedStreams(t *testing.T) {
	sim := three()
	sim.Pace = 1
	for i := range sim.Resources {
		for j := range sim.Resources[i].Deployments {
			sim.Resources[i].Deployments[j].Latency = simulator.Latency{FirstToken: time.Millisecond, PerToken: 5 * time.Millisecond}
		}
	}
	g := startGateway(t, sim, "")
	client := &http.Client{Transport: &http.Transport{}}
	abort := func() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "POST", g.url+chatPath, strings.NewReader(chat("Tell me. [[tokens=4000]]", `"stream":true`)))
		req.Header.Set("Api-Key", teamKey)
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		for range 6 {
			lines.Scan()
		}
	}
	abort() // opens what stays open, and loads the tokenizer
	settle(t, g, 1)
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range 10 {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(abort)
		}
		wg.Wait()
	}
	settle(t, g, 1001)
	client.CloseIdleConnections()
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > goroutines+10 || openFiles(t) > files+10 {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines and %d files, began with %d and %d", runtime.NumGoroutine(), openFiles(t), goroutines, files)
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, e := range g.entries()[1:] {
		if e.Outcome != tallygate.Aborted || e.Usage.Source != tallygate.Partial || e.Usage.Prompt == 0 || e.Total > 10*time.Second {
			t.Fatalf("entry %+v", e)
		}
	}
}

// settle waits until the simulator has seen n requests cancelled.
func settle(t *testing.T, g *gateway, n int64) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for canceled(g) < n {
		if time.Now().After(deadline) {
			t.Fatalf("the simulator has seen %d of %d requests cancelled", canceled(g), n)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func canceled(g *gateway) (n int64) {
	for _, c := range g.sim.Counters() {
		n += int64(c.Canceled)
	}
	return n
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(files)
}

// A client that leaves a stream before any of it has come is charged for what the
// deployment had the time to do.
func TestAbortedBeforeTheAnswer(t *testing.T) {
	g := startGateway(t, three(), "")
	g.fault(simulator.Fault{Kind: simulator.Stall})
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "POST", g.url+chatPath, strings.NewReader(chat("Hello, how are you?", `"stream":true`)))
	req.Header.Set("Api-Key", teamKey)
	done := make(chan error)
	go func() {
		_, err := http.DefaultTransport.RoundTrip(req)
		done <- err
	}()
	for inFlight(g) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
	settle(t, g, 1)
	e := g.one()
	if e.Outcome != tallygate.Aborted || e.Status != 499 || e.Usage.Source != tallygate.Partial || e.Usage.Prompt != 13 || e.Usage.Completion < 1000 || e.Usage.Completion > 20_000 || e.Attempts != 1 {
		t.Errorf("entry %+v", e)
	}
}
