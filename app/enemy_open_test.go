package app_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// slowAndLater is a service that never answers chats, says so on a channel, and has one
// response that stays in the background.
func slowAndLater(t *testing.T, asked chan<- struct{}) string {
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "chat") {
			io.Copy(io.Discard, r.Body)
			asked <- struct{}{}
			<-done
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, shown("queued", 0))
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(done) })
	return server.URL
}

// What is open in a gateway that is killed, a request that is drained and a response in
// the background, is settled at its hold at the next start: the counters are what the
// ledger sums up to.
func TestKilledWhileDrainedAndLater(t *testing.T) {
	asked := make(chan struct{}, 1)
	text := threeConfig(slowAndLater(t, asked), t.TempDir(), teamLimits("{name: budget, tokens: 100k, per: ever}"))
	child := startKillable(t, text)
	kill := func() {
		child.Process.Kill()
		child.Wait()
	}
	defer func() { kill() }()
	post := func(ctx context.Context, path, body string) int {
		req, _ := http.NewRequestWithContext(ctx, "POST", child.url+path, strings.NewReader(body))
		req.Header.Set("Api-Key", teamKey)
		req.Header.Set("Content-Type", "application/json")
		res, err := child.client.Do(req)
		if err != nil {
			return 0
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := post(t.Context(), v1Path+"responses", inBackground); got != 200 {
		t.Fatal(got)
	}
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-asked
		leave()
	}()
	post(ctx, chatPath, chat("Hello", `"max_tokens":2000`))
	figures := func() map[string]float64 { return (&gateway{t: t, admin: child.admin}).gauges() }
	for within := time.Now().Add(10 * time.Second); (&gateway{t: t, admin: child.admin}).metric("tallygate_draining_requests") != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(within) {
			t.Fatal("it is not drained")
		}
	}
	before := figures()
	if before["held budget"] < 2700 || before["spent budget"] != 0 {
		t.Fatalf("before: %v", before)
	}
	kill()
	child = startKillable(t, text)
	after := figures()
	if after["held budget"] != 0 || after["spent budget"] != before["held budget"] {
		t.Errorf("%v held before, and afterwards %v held, %v spent", before["held budget"], after["held budget"], after["spent budget"])
	}
	kill()
	_, dir, _ := strings.Cut(text, "data: ")
	dir, _, _ = strings.Cut(dir, "\n")
	var sum int64
	for _, e := range readLedger(t, dir) {
		if e.Outcome != tallygate.Unsettled || e.Usage.Source != tallygate.Held {
			t.Errorf("%+v", e)
		}
		sum += e.Usage.Total
	}
	if float64(sum) != after["spent budget"] {
		t.Errorf("the ledger has %d tokens, the counters %v", sum, after["spent budget"])
	}
}

// Whoever may not reach objects neither sees nor settles another one's response in the
// background, whatever the way.
func TestOthersResponsesStayAsTheyAre(t *testing.T) {
	g := startBefore(t, background(func(r *http.Request) string {
		if r.Method == "POST" && strings.HasSuffix(r.URL.Path, "/responses") {
			return shown("queued", 0)
		}
		return shown("completed", 150)
	}), teamLimits("{name: budget, tokens: 10k, per: ever}", "  - {name: other, key: "+otherKey+`, models: ["*"]}`)+workshop())
	if a := g.post(v1Path+"responses", inBackground); a.status != 200 {
		t.Fatal(a.body)
	}
	for _, key := range []string{otherKey, "workshop2026/eve", "workshop2026"} {
		for _, path := range []string{v1Path + "responses/resp_1", v1Path + "responses/resp_1?stream=true", "/v1/responses/resp_1/input_items", "/openai/responses/RESP_1?api-version=2025-04-01-preview",
			v1Path + "responses/resp_1/cancel", "/api/v1/responses/resp_1", "/openai/deployments/gpt-4o/responses/resp_1?api-version=2025-04-01-preview"} {
			for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
				body := ""
				if method == "POST" {
					body = `{"model":"gpt-4o","input":"x"}`
				}
				a := g.do(method, path, body, "Api-Key", key)
				if a.status != 403 && a.status != 404 && a.status != 405 || strings.Contains(a.body, "completed") {
					t.Errorf("%s %s of %s: %d %s", method, path, key, a.status, a.body)
				}
			}
		}
		a := g.post(v1Path+"responses", `{"model":"gpt-4o","input":"x","previous_response_id":"resp_1"}`, "Api-Key", key)
		refusedWith(t, a, 400, "ReferenceNotAllowed")
	}
	if m := g.gauges(); m["held budget"] < 700 || m["spent budget"] != 0 {
		t.Errorf("%v held, %v spent", m["held budget"], m["spent budget"])
	}
	g.do("GET", v1Path+"responses/resp_1", "")
	if m := g.calm(); m["spent budget"] != 150 {
		t.Errorf("%v spent", m["spent budget"])
	}
}

// A cap is spelt as the model takes it, where it is known and where it is not.
func TestCapsAreSpeltAsTheModelTakesThem(t *testing.T) {
	const old, modern = `"max_tokens":512`, `"max_completion_tokens":512`
	for base, want := range map[string]string{"gpt-4o": old, "gpt-5.1-chat": modern, "gpt-6-mini": modern, "o4-mini": modern, "our-own": modern} {
		refused := "max_tokens"
		if want == old {
			refused = "max_completion_tokens"
		}
		g, u := serviced(t, capped, disliking(400, refused))
		g.configure(strings.ReplaceAll(*g.config.Load(), "{name: gpt-4o,", "{name: gpt-4o, base: "+base+","))
		if err := g.app.Reload(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if a := g.post(chatPath, chat("Hi")); a.status != 200 || a.header.Get("X-Tallygate-Max-Tokens") != "512" {
				t.Fatalf("%s: %d %s", base, a.status, a.body)
			}
		}
		sent := u.bodies()
		if last := sent[len(sent)-1]; !strings.Contains(last, want) || len(sent) > 3 {
			t.Errorf("%s: %q", base, sent)
		}
	}
}

// A short file of sound fits under a small limit, although it has more bytes than that.
func TestAFileOfSoundUnderASmallLimit(t *testing.T) {
	g := startEvery(t, "  - {tokens: 5000, per: minute}\n  - {money: 0.01, per: day}\n")
	sound := wave(7.9)
	sound += strings.Repeat("\x00", 253_162-len(sound))
	for _, path := range []string{"/openai/deployments/whisper/audio/transcriptions?api-version=2025-04-01-preview", "/openai/deployments/whisper/audio/translations?api-version=2025-04-01-preview"} {
		if a := g.post(path, formOf("@file", sound), "Content-Type", form); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, e := range g.entries() {
		if e.Hold.Seconds > 20 || e.Cost == 0 || e.Cost > e.Hold.Cost {
			t.Errorf("%+v costs %s, held for %+v", e.Usage, e.Cost, e.Hold)
		}
	}
}

// What a proxy on the way to the resources wants to know is in no answer, log and entry.
func TestTheProxysSecretStaysSecret(t *testing.T) {
	const secret = "hunter2-secret"
	shown := base64.StdEncoding.EncodeToString([]byte("user:" + secret))
	asked := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Error(w, "no, "+r.Header.Get("Proxy-Authorization"), http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	for _, address := range []string{proxy.Listener.Addr().String(), "127.0.0.1:1"} {
		text := threeConfig("https://resource.invalid", t.TempDir(), "")
		child := exec.Command(os.Args[0]) // a process reads once where its proxy is
		logs := new(syncBuffer)
		child.Env, child.Stderr = append(os.Environ(), childConfig+"="+text, childLog+"=1", "HTTPS_PROXY=http://user:"+secret+"@"+address, "NO_PROXY="), logs
		stdin, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(out).ReadString('\n')
		url, _, _ := strings.Cut(line, " ")
		a := (&gateway{t: t, url: url}).post(chatPath, chat("Hello"))
		if a.status != 503 {
			t.Errorf("%d %s", a.status, a.body)
		}
		stdin.Close()
		child.Wait()
		all := a.body + fmt.Sprint(a.header) + logs.String()
		_, dir, _ := strings.Cut(text, "data: ")
		dir, _, _ = strings.Cut(dir, "\n")
		entries := readLedger(t, dir)
		if len(entries) != 1 || !strings.Contains(logs.String(), "three/gpt-4o: ") {
			t.Errorf("%d entries, and the log says %s", len(entries), logs)
		}
		for _, e := range entries {
			all += fmt.Sprintf("%+v", e)
		}
		if strings.Contains(all, secret) || strings.Contains(all, shown) {
			t.Errorf("the secret is told: %s", all)
		}
	}
	if asked == 0 {
		t.Error("the proxy was not asked")
	}
}

// Headers that are too long are refused in words over HTTP/2, too, and the connection
// goes on for nobody.
func TestMonstrousHeadersOfHTTP2(t *testing.T) {
	g := startGateway(t, three(), overTLS)
	client := http2Client(t, 1<<20, nil)
	for name, header := range map[string]func(http.Header){
		"one": func(h http.Header) { h.Set("X-Long", strings.Repeat("x", 70<<10)) },
		"many": func(h http.Header) {
			for i := range 3000 {
				h.Set(fmt.Sprint("X-Many-", i), strings.Repeat("y", 20))
			}
		},
		"cookie": func(h http.Header) { h.Set("Cookie", "a="+strings.Repeat("z", 100<<10)) },
	} {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://"+g.app.Addr().String()+chatPath, strings.NewReader(chat("Hello")))
		req.Header.Set("Api-Key", teamKey)
		header(req.Header)
		res, err := client.Do(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.ProtoMajor != 2 || res.StatusCode != 431 || !strings.Contains(string(body), `"error"`) || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: %s %s %s", name, res.Proto, res.Status, body)
		}
	}
	res := g.ask2(http2Client(t, 1<<20, nil), chat("Hello"))
	if _, err := io.ReadAll(res.Body); err != nil || res.TLS.NegotiatedProtocol != "h2" {
		t.Error(err)
	}
}
