package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// aDay is an event with a code, for the routes that need one.
const aDay = "events:\n  - {name: A Day, code: myevent2026, start: 2020-01-01T00:00, end: 2099-01-01T00:00, models: [gpt-4o]}\n"

// raw sends bytes to an address and returns the answer, and whether the connection ended
// with it.
func raw(t *testing.T, addr, send string) (answer, bool) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	go io.WriteString(c, send) // what does not read it all may answer before
	method, _, _ := strings.Cut(send, " ")
	br := bufio.NewReader(c)
	res, err := http.ReadResponse(br, &http.Request{Method: strings.Replace(method, "CONNECT", "POST", 1)})
	if err != nil {
		t.Fatalf("%.60q: %v", send, err)
	}
	body, _ := io.ReadAll(res.Body)
	got := answer{res.StatusCode, res.Header, string(body)}
	_ = c.SetDeadline(time.Now().Add(500 * time.Millisecond))
	_, err = br.ReadByte()
	return got, err == io.EOF
}

// Every door takes its own methods. Whatever it refuses it refuses in its own shape, with
// the methods that it takes, and nothing of it goes to a deployment.
func TestDoors(t *testing.T) {
	g := startGateway(t, three(), aDay)
	const text, page, data = "text/plain; charset=utf-8", "text/html; charset=utf-8", "application/json"
	all := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"}
	for _, door := range []struct {
		path, kind string
		ok         map[string]int // what its methods answer
		allow      string         // what the others are told; they get 405
	}{
		{"/livez", text, map[string]int{"GET": 200, "HEAD": 200}, "GET, HEAD"},
		{"/readyz", text, map[string]int{"GET": 200, "HEAD": 200}, "GET, HEAD"},
		{"/healthz", text, map[string]int{"GET": 200, "HEAD": 200}, "GET, HEAD"},
		{"/powerproxy/health/liveness", "", map[string]int{"GET": 204, "HEAD": 204}, "GET, HEAD"},
		{"/", page, map[string]int{"GET": 200, "HEAD": 200}, "GET, HEAD"},
		{"/event/nothing", page, map[string]int{"GET": 404, "HEAD": 404, "POST": 404, "PUT": 404, "PATCH": 404, "DELETE": 404, "OPTIONS": 404, "TRACE": 404, "PROPFIND": 404}, ""},
		{"/event/a-day", page, map[string]int{"GET": 200, "HEAD": 200}, "GET, HEAD"},
		{"/api/eventinfo", data, map[string]int{"POST": 401, "OPTIONS": 204}, "POST"},
		{"/api/oai_prompt", data, map[string]int{"POST": 401, "OPTIONS": 204}, "POST"},
		{"/api/nothing", data, map[string]int{"GET": 404, "HEAD": 404, "POST": 404, "PUT": 404, "PATCH": 404, "DELETE": 404, "OPTIONS": 404, "TRACE": 404, "PROPFIND": 404}, ""},
		{"/api/v1/door", data, map[string]int{"GET": 200, "HEAD": 200, "POST": 400}, "GET, HEAD, POST"},
		{"/api/v1/door/ticket", data, map[string]int{"POST": 401}, "POST"},
		{"/api/v1/door/key", data, map[string]int{"POST": 400}, "POST"},
		{"/api/v1/session", data, map[string]int{"GET": 401, "HEAD": 401, "OPTIONS": 204}, "GET, HEAD"},
	} {
		for _, method := range all {
			a := g.do(method, door.path, "", "Api-Key", "")
			want, ok := door.ok[method]
			kind := door.kind
			if !ok {
				want = 405
				if a.header.Get("Allow") != door.allow && door.allow != "" {
					t.Errorf("%s %s: allow %q, want %q", method, door.path, a.header.Get("Allow"), door.allow)
				}
				if kind != page || door.path == "/" {
					kind = data
				}
			}
			if a.status != want {
				t.Errorf("%s %s: %d %.100s, want %d", method, door.path, a.status, a.body, want)
			}
			if got := a.header.Get("Content-Type"); a.status != 204 && !strings.HasPrefix(got, kind) {
				t.Errorf("%s %s: %d as %q, want %q", method, door.path, a.status, got, kind)
			}
		}
	}
	// The line says nothing to who has no key, and then what it takes.
	for _, path := range []string{"/nothing", "/openai/nothing", chatPath, "/v1/chat/completions", "/v1/models", "/powerproxy/other", "/favicon.txt"} {
		for _, method := range all {
			if a := g.do(method, path, "", "Api-Key", ""); a.status != 401 || !strings.HasPrefix(a.header.Get("Content-Type"), data) {
				t.Errorf("%s %s without a key: %d as %s", method, path, a.status, a.header.Get("Content-Type"))
			}
		}
	}
	for _, path := range []string{"/nothing", "/powerproxy/other", "/favicon.txt"} {
		if a := g.do("GET", path, ""); a.status != 404 || a.code() == "" {
			t.Errorf("GET %s: %d %s", path, a.status, a.body)
		}
	}
	if n := len(g.sim.Requests()); n != 0 {
		t.Errorf("%d requests came to the deployments", n)
	}
}

// The admin side answers its probes to everybody, and the rest in JSON to who has the key.
func TestAdminDoors(t *testing.T) {
	g := startGateway(t, three(), "")
	for _, door := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/livez", 405, "GET, HEAD"}, {"HEAD", "/readyz", 200, ""}, {"GET", "/powerproxy/health/liveness", 204, ""},
		{"GET", "/admin/v1/nothing", 404, ""}, {"GET", "/", 404, ""},
		{"DELETE", "/metrics", 405, "GET, HEAD"}, {"GET", "/admin/v1/config/reload", 405, "POST"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), door.method, g.admin+door.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(door.path, "z") && !strings.Contains(door.path, "powerproxy") {
			req.Header.Set("Authorization", "Bearer "+adminKey)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		kind := res.Header.Get("Content-Type")
		if res.StatusCode != door.status || res.Header.Get("Allow") != door.allow || door.status >= 400 && !strings.HasPrefix(kind, "application/json") {
			t.Errorf("%s %s: %s, %q, allow %q", door.method, door.path, res.Status, kind, res.Header.Get("Allow"))
		}
	}
}

// A tunnel is opened nowhere, by nobody, and its connection ends; so does one whose header
// is longer than any that is due. Both are told in the shape of all refusals.
func TestTurnedAway(t *testing.T) {
	g := startGateway(t, three(), "")
	data, admin := g.app.Addr().String(), g.app.AdminAddr().String()
	long := "Api-Key: " + teamKey + "\r\nCookie: " + strings.Repeat("x", 80<<10) + "\r\n"
	for _, addr := range []string{data, admin} {
		for _, send := range []string{
			"CONNECT /livez HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
			"CONNECT / HTTP/1.1\r\nHost: a\r\nApi-Key: " + teamKey + "\r\n\r\n", "CONNECT " + chatPath + " HTTP/1.1\r\nHost: a\r\nApi-Key: " + teamKey + "\r\n\r\n",
		} {
			a, ended := raw(t, addr, send+"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
			if a.status != 405 || a.code() != "MethodNotAllowed" || a.header.Get("Allow") == "" || !ended {
				t.Errorf("%.40q: %d %s, ended %v", send, a.status, a.body, ended)
			}
		}
		for _, send := range []string{"GET /livez", "POST " + chatPath, "GET /", "GET /metrics"} {
			a, ended := raw(t, addr, send+" HTTP/1.1\r\nHost: a\r\n"+long+"\r\n")
			if a.status != 431 || a.code() != "RequestHeaderFieldsTooLarge" || !ended {
				t.Errorf("%s with a long header: %d %.100s, ended %v", send, a.status, a.body, ended)
			}
		}
	}
	a, _ := raw(t, data, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
	if a.status != 200 || a.body != "" {
		t.Errorf("OPTIONS *: %d %s", a.status, a.body)
	}
	// Twice the limit of ours is the server's own, which speaks plain text.
	if a, ended := raw(t, data, "GET / HTTP/1.1\r\nHost: a\r\nCookie: "+strings.Repeat("x", 1<<20)+"\r\n\r\n"); a.status != 431 || !ended {
		t.Errorf("a megabyte of a header: %d, ended %v", a.status, ended)
	}
	if n := len(g.sim.Requests()); n != 0 {
		t.Errorf("%d requests came to the deployments", n)
	}
}
