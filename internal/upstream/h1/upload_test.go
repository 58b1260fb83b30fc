package h1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// An answer that comes before the request was sent to its end is the answer,
// whether the server goes on reading, stops, or closes; and a connection that has
// not taken the whole request is not used again.
func TestEarlyAnswer(t *testing.T) {
	const refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"
	readHead := func(br *bufio.Reader) {
		for {
			if line, err := br.ReadString('\n'); err != nil || line == "\r\n" {
				return
			}
		}
	}
	for name, serve := range map[string]func(nc net.Conn, br *bufio.Reader, end <-chan struct{}){
		"and the server closes": func(nc net.Conn, br *bufio.Reader, end <-chan struct{}) {
			readHead(br)
			io.WriteString(nc, strings.Replace(refusal, "\r\n", "\r\nConnection: close\r\n", 1))
		},
		"and the server stops reading": func(nc net.Conn, br *bufio.Reader, end <-chan struct{}) {
			readHead(br)
			io.WriteString(nc, refusal)
			<-end
		},
		"and the server reads on": func(nc net.Conn, br *bufio.Reader, end <-chan struct{}) {
			readHead(br)
			io.WriteString(nc, refusal)
			io.Copy(io.Discard, br)
		},
		"behind a part of the body": func(nc net.Conn, br *bufio.Reader, end <-chan struct{}) {
			readHead(br)
			io.CopyN(io.Discard, br, 1000)
			io.WriteString(nc, refusal)
			io.Copy(io.Discard, br)
		},
	} {
		for _, size := range []int{20_000, 10 << 20} {
			for _, known := range []bool{true, false} {
				t.Run(name, func(t *testing.T) {
					end := make(chan struct{})
					s := startServer(t, func(nc net.Conn, br *bufio.Reader) { serve(nc, br, end) })
					t.Cleanup(func() { close(end) })
					tr := newTransport(t)
					requests := 1
					if size > 1<<20 && strings.HasPrefix(name, "and the server stops") {
						requests = 2 // the second on another connection, or it would wait for ever
					}
					for range requests {
						req := newRequest(t, "POST", s.URL("/"), strings.NewReader(strings.Repeat("x", size)))
						if !known {
							req.ContentLength = -1
						}
						res, err := tr.RoundTrip(req)
						if err != nil {
							t.Fatal(err)
						}
						if body, err := io.ReadAll(res.Body); res.StatusCode != 413 || string(body) != "no" || err != nil {
							t.Errorf("%s, %q, %v", res.Status, body, err)
						}
					}
				})
			}
		}
	}
}

// A server may answer while the request still comes, as much as it likes: neither
// side waits for the other.
func TestFullDuplex(t *testing.T) {
	const size = 8 << 20
	s := startServer(t, func(nc net.Conn, br *bufio.Reader) {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n")
		io.Copy(nc, req.Body) // echoes; blocks when nobody reads
	})
	eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
		for range 2 {
			res, body := fetch(t, rt, newRequest(t, "POST", s.URL("/"), strings.NewReader(strings.Repeat("x", size))))
			if res.StatusCode != 200 || body != strings.Repeat("x", size) {
				t.Errorf("%s, %d bytes", res.Status, len(body))
			}
		}
	})
}

// A body that fails, or is not as long as was said, fails the request with the
// body's error; the server does not get a request that looks whole.
func TestBodyFails(t *testing.T) {
	broken := errors.New("client went away")
	for name, c := range map[string]struct {
		body   func() io.Reader
		length int64
		want   string
	}{
		"a small one that fails":        {func() io.Reader { return failing("abc", broken) }, 10, "client went away"},
		"a large one that fails":        {func() io.Reader { return failing(strings.Repeat("x", 100_000), broken) }, 200_000, "client went away"},
		"one of unknown length":         {func() io.Reader { return failing("abc", broken) }, -1, "client went away"},
		"a small one too short":         {func() io.Reader { return strings.NewReader("abc") }, 10, "shorter"},
		"a large one too short":         {func() io.Reader { return strings.NewReader("abc") }, 100_000, "shorter"},
		"a plain large one too short":   {func() io.Reader { return failing("abc", io.EOF) }, 100_000, "shorter"},
		"a small one too long":          {func() io.Reader { return strings.NewReader("abc") }, 2, "longer"},
		"a plain small one too long":    {func() io.Reader { return failing("abc", io.EOF) }, 2, "longer"},
		"a large one too long":          {func() io.Reader { return strings.NewReader(strings.Repeat("x", 100_000)) }, 99_999, "longer"},
		"one that fails behind its end": {func() io.Reader { return failing("abc", broken) }, 3, "client went away"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				whole := false
				p := &pipes{serve: func(nc net.Conn, br *bufio.Reader) {
					req, err := http.ReadRequest(br)
					if err == nil {
						_, err = io.Copy(io.Discard, req.Body)
						whole = err == nil && c.want != "longer"
					}
				}}
				tr := &h1.Transport{DialContext: p.dial}
				body := &closeCounter{Reader: c.body()}
				req := newRequest(t, "POST", "http://server/", body)
				req.ContentLength = c.length
				_, err := tr.RoundTrip(req)
				if e, ok := errors.AsType[*h1.Error](err); !ok || e.Phase != h1.PhaseWrite || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v (%#v), want %q", err, e, c.want)
				}
				p.wg.Wait()
				synctest.Wait()
				if whole {
					t.Error("the server got a whole request")
				}
				if body.n.Load() != 1 {
					t.Errorf("the body was closed %d times", body.n.Load())
				}
			})
		})
	}
}

// failing is a Reader (and no more) that ends with err.
func failing(s string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(s), errReader{err})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// Every body is closed once, sent or not, whatever its size, and its connection
// serves the next.
func TestBodyClosedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{serve: sayHi}
		tr := &h1.Transport{DialContext: p.dial}
		for _, size := range []int{1, 100, 31 << 10, 33 << 10, 1 << 20} {
			body := &closeCounter{Reader: strings.NewReader(strings.Repeat("x", size))}
			req := newRequest(t, "POST", "http://server/", body)
			req.ContentLength = int64(size)
			fetch(t, tr, req)
			synctest.Wait()
			if n := body.n.Load(); n != 1 {
				t.Errorf("a body of %d bytes was closed %d times", size, n)
			}
		}
		if n := p.conns.Load(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
		tr.CloseIdleConnections()
		p.wg.Wait()
	})
}

// A request leaves in one write, header and body together.
func TestOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		writes := 0
		p := &pipes{serve: sayHi}
		tr := &h1.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := p.dial(ctx, network, addr)
			return countWrites{nc, &writes}, err
		}}
		fetch(t, tr, newRequest(t, "POST", "http://server/", strings.NewReader(strings.Repeat("x", 30<<10))))
		if writes != 1 {
			t.Errorf("%d writes, want 1", writes)
		}
		tr.CloseIdleConnections()
		p.wg.Wait()
	})
}

type countWrites struct {
	net.Conn
	n *int
}

func (c countWrites) Write(p []byte) (int, error) { *c.n++; return c.Conn.Write(p) }
