package app_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// A client that stops reading a stream loses its place after a while: the upstream is
// cancelled, what it holds of its limits comes back, and the entry says aborted. One
// that reads slowly, but reads, gets all of it.
func TestASlowReader(t *testing.T) {
	left := make(chan struct{})
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		chunk := `data: {"choices":[{"index":0,"delta":{"content":"` + strings.Repeat("x", 16<<10) + `"}}]}` + "\n\n"
		for r.Context().Err() == nil {
			if _, err := fmt.Fprint(w, chunk); err != nil {
				break
			}
			w.(http.Flusher).Flush()
		}
		close(left)
	}, teamLimits("{concurrent: 1}")+"timeouts: {body: 700ms, drain: {deadline: 1s}}\n")
	nc, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	body := chat("hi", `"stream":true`)
	fmt.Fprintf(nc, "POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", chatPath, teamKey, len(body), body)
	buf := make([]byte, 64<<10)
	for begin := time.Now(); time.Since(begin) < 2*time.Second; time.Sleep(50 * time.Millisecond) {
		if _, err := nc.Read(buf); err != nil { // three times the limit, and reading all the while
			t.Fatalf("a slow reader was cut after %v: %v", time.Since(begin), err)
		}
	}
	select { // from now on it does not read
	case <-left:
	case <-time.After(15 * time.Second):
		t.Fatal("15 s after the client stopped reading, the upstream still works for it")
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if g.metric(`tallygate_limit_held{limit="team: 1 requests at once"`) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it still holds its place")
		}
	}
	if e := g.one(); e.Outcome != tallygate.Aborted {
		t.Errorf("recorded as %v: %s", e.Outcome, e.Cause)
	}
}
