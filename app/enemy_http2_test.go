package app_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// overTLS makes a gateway one that speaks TLS, and so HTTP/2.
const overTLS = "tls: {self_signed: true}\n"

// http2Client is a client of HTTP/2 that takes at most window bytes of an answer that
// it does not read. While deaf is set it reads nothing of its connection.
func http2Client(t *testing.T, window int, deaf *atomic.Bool) *http.Client {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil && deaf != nil {
			_ = c.(*net.TCPConn).SetReadBuffer(32 << 10) // so that it is soon full
			c = &deafConn{c, deaf}
		}
		return c, err
	}
	tr := &http.Transport{
		DialContext: dial, ForceAttemptHTTP2: true, HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: window},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the test's own gateway
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// deafConn is a connection on which nothing is read while deaf is set.
type deafConn struct {
	net.Conn
	deaf *atomic.Bool
}

func (c *deafConn) Read(p []byte) (int, error) {
	for c.deaf.Load() {
		time.Sleep(10 * time.Millisecond)
	}
	if len(p) > 4096 {
		p = p[:4096] // so that it soon looks again
	}
	return c.Conn.Read(p)
}

// ask2 sends a chat over HTTP/2.
func (g *gateway) ask2(client *http.Client, body string) *http.Response {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), "POST", "https://"+g.app.Addr().String()+chatPath, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Api-Key", teamKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { res.Body.Close() })
	if res.ProtoMajor != 2 || res.StatusCode != 200 {
		g.t.Fatalf("answer %s %s", res.Proto, res.Status)
	}
	return res
}

// letsGo waits until nothing of a limit of requests at once is held.
func (g *gateway) letsGo(within time.Duration) {
	g.t.Helper()
	for deadline := time.Now().Add(within); g.metric(`tallygate_limit_held{limit="team: 1 requests at once"`) != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.t.Fatalf("after %v it still holds its place", within)
		}
	}
}

// endless answers a stream that ends when nobody takes it any more; ended then closes.
func endless(piece string, ended chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			if _, err := fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", piece); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	}
}

// Who stops reading a stream of HTTP/2 loses its place like one of HTTP/1.1, while
// another stream of the same connection goes on; who reads slowly gets all of it.
func TestASlowReaderOfHTTP2(t *testing.T) {
	ended := make(chan struct{})
	g := startBefore(t, endless(strings.Repeat("x", 16<<10), ended), overTLS+teamLimits("{concurrent: 1}")+"timeouts: {body: 500ms, drain: {deadline: 1s}}\n")
	client := http2Client(t, 64<<10, nil)
	res := g.ask2(client, chat("hi", `"stream":true`))
	buf := make([]byte, 32<<10)
	for begin := time.Now(); time.Since(begin) < 1500*time.Millisecond; time.Sleep(50 * time.Millisecond) {
		if _, err := res.Body.Read(buf); err != nil { // three times the limit, and reading all the while
			t.Fatalf("a slow reader was cut after %v: %v", time.Since(begin), err)
		}
	}
	select { // from now on it does not read
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("10 s after the client stopped reading, the upstream still works for it")
	}
	g.letsGo(5 * time.Second)
	again, err := client.Get("https://" + g.app.Addr().String() + "/livez")
	if err != nil || again.StatusCode != 200 {
		t.Errorf("another stream of the connection: %v %v", again, err)
	}
	if e := g.one(); e.Outcome != tallygate.Aborted {
		t.Errorf("recorded as %v: %s", e.Outcome, e.Cause)
	}
}

// Who stops reading the whole connection loses all places that its streams hold.
func TestADeafConnectionOfHTTP2(t *testing.T) {
	if racing {
		t.Skip("closing a full connection takes many seconds under the race detector")
	}
	ended := make(chan struct{})
	g := startBefore(t, endless(strings.Repeat("x", 16<<10), ended), overTLS+teamLimits("{concurrent: 1}")+"timeouts: {body: 500ms, drain: {deadline: 1s}}\n")
	deaf := new(atomic.Bool)
	g.ask2(http2Client(t, 1<<30, deaf), chat("hi", `"stream":true`))
	deaf.Store(true)
	defer deaf.Store(false)
	select {
	case <-ended:
	case <-time.After(20 * time.Second): // crypto/tls takes 5 s to close what is full
		t.Fatal("20 s after the client stopped reading, the upstream still works for it")
	}
	g.letsGo(5 * time.Second)
	if e := g.one(); e.Outcome != tallygate.Aborted {
		t.Errorf("recorded as %v: %s", e.Outcome, e.Cause)
	}
}

// A client that takes one byte of an answer holds its place no longer than one that
// takes a part of a long one.
func TestAShortAnswerNobodyTakes(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"choices":[{"message":{"content":%q}}]}`, strings.Repeat("x", 9000))
	}, overTLS+teamLimits("{concurrent: 1}")+"timeouts: {body: 500ms, drain: {deadline: 1s}}\n")
	g.ask2(http2Client(t, 1, nil), chat("hi"))
	g.letsGo(3 * time.Second)
}

// An upstream that is silent for longer than a client may leave a piece unread does
// not end the stream: there is nothing to read.
func TestASilentStreamOfHTTP2(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, piece := range []string{`{"choices":[{"index":0,"delta":{"content":"a"}}]}`, `{"choices":[{"index":0,"delta":{"content":"b"}}]}`, "[DONE]"} {
			fmt.Fprintf(w, "data: %s\n\n", piece)
			w.(http.Flusher).Flush()
			time.Sleep(700 * time.Millisecond)
		}
	}, overTLS+"timeouts: {body: 200ms, drain: {deadline: 1s}}\n")
	res := g.ask2(http2Client(t, 64<<10, nil), chat("hi", `"stream":true`))
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.HasSuffix(string(text), "data: [DONE]\n\n") {
		t.Errorf("the stream ended in %v: %q", err, text)
	}
}
