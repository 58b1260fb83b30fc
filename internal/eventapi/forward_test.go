package eventapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The paths that the event proxy's versions gave to the SDKs lead to the line's own.
func TestForward(t *testing.T) {
	const dated = "?api-version=2024-02-01"
	f := func(path, to string) {
		t.Helper()
		for _, prefix := range []string{"/api/v1", "/v1/api", "/api//v1", "//v1/api"} {
			s := newStage(t, workshop())
			w := s.send("POST", "http://gateway"+prefix+path, `{"a":1, "a":2}`, "api-key", "any", "Content-Type", "x/y")
			switch {
			case to == "":
				want(t, prefix+path, w, 404, `{"detail":"Not Found"}`)
			case len(s.asked) != 1:
				t.Errorf("%s was not asked on: %d", prefix+path, w.Code)
			case s.asked[0].URL.RequestURI() != to || s.asked[0].RequestURI != to:
				t.Errorf("%s leads to %s, %s; want %s", prefix+path, s.asked[0].URL.RequestURI(), s.asked[0].RequestURI, to)
			case s.last() != `{"a":1, "a":2}` || s.asked[0].Header.Get("Api-Key") != "any" || s.asked[0].Header.Get("Content-Type") != "x/y" || w.Body.String() != answered:
				t.Errorf("%s changed on its way: %s %v", prefix+path, s.last(), s.asked[0].Header)
			}
		}
	}
	// Azure OpenAI's SDKs, and the Python proxy's shorter path.
	f("/openai/deployments/gpt-4o/chat/completions"+dated, "/openai/deployments/gpt-4o/chat/completions"+dated)
	f("//openai/deployments/gpt-4o/chat/completions"+dated, "/openai/deployments/gpt-4o/chat/completions"+dated)
	f("/openai/deployments/my%20dep%2Fx/embeddings"+dated, "/openai/deployments/my%20dep%2Fx/embeddings"+dated)
	f("/openai/deployments/gpt-4o/extensions/chat/completions"+dated, "/openai/deployments/gpt-4o/extensions/chat/completions"+dated)
	f("/deployments/gpt-4o/chat/completions"+dated, "/openai/deployments/gpt-4o/chat/completions"+dated)
	f("/openai/assistants/a"+dated, "/openai/assistants/a"+dated)
	f("/openai/v1/responses", "/openai/v1/responses")
	f("/openai/models", "/openai/models")
	// OpenAI's SDKs, of 0.28 and after.
	f("/engines/gpt-4o/chat/completions", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21")
	f("/engines/d/images/generations", "/openai/deployments/d/images/generations?api-version=2025-04-01-preview")
	f("/completions", "/v1/completions")
	f("/embeddings", "/v1/embeddings")
	f("/images/generations", "/v1/images/generations")
	f("/models", "/v1/models")
	f("/responses/resp_1?stream=true", "/v1/responses/resp_1?stream=true")
	f("/chat/completions?api-version=v1", "/v1/chat/completions?api-version=v1")
	// Azure AI Inference.
	f("/chat/completions?api-version=2024-05-01-preview", "/openai/chat/completions?api-version=2024-05-01-preview")
	// The version is added where it lacks, behind what is there.
	f("/openai/deployments/d/embeddings?a=%20b&c", "/openai/deployments/d/embeddings?a=%20b&c&api-version=2024-10-21")
	f("/openai/deployments/d/embeddings?API-Version=x", "/openai/deployments/d/embeddings?API-Version=x")
	f("/deployments/d/audio/speech", "/openai/deployments/d/audio/speech?api-version=2025-04-01-preview")
	f("/deployments/d/extensions/chat/completions", "/openai/deployments/d/extensions/chat/completions?api-version=2024-02-15-preview")
	// What is nobody's.
	for _, path := range []string{
		"", "/", "/nothing", "/openai", "/openai/", "/engines", "/deployments/", "/chatter/completions", "/attendee/event/x/register",
		"/management/events/list/all", "/indexes/i/docs/search", "/..%2fadmin", "/event/a/b",
	} {
		f(path, "")
	}
}

// A stream passes as it comes: the line writes to the client's own connection.
func TestForwardStreams(t *testing.T) {
	s := newStage(t, workshop())
	next := make(chan bool)
	s.line = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-next
		_, _ = io.WriteString(w, "data: 2\n\n")
	}
	server := httptest.NewServer(s.handler)
	defer server.Close()
	res, err := http.Post(server.URL+"/api/v1/engines/gpt-4o/chat/completions", "application/json", strings.NewReader(`{"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 9)
	if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != "data: 1\n\n" || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%q, %v, %v", first, err, res.Header)
	}
	close(next)
	if rest, err := io.ReadAll(res.Body); string(rest) != "data: 2\n\n" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
}
