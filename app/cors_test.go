package app_test

import (
	"strings"
	"testing"
)

// preflight asks as a browser does whether a page may send a request.
func (g *gateway) preflight(path, origin, method, headers string, more ...string) answer {
	g.t.Helper()
	return g.do("OPTIONS", path, "", append([]string{"Api-Key", "", "Origin", origin,
		"Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers}, more...)...)
}

const private = "Access-Control-Request-Private-Network"

// A preflight is answered before anybody is asked for a key: to all pages for the routes
// that need an event's code, for the rest only to those that the configuration names.
func TestPreflight(t *testing.T) {
	const named = "cors: {origins: [\"https://app.example\", \"https://*.contoso.com\", \"http://localhost:*\"]}\n"
	coded := []string{"/api/eventinfo", "/api/oai_prompt", "/api/v1/eventinfo", "/api/v1/playground", "/v1/api/chat/completions"}
	line := []string{chatPath, "/v1/models", "/openai/v1/files/file-1", "/api/v1/openai/deployments/gpt-4o/chat/completions", "/api/v1/session"}
	own := []string{"/", "/event/a-day", "/api/v1/attendee/"}
	for _, c := range []struct {
		config, origin     string
		coded, line, named bool
	}{
		{"", "https://evil.example", true, false, false},
		{"", "null", true, false, false},
		{"cors: {events: []}\n", "https://evil.example", false, false, false},
		{"cors: {events: [\"https://workshop.example\"]}\n", "https://workshop.example", true, false, true},
		{"cors: {events: [\"https://workshop.example\"]}\n", "https://evil.example", false, false, false},
		{named, "https://app.example", true, true, true},
		{named, "https://app.example.evil.example", true, false, false},
		{named, "http://app.example", true, false, false},
		{named, "https://app.example:8443", true, false, false},
		{named, "https://a.b.contoso.com", true, true, true},
		{named, "https://contoso.com", true, false, false},
		{named, "https://evilcontoso.com", true, false, false},
		{named, "https://evil.example/.contoso.com", true, false, false},
		{named, "http://localhost:5173", true, true, true},
		{named, "http://localhost:5173.evil.example", true, false, false},
		{named, "http://localhost", true, false, false},
	} {
		g := startGateway(t, three(), aDay+c.config)
		check := func(path string, may bool) {
			a := g.preflight(path, c.origin, "POST", "content-type,Openai-Event-Code,x-stainless-os,x-evil,cookie", private, "true")
			allowed := a.header.Get("Access-Control-Allow-Origin")
			switch {
			case !may && (a.status != 403 || allowed != "" || a.code() != "OriginNotAllowed"):
				t.Errorf("%q: %s for %s: %d %s, allow %q", c.config, path, c.origin, a.status, a.body, allowed)
			case may && (a.status != 204 || allowed != map[bool]string{true: c.origin, false: "*"}[c.named] ||
				a.header.Get("Access-Control-Allow-Headers") != "content-type, openai-event-code, x-stainless-os" ||
				!strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "POST") ||
				(a.header.Get("Access-Control-Allow-Private-Network") != "") != c.named ||
				!strings.Contains(a.header.Get("Vary"), "Origin")):
				t.Errorf("%q: %s for %s: %d %v", c.config, path, c.origin, a.status, a.header)
			}
			if a.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s allows credentials", path)
			}
		}
		for _, path := range coded {
			check(path, c.coded)
		}
		for _, path := range line {
			check(path, c.line)
		}
		for _, path := range own {
			check(path, false)
		}
		if n := len(g.entries()); n != 0 {
			t.Errorf("%d preflights are in the ledger", n)
		}
	}
}

// The first playground, on an origin of its own, works with the gateway's address; a page
// that is not named sends nothing else.
func TestPlaygroundElsewhere(t *testing.T) {
	g := startGateway(t, three(), aDay)
	const origin = "https://playground.example"
	header := []string{"Api-Key", "", "Origin", origin, "Openai-Event-Code", "myevent2026"}
	if a := g.preflight("/api/eventinfo", origin, "POST", "content-type,openai-event-code"); a.status != 204 {
		t.Fatalf("preflight: %d %s", a.status, a.body)
	}
	info := g.do("POST", "/api/eventinfo", `"myevent2026"`, header...)
	if info.status != 200 || info.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(info.body, "A Day") {
		t.Errorf("eventinfo: %d %v %s", info.status, info.header, info.body)
	}
	wrong := g.do("POST", "/api/eventinfo", "", "Api-Key", "", "Origin", origin, "Openai-Event-Code", "otherevent")
	if wrong.status != 401 || wrong.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("a wrong code: %d, and the page may not read it: %v", wrong.status, wrong.header)
	}
	if a := g.post(chatPath, chat("Hello"), "Origin", origin); a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a page that is not named may read the line's answer: %v", a.header)
	}
}

// A page that is named reads answers, streams and refusals of every SDK's route, and those
// headers of them that SDKs read; the resource's own words about origins stay behind.
func TestNamedPage(t *testing.T) {
	g := startGateway(t, three(), "cors: {origins: [\"https://app.example\"]}\nlimits: [{requests: 100, per: minute}]\n")
	const origin = "https://app.example"
	for name, a := range map[string]answer{
		"answer":  g.post(chatPath, chat("Hello"), "Origin", origin),
		"stream":  g.post(chatPath, chat("Hello", `"stream":true`), "Origin", origin),
		"models":  g.do("GET", "/v1/models", "", "Origin", origin),
		"refusal": g.post(chatPath, "{", "Origin", origin),
		"no key":  g.post(chatPath, chat("Hello"), "Origin", origin, "Api-Key", ""),
	} {
		h := a.header
		if h.Get("Access-Control-Allow-Origin") != origin || !strings.Contains(strings.Join(h["Vary"], ","), "Origin") || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d %v", name, a.status, h)
		}
		exposed := ", " + h.Get("Access-Control-Expose-Headers") + ","
		for _, want := range []string{"x-request-id", "x-ratelimit-remaining-requests"} {
			if h.Get(want) != "" && !strings.Contains(exposed, ", "+want+",") {
				t.Errorf("%s: a page may read %s", name, exposed)
			}
		}
		if strings.Contains(exposed, "date") {
			t.Errorf("%s: a page may read %s", name, exposed)
		}
	}
	if a := g.post(chatPath, chat("Hello")); len(a.header["Vary"]) != 0 {
		t.Errorf("without a page: %v", a.header)
	}
}
