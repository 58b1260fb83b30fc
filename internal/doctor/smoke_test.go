package doctor_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/doctor"
)

func gateway(t *testing.T, h http.HandlerFunc) *doctor.Gateway {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &doctor.Gateway{Base: base, Key: "secret-key", Client: http.DefaultClient, Timeout: time.Second, Run: "smoke-x"}
}

// Whatever an answer is that is not a good one, its fault says what, and never the key.
func TestFaults(t *testing.T) {
	const chunk = `data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}` + "\n\n"
	const done = "data: [DONE]\n\n"
	for _, c := range []struct {
		name         string
		stream       bool
		status       int
		header, body string
		want         string // a part of the fault; empty is a good answer
	}{
		{"good", false, 200, "", `{"choices":[{}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`, ""},
		{"good stream", true, 200, "", chunk + done, ""},
		{"no JSON", false, 200, "", "<html>", "no JSON"},
		{"no choices", false, 200, "", "{}", "no choices"},
		{"no done", true, 200, "", chunk, "without [DONE]"},
		{"empty stream", true, 200, "", "", "without [DONE]"},
		{"only done", true, 200, "", done, "no choices"},
		{"an error inside", true, 200, "", chunk + `data: {"error":{"message":"filter is down"}}` + "\n\n", "ends in an error: filter is down"},
		{"garbage inside", true, 200, "", chunk + "data: {\n\n" + done, "no JSON"},
		{"not streamed", true, 200, "application/json", `{"choices":[{}]}`, `no stream but "application/json"`},
		{"wrong key", false, 401, "", `{"error":{"code":"401","message":"Access denied"}}`, "401: Access denied: the key is not one"},
		{"a whole sentence", false, 401, "", `{"error":{"code":"401","message":"Access denied."}}`, "401: Access denied: the key is not one"},
		{"the admin side", false, 401, "", `{"error":{"code":"Unauthorized","message":"The admin side needs the admin key."}}`, "the admin key: that is the admin side: use the address of listen"},
		{"plain to TLS", false, 400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n", "400: it speaks TLS: begin the address with https://"},
		{"forbidden", false, 403, "", `{"error":{"code":"x","message":"no"}}`, "403: no: this key may not"},
		{"unknown model", false, 404, "", `{"error":{"code":"DeploymentNotFound","message":"none"}}`, "there are: gpt-4o, o3"},
		{"wrong path", false, 404, "text/html", "<html>", "nothing at that path"},
		{"limit", false, 429, "", `{"error":{"message":"slow"}}`, "429: slow: a limit or quota is used up; again in 7 s"},
		{"redirect", false, 302, "", "", "leads to https://login.example"},
		{"bare 502", false, 502, "text/html", "<html>", "502: something before the gateway"},
		{"steers a terminal", false, 400, "", `{"error":{"message":"a\u001b[2Jb\nc"}}`, "a\uFFFD[2Jb c"},
	} {
		g := gateway(t, func(w http.ResponseWriter, _ *http.Request) {
			kind := c.header
			if kind == "" {
				kind = map[bool]string{true: "text/event-stream", false: "application/json"}[c.stream]
			}
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", "https://login.example")
			w.Header().Set("X-Tallygate-Attempts", "2")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		g.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		a := g.Ask(context.Background(), doctor.Question{Kind: doctor.Chat, Model: "gpt-4o", Stream: c.stream}, []string{"gpt-4o", "o3"})
		switch {
		case c.want == "" && a.Fault != nil, c.want != "" && (a.Fault == nil || !strings.Contains(a.Fault.Words, c.want)):
			t.Errorf("%s: %+v, want %q", c.name, a.Fault, c.want)
		case a.Fault != nil && strings.Contains(a.Fault.Words, "secret"):
			t.Errorf("%s: %s", c.name, a.Fault)
		case a.RequestID != "smoke-x-1" || len(a.Told) != 1 || a.Told[0] != "attempts=2" || a.Status != c.status:
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

// A kind is asked of the first model that does it, unknown ones by trying; the name that
// a model wants for its bound is found out.
func TestSmokeChooses(t *testing.T) {
	var asked []string
	g := gateway(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		model := strings.Split(strings.SplitN(string(text), `"model":"`, 2)[1], `"`)[0]
		op := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			op = "chat"
		}
		able := map[string]string{"house-chat": "chat", "house-vectors": "embeddings"}[model] == op
		switch {
		case !able:
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":{"code":"OperationNotSupported","message":"does not work"}}`)
			return
		case op == "chat" && strings.Contains(string(text), `"max_tokens"`):
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":{"code":"unsupported_parameter","message":"Use 'max_completion_tokens' instead."}}`)
			return
		}
		asked = append(asked, op+" "+model)
		if strings.Contains(string(text), `"stream":true`) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: {\"choices\":[{}]}\n\ndata: [DONE]\n\n")
			return
		}
		fmt.Fprint(w, `{"choices":[{}],"data":[{}]}`)
	})
	var skipped []string
	g.Smoke(t.Context(), []string{"house-vectors", "whisper", "house-chat"}, nil, func(a *doctor.Answer) {
		if a.Skipped != "" {
			skipped = append(skipped, string(a.Kind))
		}
		if a.Fault != nil {
			t.Errorf("%+v: %v", a.Question, a.Fault)
		}
	})
	if got := strings.Join(asked, ", "); got != "chat house-chat, chat house-chat, chat house-chat, chat house-chat, embeddings house-vectors, embeddings house-vectors" {
		t.Errorf("asked %s", got)
	}
	if fmt.Sprint(skipped) != "[completions]" {
		t.Errorf("skipped %v", skipped)
	}
}
