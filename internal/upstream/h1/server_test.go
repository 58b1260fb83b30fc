package h1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// server is a server whose every byte the test decides: serve is called for each
// connection, which is closed when it returns.
type server struct {
	net.Listener
	conns atomic.Int32 // accepted so far
}

// URL returns the address of path.
func (s *server) URL(path string) string { return "http://" + s.Addr().String() + path }

func startServer(t testing.TB, serve func(nc net.Conn, br *bufio.Reader)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Listener: l}
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			mu.Lock()
			open[nc] = true
			mu.Unlock()
			wg.Go(func() {
				defer nc.Close()
				serve(nc, bufio.NewReader(nc))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for nc := range open {
			nc.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return s
}

// answers serves the same bytes to each request, in pieces at "|", and closes the
// connection behind them when they end with "EOF".
func answers(t testing.TB, script string) *server {
	t.Helper()
	script, closes := strings.CutSuffix(script, "EOF")
	return startServer(t, func(nc net.Conn, br *bufio.Reader) {
		for {
			req, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			io.Copy(io.Discard, req.Body)
			for piece := range strings.SplitSeq(script, "|") {
				io.WriteString(nc, piece)
			}
			if closes {
				return
			}
		}
	})
}

func newTransport(t testing.TB) *h1.Transport {
	t.Helper()
	tr := &h1.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func get(t testing.TB, url string) *http.Request {
	t.Helper()
	return newRequest(t, "GET", url, nil)
}

func newRequest(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// fetch sends req and reads the answer to its end.
func fetch(t testing.TB, rt http.RoundTripper, req *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: body: %v", req.Method, req.URL, err)
	}
	res.Body.Close()
	return res, string(body)
}

// closeCounter is a request body that counts how often it was closed.
type closeCounter struct {
	io.Reader
	n atomic.Int32
}

func (c *closeCounter) Close() error { c.n.Add(1); return nil }

// upgradeServer switches each request to a protocol that echoes.
func upgradeServer(t testing.TB) *server {
	t.Helper()
	return startServer(t, func(nc net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		io.Copy(nc, br)
	})
}
