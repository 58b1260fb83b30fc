package wire_test

import (
	"bufio"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// request reads a request line as the server does, with a JSON body if there is one.
func request(t *testing.T, line, body string) *http.Request {
	t.Helper()
	r, err := parse(line, body)
	if err != nil {
		t.Fatalf("%s: net/http refuses it itself: %v", line, err)
	}
	return r
}

func parse(line, body string) (*http.Request, error) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(line + " HTTP/1.1\r\nHost: gateway\r\n\r\n")))
	if err != nil {
		return nil, err
	}
	if body != "" {
		r.Body, r.ContentLength = newBody(body), int64(len(body))
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// read reads a request that must be taken, and closes it with the test.
func read(t *testing.T, r *http.Request) *wire.Request {
	t.Helper()
	q, err := wire.Read(r, wire.Options{Table: allRoutes})
	t.Cleanup(q.Close)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return q
}

// refused reads a request that must be refused.
func refused(t *testing.T, r *http.Request, opt wire.Options) (*wire.Request, *tallygate.Error) {
	t.Helper()
	q, err := wire.Read(r, opt)
	//lint:ignore SA5001 the request is never nil
	defer q.Close()
	why, ok := errors.AsType[*tallygate.Error](err)
	if !ok {
		t.Fatalf("%s %s: got %v, want a *tallygate.Error", r.Method, r.URL, err)
	}
	if why.Message == "" {
		t.Errorf("%s %s: the error says nothing to the caller", r.Method, r.URL)
	}
	return q, why
}

const (
	hello = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
	dated = "?api-version=2024-10-21"
)

// routes are the URLs that clients send: the service's own, those that SDKs make of
// an endpoint, and malformed ones that are mended.
var routes = []struct {
	line, body string
	dialect    tallygate.Dialect
	operation  tallygate.Operation
	model      string
	target     string // for the deployment "dep"
}{
	// Deployments: openai-node, openai-python, openai-go, azopenai, .NET, LangChain.
	{"POST /openai/deployments/gpt-4o/chat/completions" + dated, hello, tallygate.Deployments, "chat/completions", "gpt-4o", "/openai/deployments/dep/chat/completions" + dated},
	{"POST /openai/deployments/emb/embeddings" + dated, `{"input":"x"}`, tallygate.Deployments, "embeddings", "emb", "/openai/deployments/dep/embeddings" + dated},
	{"POST /openai/deployments/inst/completions" + dated, `{"prompt":"x"}`, tallygate.Deployments, "completions", "inst", "/openai/deployments/dep/completions" + dated},
	{"POST /openai/deployments/whisper/audio/transcriptions" + dated, "", tallygate.Deployments, "audio/transcriptions", "whisper", "/openai/deployments/dep/audio/transcriptions" + dated},
	{"POST /openai/deployments/whisper/audio/translations" + dated, "", tallygate.Deployments, "audio/translations", "whisper", "/openai/deployments/dep/audio/translations" + dated},
	{"POST /openai/deployments/tts/audio/speech" + dated, `{"input":"x"}`, tallygate.Deployments, "audio/speech", "tts", "/openai/deployments/dep/audio/speech" + dated},
	{"POST /openai/deployments/img/images/generations" + dated, `{"prompt":"x"}`, tallygate.Deployments, "images/generations", "img", "/openai/deployments/dep/images/generations" + dated},
	{"POST /openai/deployments/img/images/edits" + dated, "", tallygate.Deployments, "images/edits", "img", "/openai/deployments/dep/images/edits" + dated},
	{"POST /openai/deployments/gpt-4/extensions/chat/completions?api-version=2023-08-01-preview", hello, tallygate.Deployments, "extensions/chat/completions", "gpt-4", "/openai/deployments/dep/extensions/chat/completions?api-version=2023-08-01-preview"},
	{"POST /openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01-preview", hello, tallygate.Deployments, "chat/completions", "gpt-4o", "/openai/deployments/dep/chat/completions?api-version=2025-01-01-preview"},
	{"POST /openai/deployments/gpt-4o/chat/completions?api-version=latest", hello, tallygate.Deployments, "chat/completions", "gpt-4o", "/openai/deployments/dep/chat/completions?api-version=latest"},
	// The deployment is decoded once.
	{"POST /openai/deployments/my%20dep%2Fx/chat/completions" + dated, hello, tallygate.Deployments, "chat/completions", "my dep/x", "/openai/deployments/dep/chat/completions" + dated},
	{"POST /openai/deployments/a%252Fb/embeddings" + dated, `{"input":"x"}`, tallygate.Deployments, "embeddings", "a%2Fb", "/openai/deployments/dep/embeddings" + dated},
	{"POST /openai/deployments/mod%C3%A8le/embeddings" + dated, `{"input":"x"}`, tallygate.Deployments, "embeddings", "modèle", "/openai/deployments/dep/embeddings" + dated},
	{"POST /openai/deployments/a@b;c:d/embeddings" + dated, `{"input":"x"}`, tallygate.Deployments, "embeddings", "a@b;c:d", "/openai/deployments/dep/embeddings" + dated},
	{"POST /openai/deployments/gpt-4.1/embeddings" + dated, `{"input":"x"}`, tallygate.Deployments, "embeddings", "gpt-4.1", "/openai/deployments/dep/embeddings" + dated},
	// Operations unknown by name pass below a deployment.
	{"POST /openai/deployments/d/rerank" + dated, hello, tallygate.Deployments, "{path...}", "d", "/openai/deployments/dep/rerank" + dated},
	{"POST /openai/deployments/d/chat/completions/x" + dated, hello, tallygate.Deployments, "chat/completions/{id}", "d", "/openai/deployments/dep/chat/completions/x" + dated},
	// Resource.
	{"POST /openai/responses?api-version=2025-03-01-preview", `{"model":"m","input":"x"}`, tallygate.Resource, "responses", "m", "/openai/responses?api-version=2025-03-01-preview"},
	{"GET /openai/responses/resp_1?api-version=2025-03-01-preview", "", tallygate.Resource, "responses/{id}", "", "/openai/responses/resp_1?api-version=2025-03-01-preview"},
	{"DELETE /openai/responses/resp_1?api-version=2025-03-01-preview", "", tallygate.Resource, "responses/{id}", "", "/openai/responses/resp_1?api-version=2025-03-01-preview"},
	{"GET /openai/responses/resp_1/input_items?api-version=2025-03-01-preview&limit=5", "", tallygate.Resource, "responses/{id}/input_items", "", "/openai/responses/resp_1/input_items?api-version=2025-03-01-preview&limit=5"},
	{"GET /openai/models" + dated, "", tallygate.Resource, "models", "", "/openai/models" + dated},
	{"GET /openai/models/gpt-4o-2024-08-06" + dated, "", tallygate.Resource, "models/{id...}", "", "/openai/models/gpt-4o-2024-08-06" + dated},
	{"GET /openai/files" + dated, "", tallygate.Resource, "files", "", "/openai/files" + dated},
	{"DELETE /openai/files/file-abc" + dated, "", tallygate.Resource, "files/{id}", "", "/openai/files/file-abc" + dated},
	{"GET /openai/files/file-abc/content" + dated, "", tallygate.Resource, "files/{id}/content", "", "/openai/files/file-abc/content" + dated},
	{"POST /openai/batches" + dated, `{"input_file_id":"f"}`, tallygate.Resource, "batches", "", "/openai/batches" + dated},
	{"POST /openai/assistants?api-version=2024-05-01-preview", `{"model":"m"}`, tallygate.Resource, "assistants", "", "/openai/assistants?api-version=2024-05-01-preview"},
	{"POST /openai/threads/t_1/runs?api-version=2024-05-01-preview", `{"assistant_id":"a"}`, tallygate.Resource, "threads/{id}/runs", "", "/openai/threads/t_1/runs?api-version=2024-05-01-preview"},
	{"POST /openai/fine_tuning/jobs" + dated, `{"model":"gpt-4o-mini-2024-07-18"}`, tallygate.Resource, "fine_tuning/jobs", "", "/openai/fine_tuning/jobs" + dated},
	{"POST /openai/images/generations:submit?api-version=2023-06-01-preview", `{"prompt":"x"}`, tallygate.Resource, "images/generations:submit", "", "/openai/images/generations:submit?api-version=2023-06-01-preview"},
	{"GET /openai/operations/images/1?api-version=2023-06-01-preview", "", tallygate.Resource, "operations/{id...}", "", "/openai/operations/images/1?api-version=2023-06-01-preview"},
	{"GET /openai/deployments?api-version=2022-12-01", "", tallygate.Resource, "deployments", "", "/openai/deployments?api-version=2022-12-01"},
	// V1 and Plain.
	{"POST /openai/v1/chat/completions", hello, tallygate.V1, "chat/completions", "m", "/openai/v1/chat/completions"},
	{"POST /openai/v1/chat/completions?api-version=v1", hello, tallygate.V1, "chat/completions", "m", "/openai/v1/chat/completions?api-version=v1"},
	{"POST /openai/v1/responses?api-version=preview", `{"model":"m","input":"x"}`, tallygate.V1, "responses", "m", "/openai/v1/responses?api-version=preview"},
	{"POST /openai/v1/responses?api-version=", `{"model":"m","input":"x"}`, tallygate.V1, "responses", "m", "/openai/v1/responses?api-version="},
	{"POST /openai/v1/embeddings", `{"model":"m","input":"x"}`, tallygate.V1, "embeddings", "m", "/openai/v1/embeddings"},
	{"GET /openai/v1/models", "", tallygate.V1, "models", "", "/openai/v1/models"},
	{"HEAD /openai/v1/models", "", tallygate.V1, "models", "", "/openai/v1/models"},
	{"GET /openai/v1/responses/resp_1?stream=true&starting_after=5", "", tallygate.V1, "responses/{id}", "", "/openai/v1/responses/resp_1?stream=true&starting_after=5"},
	{"GET /openai/v1/chat/completions?limit=3", "", tallygate.V1, "chat/completions", "", "/openai/v1/chat/completions?limit=3"},
	{"POST /openai/v1/audio/transcriptions", hello, tallygate.V1, "audio/transcriptions", "m", "/openai/v1/audio/transcriptions"},
	{"POST /openai/v1/video/generations/jobs?api-version=preview", `{"model":"sora","prompt":"x"}`, tallygate.V1, "video/generations/jobs", "", "/openai/v1/video/generations/jobs?api-version=preview"},
	{"POST /openai/v1/fine_tuning/alpha/graders/run", `{"grader":{}}`, tallygate.V1, "fine_tuning/alpha/graders/run", "", "/openai/v1/fine_tuning/alpha/graders/run"},
	{"POST /v1/chat/completions", hello, tallygate.Plain, "chat/completions", "m", "/openai/v1/chat/completions"},
	{"GET /v1/models", "", tallygate.Plain, "models", "", "/openai/v1/models"},
	{"POST /v1/moderations", `{"input":"x"}`, tallygate.Plain, "{path...}", "", "/openai/v1/moderations"},
	// Malformed, and mended.
	{"POST //openai/deployments/d/chat/completions" + dated, hello, tallygate.Deployments, "chat/completions", "d", "/openai/deployments/dep/chat/completions" + dated},
	{"POST /openai//deployments//d//chat//completions//" + dated, hello, tallygate.Deployments, "chat/completions", "d", "/openai/deployments/dep/chat/completions" + dated},
	{"POST ///v1//chat/completions/", hello, tallygate.Plain, "chat/completions", "m", "/openai/v1/chat/completions"},
	{"POST /openai/v1/responses/", `{"model":"m","input":"x"}`, tallygate.V1, "responses", "m", "/openai/v1/responses"},
	{"POST /openai/chat/completions" + dated, hello, tallygate.Resource, "chat/completions", "m", "/openai/deployments/dep/chat/completions" + dated},
	{"POST /openai/embeddings" + dated, `{"model":"m","input":"x"}`, tallygate.Resource, "embeddings", "m", "/openai/deployments/dep/embeddings" + dated},
	{"POST /openai/chat/completions", hello, tallygate.V1, "chat/completions", "m", "/openai/v1/chat/completions"},
	{"POST /openai/responses", `{"model":"m","input":"x"}`, tallygate.V1, "responses", "m", "/openai/v1/responses"},
	{"POST /openai/responses?api-version=v1", `{"model":"m","input":"x"}`, tallygate.V1, "responses", "m", "/openai/v1/responses?api-version=v1"},
	{"POST /openai/deployments/d/responses?api-version=2025-03-01-preview", `{"model":"gpt-3.5-turbo","input":"x"}`, tallygate.Deployments, "responses", "d", "/openai/responses?api-version=2025-03-01-preview"},
	{"GET /openai/deployments/d/responses/resp_1?api-version=2025-03-01-preview", "", tallygate.Deployments, "responses/{id}", "", "/openai/responses/resp_1?api-version=2025-03-01-preview"},
	{"POST /openai/deployments/d/batches" + dated, `{"input_file_id":"f"}`, tallygate.Deployments, "batches", "", "/openai/batches" + dated},
	{"GET /openai/deployments/d/files/file-1/content" + dated, "", tallygate.Deployments, "files/{id}/content", "", "/openai/files/file-1/content" + dated},
	{"POST /OpenAI/Deployments/d/Chat/Completions" + dated, hello, tallygate.Deployments, "chat/completions", "d", "/openai/deployments/dep/chat/completions" + dated},
	{"POST /openai/V1/Chat/completions", hello, tallygate.V1, "chat/completions", "m", "/openai/v1/chat/completions"},
	{"POST /%6fpenai/v%31/ch%61t/completions", hello, tallygate.V1, "chat/completions", "m", "/openai/v1/chat/completions"},
	{"GET /openai/v1/Models", "", tallygate.V1, "models", "", "/openai/v1/models"},
	// Kept as they are, or escaped where they could mean more.
	{"GET /openai/v1/files/a%20b", "", tallygate.V1, "files/{id}", "", "/openai/v1/files/a%20b"},
	{"GET /openai/v1/files/a@b;c", "", tallygate.V1, "files/{id}", "", "/openai/v1/files/a%40b%3Bc"},
	{"GET /openai/v1/models/ft:gpt-4o:org::x", "", tallygate.V1, "models/{id...}", "", "/openai/v1/models/ft:gpt-4o:org::x"},
	{"GET /openai/v1/files/a#b", "", tallygate.V1, "files/{id}", "", "/openai/v1/files/a%23b"},
	{"GET /openai/v1/files/caf\xc3\xa9", "", tallygate.V1, "files/{id}", "", "/openai/v1/files/caf%C3%A9"},
	{"GET /openai/v1/files/%3Fx=1", "", tallygate.V1, "files/{id}", "", "/openai/v1/files/%3Fx=1"},
	{"GET /openai/v1/files/.hidden/...", "", tallygate.V1, "files/{path...}", "", "/openai/v1/files/.hidden/..."},
	{"GET http://elsewhere.example/openai/v1/models", "", tallygate.V1, "models", "", "/openai/v1/models"},
	{"GET http://u:p@elsewhere.example:99/openai/v1/files?limit=1", "", tallygate.V1, "files", "", "/openai/v1/files?limit=1"},
}

// Every way in which clients ask is understood, and goes upstream as the service
// has it.
func TestRoutes(t *testing.T) {
	for _, c := range routes {
		q := read(t, request(t, c.line, c.body))
		path, query := q.Target("dep")
		if query != "" {
			path += "?" + query
		}
		type seen struct {
			Dialect   tallygate.Dialect
			Operation tallygate.Operation
			Model     string
			Target    string
		}
		if diff := cmp.Diff(seen{c.dialect, c.operation, c.model, c.target}, seen{q.Dialect, q.Operation, q.Model, path}); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.line, diff)
		}
	}
}

// Paths that nobody serves, or that try to get out of their place, are refused
// before anything is sent.
func TestRoutesRefused(t *testing.T) {
	for _, c := range []struct {
		line, body string
		kind       tallygate.Kind
	}{
		{"GET /", "", tallygate.NotFound},
		{"GET /openai", "", tallygate.NotFound},
		{"GET /openai/", "", tallygate.NotFound},
		{"GET /v1", "", tallygate.NotFound},
		{"GET /openai/v1/", "", tallygate.NotFound},
		{"POST /chat/completions", hello, tallygate.NotFound},
		{"GET /openaix/v1/models", "", tallygate.NotFound},
		{"GET /metrics", "", tallygate.NotFound},
		{"OPTIONS *", "", tallygate.NotFound},
		{"CONNECT elsewhere.example:443", "", tallygate.MethodNotAllowed},
		{"GET /openai/deployments/d" + dated, "", tallygate.NotFound},
		{"DELETE /openai/deployments/d" + dated, "", tallygate.NotFound},
		{"POST /openai/deployments//chat/completions" + dated, hello, tallygate.NotFound},
		// Other hosts.
		{"GET //elsewhere.example/openai/v1/models", "", tallygate.NotFound},
		{"GET /http://elsewhere.example/openai/v1/models", "", tallygate.NotFound},
		{"GET /http:%2F%2Felsewhere.example/deployments/d/x", "", tallygate.NotFound},
		{"GET /@elsewhere.example/openai/v1/models", "", tallygate.NotFound},
		{`GET /\\elsewhere.example/openai/v1/models`, "", tallygate.NotFound},
		{"GET /%2F%2Felsewhere.example/openai/v1/models", "", tallygate.NotFound},
		{"GET /%2Fopenai/v1/models", "", tallygate.NotFound},
		{"GET /./openai/v1/models", "", tallygate.NotFound},
		{"GET /../openai/v1/models", "", tallygate.NotFound},
		// Segments that move, and bytes that hide some.
		{"GET /openai/v1/../../admin", "", tallygate.BadRequest},
		{"GET /openai/v1/./models", "", tallygate.BadRequest},
		{"GET /openai/v1/files/%2e%2e/models", "", tallygate.BadRequest},
		{"GET /openai/v1/files/.%2E/models", "", tallygate.BadRequest},
		{"GET /openai/v1/files/%2e", "", tallygate.BadRequest},
		{"GET /openai/v1/files/..%2f..%2fadmin", "", tallygate.BadRequest},
		{"GET /openai/v1/files%2Fx", "", tallygate.BadRequest},
		{"GET /openai/v1/files/%252e%252e/secret", "", tallygate.BadRequest},
		{"GET /openai/v1/files/%25252E./secret", "", tallygate.BadRequest},
		{"GET /openai/v1/files/..%252fsecret", "", tallygate.BadRequest},
		{"GET /openai/v1/files/a%252fb", "", tallygate.BadRequest},
		{"GET /openai/v1/files/a%25255cb", "", tallygate.BadRequest},
		{"GET /openai/v1/files/..;x/secret", "", tallygate.BadRequest},
		{"GET /openai/v1/files/%2e%2e%3B/secret", "", tallygate.BadRequest},
		{"POST /openai/deployments/gpt-4o/%252e%252e/secret" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/..%2Fx/embeddings" + dated, `{"input":"x"}`, tallygate.BadRequest},
		{"POST /openai/deployments/a%2F..%2Fb/embeddings" + dated, `{"input":"x"}`, tallygate.BadRequest},
		{"POST /openai/deployments/%252e%252e/embeddings" + dated, `{"input":"x"}`, tallygate.BadRequest},
		{"GET /api/projects/p/openai/v1/%2e%2e/x", "", tallygate.BadRequest},
		{"POST /openai/v1/chat%2Fcompletions", hello, tallygate.BadRequest},
		{"GET /openai/v1/files%5Cx", "", tallygate.BadRequest},
		{`GET /openai/v1/files\x`, "", tallygate.BadRequest},
		{"GET /openai/v1/files/%c0%af", "", tallygate.BadRequest},
		{"GET /openai/v1/files/%c0%ae%c0%ae/x", "", tallygate.BadRequest},
		{"GET /openai/v1/files/\xff", "", tallygate.BadRequest},
		{"GET /openai/v1/files/a%0d%0aHost:%20x", "", tallygate.BadRequest},
		{"GET /openai/v1/files/a%00", "", tallygate.BadRequest},
		{"GET /openai/v1/files/a%7f", "", tallygate.BadRequest},
		{"GET /openai/v1/files/" + strings.Repeat("a", 3000), "", tallygate.BadRequest},
		{"POST /openai/deployments/../chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/%2e%2e/chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/./chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/a%0ab/chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/a%00/chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/%ff/chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/d/../../v1/models" + dated, hello, tallygate.BadRequest},
		{"POST /openai/deployments/" + strings.Repeat("d", 257) + "/chat/completions" + dated, hello, tallygate.BadRequest},
		// API versions.
		{"POST /openai/deployments/d/chat/completions", hello, tallygate.NotFound},
		{"POST /openai/deployments/d/chat/completions?api-version=", hello, tallygate.NotFound},
		{"GET /openai/files", "", tallygate.NotFound},
		{"GET /openai/models", "", tallygate.NotFound},
		{"POST /openai/v1/chat/completions" + dated, hello, tallygate.BadRequest},
		{"POST /v1/chat/completions?api-version=2025-04-01-preview", hello, tallygate.BadRequest},
		{"GET /openai/files?api-version=2024-10-21&api-version=2024-06-01", "", tallygate.BadRequest},
		{"GET /openai/files?api-version=" + strings.Repeat("2", 65), "", tallygate.BadRequest},
		{"GET /openai/files?api-version=a%0ab", "", tallygate.BadRequest},
		// Methods.
		{"GET /openai/deployments/d/chat/completions" + dated, "", tallygate.MethodNotAllowed},
		{"DELETE /openai/v1/embeddings", "", tallygate.MethodNotAllowed},
		{"PUT /openai/v1/responses", "", tallygate.MethodNotAllowed},
		{"PATCH /openai/v1/chat/completions", "", tallygate.MethodNotAllowed},
		{"HEAD /v1/completions", "", tallygate.MethodNotAllowed},
		{"OPTIONS /openai/v1/models", "", tallygate.MethodNotAllowed},
		{"TRACE /openai/v1/files", "", tallygate.MethodNotAllowed},
		{"BREW /openai/v1/files", "", tallygate.MethodNotAllowed},
	} {
		q, why := refused(t, request(t, c.line, c.body), wire.Options{Table: allRoutes})
		if why.Kind != c.kind {
			t.Errorf("%s: refused with kind %d (%s), want %d", c.line, why.Kind, why.Message, c.kind)
		}
		if (why.Kind == tallygate.MethodNotAllowed) != (q.Allow != "") {
			t.Errorf("%s: Allow is %q with kind %d", c.line, q.Allow, why.Kind)
		}
	}
}

// A refused request still tells what it was about.
func TestRefusedIsKnown(t *testing.T) {
	q, _ := refused(t, request(t, "GET /openai/deployments/gpt-4o/chat/completions"+dated, ""), wire.Options{Table: allRoutes})
	want := tallygate.Ask{Method: "GET", Dialect: tallygate.Deployments, Operation: "chat/completions", Model: "gpt-4o", APIVersion: "2024-10-21", Choices: 1}
	if diff := cmp.Diff(want, q.Ask); diff != "" || q.Method != "GET" || q.Allow != "POST" {
		t.Errorf("method %s, allow %s (-want +got)\n%s", q.Method, q.Allow, diff)
	}
	q, _ = refused(t, request(t, "POST /v1/chat/completions", `{"model":"m","stream":"yes","user":"u","messages":[]}`), wire.Options{Table: allRoutes})
	if q.Model != "m" || q.User != "u" || q.BodyBytes == 0 {
		t.Errorf("after a wrong type the Ask is %+v", q.Ask)
	}
}

// The query goes on as it came, order, repetition and escapes included, less what
// could be a key of the caller's.
func TestQuery(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"a=1&b=2&a=3":              "a=1&b=2&a=3",
		"a=%2F%20+x&&b":            "a=%2F%20+x&&b",
		"api-key=secret":           "",
		"a=1&API-Key=secret&b=2":   "a=1&b=2",
		"%61pi-key=secret&b=2":     "b=2",
		"subscription-key=s&a=1":   "a=1",
		"access_token=s&a=1&a=1":   "a=1&a=1",
		"a=1;b=2":                  "a=1;b=2",
		"a=#x":                     "a=%23x",
		"a=\xc3\xa9&b=\xff":        "a=%C3%A9&b=%FF",
		"a=%zz":                    "a=%zz",
		"api-version=v1&a":         "api-version=v1&a",
		"API-VERSION=v1&apikey=s":  "API-VERSION=v1",
		"authorization=Bearer%20s": "",
	} {
		q := read(t, request(t, strings.TrimSuffix("GET /openai/v1/files?"+in, "?"), ""))
		if _, got := q.Target("d"); got != want {
			t.Errorf("%q goes upstream as %q, want %q", in, got, want)
		}
	}
}

// A deployment's name is one escaped segment, whatever it holds; none stands for
// the name that was asked for.
func TestTargetNames(t *testing.T) {
	q := read(t, request(t, "POST /openai/deployments/a%2Fb%20c/embeddings"+dated, `{"input":"x"}`))
	for name, want := range map[string]string{
		"gpt-4.1":  "/openai/deployments/gpt-4.1/embeddings",
		"my dep/x": "/openai/deployments/my%20dep%2Fx/embeddings",
		"modèle":   "/openai/deployments/mod%C3%A8le/embeddings",
		"..":       "/openai/deployments/%2E%2E/embeddings",
		"a?b#c%d":  "/openai/deployments/a%3Fb%23c%25d/embeddings",
		"":         "/openai/deployments/a%2Fb%20c/embeddings",
	} {
		if got, _ := q.Target(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

// An upload whose path forgot the deployment goes below the one that its form names.
func TestTargetOfForm(t *testing.T) {
	r := request(t, "POST /openai/audio/transcriptions"+dated, form(t, "@file", "abc", "model", "whisper-two"))
	r.Header.Set("Content-Type", formType)
	q := read(t, r)
	if path, _ := q.Target(""); path != "/openai/deployments/whisper-two/audio/transcriptions" {
		t.Errorf("without a deployment it goes to %s", path)
	}
	if path, _ := q.Target("whisper"); path != "/openai/deployments/whisper/audio/transcriptions" {
		t.Errorf("for a deployment it goes to %s", path)
	}
}

// Whatever the request line and the deployment's name, the target stays a clean
// path below /openai/ of whatever host it is appended to.
func FuzzTarget(f *testing.F) {
	for _, c := range routes {
		f.Add(c.line[strings.IndexByte(c.line, ' ')+1:], "dep")
	}
	for _, target := range []string{
		"//h/openai/v1/x", "/http://h/x", "/openai/v1/%2e%2e/x", "/openai/v1/..", "/openai/v1/a;b@c", "/openai/v1/\xff", "/openai/v1/%c0%af",
		"/openai/deployments/%2e%2e/x?api-version=1", "/openai/deployments/%2F%2Fh/x?api-version=1", "/openai/v1/x?a=#&b=\x80",
	} {
		f.Add(target, "../../x")
	}
	f.Fuzz(func(t *testing.T, target, deployment string) {
		r, err := parse("GET "+target, "")
		if err != nil {
			return
		}
		for _, method := range []string{"GET", "POST"} {
			r.Method = method
			q, err := wire.Read(r, wire.Options{Table: allRoutes})
			q.Close()
			if err == nil {
				checkTarget(t, q, deployment)
			}
		}
	})
}

func checkTarget(t *testing.T, q *wire.Request, deployment string) {
	t.Helper()
	path, query := q.Target(deployment)
	u, err := url.Parse("http://host" + path + "?" + query)
	if err != nil || u.Host != "host" || u.User != nil || u.Fragment != "" || u.EscapedPath() != path || u.RawQuery != query {
		t.Fatalf("%q?%q parses as %v, %v", path, query, u, err)
	}
	if !strings.HasPrefix(path, "/openai/") {
		t.Fatalf("%q is not below /openai/", path)
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "." || segment == ".." {
			t.Fatalf("%q moves", path)
		}
		text, err := url.PathUnescape(segment)
		if err != nil || text == "" || (text == "." || text == "..") && text != deployment {
			t.Fatalf("%q has the segment %q", path, segment)
		}
	}
	for _, c := range []byte(path + "?" + query) {
		if c <= ' ' || c >= 0x7f || c == '#' || c == '\\' && !strings.Contains(query, `\`) {
			t.Fatalf("%q?%q holds the byte %q", path, query, c)
		}
	}
}

// What a deployment, a project or a version is called in a URL leads to the same route.
func TestProjects(t *testing.T) {
	for line, want := range map[string]string{
		"POST /api/projects/my-project/openai/v1/responses":                    "/openai/v1/responses",
		"POST /api/projects/p/openai/v1/responses?api-version=latest":          "/openai/v1/responses?api-version=latest",
		"POST /api/projects/p/openai/responses?api-version=2025-11-15-preview": "/openai/responses?api-version=2025-11-15-preview",
		"POST /openai/responses?api-version=latest":                            "/openai/v1/responses?api-version=latest",
	} {
		q := read(t, request(t, line, `{"model":"m","input":"x"}`))
		path, query := q.Target("dep")
		if query != "" {
			path += "?" + query
		}
		if path != want || q.Access != tallygate.ToModel || q.Model != "m" {
			t.Errorf("%s goes to %s", line, path)
		}
	}
	for _, line := range []string{
		"GET /api/projects", "GET /api/projects/p", "GET /api/projects/p/agents", "GET /api/projects/p/connections/openai/v1/models",
		"GET /api/v1/models", "GET /api/openai/v1/models", "GET /api/projects/p/v1/models", "GET /api/projects//openai/v1/models",
	} {
		if _, why := refused(t, request(t, line, ""), wire.Options{Table: allRoutes}); why.Kind != tallygate.NotFound {
			t.Errorf("%s: %v", line, why)
		}
	}
}

// Sockets are refused in our own words; an offer of another HTTP is passed over.
func TestUpgrades(t *testing.T) {
	for upgrade, served := range map[string]bool{"": true, "h2c": true, "HTTP/2.0": true, "TLS/1.3, h2c": true, "websocket": false, "WebSocket": false, "h2c, websocket": false, "connect-udp": false} {
		for _, line := range []string{"GET /openai/v1/realtime?model=m", "GET /openai/v1/responses/r", "POST /openai/v1/chat/completions"} {
			r := request(t, line, hello)
			r.Header["Upgrade"], r.Header["Connection"] = []string{upgrade}, []string{"Upgrade"}
			if served {
				read(t, r)
			} else if _, why := refused(t, r, wire.Options{Table: allRoutes}); why.Kind != tallygate.NotImplemented {
				t.Errorf("%s to %s: %v", line, upgrade, why)
			}
		}
	}
}
