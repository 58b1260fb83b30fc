//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/simulator"
)

// process is a gateway of its own, as an operator runs it.
type process struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	addr   string
	exited chan struct{}
	// resources are what it stands before.
	resources *simulator.Simulator

	mu  sync.Mutex
	log bytes.Buffer
}

// Write takes the process's stderr.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// serveProcess starts a gateway with the configuration in file, relative to a new
// directory that prepare fills, before simulated resources of that pace.
func serveProcess(t *testing.T, latency simulator.Latency, file string, prepare func(dir, config string)) *process {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Pace: 1, Resources: []simulator.Resource{{
		Name: "contoso", Key: "resource-key", Deployments: []simulator.Deployment{{Name: "gpt-4o", Latency: latency}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(sim)
	t.Cleanup(func() { upstream.CloseClientConnections(); upstream.Close() })
	p := &process{t: t, dir: t.TempDir(), exited: make(chan struct{}), resources: sim}
	config := fmt.Sprintf("listen: 127.0.0.1:0\nadmin: {listen: ''}\ndata: %s/data\ntimeouts: {drain: {deadline: 20s}}\n"+
		"resources:\n  - {name: contoso, endpoint: %q, key: resource-key, deployments: [{name: gpt-4o}]}\n"+
		"callers:\n  - {name: one, key: first-key-0123}\n", p.dir, upstream.URL+"/contoso")
	prepare(p.dir, config)
	p.cmd = exec.Command("tallygate", "serve", "-c", filepath.Join(p.dir, file))
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // ProcessState tells
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.exited
		if t.Failed() {
			t.Logf("the gateway said:\n%s", p.text())
		}
	})
	p.addr, _ = p.logged("serving", 1)["addr"].(string)
	return p
}

// logged waits for the nth line of the log with that message and returns it.
func (p *process) logged(message string, nth int) (line map[string]any) {
	p.t.Helper()
	err := poll(func() error {
		seen := 0
		for text := range strings.Lines(p.text()) {
			var l map[string]any
			if json.Unmarshal([]byte(text), &l) == nil && l["msg"] == message {
				if seen++; seen == nth {
					line = l
					return nil
				}
			}
		}
		select {
		case <-p.exited:
			p.t.Fatalf("the gateway ended without logging %q: %v", message, p.cmd.ProcessState)
		default:
		}
		return fmt.Errorf("%q was logged %d times, want %d", message, seen, nth)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return line
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits until the process has exited and checks its code.
func (p *process) ends(code int, within time.Duration) {
	p.t.Helper()
	began := time.Now()
	select {
	case <-p.exited:
	case <-time.After(within):
		p.t.Fatalf("still running after %v", within)
	}
	p.t.Logf("ended after %v", time.Since(began))
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
}

const shortChat = `{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}`

func (p *process) ask(key string) (status int, answer string, err error) {
	return post(p.t.Context(), "http://"+p.addr+"/openai/v1/chat/completions", key, shortChat)
}

// answers checks which status a key gets.
func (p *process) answers(key string, want int) {
	p.t.Helper()
	if status, answer, err := p.ask(key); err != nil || status != want {
		p.t.Errorf("key %s: status %d (%v), want %d: %s", key, status, err, want, answer)
	}
}

// recorded checks how many entries of an outcome the ledger has.
func (p *process) recorded(outcome string, want int64) {
	p.t.Helper()
	code, out, words := inProcess(p.t, "usage", "--data", filepath.Join(p.dir, "data"), "--where", "outcome="+outcome, "-o", "json")
	var table struct{ Total struct{ Requests int64 } }
	if err := json.Unmarshal([]byte(out), &table); err != nil || code != 0 {
		p.t.Fatalf("usage: exit %d, %v, %s", code, err, words)
	}
	if table.Total.Requests != want {
		p.t.Errorf("%d entries are %s, want %d", table.Total.Requests, outcome, want)
	}
}

// replace puts content in the place of a file at once, as editors do.
func replace(t *testing.T, file, content string) {
	t.Helper()
	err := errors.Join(os.WriteFile(file+".new", []byte(content), 0o600), os.Rename(file+".new", file))
	if err != nil {
		t.Fatal(err)
	}
}

const (
	reloaded    = "configuration reloaded"
	notReloaded = "the configuration was not reloaded; the running one stays"
)

// SIGHUP and every way in which a file is changed reload it; a wrong file leaves the
// running configuration as it is.
func TestReload(t *testing.T) {
	t.Parallel()
	var file, config string
	p := serveProcess(t, simulator.Latency{FirstToken: time.Nanosecond, PerToken: time.Nanosecond}, "tallygate.yaml", func(dir, text string) {
		file = filepath.Join(dir, "tallygate.yaml")
		config = strings.Replace(text, "first-key-0123", `"${file:secrets/key}"`, 1)
		if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(dir, "secrets", "key"), "first-key-0123")
		replace(t, file, config)
	})
	p.answers("first-key-0123", http.StatusOK)

	replace(t, filepath.Join(p.dir, "secrets", "key"), "second-key-0123")
	p.signal(syscall.SIGHUP)
	p.logged(reloaded, 1)
	p.answers("second-key-0123", http.StatusOK)
	p.answers("first-key-0123", http.StatusUnauthorized)

	replace(t, file, config+"  - {name: two, key: third-key-0123}\n")
	p.logged(reloaded, 2)
	p.answers("third-key-0123", http.StatusOK)

	replace(t, file, config+"  - {name: two, kye: fourth-key-0123}\n")
	if err := fmt.Sprint(p.logged(notReloaded, 1)["err"]); !strings.Contains(err, `did you mean "key"?`) || strings.Contains(err, "fourth") {
		t.Errorf("the log does not say what is wrong, or too much: %s", err)
	}
	p.answers("third-key-0123", http.StatusOK)
	p.signal(syscall.SIGHUP)
	p.logged(notReloaded, 2)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.logged(notReloaded, 3)
	p.answers("third-key-0123", http.StatusOK)

	if err := os.WriteFile(file, []byte(config+"  - {name: two, key: fifth-key-0123}\n"), 0o600); err != nil {
		t.Fatal(err) // in place, as some editors do
	}
	p.logged(reloaded, 3)
	p.answers("fifth-key-0123", http.StatusOK)
	p.answers("third-key-0123", http.StatusUnauthorized)
	p.signal(syscall.SIGINT)
	p.ends(exitOK, 20*time.Second)
	p.recorded("answered", 6)
	p.recorded("refused", 2)
}

// Kubernetes swaps a link to a directory beside the file, and others keep the file
// elsewhere and link to it: both are noticed.
func TestReloadBehindLinks(t *testing.T) {
	t.Parallel()
	var config string
	p := serveProcess(t, simulator.Latency{}, "mount/tallygate.yaml", func(dir, text string) {
		config = text
		err := errors.Join(os.MkdirAll(filepath.Join(dir, "mount", "..1"), 0o700), os.Mkdir(filepath.Join(dir, "elsewhere"), 0o700),
			os.Symlink("..1", filepath.Join(dir, "mount", "..data")),
			os.Symlink("..data/tallygate.yaml", filepath.Join(dir, "mount", "tallygate.yaml")),
			os.Symlink(filepath.Join(dir, "elsewhere", "tallygate.yaml"), filepath.Join(dir, "mount", "..1", "tallygate.yaml")))
		if err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(dir, "elsewhere", "tallygate.yaml"), text)
	})
	replace(t, filepath.Join(p.dir, "elsewhere", "tallygate.yaml"), config+"  - {name: two, key: second-key-0123}\n")
	p.logged(reloaded, 1)

	next := filepath.Join(p.dir, "mount", "..2")
	err := errors.Join(os.Mkdir(next, 0o700),
		os.WriteFile(filepath.Join(next, "tallygate.yaml"), []byte(config+"  - {name: two, key: third-key-0123}\n"), 0o600),
		os.Symlink("..2", filepath.Join(p.dir, "mount", "..new")),
		os.Rename(filepath.Join(p.dir, "mount", "..new"), filepath.Join(p.dir, "mount", "..data")))
	if err != nil {
		t.Fatal(err)
	}
	p.logged(reloaded, 2)
	p.signal(syscall.SIGINT)
	p.ends(exitOK, 20*time.Second)
}

// request sends a request and returns once it has come to the resource; what the
// caller got follows.
func (p *process) request() (answer <-chan string) {
	p.t.Helper()
	got := make(chan string, 1)
	go func() {
		status, text, err := p.ask("first-key-0123")
		got <- fmt.Sprint(status, " ", text, " ", err)
	}()
	err := poll(func() error {
		if p.resources.Counters()["contoso/gpt-4o"].InFlight == 0 {
			return errors.New("no request has come to the resource")
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// SIGTERM lets a running request finish, refuses new ones, and ends with everything
// in the ledger.
func TestDrain(t *testing.T) {
	t.Parallel()
	p := serveProcess(t, simulator.Latency{FirstToken: time.Second, PerToken: 20 * time.Millisecond, Jitter: -1}, "tallygate.yaml", plainFile(t))
	answer := p.request()
	p.signal(syscall.SIGTERM)
	p.logged("stopping", 1)
	if got := <-answer; !strings.Contains(got, `"finish_reason":"stop"`) || !strings.HasSuffix(got, "<nil>") {
		t.Errorf("the running request was not finished: %s", got)
	}
	p.ends(exitOK, 20*time.Second)
	p.logged("stopped", 1)
	p.recorded("answered", 1)
}

// A second signal gives up what runs, and records that too.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p := serveProcess(t, simulator.Latency{FirstToken: time.Hour, Jitter: -1}, "tallygate.yaml", plainFile(t))
	answer := p.request()
	p.signal(syscall.SIGTERM)
	p.logged("stopping", 1)
	p.signal(syscall.SIGTERM)
	p.ends(exitOK, 10*time.Second)
	if got := <-answer; !strings.HasPrefix(got, "503 ") || !strings.Contains(got, "being stopped") {
		t.Errorf("the caller got %.200s", got)
	}
	p.recorded("failed", 1)
}

func plainFile(t *testing.T) func(dir, config string) {
	return func(dir, config string) { replace(t, filepath.Join(dir, "tallygate.yaml"), config) }
}
