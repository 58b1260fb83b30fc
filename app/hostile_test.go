package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

const (
	uploadPath = "/openai/deployments/gpt-4o/audio/transcriptions?api-version=2024-10-21"
	form       = "multipart/form-data; boundary=x"
	limited    = "callers:\n  - {name: team, key: " + teamKey + ", limits: [{tokens: 40000, per: minute}]}\n"
)

// raw sends bytes as they are and returns the connection.
func (g *gateway) raw(text string) net.Conn {
	g.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { conn.Close() })
	io.WriteString(conn, text)
	return conn
}

// status reads the status line of an answer that must come soon.
func (g *gateway) status(conn net.Conn) string {
	g.t.Helper()
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		g.t.Errorf("no answer: %v", err)
	}
	_, line, _ = strings.Cut(strings.TrimSpace(line), " ")
	return line
}

func upload(key, header, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: %s\r\n%s\r\n\r\n%s", uploadPath, key, form, header, body)
}

// usage answers a chat with a usage of total tokens.
func usage(total int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"usage":{"prompt_tokens":%d,"completion_tokens":0,"total_tokens":%d}}`, total, total)
	}
}

// A body that claims to be nine exabytes long frees no room for others.
func TestAbsurdLengthFreesNothing(t *testing.T) {
	g := startBefore(t, usage(600), limited)
	g.raw(upload(teamKey, "Content-Length: 9223372036854775000", "--x\r\n"))
	time.Sleep(50 * time.Millisecond)
	spent := 0
	for range 100 {
		if a := g.post(chatPath, chat("hi", `"max_tokens":500`)); a.status == 200 {
			spent += 600
		}
	}
	if spent > 40_000 {
		t.Errorf("%d of 40000 tokens spent", spent)
	}
}

// What a prompt refers to counts as much as the model can read.
func TestReferencesAreHeld(t *testing.T) {
	g := startBefore(t, usage(1106), limited)
	body := `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/b"}}]}],"max_tokens":1}`
	if a := g.post(chatPath, body); a.status != 400 || a.code() != "RequestTooLargeForLimit" {
		t.Errorf("a picture by its address: %d %s", a.status, a.body)
	}
	if e := g.one(); e.Hold.Tokens() < 100_000 {
		t.Errorf("hold %d", e.Hold.Tokens())
	}
}

// A picture in the body is held at what a picture can be, not at its bytes.
func TestPicturesAreHeldAsPictures(t *testing.T) {
	g := startBefore(t, usage(800), limited)
	body := `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` +
		strings.Repeat("A", 200_000) + `"}}]}],"max_tokens":100}`
	if a := g.post(chatPath, body); a.status != 200 {
		t.Errorf("answer %d %s", a.status, a.body)
	}
	if e := g.one(); e.Hold.Tokens() > 5000 || e.Hold.Tokens() < 800 {
		t.Errorf("hold %d", e.Hold.Tokens())
	}
}

// Bodies that their clients break speak against no deployment.
func TestBrokenUploadsHurtNobody(t *testing.T) {
	g := startBefore(t, usage(1), "")
	for range 18 {
		if s := g.status(g.raw(upload(teamKey, "Transfer-Encoding: chunked", "5\r\nhello\r\nZZ\r\n"))); s != "400 Bad Request" {
			t.Fatalf("a broken upload is answered %q", s)
		}
	}
	if a := g.post(chatPath, chat("hi")); a.status != 200 {
		t.Errorf("a good request after them: %d %s", a.status, a.body)
	}
}

// A request that is refused before its body is read is answered at once.
func TestRefusalsDoNotWaitForBodies(t *testing.T) {
	g := startBefore(t, usage(1), "")
	if s := g.status(g.raw(upload("wrong-key", "Content-Length: 10", ""))); s != "401 Unauthorized" {
		t.Errorf("a wrong key: %q", s)
	}
}

// One request that speaks of stream_options does not turn usage off for others.
func TestUsageIsNotTurnedOffByOne(t *testing.T) {
	asked := 0
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "stream_options_x") {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":{"message":"Unrecognized request argument supplied: stream_options_x"}}`)
			return
		}
		if strings.Contains(string(body), `"include_usage":true`) {
			asked++
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n")
	}, "")
	if a := g.post(chatPath, chat("hi", `"stream":true`, `"stream_options_x":1`)); a.status != 400 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if a := g.post(chatPath, chat("hi", `"stream":true`)); a.status != 200 || asked != 1 {
		t.Errorf("answer %d, asked for usage %d times", a.status, asked)
	}
}

// Streams that are cut by a stop have true entries, however many there are.
func TestStopSettlesEveryStream(t *testing.T) {
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"more \"}}]}\n\n"); err != nil {
				return
			}
			http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}, "")
	for range 30 {
		body := chat(strings.Repeat("word ", 2000), `"stream":true`)
		conn := g.raw(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			chatPath, teamKey, len(body), body))
		if s := g.status(conn); s != "200 OK" {
			t.Fatalf("answer %q", s)
		}
	}
	es := g.entries()
	if len(es) != 30 {
		t.Errorf("%d entries for 30 streams", len(es))
	}
	for _, e := range es {
		if e.Outcome == tallygate.Unsettled || e.Usage.Source != tallygate.Partial || e.Usage.Prompt < 2000 {
			t.Fatalf("entry %+v", e)
		}
	}
}
