package eventapi_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener without a network.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A body that trickles is given up after a time; one that came has as long for its
// answer as the line takes.
func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, workshop())
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: s.handler}
		go func() { _ = server.Serve(l) }()
		defer server.Close()
		defer close(l.done)
		send := func(head string, trickle string) (*http.Response, time.Duration) {
			near, far := net.Pipe()
			l.conns <- far
			began := time.Now()
			go func() {
				_, _ = io.WriteString(near, head)
				for _, c := range []byte(trickle) {
					time.Sleep(time.Second)
					if _, err := near.Write([]byte{c}); err != nil {
						return
					}
				}
			}()
			t.Cleanup(func() { near.Close() })
			res, err := http.ReadResponse(bufio.NewReader(near), nil)
			if err != nil {
				t.Fatal(err)
			}
			return res, time.Since(began)
		}
		const head = "POST /api/oai_prompt HTTP/1.1\r\nHost: x\r\nOpenai-Event-Code: " + code + "\r\nContent-Length: "
		res, took := send(head+"100\r\n\r\n", strings.Repeat(" ", 100))
		if res.StatusCode != 408 || took != 30*time.Second {
			t.Errorf("a trickle: %d after %s", res.StatusCode, took)
		}
		s.line = func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(5 * time.Minute):
				_, _ = io.WriteString(w, answered)
			case <-r.Context().Done():
				t.Error("the request was given up while the line worked on it")
			}
		}
		if res, took := send(head+"83\r\n\r\n"+strings.Repeat(" ", 83-len(helloBody))+helloBody, ""); res.StatusCode != 200 || took != 5*time.Minute {
			t.Errorf("a slow answer: %d after %s", res.StatusCode, took)
		}
	})
}
