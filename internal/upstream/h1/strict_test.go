package h1_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/upstream/h1"
)

// Answers that two parties could read differently, or that have no end in sight,
// are protocol errors before the caller sees anything of them.
func TestMalformedHeader(t *testing.T) {
	for name, script := range map[string]string{
		"both length and chunks":           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks in HTTP/1.0":               "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks twice":                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a name with a space before colon": "HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc",
		"a folded line":                    "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
		"bare line feeds":                  "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
		"one bare line feed":               "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n",
		"a bare carriage return":           "HTTP/1.1 200 OK\r\nA: b\rContent-Length: 0\r\n\r\n",
		"a NUL":                            "HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n",
		"an empty line first":              "\r\nHTTP/1.1 200 OK\r\n\r\n",
		"another version":                  "HTTP/1.2 200 OK\r\n\r\n",
		"HTTP/2":                           "HTTP/2 200\r\n\r\n",
		"lower case":                       "http/1.1 200 OK\r\n\r\n",
		"a status below 100":               "HTTP/1.1 099 X\r\n\r\n",
		"an unasked 101":                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
		"lengths that differ":              "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 03\r\n\r\nabc",
		"a length in hex":                  "HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\nabc",
		"a length with an underscore":      "HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\nabc",
		"a header over the limit":          "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"a header without an end":          "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 20_000),
		"interim answers without an end":   strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 5000),
		"Content-Length in a Trailer":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: content-length\r\n\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := answers(t, script) // which stays open: the error needs no end of the connection
			res, err := newTransport(t).RoundTrip(get(t, s.URL("/")))
			if err == nil {
				t.Fatalf("got %s %v", res.Status, res.Header)
			}
			e, ok := errors.AsType[*h1.Error](err)
			if !ok || e.Phase != h1.PhaseHeader || !errors.Is(err, h1.ErrProtocol) || !e.Sent() || e.Timeout() {
				t.Errorf("error is %#v (%v)", err, err)
			}
			if len(err.Error()) > 300 {
				t.Errorf("the error's text has %d bytes", len(err.Error()))
			}
		})
	}
}

// A body that is malformed is an error where it is, behind all bytes before it,
// and its connection is not used again.
func TestMalformedBody(t *testing.T) {
	for name, c := range map[string]struct{ chunks, want string }{
		"a chunk longer than its size":     {"3\r\nabcd\r\n0\r\n\r\n", "abc"},
		"a bare line feed behind the size": {"3\r\nabc\r\n3\nabc\r\n0\r\n\r\n", "abc"},
		"a bare line feed behind a chunk":  {"3\r\nabc\n0\r\n\r\n", "abc"},
		"a size of no digits":              {"3\r\nabc\r\n;x\r\n", "abc"},
		"a negative size":                  {"-3\r\nabc\r\n", ""},
		"a size in 0x":                     {"0x3\r\nabc\r\n", ""},
		"a size beyond 63 bits":            {"8000000000000000\r\nabc", ""},
		"a size of many digits":            {"000000000000000000000000000000003z\r\nabc", ""},
		"a carriage return in extensions":  {"3;a\rb\r\nabc\r\n0\r\n\r\n", ""},
		"text behind the size":             {"3 abc\r\nabc\r\n", ""},
		"a size line without an end":       {"3\r\nabc\r\n3;" + strings.Repeat("x", 5000), "abc"},
		"a length in the trailer":          {"3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n", "abc"},
		"a malformed trailer":              {"3\r\nabc\r\n0\r\nno colon\r\n\r\n", "abc"},
		"a trailer with bare line feeds":   {"3\r\nabc\r\n0\r\nA: b\n\r\n", "abc"},
		"a trailer without an end":         {"3\r\nabc\r\n0\r\n" + strings.Repeat("A: b\r\n", 20_000), "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			s := answers(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+c.chunks)
			tr := newTransport(t)
			for range 2 {
				res, err := tr.RoundTrip(get(t, s.URL("/")))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(res.Body)
				if string(got) != c.want || !errors.Is(err, h1.ErrProtocol) {
					t.Errorf("read %q, %v", got, err)
				}
				if e, ok := errors.AsType[*h1.Error](err); !ok || e.Phase != h1.PhaseBody {
					t.Errorf("error is %#v", err)
				}
				if _, again := res.Body.Read(make([]byte, 1)); again != err {
					t.Errorf("then %v, want the same error", again)
				}
				res.Body.Close()
			}
			if n := s.conns.Load(); n != 2 {
				t.Errorf("%d connections for two requests, want 2", n)
			}
		})
	}
}

// A body that breaks off is told from one that ends.
func TestTruncated(t *testing.T) {
	for name, script := range map[string]string{
		"within a sized body":          "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
		"within a chunk":               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc",
		"between chunks":               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		"within a size line":           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1",
		"before the trailer's end":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
		"in the middle of the trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b",
	} {
		t.Run(name, func(t *testing.T) {
			s := answers(t, script+"EOF")
			res, err := newTransport(t).RoundTrip(get(t, s.URL("/")))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if string(got) != "abc" || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("read %q, %v; want abc, unexpected EOF", got, err)
			}
		})
	}
}

// The limits on a header hold to the byte, in and beyond the read buffer.
func TestHeaderLimit(t *testing.T) {
	const frame = len("HTTP/1.1 200 OK\r\nA: \r\nContent-Length: 0\r\n\r\n")
	for _, limit := range []int{100, 4096, 5000, 32 << 10, 40_000} {
		for _, over := range []int{0, 1} {
			s := answers(t, "HTTP/1.1 200 OK\r\nA: "+strings.Repeat("x", limit-frame+over)+"\r\nContent-Length: 0\r\n\r\n")
			tr := newTransport(t)
			tr.MaxHeaderBytes = limit
			_, err := tr.RoundTrip(get(t, s.URL("/")))
			if (err != nil) != (over > 0) {
				t.Errorf("limit %d, header of %d: %v", limit, limit+over, err)
			}
		}
	}
}

// A caller gets a 101 that it asked for as a connection of its own.
func TestUpgrade(t *testing.T) {
	s := upgradeServer(t)
	eachTransport(t, func(t *testing.T, rt http.RoundTripper) {
		req := get(t, s.URL("/"))
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "echo")
		res, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		rwc, ok := res.Body.(io.ReadWriteCloser)
		if !ok || res.StatusCode != 101 || res.Header.Get("Upgrade") != "echo" {
			t.Fatalf("%s %v %T", res.Status, res.Header, res.Body)
		}
		for range 3 {
			io.WriteString(rwc, "ping")
			buf := make([]byte, 4)
			if _, err := io.ReadFull(rwc, buf); err != nil || string(buf) != "ping" {
				t.Errorf("read %q, %v", buf, err)
			}
		}
		rwc.Close()
		if _, err := rwc.Write([]byte("x")); err == nil {
			t.Error("a write behind Close went through")
		}
	})
}
