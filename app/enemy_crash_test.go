package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/simulator"
)

// changes is what clients know of the objects they put into gateways that were killed
// under them. Each put carries a number, one more than that of the put before.
type changes struct {
	mu      sync.Mutex
	objects map[string]*change // by path
	people  map[string]*attendance
	highest int64 // version that anybody was told
}

type change struct {
	sent, acked int
	version     int64
}

// attendance is somebody who was let in. While a change of the key is not answered
// either key may be the one.
type attendance struct {
	*guest
	key      string
	renewing bool
}

// killable is a gateway in a process of its own.
type killable struct {
	*exec.Cmd
	url, admin string
	client     *http.Client
}

// startKillable starts one whose admin side is reached too.
func startKillable(t *testing.T, text string) *killable {
	t.Helper()
	child, url, admin := startChild(t, text)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 10 * time.Second}
	return &killable{child, url, admin, client}
}

// bodies are the bodies of objects that carry a number.
var bodies = map[string]func(n int) string{
	"/admin/v1/limits/one": func(n int) string { return fmt.Sprintf(`{"requests":%d,"per":"year"}`, 1_000_000+n) },
	"/admin/v1/limits/two": func(n int) string { return fmt.Sprintf(`{"tokens":%d,"per":"hour","each":"caller"}`, 1_000_000+n) },
	"/admin/v1/events/one": func(n int) string { return party("first-party", fmt.Sprintf(`"max_tokens":%d`, 1+n)) },
	"/admin/v1/prices/one": func(n int) string {
		return fmt.Sprintf("currency: USD\nprices: [{model: gpt-4o, prompt: 7777, completion: %d}]", 1+n)
	},
}

// put changes an object until the gateway is gone.
func (c *changes) put(ctx context.Context, g *killable, path string) {
	for ctx.Err() == nil {
		c.mu.Lock()
		o := c.objects[path]
		o.sent++
		n, first := o.sent, o.acked == 0 && o.sent == 1
		c.mu.Unlock()
		req, _ := http.NewRequest("PUT", g.admin+path, strings.NewReader(bodies[path](n)))
		req.Header.Set("Authorization", "Bearer "+adminKey)
		if !first {
			req.Header.Set("If-Match", "*")
		}
		res, err := g.client.Do(req)
		if err != nil {
			return
		}
		res.Body.Close()
		if res.StatusCode == http.StatusPreconditionFailed && o.acked == 0 { // the first put was never made
			c.mu.Lock()
			o.sent = 0
			c.mu.Unlock()
			continue
		}
		if res.StatusCode/100 != 2 {
			continue
		}
		version := int64(0)
		fmt.Sscanf(res.Header.Get("ETag"), `"%d"`, &version)
		c.mu.Lock()
		o.acked, o.version = n, max(o.version, version)
		c.highest = max(c.highest, version)
		c.mu.Unlock()
	}
}

// join signs people up, some of whom ask for another key, until the gateway is gone.
func (c *changes) join(ctx context.Context, g *killable, prefix string) {
	for n := 0; ctx.Err() == nil; n++ {
		name, b := fmt.Sprintf("%s-%d", prefix, n), newGuest(g.client)
		if a, err := b.signUp(g.url, "party", "party-people", name); err != nil || a.status != http.StatusSeeOther {
			return
		}
		key, err := b.key(g.url, "party")
		if err != nil {
			return
		}
		p := &attendance{b, key, n%3 == 0}
		c.mu.Lock()
		c.people[name] = p
		c.mu.Unlock()
		if !p.renewing {
			continue
		}
		if a, err := b.do("POST", g.url, "/event/party/renew", ""); err != nil || a.status != http.StatusSeeOther {
			return
		}
		next, err := b.key(g.url, "party")
		if err != nil {
			return
		}
		c.mu.Lock()
		p.key, p.renewing = next, false
		c.mu.Unlock()
	}
}

// check holds what a gateway says after its start to what clients know.
func (c *changes) check(t *testing.T, g *killable) {
	t.Helper()
	for path, o := range c.objects {
		dir := path[:strings.LastIndex(path, "/")]
		req, _ := http.NewRequest("GET", g.admin+dir, nil)
		req.Header.Set("Authorization", "Bearer "+adminKey)
		res, err := g.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Limits, Events []struct {
				ID, Name, Problem string
				Version           int64
				Amount            int
				MaxTokens         int `json:"max_tokens"`
			}
			Prices []struct{ Rates map[string]string }
			Stored []struct {
				ID, Problem string
				Version     int64
			}
		}
		err = json.NewDecoder(res.Body).Decode(&list)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		n, version, problem := 0, int64(0), ""
		for _, l := range append(list.Limits, list.Events...) {
			if l.Name != path[len(dir)+1:] && l.ID != path[len(dir)+1:] {
				continue
			}
			n, version, problem = max(l.Amount-1_000_000, l.MaxTokens-1), l.Version, l.Problem
		}
		for _, s := range list.Stored {
			version, problem = s.Version, s.Problem
			for _, p := range list.Prices {
				if at := p.Rates["completion"]; p.Rates["prompt"] == "7777.00" {
					fmt.Sscanf(at, "%d", &n)
					n--
				}
			}
		}
		if n < o.acked || n > o.sent || version < o.version || problem != "" {
			t.Errorf("%s: number %d at version %d, problem %q; %d was put and %d promised, at version %d", path, n, version, problem, o.sent, o.acked, o.version)
		}
	}
	for name, p := range c.people {
		p.client = g.client
		key, err := p.guest.key(g.url, "party")
		if err != nil {
			t.Fatal(err)
		}
		if p.renewing && key == "" { // the session of before; it is not of the key
			t.Errorf("%s is forgotten", name)
		}
		if !p.renewing && key != p.key {
			t.Errorf("%s has the key %q and was told %q", name, key, p.key)
		}
		p.key, p.renewing = key, false
	}
}

// The gateway is killed again and again while objects are put and people sign up. What
// was promised is there after it, versions never go back, nothing is there by half, and
// everybody has the key that was shown.
func TestKilledUnderChanges(t *testing.T) {
	sim, err := simulator.New(three())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	text := threeConfig(server.URL, t.TempDir(), strings.NewReplacer("Workshop", "Party", "workshop2026", "party-people").Replace(workshop()))
	c := &changes{objects: make(map[string]*change), people: make(map[string]*attendance)}
	for path := range bodies {
		c.objects[path] = new(change)
	}
	random, rounds, least := rand.New(rand.NewPCG(3, 4)), 8, 50*time.Millisecond
	if racing {
		rounds, least = 2, 600*time.Millisecond
	}
	for round := range rounds {
		g := startKillable(t, text)
		c.check(t, g)
		if t.Failed() {
			g.Process.Kill()
			t.FailNow()
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for path := range bodies {
			wg.Go(func() { c.put(ctx, g, path) })
		}
		for worker := range 3 {
			wg.Go(func() { c.join(ctx, g, fmt.Sprintf("r%d-w%d", round, worker)) })
		}
		time.Sleep(least + time.Duration(random.IntN(150))*time.Millisecond)
		if err := g.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		stop()
		wg.Wait()
		g.Wait()
		g.client.CloseIdleConnections()
	}
	g := startKillable(t, text)
	defer func() { g.Process.Kill(); g.Wait() }()
	c.check(t, g)
	for name, p := range c.people {
		req, _ := http.NewRequest("POST", g.url+chatPath, strings.NewReader(chat("hi")))
		req.Header.Set("Api-Key", p.key)
		res, err := g.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("the key of %s is answered %d", name, res.StatusCode)
		}
	}
	t.Logf("%d people, highest version %d", len(c.people), c.highest)
	if len(c.people) < 4*rounds || c.highest < int64(10*rounds) {
		t.Errorf("only %d people and version %d in %d rounds: the test proves little", len(c.people), c.highest, rounds)
	}
}
