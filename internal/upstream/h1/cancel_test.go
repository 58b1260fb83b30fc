package h1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// However far a request is, the end of its context ends it at once, and nothing is
// left over.
func TestCancel(t *testing.T) {
	silent := func(nc net.Conn, br *bufio.Reader) { io.Copy(io.Discard, br) }
	deaf := func(nc net.Conn, br *bufio.Reader) { br.ReadByte(); time.Sleep(time.Hour) }
	for name, c := range map[string]struct {
		serve  func(nc net.Conn, br *bufio.Reader)
		scheme string
		dial   func(ctx context.Context, network, addr string) (net.Conn, error)
		body   string
		phase  h1.Phase
	}{
		"while dialling":                      {dial: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }, phase: h1.PhaseDial},
		"in the TLS handshake":                {serve: silent, scheme: "https", phase: h1.PhaseHandshake},
		"while writing":                       {serve: deaf, body: strings.Repeat("x", 20_000), phase: h1.PhaseWrite},
		"while writing a large body":          {serve: deaf, body: strings.Repeat("x", 1<<20), phase: h1.PhaseHeader},
		"while waiting for the header":        {serve: silent, phase: h1.PhaseHeader},
		"in the middle of the header":         {serve: partly("HTTP/1.1 200 OK\r\nA: "), phase: h1.PhaseHeader},
		"in the middle of a sized body":       {serve: partly("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), phase: h1.PhaseBody},
		"in the middle of a chunk":            {serve: partly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab"), phase: h1.PhaseBody},
		"in the middle of a body until close": {serve: partly("HTTP/1.1 200 OK\r\n\r\nab"), phase: h1.PhaseBody},
	} {
		for _, deadline := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := &pipes{serve: c.serve}
					tr := &h1.Transport{DialContext: p.dial, TLSHandshakeTimeout: time.Hour}
					if c.dial != nil {
						tr.DialContext = c.dial
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					want := context.DeadlineExceeded
					if !deadline {
						ctx, cancel = context.WithCancel(t.Context())
						time.AfterFunc(time.Minute, cancel)
						want = context.Canceled
					}
					defer cancel()
					scheme := c.scheme
					if scheme == "" {
						scheme = "http"
					}
					tr.DialTimeout = time.Hour
					req, err := http.NewRequestWithContext(ctx, "POST", scheme+"://server/", strings.NewReader(c.body))
					if err != nil {
						t.Fatal(err)
					}
					began := time.Now()
					res, err := tr.RoundTrip(req)
					if c.phase == h1.PhaseBody {
						if err != nil {
							t.Fatal(err)
						}
						_, err = io.ReadAll(res.Body)
					}
					e, ok := errors.AsType[*h1.Error](err)
					if !ok || e.Phase != c.phase || !errors.Is(err, want) || e.Timeout() != deadline {
						t.Errorf("error %v (%#v), want phase %v, %v", err, e, c.phase, want)
					}
					if took := time.Since(began); took != time.Minute {
						t.Errorf("it took %v, want a minute", took)
					}
					tr.CloseIdleConnections()
					p.wg.Wait() // the server sees its connections closed
				})
			})
		}
	}
}

// partly serves the beginning of an answer.
func partly(answer string) func(nc net.Conn, br *bufio.Reader) {
	return func(nc net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err == nil {
			io.WriteString(nc, answer)
		}
	}
}

// The time-outs hold, each in its phase, and leave the rest alone.
func TestTimeouts(t *testing.T) {
	slow := func(before, between time.Duration) func(nc net.Conn, br *bufio.Reader) {
		return func(nc net.Conn, br *bufio.Reader) {
			for {
				req, err := http.ReadRequest(br)
				if err != nil {
					return
				}
				io.Copy(io.Discard, req.Body)
				time.Sleep(before)
				io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
				for _, b := range []byte("hello") {
					time.Sleep(between)
					nc.Write([]byte{b})
				}
			}
		}
	}
	large := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		serve func(nc net.Conn, br *bufio.Reader)
		body  string
		phase h1.Phase
		fails bool
	}{
		"a header in time":                        {serve: slow(9*time.Second, 0)},
		"a header too late":                       {serve: slow(11*time.Second, 0), fails: true, phase: h1.PhaseHeader},
		"a header in time, large body":            {serve: slow(9*time.Second, 0), body: large},
		"a header too late, large body":           {serve: slow(11*time.Second, 0), body: large, fails: true, phase: h1.PhaseHeader},
		"a server that does not read":             {serve: func(net.Conn, *bufio.Reader) { time.Sleep(time.Hour) }, fails: true, phase: h1.PhaseWrite},
		"a body that takes long, but never stops": {serve: slow(0, 14*time.Second)},
		"a body that stops":                       {serve: slow(0, 21*time.Second), fails: true, phase: h1.PhaseBody},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pipes{serve: c.serve}
				tr := &h1.Transport{DialContext: p.dial, ResponseHeaderTimeout: 10 * time.Second, BodyTimeout: 20 * time.Second, IdleTimeout: time.Hour}
				for range 3 { // what was set for one request does not hit the next
					res, err := tr.RoundTrip(newRequest(t, "POST", "http://server/", strings.NewReader(c.body)))
					if err == nil {
						_, err = io.ReadAll(res.Body)
					}
					if e, ok := errors.AsType[*h1.Error](err); (err != nil) != c.fails || c.fails && (!ok || e.Phase != c.phase || !e.Timeout()) {
						t.Errorf("error %v (%#v), want phase %v", err, e, c.phase)
					}
					time.Sleep(30 * time.Second)
				}
				if n := p.conns.Load(); !c.fails && n != 1 {
					t.Errorf("%d connections, want 1", n)
				}
				tr.CloseIdleConnections()
				p.wg.Wait()
			})
		})
	}
}

func TestDialAndHandshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{serve: func(nc net.Conn, br *bufio.Reader) {}}
		tr := &h1.Transport{DialContext: p.dial, TLSHandshakeTimeout: 3 * time.Second}
		began := time.Now()
		_, err := tr.RoundTrip(get(t, "https://server/"))
		if e, ok := errors.AsType[*h1.Error](err); !ok || e.Phase != h1.PhaseHandshake || !e.Timeout() || e.Sent() || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v (%#v)", time.Since(began), err, e)
		}
		p.wg.Wait()
		tr = &h1.Transport{DialTimeout: 4 * time.Second, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }}
		began = time.Now()
		_, err = tr.RoundTrip(get(t, "http://server/"))
		if e, ok := errors.AsType[*h1.Error](err); !ok || e.Phase != h1.PhaseDial || !e.Timeout() || e.Sent() || time.Since(began) != 4*time.Second {
			t.Errorf("after %v: %v (%#v)", time.Since(began), err, e)
		}
	})
}

// A refused connection is a dial error that a *net.OpError tells more about.
func TestDialRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	body := &closeCounter{Reader: strings.NewReader("x")}
	_, err = newTransport(t).RoundTrip(newRequest(t, "POST", "http://"+l.Addr().String(), body))
	e, ok := errors.AsType[*h1.Error](err)
	op, isOp := errors.AsType[*net.OpError](err)
	if !ok || e.Phase != h1.PhaseDial || e.Sent() || !isOp || op.Op != "dial" || body.n.Load() != 1 {
		t.Errorf("%v (%#v), body closed %d times", err, e, body.n.Load())
	}
}

// Close from another goroutine ends a Read that waits.
func TestCloseWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{serve: partly("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")}
		tr := &h1.Transport{DialContext: p.dial}
		res, err := tr.RoundTrip(get(t, "http://server/"))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, func() { res.Body.Close() })
		got, err := io.ReadAll(res.Body)
		if string(got) != "ab" || err != http.ErrBodyReadAfterClose {
			t.Errorf("read %q, %v", got, err)
		}
		p.wg.Wait()
	})
}

// After many streams that were left in all manner of ways, there are as many
// goroutines and open files as before.
func TestNothingLeaks(t *testing.T) {
	s := startServer(t, func(nc net.Conn, br *bufio.Reader) {
		for {
			req, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			io.Copy(io.Discard, io.LimitReader(req.Body, 1000))
			io.WriteString(nc, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for range 3 {
				io.WriteString(nc, "5\r\nhello\r\n")
			}
			io.Copy(io.Discard, br)
		}
	})
	tr := newTransport(t)
	large := bytes.Repeat([]byte("x"), 1<<20)
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var body io.Reader = strings.NewReader(strings.Repeat("x", 100))
			switch i % 4 {
			case 1:
				body = bytes.NewReader(large)
			case 2:
				body = io.LimitReader(bytes.NewReader(large), 1<<20) // of unknown length
			}
			req, err := http.NewRequestWithContext(ctx, "POST", s.URL("/"), body)
			if err != nil {
				t.Error(err)
				return
			}
			res, err := tr.RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := io.ReadFull(res.Body, make([]byte, 15)); err != nil {
				t.Error(err)
			}
			if i%3 == 0 {
				cancel()
				io.Copy(io.Discard, res.Body)
			}
			if i%3 == 1 {
				res.Body.Close()
				return
			}
			time.AfterFunc(time.Millisecond, cancel)
			if _, err := res.Body.Read(make([]byte, 1)); err == nil {
				t.Error("read a byte that was never sent")
			}
		})
	}
	wg.Wait()
	tr.CloseIdleConnections()
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		f, g := openFiles(t), runtime.NumGoroutine()
		if f <= files && g <= goroutines {
			return
		}
		if time.Since(began) > 10*time.Second {
			buf := make([]byte, 64<<10)
			t.Fatalf("%d open files and %d goroutines, were %d and %d\n%s", f, g, files, goroutines, buf[:runtime.Stack(buf, true)])
		}
	}
}

// openFiles counts the process's file descriptors, where /proc tells them.
func openFiles(t testing.TB) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
