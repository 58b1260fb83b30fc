package h1_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// secureServer answers with the protocol, the server name asked for and whether
// the TLS session was resumed.
func secureServer(t *testing.T) (*httptest.Server, *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Conn", r.RemoteAddr)
		fmt.Fprintf(w, "%s sni=%s resumed=%t", r.Proto, r.TLS.ServerName, r.TLS.DidResume)
	}))
	s.EnableHTTP2 = true // which must not be offered
	s.StartTLS()
	t.Cleanup(s.Close)
	return s, s.Client().Transport.(*http.Transport).TLSClientConfig
}

// https speaks HTTP/1.1 over verified TLS, keeps its connections, and resumes the
// session on the next one. The caller's configuration stays as it was.
func TestTLS(t *testing.T) {
	s, cfg := secureServer(t)
	cfg = cfg.Clone()
	cfg.NextProtos = []string{"h2"}
	cfg.ServerName = "example.com"
	tr := newTransport(t)
	tr.TLS = cfg
	conns := map[string]bool{}
	for i := range 6 {
		if i == 3 {
			tr.CloseIdleConnections()
		}
		res, body := fetch(t, tr, newRequest(t, "POST", s.URL, strings.NewReader(strings.Repeat("x", i*20_000))))
		if want := fmt.Sprintf("HTTP/1.1 sni=example.com resumed=%t", i >= 3); body != want {
			t.Errorf("request %d: %s, want %s", i, body, want)
		}
		if res.TLS == nil || len(res.TLS.PeerCertificates) == 0 {
			t.Error("the answer does not tell about TLS")
		}
		conns[res.Header.Get("X-Conn")] = true
	}
	if len(conns) != 2 {
		t.Errorf("%d connections, want 2", len(conns))
	}
	if cfg.NextProtos[0] != "h2" || cfg.ClientSessionCache != nil {
		t.Error("the caller's tls.Config was changed")
	}
}

func TestTLSFails(t *testing.T) {
	s, cfg := secureServer(t)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	other := cfg.Clone()
	other.ServerName = "other.example"
	for name, c := range map[string]struct {
		url string
		cfg *tls.Config
	}{
		"a certificate of nobody known":  {s.URL, nil},
		"a certificate for another name": {s.URL, other},
		"a server without TLS":           {strings.Replace(plain.URL, "http", "https", 1), cfg},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTransport(t)
			tr.TLS = c.cfg
			_, err := tr.RoundTrip(newRequest(t, "POST", c.url, strings.NewReader("secret")))
			if e, ok := errors.AsType[*h1.Error](err); !ok || e.Phase != h1.PhaseHandshake || e.Sent() {
				t.Errorf("error %v (%#v)", err, e)
			}
		})
	}
}

// A server that closes an idle TLS connection (its close_notify lies unread in the
// socket) is noticed before the connection is used.
func TestTLSClosedWhileIdle(t *testing.T) {
	s, cfg := secureServer(t)
	var requests atomic.Int32
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		inner.ServeHTTP(w, r)
	})
	tr := newTransport(t)
	tr.TLS = cfg
	for range 10 {
		req := newRequest(t, "POST", s.URL, strings.NewReader("x"))
		req.GetBody = nil
		fetch(t, tr, req)
		s.CloseClientConnections()
	}
	if n := requests.Load(); n != 10 {
		t.Errorf("%d requests, want 10", n)
	}
}

// Bytes behind an answer that TLS has read but not handed on spoil the connection,
// though neither the read buffer nor the socket shows them.
func TestTLSReadsAhead(t *testing.T) {
	s, cfg := secureServer(t)
	serving := s.TLS.Clone()
	serving.DynamicRecordSizingDisabled = true // a record for each write
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\nPad: "
	fits := head + strings.Repeat("x", 4096-4000-len(head)-4) + "\r\n\r\n" + strings.Repeat("x", 4000) // the read buffer, exactly
	short := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	forged := "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
	for name, records := range map[string][]string{
		"in the same record": {fits + forged},
		"in another record":  {short, forged},
		"in the read buffer": {short + forged},
	} {
		t.Run(name, func(t *testing.T) {
			up := startServer(t, func(nc net.Conn, br *bufio.Reader) {
				held := &heldWrites{Conn: nc}
				tc := tls.Server(held, serving)
				tr := bufio.NewReader(tc)
				for {
					if _, err := http.ReadRequest(tr); err != nil {
						return
					}
					held.hold = true
					for _, r := range records {
						io.WriteString(tc, r)
					}
					held.release() // all records arrive together
				}
			})
			tr := newTransport(t)
			tr.TLS = cfg.Clone()
			tr.TLS.ServerName = "example.com"
			for range 3 {
				if _, body := fetch(t, tr, get(t, "https://"+up.Addr().String())); body == "forged" {
					t.Error("the bytes behind one answer became another")
				}
			}
			if n := up.conns.Load(); n != 3 {
				t.Errorf("%d connections, want 3", n)
			}
		})
	}
}

// heldWrites gathers what is written, to send it at once.
type heldWrites struct {
	net.Conn
	hold bool
	held []byte
}

func (h *heldWrites) Write(p []byte) (int, error) {
	if !h.hold {
		return h.Conn.Write(p)
	}
	h.held = append(h.held, p...)
	return len(p), nil
}

func (h *heldWrites) release() {
	h.Conn.Write(h.held)
	h.hold, h.held = false, nil
}

// httpProxy is a forward proxy that knows CONNECT and absolute targets, and keeps
// what it was asked for.
func httpProxy(t *testing.T, asked *[]string) *server {
	return startServer(t, func(nc net.Conn, br *bufio.Reader) {
		for {
			req, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			*asked = append(*asked, req.Method+" "+req.RequestURI+" auth="+req.Header.Get("Proxy-Authorization"))
			if req.Method == "CONNECT" {
				if strings.HasPrefix(req.Host, "forbidden") {
					io.WriteString(nc, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
					return
				}
				up, err := net.Dial("tcp", req.Host)
				if err != nil {
					return
				}
				defer up.Close()
				io.WriteString(nc, "HTTP/1.1 200 Connection established\r\n\r\n")
				go func() { io.Copy(up, br); up.Close() }()
				io.Copy(nc, up)
				return
			}
			io.Copy(io.Discard, req.Body)
			io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")
		}
	})
}

// https goes through a proxy by a tunnel, which TLS ends behind; http goes by
// absolute targets.
func TestProxy(t *testing.T) {
	s, cfg := secureServer(t)
	var asked []string
	p := httpProxy(t, &asked)
	eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
		asked = nil
		proxy := http.ProxyURL(&url.URL{Scheme: "http", Host: p.Addr().String(), User: url.UserPassword("me", "pw")})
		switch tr := rt.(type) {
		case *h1.Transport:
			tr.Proxy, tr.TLS = proxy, cfg
		case *http.Transport:
			tr.Proxy, tr.TLSClientConfig = proxy, cfg
		}
		for range 2 {
			if _, body := fetch(t, rt, newRequest(t, "POST", s.URL+"/a", strings.NewReader("x"))); !strings.HasPrefix(body, "HTTP/1.1 ") {
				t.Errorf("got %q", body)
			}
			if _, body := fetch(t, rt, get(t, "http://server.example/a%2f?b")); body != "proxy" {
				t.Errorf("got %q", body)
			}
		}
		const auth = " auth=Basic bWU6cHc="
		want := []string{"CONNECT " + s.Listener.Addr().String() + auth, "GET http://server.example/a%2f?b" + auth, "GET http://server.example/a%2f?b" + auth}
		if fmt.Sprint(asked) != fmt.Sprint(want) {
			t.Errorf("the proxy was asked\n%q, want\n%q", asked, want)
		}
		_, err := rt.RoundTrip(get(t, "https://forbidden.example/"))
		if err == nil || !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("error %v", err)
		}
		if e, ok := errors.AsType[*h1.Error](err); ok && (e.Phase != h1.PhaseDial || e.Sent()) {
			t.Errorf("error %#v", e)
		}
	})
}

// A proxy that cannot be used is an error, never a way around it.
func TestProxyUnusable(t *testing.T) {
	for name, proxy := range map[string]func(*http.Request) (*url.URL, error){
		"one that fails":        func(*http.Request) (*url.URL, error) { return nil, errors.New("bad setting") },
		"one of another scheme": http.ProxyURL(&url.URL{Scheme: "socks5", Host: "127.0.0.1:1"}),
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTransport(t)
			tr.Proxy = proxy
			_, err := tr.RoundTrip(get(t, "https://server.example/"))
			if e, ok := errors.AsType[*h1.Error](err); !ok || e.Phase != h1.PhaseDial || e.Sent() {
				t.Errorf("error %v (%#v)", err, e)
			}
		})
	}
}
