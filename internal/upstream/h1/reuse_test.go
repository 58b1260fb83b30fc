package h1_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// A connection is used again behind an answer that ended as it said, and only then.
func TestReuse(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	for name, c := range map[string]struct {
		script string
		spoil  func(*http.Request)
		reused bool
	}{
		"a sized answer":                    {script: ok, reused: true},
		"a chunked answer":                  {script: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", reused: true},
		"a chunked answer with a trailer":   {script: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n", reused: true},
		"an answer without a body":          {script: "HTTP/1.1 204 No Content\r\n\r\n", reused: true},
		"an answer of 100 kB":               {script: "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000), reused: true},
		"a byte behind the body":            {script: ok + "!"},
		"a second answer, unasked":          {script: ok + ok},
		"a byte behind the last chunk":      {script: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n\n"},
		"the server says close":             {script: "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nhi"},
		"HTTP/1.0":                          {script: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi"},
		"until close":                       {script: "HTTP/1.1 200 OK\r\n\r\nhiEOF"},
		"the request says close":            {script: ok, spoil: func(r *http.Request) { r.Close = true }},
		"the request's header says close":   {script: ok, spoil: func(r *http.Request) { r.Header.Set("Connection", "close") }},
		"a 204 with a body it may not have": {script: "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi"},
	} {
		t.Run(name, func(t *testing.T) {
			s := answers(t, c.script)
			tr := newTransport(t)
			for range 3 {
				req := get(t, s.URL("/"))
				if c.spoil != nil {
					c.spoil(req)
				}
				if _, body := fetch(t, tr, req); len(body) > 2 && body[:2] != "hi" && body[:2] != "xx" {
					t.Errorf("body %.20q", body)
				}
			}
			want := int32(3)
			if c.reused {
				want = 1
			}
			if got := s.conns.Load(); got != want {
				t.Errorf("%d connections for 3 requests, want %d", got, want)
			}
		})
	}
}

// A body that was closed early takes its connection along, unless all of it had
// come already.
func TestCloseBeforeEnd(t *testing.T) {
	for script, want := range map[string]int32{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello":                                                 1,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n":                      1,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n":                               2,
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello":                                                 2,
		"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000):                  2,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n":                          2,
		"HTTP/1.1 200 OK\r\n\r\nhello":                                                                      2,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 1\r\n\r\n": 2,
	} {
		s := answers(t, script)
		tr := newTransport(t)
		for range 2 {
			res, err := tr.RoundTrip(get(t, s.URL("/")))
			if err != nil {
				t.Fatal(err)
			}
			if n, err := res.Body.Read(make([]byte, 2)); n != 2 || err != nil {
				t.Errorf("read %d, %v", n, err)
			}
			res.Body.Close()
			if n, err := res.Body.Read(make([]byte, 2)); n != 0 || err == nil {
				t.Errorf("behind Close: read %d, %v", n, err)
			}
		}
		if got := s.conns.Load(); got != want {
			t.Errorf("%.120q: %d connections, want %d", script, got, want)
		}
	}
}

// pipes is a DialContext over net.Pipe, for virtual time; each connection goes to
// serve.
type pipes struct {
	serve func(nc net.Conn, br *bufio.Reader)
	conns atomic.Int32
	open  atomic.Int32
	wg    sync.WaitGroup
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.conns.Add(1)
	p.open.Add(1)
	p.wg.Go(func() {
		defer theirs.Close()
		p.serve(theirs, bufio.NewReader(theirs))
		io.Copy(io.Discard, theirs) // until our end closes
		p.open.Add(-1)
	})
	return ours, nil
}

// sayHi answers each request.
func sayHi(nc net.Conn, br *bufio.Reader) {
	for {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		io.Copy(io.Discard, req.Body)
		io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	}
}

// Idle connections are used last in, first out, kept up to the bound, and closed
// when their time has passed, whether a request comes or not.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{serve: sayHi}
		tr := &h1.Transport{DialContext: p.dial, MaxIdlePerHost: 3, IdleTimeout: time.Minute}
		var held []*http.Response
		for range 5 {
			res, err := tr.RoundTrip(get(t, "http://server/"))
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, res)
		}
		for _, res := range held {
			io.Copy(io.Discard, res.Body)
		}
		synctest.Wait()
		if p.conns.Load() != 5 || p.open.Load() != 3 {
			t.Fatalf("%d connections made, %d open, want 5 and 3", p.conns.Load(), p.open.Load())
		}
		for range 3 { // one is used, two rest
			time.Sleep(25 * time.Second)
			fetch(t, tr, get(t, "http://server/"))
		}
		synctest.Wait()
		if p.conns.Load() != 5 || p.open.Load() != 1 {
			t.Errorf("after 75 s: %d connections made, %d open, want 5 and 1", p.conns.Load(), p.open.Load())
		}
		time.Sleep(61 * time.Second)
		synctest.Wait()
		if p.open.Load() != 0 {
			t.Errorf("after another 61 s: %d open, want none", p.open.Load())
		}
		fetch(t, tr, get(t, "http://server/"))
		fetch(t, tr, get(t, "http://other/"))
		if p.conns.Load() != 7 {
			t.Errorf("%d connections, want 7: one for each host", p.conns.Load())
		}
		tr.CloseIdleConnections()
		p.wg.Wait()
	})
}

func TestNoIdle(t *testing.T) {
	s := answers(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	tr := newTransport(t)
	tr.MaxIdlePerHost = -1
	for range 3 {
		fetch(t, tr, get(t, s.URL("/")))
	}
	if n := s.conns.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

// Idle connections that the server has closed, or sent something on, are noticed
// before they are used, so that not even a request that may not be sent twice
// fails.
func TestSpoiledWhileIdle(t *testing.T) {
	for name, spoil := range map[string]func(nc *net.TCPConn){
		"closed": func(nc *net.TCPConn) { nc.CloseWrite() },
		"reset":  func(nc *net.TCPConn) { nc.SetLinger(0); nc.Close() },
		"a byte": func(nc *net.TCPConn) { io.WriteString(nc, "!") },
	} {
		t.Run(name, func(t *testing.T) {
			served := make(chan *net.TCPConn, 1)
			var requests atomic.Int32
			s := startServer(t, func(nc net.Conn, br *bufio.Reader) {
				if _, err := http.ReadRequest(br); err != nil {
					return
				}
				requests.Add(1)
				io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
				served <- nc.(*net.TCPConn)
				io.Copy(io.Discard, br)
			})
			tr := newTransport(t)
			for range 20 {
				req := newRequest(t, "POST", s.URL("/"), strings.NewReader("x"))
				req.GetBody = nil
				fetch(t, tr, req)
				spoil(<-served)
				// A round trip on the same loopback: what was sent has arrived.
				if nc, err := net.Dial("tcp", s.Addr().String()); err == nil {
					nc.Close()
				}
			}
			if n := requests.Load(); n != 20 {
				t.Errorf("the server got %d requests, want 20", n)
			}
		})
	}
}

// staleServer answers the first request of each connection and breaks it at the
// second as how says. The probe cannot see it: the connections are no sockets.
func staleServer(answered *atomic.Int32, how func(nc net.Conn, br *bufio.Reader)) *pipes {
	return &pipes{serve: func(nc net.Conn, br *bufio.Reader) {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		io.Copy(io.Discard, req.Body)
		answered.Add(1)
		io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
		how(nc, br)
		nc.Close()
	}}
}

// A request that meets a connection the server has just closed is sent again if it
// may be; else the caller is told what happened, and nothing was sent twice.
func TestStale(t *testing.T) {
	readOne := func(nc net.Conn, br *bufio.Reader) { br.ReadByte() }
	readAll := func(nc net.Conn, br *bufio.Reader) {
		req, err := http.ReadRequest(br)
		if err == nil {
			io.Copy(io.Discard, req.Body)
		}
	}
	for name, c := range map[string]struct {
		how   func(nc net.Conn, br *bufio.Reader)
		make  func(t *testing.T) *http.Request
		again bool // sent again
		stale bool // else: ErrStale
	}{
		"closed before the request, GET": {func(net.Conn, *bufio.Reader) {}, func(t *testing.T) *http.Request { return get(t, "http://server/") }, true, false},
		"closed at its first byte, GET":  {readOne, func(t *testing.T) *http.Request { return get(t, "http://server/") }, true, false},
		"closed at its first byte, POST with GetBody": {readOne, func(t *testing.T) *http.Request {
			return newRequest(t, "POST", "http://server/", strings.NewReader("x"))
		}, true, false},
		"closed at its first byte, a large POST with GetBody": {readOne, func(t *testing.T) *http.Request {
			return newRequest(t, "POST", "http://server/", strings.NewReader(strings.Repeat("x", 100_000)))
		}, true, false},
		"closed at its first byte, POST without GetBody": {readOne, func(t *testing.T) *http.Request {
			req := newRequest(t, "POST", "http://server/", strings.NewReader("x"))
			req.GetBody = nil
			req.Header.Set("Idempotency-Key", "k")
			return req
		}, false, true},
		"closed at its end, at once, POST with GetBody": {readAll, func(t *testing.T) *http.Request {
			return newRequest(t, "POST", "http://server/", strings.NewReader("x"))
		}, true, false},
		"closed a second after its end": {func(nc net.Conn, br *bufio.Reader) { readAll(nc, br); time.Sleep(time.Second) }, func(t *testing.T) *http.Request {
			return newRequest(t, "POST", "http://server/", strings.NewReader("x"))
		}, false, false},
		"closed behind a byte of the answer": {func(nc net.Conn, br *bufio.Reader) { readAll(nc, br); io.WriteString(nc, "H") }, func(t *testing.T) *http.Request {
			return newRequest(t, "POST", "http://server/", strings.NewReader("x"))
		}, false, false},
		"closed behind an interim answer": {func(nc net.Conn, br *bufio.Reader) {
			readAll(nc, br)
			io.WriteString(nc, "HTTP/1.1 100 Continue\r\n\r\n")
		}, func(t *testing.T) *http.Request { return get(t, "http://server/") }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var answered atomic.Int32
				p := staleServer(&answered, c.how)
				tr := &h1.Transport{DialContext: p.dial}
				fetch(t, tr, get(t, "http://server/"))
				synctest.Wait()
				res, err := tr.RoundTrip(c.make(t))
				if (err == nil) != c.again || errors.Is(err, h1.ErrStale) != c.stale {
					t.Errorf("error %v, want again %t, stale %t", err, c.again, c.stale)
				}
				want := int32(1)
				if c.again {
					want = 2
				}
				if answered.Load() != want || p.conns.Load() != want {
					t.Errorf("%d answers on %d connections, want %d", answered.Load(), p.conns.Load(), want)
				}
				if err == nil {
					io.Copy(io.Discard, res.Body)
				}
				tr.CloseIdleConnections()
				p.wg.Wait()
			})
		})
	}
}

// On a new connection nothing is sent again, whatever happens.
func TestFreshIsNotStale(t *testing.T) {
	var n atomic.Int32
	s := startServer(t, func(nc net.Conn, br *bufio.Reader) { n.Add(1); br.ReadByte() })
	_, err := newTransport(t).RoundTrip(newRequest(t, "POST", s.URL("/"), strings.NewReader("x")))
	e, ok := errors.AsType[*h1.Error](err)
	if !ok || e.Phase != h1.PhaseHeader || errors.Is(err, h1.ErrStale) || !e.Sent() || n.Load() != 1 {
		t.Errorf("%#v after %d connections", err, n.Load())
	}
}

// Many goroutines share a transport without mixing up their answers.
func TestConcurrent(t *testing.T) {
	s := startServer(t, func(nc net.Conn, br *bufio.Reader) {
		for {
			req, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			body, _ := io.ReadAll(req.Body)
			fmt.Fprintf(nc, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(body), body)
			fmt.Fprintf(nc, "%x\r\n%s\r\n0\r\n\r\n", len(req.RequestURI), req.RequestURI)
		}
	})
	tr := newTransport(t)
	tr.MaxIdlePerHost = 4
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 50 {
				path := fmt.Sprintf("/%d/%d", i, j)
				req := newRequest(t, "POST", s.URL(path), strings.NewReader(strings.Repeat(path, 1+j*10)))
				if j%7 == 3 { // leave some in the middle
					if res, err := tr.RoundTrip(req); err == nil {
						res.Body.Read(make([]byte, 1))
						res.Body.Close()
					}
					continue
				}
				if _, got := fetch(t, tr, req); got != strings.Repeat(path, 2+j*10) {
					t.Errorf("%s got %.60q", path, got)
				}
			}
		})
	}
	wg.Wait()
}
