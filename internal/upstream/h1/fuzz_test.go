package h1_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzResponse gives any bytes as an answer. Nothing panics or hangs; and whatever
// is accepted, net/http's parser accepts too and reads as the same answer.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: a\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nx: y\r\nX:\tz \r\n\r\n",
		"HTTP/1.0 404 \r\nConnection: close\r\n\r\nuntil the end",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		f.Add([]byte(seed), uint8(0), false)
		f.Add([]byte(seed), uint8(3), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, cut uint8, isHead bool) {
		if len(raw) > 8<<10 {
			return
		}
		watch := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("hangs on %q, cut %d", raw, cut)) })
		defer watch.Stop()
		method := "GET"
		if isHead {
			method = "HEAD"
		}
		var pieces [][]byte
		for rest := raw; len(rest) > 0; {
			n := len(rest)
			if cut > 0 {
				n = min(n, int(cut))
			}
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		tr := replay(pieces...)
		defer tr.CloseIdleConnections()
		res, err := tr.RoundTrip(newRequest(t, method, "http://server/", nil))
		if err != nil {
			return
		}
		got := seen(res)
		if control(raw) {
			return // net/http refuses control characters in values, RFC 9110 §5.5 leaves it open
		}
		want, err := stdAnswer(raw, method)
		if err != nil {
			t.Fatalf("net/http: %v; we got %+v", err, got)
		}
		if got.Err { // each tells a broken body at another byte
			if !want.Err {
				t.Fatalf("we broke off behind %q, net/http did not", got.Body)
			}
			return
		}
		for _, a := range []*answer{&got, &want} {
			a.Header.Del("Cache-Control") // which net/http makes of Pragma
			a.Header.Del("Content-Length")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-net/http +ours)\n%s", diff)
		}
	})
}

// stdAnswer is how net/http reads raw, past interim answers.
func stdAnswer(raw []byte, method string) (answer, error) {
	br := bufio.NewReader(bytes.NewReader(raw))
	for {
		res, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			return answer{}, err
		}
		if res.StatusCode >= 200 {
			return seen(res), nil
		}
	}
}

func control(raw []byte) bool {
	return bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n", r) || r == 0x7f })
}

// FuzzRequest gives any words as a request. What is sent, a server reads as one
// request with those words; what could be read otherwise is refused.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/a/b?c=d", "x-name", "value", "body", false)
	f.Add("GET", "/a b", "Content-length", "7", "", false)
	f.Add("GET\r\n", "*", "a:b", "v\r\nX: y", "x", true)
	f.Add("M", "/\r\n", "", "\x00", "x", true)
	f.Fuzz(func(t *testing.T, method, target, name, value, body string, unknown bool) {
		wire := &recorder{}
		tr := wire.transport()
		defer tr.CloseIdleConnections()
		req := newRequest(t, "GET", "http://server/", nil)
		req.Method, req.URL.Opaque = method, target
		req.Header[name] = []string{value, value}
		if body != "" {
			wire.body = &signalBody{strings.NewReader(body), make(chan struct{})}
			req.Body, req.ContentLength = wire.body, int64(len(body))
			if unknown {
				req.ContentLength = -1
			}
		}
		res, err := tr.RoundTrip(req)
		if err != nil {
			if wire.written.String() != "" {
				t.Fatalf("refused (%v), but sent %q", err, wire.written.String())
			}
			return
		}
		res.Body.Close()
		if control([]byte(target + value)) {
			return
		}
		br := bufio.NewReader(strings.NewReader(wire.written.String()))
		got, err := http.ReadRequest(br)
		if err != nil {
			if target != "" && target != "/" && strings.ContainsAny(target, "%#[]{}|\\^`\"<>") || strings.HasPrefix(target, "//") {
				return // not a URL, to net/http; but one target on its line
			}
			t.Fatalf("%v: sent %q", err, wire.written.String())
		}
		sent, err := io.ReadAll(got.Body)
		if method == "" {
			method = "GET"
		}
		if err != nil || string(sent) != body || got.Method != method || target != "" && got.RequestURI != target || got.Host != "server" {
			t.Fatalf("sent %q, read as %s %s of %s, body %q, %v", wire.written.String(), got.Method, got.RequestURI, got.Host, sent, err)
		}
		if br.Buffered() > 0 {
			t.Fatalf("sent more than one request: %q", wire.written.String())
		}
	})
}
