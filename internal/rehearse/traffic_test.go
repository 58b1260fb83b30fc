package rehearse

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// On the event proxy's route a message is the published load test's, to the field.
func TestPublishedMessage(t *testing.T) {
	s, err := Traffic{URL: "http://127.0.0.1:8080", Route: Prompt, Code: "MyEvent2026", User: DefaultPrompt, System: DefaultSystem, MaxTokens: DefaultCap}.sender()
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.request(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != "POST" || r.URL.String() != "http://127.0.0.1:8080/api/oai_prompt" || r.Header.Get("openai-event-code") != "MyEvent2026" ||
		r.Header.Get("content-type") != "application/json" || r.Header.Get("api-key") != "" {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
	var got, want any
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	const published = `{"messages":[{"role":"user","content":"Write me a short poem about a indian elephants"},
		{"role":"system","content":"You are an AI assistant that writes poems"}],
		"max_tokens":2048,"temperature":1,"top_p":0,"stop_sequence":"string","frequency_penalty":0,"presence_penalty":0}`
	if err := json.Unmarshal([]byte(published), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// On the SDKs' routes it is a chat for the model; users of an event have keys of their
// own, and models that reason their own name for the cap.
func TestSDKMessage(t *testing.T) {
	for name, c := range map[string]struct {
		traffic       Traffic
		url, key, cap string
	}{
		"Azure":  {Traffic{Route: Chat, Model: "gpt-4o", Key: "k"}, "http://h/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "k", "max_tokens"},
		"OpenAI": {Traffic{Route: V1, Model: "gpt-5-mini", Code: "MyEvent"}, "http://h/openai/v1/chat/completions", "MyEvent/user-005", "max_completion_tokens"},
		"odd":    {Traffic{Route: Chat, Model: "a/b", Key: "k"}, "http://h/openai/deployments/a%2Fb/chat/completions?api-version=2024-10-21", "k", "max_tokens"},
	} {
		c.traffic.URL, c.traffic.User, c.traffic.System, c.traffic.MaxTokens = "http://h", "Hi", "Be brief", 512
		s, err := c.traffic.sender()
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.request(t.Context(), 4)
		if err != nil || r.URL.String() != c.url || r.Header.Get("api-key") != c.key {
			t.Fatalf("%s: %s %v, %v", name, r.URL, r.Header, err)
		}
		want := `{"` + c.cap + `":512,"messages":[{"content":"Be brief","role":"system"},{"content":"Hi","role":"user"}],"model":"` + c.traffic.Model + `"}`
		if body, _ := io.ReadAll(r.Body); string(body) != want {
			t.Errorf("%s: %s, want %s", name, body, want)
		}
	}
}

// Only names and addresses of this machine are local.
func TestLocal(t *testing.T) {
	for url, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://127.8.8.8": true, "http://[::1]:80": true, "http://localhost": true, "https://LocalHost.:8443/x": true,
		"http://contoso.localhost": true, "http://[::ffff:127.0.0.1]": true,
		"http://10.0.0.1": false, "https://contoso.openai.azure.com": false, "http://localhost.example.com": false, "http://127.0.0.1.example.com": false,
		"http://0.0.0.0": false, "http://[fe80::1%25eth0]": false, "localhost": false, "http://127.0.0.1@example.com": false,
	} {
		if got := (Traffic{URL: url}).Local(); got != want {
			t.Errorf("%s: %t", url, got)
		}
	}
}

// Printed by mistake, traffic tells no credential.
func TestTrafficString(t *testing.T) {
	l := &Load{Traffic: Traffic{URL: "http://h", Route: V1, Model: "gpt-4o", Key: "secret-key", Code: "secret-code"}}
	if got := fmt.Sprintf("%v %+v %s", l, l, l.Traffic); strings.Contains(got, "secret") || !strings.Contains(got, "v1 gpt-4o at http://h") {
		t.Error(got)
	}
}
