package app_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// inviting is an events section with two events that are open: party, and workshop
// beside it.
func inviting(members ...string) string {
	own := workshop(members...)
	other := strings.NewReplacer("events:\n", "", "Workshop", "Party", "workshop2026", "party-people").Replace(own)
	return own + other
}

// visitor is somebody new before a gateway's pages.
func (g *gateway) visitor() *guest {
	return newGuest(&http.Client{Transport: http.DefaultTransport})
}

// member is a visitor who signed up for the party, with the key that was shown.
func (g *gateway) member(name string) (*guest, string) {
	g.t.Helper()
	b := g.visitor()
	if a, err := b.signUp(g.url, "party", "party-people", name); err != nil || a.status != http.StatusSeeOther {
		g.t.Fatal(name, err, a.status, a.body)
	}
	key, err := b.key(g.url, "party")
	if err != nil || key == "" {
		g.t.Fatalf("%s has the key %q: %v", name, key, err)
	}
	return b, key
}

// Forms of any size and kind are refused in words, soon, and without being read whole;
// nobody is signed up by them.
func TestMonstrousForms(t *testing.T) {
	g := startGateway(t, three(), inviting()+"timeouts: {body: 500ms, drain: {deadline: 1s}}\n")
	const urlencoded = "application/x-www-form-urlencoded"
	post := func(kind, framing, body string) string {
		t.Helper()
		return g.status(g.raw(fmt.Sprintf("POST /event/party/signup HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nContent-Type: %s\r\n%s\r\n\r\n%s",
			strings.TrimPrefix(g.url, "http://"), g.url, kind, framing, body)))
	}
	good := "code=party-people&name=eve"
	sized := func(body string) string { return fmt.Sprintf("Content-Length: %d", len(body)) }
	chunk := "400\r\n" + strings.Repeat("a", 0x400) + "\r\n"
	long, many := "code=party-people&name="+strings.Repeat("x", 1<<20), strings.Repeat("name=&", 2000)
	for _, c := range []struct{ what, kind, framing, body, want string }{
		{"a promise of 100 MB", urlencoded, "Content-Length: 100000000", long, "413"},
		{"chunks without an end", urlencoded, "Transfer-Encoding: chunked", strings.Repeat(chunk, 500), "413"},
		{"a name of 1 MB", urlencoded, sized(long), long, "413"},
		{"thousands of names", urlencoded, sized(many + good), many + good, "400"},
		{"fields without names", urlencoded, "Content-Length: 8000", strings.Repeat("&", 8000), "403"},
		{"a broken chunk", urlencoded, "Transfer-Encoding: chunked", "zz\r\n", "400"},
		{"JSON", "application/json", sized(good), good, "403"},
		{"no kind", "", sized(good), good, "403"},
		{"half a kind", "application/", sized(good), good, "4"},
		{"a kind of parts", "multipart/form-data; boundary=x", sized(good), good, "403"},
		{"a kind of 8 KB", "multipart/form-data; boundary=" + strings.Repeat("x", 8<<10), sized(good), good, "403"},
		{"another alphabet", urlencoded + "; charset=utf-16", "Content-Length: 4", "\xff\xfe\x00c", "403"},
		{"a length and chunks", urlencoded, "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n", "403"},
		{"two lengths", urlencoded, "Content-Length: 5\r\nContent-Length: 6", "hello!", "400"},
		{"compressed", urlencoded, "Content-Encoding: gzip\r\n" + sized(good), good, "303"}, // nobody reads that header
	} {
		if got := post(c.kind, c.framing, c.body); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s is answered %q, want %s", c.what, got, c.want)
		}
	}
	if a := g.must(200, "GET", "/admin/v1/events/party/attendees", ""); strings.Count(a.body, `"id"`) != 1 || !strings.Contains(a.body, `"eve"`) {
		t.Errorf("signed up are %s", a.body)
	}
	if strings.Contains(g.logs.String(), "panic") {
		t.Error("something panicked")
	}
}

// Headers of any size and kind are refused, and the gateway goes on.
func TestMonstrousHeaders(t *testing.T) {
	g := startGateway(t, three(), inviting())
	get := func(header string) string {
		t.Helper()
		return g.status(g.raw("GET /event/party HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n"))
	}
	name := "Cookie: tallygate-party="
	for what, c := range map[string]struct{ header, want string }{
		"one of 1 MB":           {"X: " + strings.Repeat("x", 1<<20), "431"},
		"ten thousand":          {strings.Repeat("X: y\r\n", 20_000) + "Z: z", "431"},
		"a cookie of 60 KB":     {name + strings.Repeat("A", 60<<10), "200"},
		"thousands of cookies":  {name + strings.Repeat("x; tallygate-party=", 2500), "200"},
		"a cookie of rubbish":   {name + "\x80\xff\"\\;;;=", "4"},
		"credentials of 60 KB":  {"Authorization: Bearer " + strings.Repeat("x", 60<<10), "200"},
		"a site of rubbish":     {"Sec-Fetch-Site: \x80", "200"},
		"a forwarded rubbish":   {"X-Forwarded-For: " + strings.Repeat("1,", 10_000), "200"},
		"a range of everything": {"Range: bytes=0-" + strings.Repeat(",0-", 5000), "200"},
	} {
		got := get(c.header)
		if !strings.HasPrefix(got, c.want) && !(c.want == "4" && strings.HasPrefix(got, "200")) {
			t.Errorf("%s: answered %q, want %s", what, got, c.want)
		}
	}
	if strings.Contains(g.logs.String(), "panic") {
		t.Error("something panicked")
	}
}

// A body that trickles in where nobody reads it holds a connection only for a while, on
// whichever route, and so does a client that does not read what it asked for.
func TestTricklesAreCut(t *testing.T) {
	g := startGateway(t, three(), inviting()+"timeouts: {body: 300ms, drain: {deadline: 1s}}\n")
	for _, route := range []string{
		"GET /livez", "GET /event/party", "GET /event/none", "PUT /event/party/signup", "GET /event/assets/page.js",
		"POST /api/v1/attendee/event/party/register", "GET /api/v1/nothing", "GET /api/nothing", "GET /", "POST " + chatPath, "GET /nothing",
		"admin GET /livez", "admin GET /metrics", "admin PUT /admin/v1/limits/x",
	} {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			base, line := g.url, route
			if rest, ok := strings.CutPrefix(route, "admin "); ok {
				base, line = g.admin, rest
			}
			conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n", line)
			gone := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, conn)
				gone <- err
			}()
			for begin := time.Now(); time.Since(begin) < 4*time.Second; time.Sleep(50 * time.Millisecond) {
				if len(gone) > 0 {
					return
				}
				if _, err := io.WriteString(conn, "1\r\na\r\n"); err != nil {
					return
				}
			}
			t.Error("4 s of trickling, and it is still waited for")
		})
	}
}

// A client that does not read what it asked for, again and again, loses its connection.
func TestPagesNobodyReads(t *testing.T) {
	g := startGateway(t, three(), inviting()+"timeouts: {body: 300ms, drain: {deadline: 1s}}\n")
	conn := g.raw("")
	conn.(*net.TCPConn).SetReadBuffer(4096)
	ask := strings.Repeat("GET /event/party HTTP/1.1\r\nHost: x\r\n\r\n", 100)
	for begin := time.Now(); time.Since(begin) < 10*time.Second; {
		conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.WriteString(conn, ask); err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				break // it is not read any more, nor closed
			}
			return
		}
	}
	t.Error("the gateway still waits for who does not read")
}

// No address leads anywhere but to what it names: not out of the events, not to another
// site, and never to a failure.
func TestPathTricks(t *testing.T) {
	g := startGateway(t, three(), inviting())
	_, key := g.member("ann")
	for _, path := range []string{
		"/event/", "/event//", "/event/%2e%2e/party", "/event/../party", "/event/party/../party", "/event/party%00", "/event/%00", "/event/party%2F",
		"/event/party%2Fsignup", "/event/party/%2e%2e/workshop", "/event/PARTY", "/event/party%20", "/event/party;x", "/event/party%3f", "/event/-", "/event/callback",
		"/event/callback/", "/event/callback/none", "/event/callback/%2e%2e", "/event/assets", "/event/assets/", "/event/assets/../page.js",
		"/event/assets/%2e%2e/%2e%2e/event.secret", "/event/assets/..%2f..%2fsignup.go", "/event/assets/page.js%00", "/event/party/signin/", "/event/party/signin/%2e%2e",
		"/event/party/signin/https:%2f%2fevil.example", "/event/party/live.json/", "/event/party/report.csv%00", "/event/" + strings.Repeat("x", 60_000),
		"/event/" + strings.Repeat("%2e", 10_000), "/event/party/" + strings.Repeat("signup/", 5_000), "/event/\xff\xfe", "/event/ｐａｒｔｙ",
		"//evil.example/event/party", "/event//evil.example", "/event/\\evil.example", "/event/party/\\evil.example", "/event/party//evil.example",
		"/%65vent/party", "/api/v1/attendee/event/%2e%2e", "/api/v1/attendee/event/party%00/register", "/api/v1/attendee/event//register", "/api/v1/attendee/",
		"http://evil.example/event/none", "/event/party?next=https://evil.example&redirect_uri=//evil.example",
	} {
		for _, method := range []string{"GET", "POST", "HEAD", "DELETE", "OPTIONS"} {
			conn := g.raw(method + " " + path + " HTTP/1.1\r\nHost: evil.example\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
			if err != nil {
				t.Errorf("%s %.60q: %v", method, path, err)
				continue
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			conn.Close()
			if to := res.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
				t.Errorf("%s %.60q leads to %q", method, path, to)
			}
			if res.StatusCode >= 500 || strings.Contains(string(body), key) || strings.Contains(string(body), "ann") && strings.Contains(string(body), "tge-") {
				t.Errorf("%s %.60q: %d %.200s", method, path, res.StatusCode, body)
			}
		}
	}
}

// Whoever is not Ann does not come to Ann's key, usage or page: not by a cookie that was
// changed, made, carried to another event or kept for too long, not by the key or the
// name of somebody else, and not from another site.
func TestNobodyIsAnn(t *testing.T) {
	g := startGateway(t, three(), inviting("limits: [{requests: 3, per: event, each: attendee}]"))
	ann, key := g.member("ann")
	eve, own := g.member("eve")
	const cookie = "tallygate-party"
	sealed, err := base64.RawURLEncoding.DecodeString(ann.cookies[cookie])
	if err != nil {
		t.Fatal(err)
	}
	mine, err := base64.RawURLEncoding.DecodeString(eve.cookies[cookie])
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.RawURLEncoding.EncodeToString
	flipped := append([]byte(nil), sealed...)
	flipped[0] ^= 1
	for what, value := range map[string]string{
		"Eve's seal on Ann's name": encoded(append(append([]byte(nil), mine[:32]...), sealed[32:]...)),
		"no seal":                  encoded(sealed[32:]),
		"a seal of nothing":        encoded(append(make([]byte, 32), sealed[32:]...)),
		"a changed seal":           encoded(flipped),
		"a cut one":                encoded(sealed[:len(sealed)-1]),
		"a longer one":             encoded(append(sealed, '0')),
		"a seal alone":             encoded(sealed[:32]),
		"nothing":                  "",
	} {
		b := g.visitor()
		b.cookies[cookie] = value
		if got, err := b.key(g.url, "party"); err != nil || got != "" {
			t.Errorf("%s shows the key %q: %v", what, got, err)
		}
		if a, err := b.do("GET", g.url, "/api/v1/attendee/event/party", ""); err != nil || a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s %v", what, a.status, a.body, err)
		}
	}
	carried := g.visitor()
	carried.cookies["tallygate-workshop"] = ann.cookies[cookie]
	carried.cookies["__Host-tallygate-party"] = ann.cookies[cookie]
	for _, event := range []string{"workshop", "party"} {
		if got, err := carried.key(g.url, event); err != nil || got != "" {
			t.Errorf("Ann's cookie under another name shows the key %q at %s: %v", got, event, err)
		}
	}
	for _, form := range []string{"leave", "renew", "signup", "signout"} { // Ann's browser on Eve's site
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "same-site"}} {
			a, err := ann.do("POST", g.url, "/event/party/"+form, "code=party-people&name=mallory", header...)
			if err != nil || a.status != http.StatusForbidden {
				t.Errorf("%s from another site (%v): %d %v", form, header, a.status, err)
			}
		}
	}
	for _, name := range []string{"ann", " Ann ", "ANN"} {
		if a, err := eve.signUp(g.url, "party", "party-people", name); err != nil || a.status != http.StatusBadRequest || strings.Contains(a.body, key) {
			t.Errorf("Eve signs up as %q: %d %v", name, a.status, err)
		}
	}
	for _, path := range []string{"live.json", "cards.json", "report.json", "report.csv"} {
		for _, bearer := range []string{"", own, "party-people", "party-people/ann", g.liveSecret("workshop")} {
			if a, err := eve.do("GET", g.url, "/event/party/"+path, "", "Authorization", "Bearer "+bearer); err != nil || a.status != http.StatusUnauthorized {
				t.Errorf("%s with %.20q: %d %v", path, bearer, a.status, err)
			}
		}
	}
	for _, path := range []string{"/admin/v1/events", "/admin/v1/events/party/attendees", "/metrics"} {
		for _, base := range []string{g.url, g.admin} {
			if a, err := eve.do("GET", base, path, "", "Authorization", "Bearer "+own); err != nil || a.status/100 != 4 {
				t.Errorf("%s%s with an attendee's key: %d %v", base, path, a.status, err)
			}
		}
	}
	if got, err := ann.key(g.url, "party"); err != nil || got != key {
		t.Errorf("Ann's key became %q: %v", got, err)
	}
}

// liveSecret is what the organiser's link of an event ends in.
func (g *gateway) liveSecret(event string) string {
	g.t.Helper()
	var e struct{ Live string }
	decode(g.t, g.must(200, "GET", "/admin/v1/events/"+event, ""), &e)
	_, secret, _ := strings.Cut(e.Live, "#")
	return secret
}

// Whoever types the id of somebody who signed up, behind the shared code, does not become
// that person: what it uses is not that person's.
func TestTypedIDs(t *testing.T) {
	g := startGateway(t, three(), inviting("limits: [{requests: 1, per: event, each: attendee}]"))
	_, key := g.member("ann")
	var list struct{ Attendees []struct{ ID string } }
	decode(t, g.must(200, "GET", "/admin/v1/events/party/attendees", ""), &list)
	id := list.Attendees[0].ID
	for _, typed := range []string{id, strings.ToUpper(id)} {
		g.post(chatPath, chat("hi"), "Api-Key", "party-people/"+typed)
		g.post(chatPath, chat("hi"), "Api-Key", "party@party-people/"+typed)
	}
	if a := g.post(chatPath, chat("hi"), "Api-Key", key); a.status != http.StatusOK {
		t.Errorf("Ann, who has asked nothing yet: %d %s", a.status, a.body)
	}
}
