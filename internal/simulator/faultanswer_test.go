package simulator_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate/internal/simulator"
)

// A fault gives the service's named errors by their code, and any other error in full.
func TestFaultCodes(t *testing.T) {
	s := start(t, config())
	html := "<html>sign in</html>"
	for _, c := range []struct {
		fault  simulator.Fault
		status int
		says   string
	}{
		{simulator.Fault{Code: "model_error"}, 500, `"type":"model_error"`},
		{simulator.Fault{Code: "model_error", Status: 503}, 503, `"type":"model_error"`},
		{simulator.Fault{Code: "external_connector_error"}, 424, `"type":"external_connector_error"`},
		{simulator.Fault{Code: "model_not_found"}, 404, "The model `gpt-4o` does not exist"},
		{simulator.Fault{Code: "no_matching_deployment"}, 400, "Could not find an existing deployment to match the model"},
		{simulator.Fault{Code: "deployment_gone"}, 410, `"code":"deployment_gone"`},
		{simulator.Fault{Status: 410}, 410, `"message":"Gone"`},
		{simulator.Fault{Status: 422, Message: "Extra inputs are not permitted: stream_options"}, 422,
			`{"error":{"message":"Extra inputs are not permitted: stream_options","type":"invalid_request_error","param":null,"code":null}}`},
		{simulator.Fault{Status: 400, Code: "unsupported_parameter", Param: "max_tokens", Message: "No."}, 400,
			`{"error":{"message":"No.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`},
		{simulator.Fault{Status: 403, Raw: html, ContentType: "text/html"}, 403, html},
	} {
		c.fault.Kind = simulator.Status
		script(t, s, c.fault)
		for _, body := range []string{helloBody, streamed} {
			if w := post(t, s, chatPath, body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%+v: %d %s", c.fault, w.Code, w.Body)
			}
		}
	}
	for _, code := range simulator.FaultCodes() {
		if _, err := s.AddFault(simulator.Fault{Kind: simulator.Status, Code: code}); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []simulator.Fault{{Kind: simulator.Status, Code: "other"}, {Kind: simulator.Answer, Status: 100},
		{Kind: simulator.Alter, Encoding: "zip"}, {Kind: simulator.Alter, Usage: json.RawMessage("{")}} {
		if _, err := s.AddFault(bad); err == nil {
			t.Errorf("AddFault takes %+v", bad)
		}
	}
}

// A fault is for one deployment, operation, method, header or body, and for no other.
func TestFaultIsForOneRequest(t *testing.T) {
	s := start(t, config())
	for _, c := range []struct {
		fault       simulator.Fault
		hit, missed string // header lines and body, split by "|"
	}{
		{simulator.Fault{RequestBody: "poison"}, "a: b|" + chat("take poison", ""), "a: b|" + helloBody},
		{simulator.Fault{RequestHeader: map[string]string{"x-user": "eve"}}, "x-user: mallory-and-eve|" + helloBody, "x-user: ann|" + helloBody},
		{simulator.Fault{RequestHeader: map[string]string{"x-user": ""}}, "x-user: ann|" + helloBody, "x-other: ann|" + helloBody},
	} {
		c.fault.Kind, c.fault.Status = simulator.Status, 500
		script(t, s, c.fault)
		for want, line := range map[int]string{500: c.hit, 200: c.missed} {
			header, body, _ := strings.Cut(line, "|")
			for _, path := range []string{chatPath, "/openai/deployments/o4-mini/chat/completions?api-version=2025-04-01-preview"} {
				if w := post(t, s, path, body, header); w.Code != want {
					t.Errorf("%+v: %s got %d", c.fault, line, w.Code)
				}
			}
		}
	}
	script(t, s, simulator.Fault{Kind: simulator.Status, Status: 500, Method: "get"})
	wantStatus(t, send(t, s, http.MethodGet, "/openai/v1/models", ""), 500)
	wantStatus(t, post(t, s, chatPath, helloBody), 200)
}

// A success may be none: HTML, or nothing at all, or a redirect.
func TestAnswersThatAreNone(t *testing.T) {
	s := start(t, config())
	for _, c := range []struct {
		fault             simulator.Fault
		status            int
		body, contentType string
	}{
		{simulator.Fault{Raw: "<html>", ContentType: "text/html"}, 200, "<html>", "text/html"},
		{simulator.Fault{}, 200, "", "application/json"},
		{simulator.Fault{ContentType: "none"}, 200, "", ""},
		{simulator.Fault{Status: 302, Header: map[string]string{"location": "https://example.com/"}}, 302, "", "application/json"},
	} {
		c.fault.Kind = simulator.Answer
		script(t, s, c.fault)
		w := post(t, s, chatPath, streamed)
		if w.Code != c.status || w.Body.String() != c.body || w.Header().Get("content-type") != c.contentType ||
			w.Header().Get("location") != c.fault.Header["location"] {
			t.Errorf("%+v: %d %v %q", c.fault, w.Code, w.Header(), w.Body)
		}
	}
}

// A fault changes the head of an answer: fields that should not be there, fields that
// are missing, a count below zero; the body stays what it is.
func TestAlteredHeads(t *testing.T) {
	cfg := config()
	cfg.Resources[0].Deployments[0].TPM = 100_000
	s := start(t, cfg)
	script(t, s)
	plain := post(t, s, chatPath, streamed)
	extra := map[string]string{"set-cookie": "a=b", "clear-site-data": `"*"`, "location": "https://one.openai.azure.com/x",
		"x-ratelimit-remaining-tokens": "-1", "x-ratelimit-remaining-requests": "-1", "retry-after": "30"}
	script(t, s, simulator.Fault{Kind: simulator.Alter, Header: map[string]string{"x-ms-region": "", "set-cookie": "a=b",
		"clear-site-data": `"*"`, "location": extra["location"], "x-ratelimit-remaining-tokens": "-1",
		"x-ratelimit-remaining-requests": "-1"}, RetryAfter: "30"})
	w := post(t, s, chatPath, streamed)
	wantStatus(t, w, 200)
	names := []string{"x-ms-region"}
	for name := range extra {
		names = append(names, name)
	}
	if diff := cmp.Diff(extra, headers(w, names...)); diff != "" || len(events(t, w.Body.String())) != len(events(t, plain.Body.String())) {
		t.Errorf("%s\n%s", diff, w.Body)
	}
}

// Over the wire a stream can come without a content type, as plain text, compressed.
func TestAlteredStreamsOnTheWire(t *testing.T) {
	s := start(t, config())
	script(t, s)
	plain := len(post(t, s, chatPath, streamed).Body.String())
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for _, c := range []struct {
		fault           simulator.Fault
		typ, encoding   string
		typed, shortage bool
	}{
		{simulator.Fault{Kind: simulator.Alter, ContentType: "none"}, "", "", false, false},
		{simulator.Fault{Kind: simulator.Alter, ContentType: "text/plain"}, "text/plain", "", true, false},
		{simulator.Fault{Kind: simulator.Alter, Encoding: "gzip"}, "text/event-stream; charset=utf-8", "gzip", true, false},
		{simulator.Fault{Kind: simulator.Alter, Encoding: "br"}, "text/event-stream; charset=utf-8", "br", true, false},
		{simulator.Fault{Kind: simulator.NoDone}, "text/event-stream; charset=utf-8", "", true, true},
	} {
		script(t, s, c.fault)
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath, strings.NewReader(streamed))
		r.Header.Set("api-key", "key-1")
		r.Header.Set("accept-encoding", "identity")
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, typed := resp.Header["Content-Type"]
		if typed != c.typed || resp.Header.Get("content-type") != c.typ || resp.Header.Get("content-encoding") != c.encoding {
			t.Errorf("%+v: %v", c.fault, resp.Header)
		}
		var body io.Reader = resp.Body
		switch c.encoding {
		case "gzip":
			if body, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		case "br":
			body = unbrotli(t, resp.Body)
		}
		got, err := io.ReadAll(body)
		resp.Body.Close()
		want := plain
		if c.shortage {
			want -= len("data: [DONE]\n\n")
		}
		if err != nil || len(got) != want {
			t.Errorf("%+v: %d bytes of %d: %v", c.fault, len(got), want, err)
		}
	}
}

// unbrotli reads a brotli stream of stored meta-blocks.
func unbrotli(t *testing.T, r io.Reader) io.Reader {
	t.Helper()
	in, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for lead := 1; ; lead = 0 {
		if in[0]>>lead&3 == 3 {
			return strings.NewReader(out.String())
		}
		head := (uint32(in[0]) | uint32(in[1])<<8 | uint32(in[2])<<16) >> lead
		n := int(head>>3&0xffff) + 1
		if head&7 != 0 || head>>19 != 1 {
			t.Fatalf("meta-block %x", head)
		}
		out.Write(in[3 : 3+n])
		in = in[3+n:]
	}
}

// Streams end wrongly in ways that look right.
func TestStreamsThatLookWhole(t *testing.T) {
	s := start(t, config())
	script(t, s, simulator.Fault{Kind: simulator.FailedEvent, Chunks: 1})
	w := post(t, s, responsesV1, `{"model":"gpt-4o","stream":true,"input":"x"}`)
	if diff := cmp.Diff([]string{"created", "failed"}, names(t, w.Body.String())); diff != "" {
		t.Error(diff)
	}
	last := events(t, strings.ReplaceAll(w.Body.String(), "event: ", ": "))[1]
	if !strings.Contains(last, `"error":null`) || at(t, []byte(last), "response", "status") != "failed" {
		t.Errorf("failed with %s", last)
	}
	list := events(t, post(t, s, chatPath, streamed).Body.String())
	if diff := cmp.Diff(`{"error":null}`, list[len(list)-1]); diff != "" || len(list) != 2 {
		t.Errorf("chat: %v", list)
	}
	script(t, s, simulator.Fault{Kind: simulator.CutChoice, Chunks: 2})
	for path, body := range map[string]string{
		chatPath:     chat("[[tokens=9]]", `"n":2,"stream":true,"stream_options":{"include_usage":true}`),
		instructPath: `{"prompt":"[[tokens=9]]","n":2,"stream":true}`,
	} {
		finished, pieces := [2]int{}, [2]int{}
		for _, e := range events(t, post(t, s, path, body).Body.String()) {
			if e == "[DONE]" || strings.Contains(e, "total_tokens") {
				t.Errorf("%s: after the cut came %s", path, e)
				continue
			}
			choices, _ := at(t, []byte(e), "choices").([]any)
			for _, c := range choices {
				i := int(at(t, []byte(e), "choices", 0, "index").(float64))
				if c.(map[string]any)["finish_reason"] != nil {
					finished[i]++
				} else {
					pieces[i]++
				}
			}
		}
		if finished != [2]int{1, 0} || pieces[1] >= pieces[0] {
			t.Errorf("%s: finished %v after %v pieces", path, finished, pieces)
		}
	}
}

// The head, or the preamble, comes at once and the content later; and a body can break.
func TestHeadsBeforeBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, config())
		for _, f := range []simulator.Fault{{Kind: simulator.StallBody}, {Kind: simulator.StallStream, Chunks: 1}, {Kind: simulator.StallStream}} {
			f.Delay = 3 * time.Second
			script(t, s, f)
			w := &timedWriter{ResponseRecorder: httptest.NewRecorder(), from: time.Now()}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, chatPath, strings.NewReader(streamed))
			r.Header.Set("api-key", "key-1")
			s.ServeHTTP(w, r)
			if w.head != 0 || w.flushed != 0 || w.last != 3*time.Second {
				t.Errorf("%+v: the head after %v, flushed after %v, the last after %v", f, w.head, w.flushed, w.last)
			}
		}
		script(t, s, simulator.Fault{Kind: simulator.StallBody, Delay: 2 * time.Second})
		from := time.Now()
		wantStatus(t, post(t, s, chatPath, helloBody), 200)
		if took := time.Since(from); took != 2*time.Second {
			t.Errorf("a body came after %v", took)
		}
	})
	s := start(t, config())
	script(t, s, simulator.Fault{Kind: simulator.TruncateBody})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+chatPath, strings.NewReader(helloBody))
	r.Header.Set("api-key", "key-1")
	resp, err := server.Client().Do(r)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("the body is whole")
	}
}

// timedWriter notes when the head, the first flush and the last of the body came.
type timedWriter struct {
	*httptest.ResponseRecorder
	from                time.Time
	head, flushed, last time.Duration
	wasFlushed          bool
}

func (w *timedWriter) WriteHeader(status int) {
	w.head = time.Since(w.from)
	w.ResponseRecorder.WriteHeader(status)
}

func (w *timedWriter) Write(b []byte) (int, error) {
	w.last = time.Since(w.from)
	return w.ResponseRecorder.Write(b)
}

func (w *timedWriter) Flush() {
	if !w.wasFlushed {
		w.flushed, w.wasFlushed = time.Since(w.from), true
	}
}

// An answer's usage can be another, or none, whatever its encoding.
func TestAlteredUsage(t *testing.T) {
	s := start(t, config())
	script(t, s, simulator.Fault{Kind: simulator.Alter, Usage: json.RawMessage(`{"type":"duration","seconds":25200}`)})
	if got := at(t, post(t, s, chatPath, helloBody).Body.Bytes(), "usage", "seconds"); got != 25200.0 {
		t.Errorf("seconds = %v", got)
	}
	script(t, s, simulator.Fault{Kind: simulator.NoUsage, Encoding: "br"})
	w := post(t, s, chatPath, helloBody)
	body, err := io.ReadAll(unbrotli(t, w.Body))
	if err != nil || w.Header().Get("content-encoding") != "br" || at(t, body, "usage") != nil || at(t, body, "object") != "chat.completion" {
		t.Errorf("%v %s: %v", w.Header(), body, err)
	}
}
