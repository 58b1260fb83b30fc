package eventapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

const completionPath = "/api/v1/chat/completions"

// A header with code and user asks the same as the playground does, and is answered by
// the model's own words, byte by byte but for the model's name.
func TestCompletionByUser(t *testing.T) {
	s := newStage(t, workshop())
	w := s.send("POST", completionPath, loadTest, "openai-event-code", code+"/ann")
	want(t, "completion", w, 200, strings.Replace(answered, `"gpt-4o-2024-08-06"`, `"gpt-4o-ptu"`, 1))
	if r := s.asked[0]; r.Header.Get("Openai-Event-Code") != code+"/ann" || r.URL.Path != "/openai/deployments/gpt-4o/chat/completions" ||
		!strings.Contains(s.last(), `"max_tokens":512`) {
		t.Errorf("asked %s %v with %s", r.URL, r.Header, s.last())
	}
	f := func(answer, expected string, header ...string) {
		t.Helper()
		s.line = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Tallygate-Deployment", "one/a/b")
			_, _ = io.WriteString(w, answer)
		}
		want(t, answer, s.send("POST", completionPath, helloBody, "openai-event-code", code+"/ann"), 200, expected)
	}
	f(` { "a":[{"model":"inner"}] , "model" : "x" , "b":1e2}`, ` { "a":[{"model":"inner"}] , "model" : "a/b" , "b":1e2}`)
	f(`{"model":{"deep":1}}`, `{"model":"a/b"}`)
	f(`{"other":1}`, `{"other":1}`)
}

// Its refusals are of one text for what is no code and user, and bare JSON strings
// else.
func TestCompletionRefusals(t *testing.T) {
	s := newStage(t, workshop())
	for _, credential := range []string{
		code, code + "/", "/ann", code + "/a/b", "wrong-code/ann", "short/ann", teamKey, code + "/" + strings.Repeat("x", 200), code + "/a\x00",
	} {
		want(t, credential, s.send("POST", completionPath, helloBody, "openai-event-code", credential), 401, `{"detail":"Invalid event_code/github_id"}`)
	}
	send := func(body string) (int, string) {
		w := s.send("POST", completionPath, body, "openai-event-code", code+"/ann")
		return w.Code, w.Body.String()
	}
	f := func(status int, body string, wantStatus int, wantBody string) {
		t.Helper()
		if status != wantStatus || body != wantBody {
			t.Errorf("%d %s, want %d %s", status, body, wantStatus, wantBody)
		}
	}
	status, body := send(with(set{"messages": []any{}}))
	f(status, body, 400, `"Oops, no chat messages."`)
	if status, _ := send("{}"); status != 422 {
		t.Errorf("an empty request: %d", status)
	}
	s.refuses(429, "", "Retry-After", "3")
	status, body = send(helloBody)
	f(status, body, 429, `"OpenAI API retry limit reached..."`)
	s.refuses(200, "x")
	status, body = send(helloBody)
	f(status, body, 502, `"OpenAI Error"`)
	s.refuses(404, lineError("DeploymentNotFound", ""))
	status, body = send(helloBody)
	f(status, body, 500, `{"detail":"No active OpenAI model deployments found."}`)
}

// The same path with a key of an SDK's goes to the line as it is, also when a code
// comes with it.
func TestCompletionOfSDKs(t *testing.T) {
	for _, header := range [][]string{
		{"Authorization", "Bearer " + code + "/ann"}, {"api-key", "x"}, {"Ocp-Apim-Subscription-Key", "x"}, {},
		{"api-key", "x", "openai-event-code", code + "/ann"},
	} {
		s := newStage(t, workshop())
		w := s.send("POST", completionPath, `{"model":"gpt-4o"}`, header...)
		if w.Code != 200 || s.asked[0].URL.String() != "/v1/chat/completions" || s.last() != `{"model":"gpt-4o"}` {
			t.Errorf("%v: %d, asked %v with %s", header, w.Code, s.asked, s.last())
		}
	}
}
