package app_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// formOf writes a form: names and values by turns, with files where a name begins with @.
func formOf(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		name, file := strings.CutPrefix(pairs[i], "@")
		fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=%q", name)
		if file {
			b.WriteString("; filename=\"talk.mp3\"\r\nContent-Type: audio/mpeg")
		}
		b.WriteString("\r\n\r\n" + pairs[i+1] + "\r\n")
	}
	return b.String() + "--x--\r\n"
}

// upload posts a form.
func (g *gateway) upload(key, path, body string) answer {
	g.t.Helper()
	return g.do("POST", path, body, "Api-Key", key, "Content-Type", form)
}

// heard answers a transcription.
func heard(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"text":"hello"}`)
}

const v1Audio = "/openai/v1/audio/transcriptions"

// An upload that one deployment has no room for is sent to the next, byte for byte,
// however large it is.
func TestUploadsFailOver(t *testing.T) {
	for _, size := range []int{5, 200_000, 3_000_000} {
		body := formOf("@file", strings.Repeat("\x00\r\n-", size/4), "model", "whisper")
		var calls atomic.Int64
		g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
			got, _ := io.ReadAll(r.Body)
			if calls.Add(1) == 1 || string(got) != body {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			heard(w)
		}, "")
		if a := g.upload(teamKey, uploadPath, body); a.status != 200 {
			t.Errorf("%d bytes after a throttled deployment: %d %s", size, a.status, a.body)
		}
		if e := g.one(); e.Attempts != 2 || e.Ask.BodyBytes != int64(len(body)) {
			t.Errorf("%d attempts, %d bytes", e.Attempts, e.Ask.BodyBytes)
		}
	}
}

// The bytes of a file are no tokens of a prompt.
func TestFilesAreNoPrompt(t *testing.T) {
	g := startBefore(t, usage(10), "callers:\n  - {name: team, key: "+teamKey+", limits: [{tokens: 1M, per: minute}]}\n")
	body := formOf("@file", strings.Repeat("\xff\xfb\x90d", 750_000), "model", "whisper")
	if a := g.upload(teamKey, uploadPath, body); a.status != 200 {
		t.Errorf("3 MB of sound: %d %s", a.status, a.body)
	}
}

// The model of a form is read, wherever it stands, checked and mapped like that of a
// JSON body.
func TestFormsNameModels(t *testing.T) {
	var got atomic.Value
	g := startBefore(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(r.URL.Path + " " + string(body))
		heard(w)
	}, "")
	text := *g.config.Load()
	g.configure(strings.ReplaceAll(text, "{name: gpt-4o-mini}", "{name: hearing, model: gpt-4o-mini}"))
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	for _, pairs := range [][]string{{"@file", "abc", "model", "%s"}, {"model", "%s", "@file", "abc"}} {
		body := formOf(pairs...)
		if a := g.upload(otherKey, v1Audio, fmt.Sprintf(body, "gpt-4o-mini")); a.status != 200 {
			t.Errorf("a model of one's own: %d %s", a.status, a.body)
		}
		if want := fmt.Sprintf(body, "hearing"); !strings.HasSuffix(got.Load().(string), want) {
			t.Errorf("upstream reads %q", got.Load())
		}
		if a := g.upload(otherKey, v1Audio, fmt.Sprintf(body, "gpt-4o")); a.status != 403 {
			t.Errorf("another's model: %d %s", a.status, a.body)
		}
		if a := g.upload(otherKey, v1Audio, fmt.Sprintf(body, "gpt-4o-mini")+"x"); a.status != 400 || a.code() != "InvalidForm" {
			t.Errorf("a broken form: %d %s", a.status, a.body)
		}
	}
}

// Clients of one event that claim much, send most of it and stop cannot take the memory
// of others: what they hold is bounded, they are cut, and a large upload of another
// caller is served meanwhile.
func TestBodiesShareMemory(t *testing.T) {
	g := startBefore(t, usage(10), "body_memory: 16MB\ntimeouts: {body: 1s, drain: {deadline: 2s}}\n")
	slow := make([]net.Conn, 12)
	piece := strings.Repeat("x", 64<<10)
	for i := range slow {
		slow[i] = g.raw(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: application/json\r\nContent-Length: 3900000\r\n\r\n{\"x\":\"",
			chatPath, otherKey))
		go func() {
			for range 50 { // 3.2 of 3.9 MB, then silence
				if _, err := io.WriteString(slow[i], piece); err != nil {
					return
				}
			}
		}()
	}
	busy := g.metric("tallygate_body_memory_bytes")
	for began := time.Now(); busy < 3e6 && time.Since(began) < 5*time.Second; time.Sleep(time.Millisecond) {
		busy = g.metric("tallygate_body_memory_bytes")
	}
	if a := g.post(chatPath, chat(strings.Repeat("word ", 700_000))); a.status != 200 {
		t.Errorf("another's large request: %d %s", a.status, a.body)
	}
	if a := g.upload(teamKey, uploadPath, formOf("@file", strings.Repeat("x", 10_000_000), "model", "m")); a.status != 200 {
		t.Errorf("another's upload: %d %s", a.status, a.body)
	}
	if busy > 4e6 || busy < 3e6 {
		t.Errorf("the bodies of one caller take %.0f bytes of 16 MB", busy)
	}
	told := map[string]int{}
	for _, conn := range slow {
		told[g.status(conn)]++
	}
	if told["503 Service Unavailable"] == 0 || told["408 Request Timeout"] == 0 || len(told) != 2 {
		t.Errorf("they are told %v", told)
	}
	if left := g.metric("tallygate_body_memory_bytes"); left != 0 {
		t.Errorf("%.0f bytes are not given back", left)
	}
}

// A body that trickles is cut although each piece comes in time; one that comes at a fair
// rate is not, however long it takes.
func TestTricklingBodies(t *testing.T) {
	g := startBefore(t, usage(10), "timeouts: {body: 800ms, drain: {deadline: 2s}}\n")
	send := func(piece int) string {
		body := chat(strings.Repeat("x", 30*piece))
		conn := g.raw(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: gateway\r\nApi-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
			chatPath, teamKey, len(body)))
		go func() {
			for len(body) > 0 {
				n := min(piece, len(body))
				if _, err := io.WriteString(conn, body[:n]); err != nil {
					return
				}
				body = body[n:]
				time.Sleep(50 * time.Millisecond)
			}
		}()
		return g.status(conn)
	}
	if s := send(100); s != "408 Request Timeout" {
		t.Errorf("at 2 KB a second: %q", s)
	}
	if s := send(4000); s != "200 OK" {
		t.Errorf("at 80 KB a second: %q", s)
	}
}

// A prompt that is far too long is refused before all of it is counted, and the refusal
// says how far that went.
func TestLongPromptsAreNotCounted(t *testing.T) {
	g := startBefore(t, usage(10), limited)
	for name, body := range map[string]string{
		"a bound": chat(strings.Repeat("word ", 1_000_000), `"max_tokens":10`), "no bound": chat(strings.Repeat("word ", 1_000_000)),
	} {
		a := g.post(chatPath, body)
		if a.status != 400 || a.code() != "RequestTooLargeForLimit" || !strings.Contains(a.body, "may use more than 4") || strings.Contains(a.body, "000000") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
