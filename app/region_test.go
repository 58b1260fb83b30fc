package app_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tallygate/tallygate/internal/simulator"
)

// A region that dies under load costs nobody an answer: of sixty chats, four at a time,
// none fails when the first region's server goes away for good in the midst of them. (What
// of a stream has left already cannot be asked for elsewhere; it ends in an error.)
func TestARegionIsKilledUnderLoad(t *testing.T) {
	g := startGateway(t, three(), "")
	doomed, err := simulator.New(three())
	if err != nil {
		t.Fatal(err)
	}
	region := httptest.NewServer(doomed)
	defer region.Close()
	text := *g.config.Load()
	at := strings.Index(text, "endpoint: ") + len("endpoint: ")
	g.configure(text[:at] + region.URL + "/one" + text[at+strings.IndexByte(text[at:], '\n'):])
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var kill sync.Once
	for worker := range 4 {
		wait.Go(func() {
			for i := range 15 {
				if i == 5 && worker == 0 {
					kill.Do(func() {
						region.Listener.Close() // nobody gets in any more
						region.CloseClientConnections()
					})
				}
				a := g.post(chatPath, chat("Hello [[tokens=12]]", `"max_tokens":20`))
				if a.status != 200 {
					t.Errorf("worker %d, chat %d: %d %s", worker, i, a.status, a.body)
				}
			}
		})
	}
	wait.Wait()
	served := make(map[string]int)
	for _, e := range g.entries() {
		if e.Deployment != nil {
			served[e.Deployment.Resource]++
		}
	}
	if served["one"] == 0 || served["two"] == 0 || served["one"]+served["two"]+served["three"] != 60 {
		t.Errorf("served %v, want some in the region before it died and the rest elsewhere", served)
	}
}

// Provisioned throughput is used first, and what it has no room for spills over to
// pay-as-you-go without a refusal that anybody sees.
func TestProvisionedThroughputSpills(t *testing.T) {
	sim := three()
	sim.Resources[0].Deployments[0] = simulator.Deployment{Name: "gpt-4o", PTU: 15}
	g := startGateway(t, sim, "")
	g.configure(strings.Replace(*g.config.Load(), "{name: gpt-4o, priority: 1}", "{name: gpt-4o, priority: 1, ptu: 15}", 1))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if a := g.post(chatPath, chat("Hello [[tokens=500]]", `"max_tokens":1000`)); a.status != 200 {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
	}
	served := make(map[string]int)
	for _, e := range g.entries() {
		served[e.Deployment.Resource]++
	}
	if served["one"] < 5 || served["two"] == 0 || served["one"]+served["two"]+served["three"] != 40 {
		t.Errorf("served %v, want the provisioned one first and the rest elsewhere", served)
	}
}
