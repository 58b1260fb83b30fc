package h1_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// script is a connection that has the given pieces to read, one for each Read,
// then EOF, and takes all that is written.
type script struct {
	net.Conn
	pieces [][]byte
	closed bool
}

func (s *script) Read(p []byte) (int, error) {
	if s.closed {
		return 0, net.ErrClosed
	}
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; len(s.pieces[0]) == 0 {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

func (s *script) Write(p []byte) (int, error)      { return len(p), nil }
func (s *script) Close() error                     { s.closed = true; return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// replay returns a transport whose server sends these pieces.
func replay(pieces ...[]byte) *h1.Transport {
	return &h1.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return &script{pieces: pieces}, nil
	}}
}

// nexts reads a body by Next and returns a copy of each slice.
func nexts(t testing.TB, res *http.Response) []string {
	t.Helper()
	var all []string
	for {
		p, err := res.Body.(*h1.Body).Next()
		if err == io.EOF && p == nil {
			return all
		}
		if err != nil || len(p) == 0 {
			t.Fatalf("Next: %d bytes, %v", len(p), err)
		}
		all = append(all, string(p))
	}
}

// Next returns what has arrived, joined over chunks, and does not wait for more.
func TestNext(t *testing.T) {
	const chunkedHead, sizedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"
	for name, c := range map[string]struct {
		pieces string // one read each
		want   []string
	}{
		"chunks in one read":           {chunkedHead + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", []string{"hello world"}},
		"a read for each chunk":        {chunkedHead + "|5\r\nhello\r\n|6\r\n world\r\n|0\r\n\r\n", []string{"hello", " world"}},
		"a read within a chunk":        {chunkedHead + "5\r\nhe|llo\r\n6\r\n world\r\n0\r\n\r\n", []string{"he", "llo world"}},
		"a read within a line end":     {chunkedHead + "5\r\nhello\r|\n6\r\n world\r\n0\r\n\r\n", []string{"hello", " world"}},
		"a read within a size line":    {chunkedHead + "5\r\nhello\r\n6|;a=b\r\n world\r\n0\r\n\r\n", []string{"hello", " world"}},
		"a trailer that comes later":   {chunkedHead + "5\r\nhello\r\n0\r\nA: |b\r\n\r\n", []string{"hello"}},
		"a body of no chunk":           {chunkedHead + "0\r\n\r\n", nil},
		"a sized body, header apart":   {sizedHead + "|hello world", []string{"hello world"}},
		"a sized body with the header": {sizedHead + "hello| world", []string{"hello", " world"}},
		"a body until close":           {"HTTP/1.1 200 OK\r\n\r\n|hello| world", []string{"hello", " world"}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := replay(bytes.Split([]byte(c.pieces), []byte("|"))...).RoundTrip(get(t, "http://server/"))
			if err != nil {
				t.Fatal(err)
			}
			if got := nexts(t, res); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Any body comes through whole, however it was framed, cut on its way, and read.
func TestBodyProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]int{10, 300, 5000, 50_000}).Draw(t, "unit")
		var body, raw bytes.Buffer
		raw.WriteString("HTTP/1.1 200 OK\r\n")
		isChunked := rapid.Bool().Draw(t, "chunked")
		chunks := rapid.SliceOfN(rapid.IntRange(1, unit), 0, 20).Draw(t, "chunks")
		if isChunked {
			raw.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		} else {
			total := 0
			for _, n := range chunks {
				total += n
			}
			fmt.Fprintf(&raw, "Content-Length: %d\r\n\r\n", total)
		}
		for i, n := range chunks {
			data := bytes.Repeat([]byte{byte('a' + i)}, n)
			body.Write(data)
			if isChunked {
				fmt.Fprintf(&raw, "%x\r\n%s\r\n", n, data)
			} else {
				raw.Write(data)
			}
		}
		if isChunked {
			raw.WriteString("0\r\n\r\n")
		}
		var pieces [][]byte
		for rest := raw.Bytes(); len(rest) > 0; {
			n := min(len(rest), rapid.SampledFrom([]int{1, 2, 100, 4096, 40_000, 1 << 20}).Draw(t, "piece"))
			if n < 3 && len(pieces) > 200 {
				n = len(rest)
			}
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		res, err := replay(pieces...).RoundTrip(plainGet())
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		buf := make([]byte, 40_000)
		for err == nil {
			if rapid.Bool().Draw(t, "next") {
				var p []byte
				p, err = res.Body.(*h1.Body).Next()
				got = append(got, p...)
				continue
			}
			var n int
			n, err = res.Body.Read(buf[:rapid.SampledFrom([]int{0, 1, 50, 5000, 40_000}).Draw(t, "read")])
			got = append(got, buf[:n]...)
		}
		if err != io.EOF || !bytes.Equal(got, body.Bytes()) {
			t.Fatalf("%v behind %d bytes, want %d", err, len(got), body.Len())
		}
	})
}

// Chunks cost no allocation.
func TestNextAllocatesNothing(t *testing.T) {
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 280, strings.Repeat("x", 280))
	s := startServer(t, func(nc net.Conn, br *bufio.Reader) {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		io.WriteString(nc, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		burst := []byte(strings.Repeat(chunk, 50))
		for {
			if _, err := nc.Write(burst); err != nil {
				return
			}
		}
	})
	tr := newTransport(t)
	res, err := tr.RoundTrip(get(t, s.URL("/")))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := res.Body.(*h1.Body)
	allocs := testing.AllocsPerRun(2000, func() {
		if _, err := body.Next(); err != nil {
			t.Fatal(err)
		}
	})
	// The server's goroutine counts too, and a collection empties the pool.
	if allocs > 0.1 {
		t.Errorf("%.2f allocations a Next", allocs)
	}
}

// plainGet is a request for those who have no testing.TB.
func plainGet() *http.Request {
	return &http.Request{Method: "GET", URL: &url.URL{Scheme: "http", Host: "server", Path: "/"}}
}

// recorder is a connection that keeps what is written to it and has one answer,
// once the request's body was closed.
type recorder struct {
	script
	written bytes.Buffer
	body    *signalBody
}

func (r *recorder) Write(p []byte) (int, error) { return r.written.Write(p) }

func (r *recorder) Read(p []byte) (int, error) {
	if r.body != nil {
		<-r.body.closed
	}
	return r.script.Read(p)
}

func (r *recorder) transport() *h1.Transport {
	r.pieces = [][]byte{[]byte("HTTP/1.1 204 No Content\r\n\r\n")}
	return &h1.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return r, nil }}
}

type signalBody struct {
	io.Reader
	closed chan struct{}
}

func (b *signalBody) Close() error { close(b.closed); return nil }
