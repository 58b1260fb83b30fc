package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// Bad input is told what is wrong with it, in the shape and with the status that
// clients know; it is in the ledger, and nothing of ours is in the answer.
func TestBadInput(t *testing.T) {
	g := startGateway(t, three(), "max_body: 1MB\n")
	n := 0
	f := func(status int, code, about, method, path, body string, header ...string) {
		t.Helper()
		n++
		a := g.do(method, path, body, header...)
		if a.status != status || a.code() != code || !strings.Contains(a.message(), about) {
			t.Errorf("%s %s %.60s: %d %s, want %d %s about %q", method, path, body, a.status, a.body, status, code, about)
		}
		for _, secret := range []string{resourceKey, teamKey, "127.0.0.1", g.dir, "goroutine"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("%s %s: the answer tells %q: %s", method, path, secret, a.body)
			}
		}
	}
	v1 := "/openai/v1/chat/completions"
	// Who asks.
	f(401, "401", "Access denied", "POST", chatPath, chat("x"), "Api-Key", "")
	f(401, "401", "Access denied", "POST", chatPath, chat("x"), "Api-Key", "wrong-key-0123456789")
	f(401, "401", "Access denied", "GET", "/nothing/here", "", "Api-Key", "")
	f(403, "ModelNotAllowed", "gpt-4o", "POST", chatPath, chat("x"), "Api-Key", otherKey)
	f(403, "OperationNotAllowed", "files", "GET", "/openai/v1/files", "", "Api-Key", otherKey)
	// For what.
	f(404, "DeploymentNotFound", "nope", "POST", strings.Replace(chatPath, "gpt-4o", "nope", 1), chat("x"))
	f(404, "DeploymentNotFound", "nope", "POST", v1, `{"model":"nope","messages":[]}`)
	f(404, "404", "api-version", "POST", "/openai/deployments/gpt-4o/chat/completions", chat("x"))
	f(404, "404", "", "GET", "/etc/passwd", "")
	f(405, "MethodNotAllowed", "POST", "GET", chatPath, "")
	f(400, "BadRequest", "", "POST", chatPath, `not json`)
	f(400, "BadRequest", "", "POST", chatPath, `{"messages":[`)
	f(400, "BadRequest", "twice", "POST", v1, `{"model":"gpt-4o-mini","model":"gpt-4o","messages":[]}`)
	f(400, "BadRequest", "twice", "POST", v1, `{"model":"gpt-4o-mini","mod\u0065l":"gpt-4o","messages":[]}`)
	f(400, "BadRequest", "", "POST", chatPath, `[]`)
	f(400, "BadRequest", "stream", "POST", chatPath, chat("x", `"stream":"yes"`))
	f(400, "BadRequest", "max_tokens", "POST", chatPath, chat("x", `"max_tokens":-1`))
	f(400, "BadRequest", "model", "POST", v1, `{"model":7,"messages":[]}`)
	f(400, "BadRequest", "", "POST", chatPath, "{\"messages\":\"\xff\"}")
	f(413, "RequestEntityTooLarge", "", "POST", chatPath, chat(strings.Repeat("x", 1<<20)))

	es := g.entries()
	if len(es) != n {
		t.Fatalf("%d entries for %d requests", len(es), n)
	}
	for _, e := range es {
		if e.Outcome != tallygate.Refused || e.Status < 400 || e.Code == "" || e.Usage.Known() || e.Attempts != 0 {
			t.Errorf("entry %+v", e)
		}
	}
	if len(g.sim.Requests()) != 0 {
		t.Errorf("%d requests went upstream", len(g.sim.Requests()))
	}
	for _, secret := range []string{resourceKey, teamKey, otherKey, adminKey, "wrong-key-0123456789"} {
		if strings.Contains(g.logs.String(), secret) {
			t.Errorf("the log tells the secret %q", secret)
		}
	}
}

// Whatever a path says, a request never leaves the resources' own paths.
func TestPathsThatAim(t *testing.T) {
	g := startGateway(t, three(), "")
	for _, target := range []string{
		"//evil.example/openai/v1/files", "/http://evil.example/", "http://evil.example/openai/v1/files",
		"/openai/v1/../../evil", "/openai/v1/%2e%2e/%2e%2e/evil", "/openai/v1/..%2f..%2fevil", "/openai/v1/@evil.example/x",
		"/openai/v1/x%0d%0aHost:%20evil", "/openai/deployments/..%2f..%2f/chat/completions?api-version=2024-10-21",
		"/openai/deployments/gpt-4o/../../../evil?api-version=2024-10-21", `/openai/v1/\evil.example`, "/openai/v1/x%00y",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nConnection: close\r\n\r\n", target, teamKey)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		io.Copy(io.Discard, res.Body)
		conn.Close()
		if res.StatusCode >= 500 || res.StatusCode < 400 && res.StatusCode >= 300 {
			t.Errorf("%s: answered %d", target, res.StatusCode)
		}
	}
	for _, r := range g.sim.Requests() {
		path, _, _ := strings.Cut(r.Target, "?")
		if !strings.HasPrefix(path, "/one/openai/") || strings.ContainsAny(path, "\\@\r\n") || strings.Contains(path, "..") || strings.Contains(path, "//") {
			t.Errorf("this went upstream: %+v", r)
		}
	}
}

// A body that lies about its length is refused and recorded, and the gateway goes on.
func TestBodyThatLies(t *testing.T) {
	g := startGateway(t, three(), "timeouts: {body: 200ms, drain: {deadline: 2s}}\n")
	raw := func(length int, body string) string {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			chatPath, teamKey, length, body)
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return strings.TrimSpace(line)
	}
	body := chat("Hello")
	if got := raw(len(body)+10, body); got != "HTTP/1.1 408 Request Timeout" {
		t.Errorf("a body that never ends: %q", got)
	}
	if got := raw(len(body)-1, body); got != "HTTP/1.1 400 Bad Request" {
		t.Errorf("a body cut by its own length: %q", got)
	}
	if a := g.post(chatPath, body); a.status != 200 {
		t.Errorf("the request after them: %d", a.status)
	}
	if es := g.entries(); len(es) != 3 {
		t.Errorf("%d entries, want 3", len(es))
	}
}
