package simulator_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate/internal/simulator"
)

const (
	embedPath    = "/openai/deployments/emb/embeddings" + dated
	instructPath = "/openai/deployments/instruct/completions" + dated
)

// vector reads the i-th embedding of an answer, in either encoding.
func vector(t *testing.T, body []byte, i int) []float64 {
	t.Helper()
	var out []float64
	switch v := at(t, body, "data", i, "embedding").(type) {
	case string:
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			t.Fatal(err)
		}
		for ; len(b) > 0; b = b[4:] {
			out = append(out, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		}
	case []any:
		for _, x := range v {
			out = append(out, x.(float64))
		}
	}
	return out
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// Embeddings are unit vectors, the same in both encodings, nearer where words are shared.
func TestEmbeddings(t *testing.T) {
	s := start(t, config())
	w := post(t, s, embedPath, `{"input":["the cat sat on the mat","the cat lay on the mat","stocks fell sharply today"]}`)
	wantStatus(t, w, 200)
	cat, mat, stocks := vector(t, w.Body.Bytes(), 0), vector(t, w.Body.Bytes(), 1), vector(t, w.Body.Bytes(), 2)
	if len(cat) != 1536 || math.Abs(dot(cat, cat)-1) > 1e-4 {
		t.Errorf("%d dimensions of length² %v", len(cat), dot(cat, cat))
	}
	if near, far := dot(cat, mat), dot(cat, stocks); near < 0.5 || far > 0.3 {
		t.Errorf("similar texts are %v near, others %v", near, far)
	}
	if got := at(t, w.Body.Bytes(), "usage", "prompt_tokens"); got != 16.0 {
		t.Errorf("prompt_tokens = %v, want 16 words", got)
	}
	coded := post(t, s, embedPath, `{"input":"the cat sat on the mat","encoding_format":"base64"}`)
	again := vector(t, coded.Body.Bytes(), 0)
	for i := range cat {
		if float32(again[i]) != float32(cat[i]) {
			t.Fatalf("base64 gives %v where float gives %v", again[i], cat[i])
		}
	}
	w = post(t, s, embedPath, `{"input":[[1,2,3],[4]],"dimensions":8}`)
	if v := vector(t, w.Body.Bytes(), 1); len(v) != 8 || math.Abs(dot(v, v)-1) > 1e-4 {
		t.Errorf("dimensions 8 gave %v", v)
	}
	if got := at(t, w.Body.Bytes(), "usage", "total_tokens"); got != 4.0 {
		t.Errorf("total_tokens = %v, want 4 token numbers", got)
	}
	wantStatus(t, post(t, s, embedPath, `{"input":[1,2,3]}`), 200)
	for _, bad := range []string{
		`{}`, `{"input":""}`, `{"input":[]}`, `{"input":[""]}`, `{"input":[{}]}`, `{"input":[-1]}`, `{"input":[[1.5]]}`, `{"input":5}`,
		`{"input":"x","encoding_format":"hex"}`, `{"input":"x","dimensions":0}`, `{"input":"x","dimensions":1537}`,
		fmt.Sprintf(`{"input":[%s"x"]}`, strings.Repeat(`"x",`, 2048)),
		fmt.Sprintf(`{"input":"%s"}`, strings.Repeat("word ", 8300)),
	} {
		if w := post(t, s, embedPath, bad); w.Code != 400 {
			t.Errorf("%.80s: %d, want 400", bad, w.Code)
		}
	}
	wantStatus(t, post(t, s, embedPath, fmt.Sprintf(`{"input":[%s"x"],"dimensions":2}`, strings.Repeat(`"x",`, 2047))), 200)
	wantStatus(t, post(t, s, strings.Replace(embedPath, "/emb/", "/ada/", 1), `{"input":"x","dimensions":8}`), 400)
	wantStatus(t, post(t, s, strings.Replace(embedPath, "/emb/", "/gpt-4o/", 1), `{"input":"x"}`), 400)
}

// The legacy completions have their echo, their choices per prompt and their default cap.
func TestCompletions(t *testing.T) {
	s := start(t, config())
	w := post(t, s, instructPath, `{"prompt":["Tell of rivers","Tell of roads"],"n":2,"echo":true,"best_of":3}`)
	wantStatus(t, w, 200)
	for i, want := range []string{"Tell of rivers", "Tell of rivers", "Tell of roads", "Tell of roads"} {
		text := at(t, w.Body.Bytes(), "choices", i, "text").(string)
		if !strings.HasPrefix(text, want) || len(text) == len(want) || at(t, w.Body.Bytes(), "choices", i, "index") != float64(i) ||
			at(t, w.Body.Bytes(), "choices", i, "finish_reason") != "length" {
			t.Errorf("choice %d = %q", i, text)
		}
	}
	if got := at(t, w.Body.Bytes(), "usage", "completion_tokens"); got != 96.0 {
		t.Errorf("completion_tokens = %v, want 2 prompts of 3 of 16", got)
	}
	w = post(t, s, instructPath, `{"prompt":"[[echo]]one two","max_tokens":1,"logprobs":2}`)
	if diff := cmp.Diff([]any{"one"}, at(t, w.Body.Bytes(), "choices", 0, "logprobs", "tokens")); diff != "" {
		t.Error(diff)
	}
	w = post(t, s, instructPath, `{"prompt":"x","max_tokens":0,"echo":true}`)
	if at(t, w.Body.Bytes(), "choices", 0, "text") != "x" || at(t, w.Body.Bytes(), "usage", "completion_tokens") != 0.0 {
		t.Errorf("max_tokens 0: %s", w.Body)
	}
	whole := post(t, s, instructPath, `{"prompt":["Tell of rivers","Tell of roads"],"echo":true}`)
	got := events(t, post(t, s, instructPath,
		`{"prompt":["Tell of rivers","Tell of roads"],"echo":true,"stream":true,"stream_options":{"include_usage":true}}`).Body.String())
	texts := [2]string{}
	for _, e := range got[1 : len(got)-2] {
		c := at(t, []byte(e), "choices", 0).(map[string]any)
		texts[int(c["index"].(float64))] += c["text"].(string)
	}
	for i, text := range texts {
		if want := at(t, whole.Body.Bytes(), "choices", i, "text"); text != want {
			t.Errorf("streamed %q, whole %q", text, want)
		}
	}
	if diff := cmp.Diff(at(t, whole.Body.Bytes(), "usage"), at(t, []byte(got[len(got)-2]), "usage")); diff != "" {
		t.Error(diff)
	}
	wantStatus(t, post(t, s, instructPath, `{"prompt":"[[filter]]"}`), 400)
	for _, bad := range []string{`{"prompt":5}`, `{"prompt":[]}`, `{"prompt":[{}]}`, `{"prompt":"x","n":3,"best_of":2}`,
		`{"prompt":"x","best_of":2,"stream":true}`, `{"prompt":"x","max_tokens":9999}`, `{"prompt":"x","logprobs":6}`} {
		if w := post(t, s, instructPath, bad); w.Code != 400 {
			t.Errorf("%s: %d, want 400", bad, w.Code)
		}
	}
	wantStatus(t, post(t, s, strings.Replace(instructPath, "instruct", "gpt-4o", 1), `{"prompt":"x"}`), 400)
}

const responsesV1 = "/openai/v1/responses"

// A response can be followed up, looked up and deleted.
func TestResponses(t *testing.T) {
	s := start(t, config())
	w := post(t, s, responsesV1, `{"model":"gpt-4o","input":"[[echo]]one two","instructions":"be brief","metadata":{"a":"b"}}`)
	wantStatus(t, w, 200)
	b := w.Body.Bytes()
	if at(t, b, "output", 0, "content", 0, "text") != "one two" || at(t, b, "status") != "completed" ||
		at(t, b, "usage", "output_tokens") != 2.0 || at(t, b, "instructions") != "be brief" || at(t, b, "metadata", "a") != "b" {
		t.Errorf("response = %s", b)
	}
	id := at(t, b, "id").(string)
	got := send(t, s, http.MethodGet, responsesV1+"/"+id, "")
	if diff := cmp.Diff(at(t, b), at(t, got.Body.Bytes())); diff != "" {
		t.Errorf("GET gives another: %s", diff)
	}
	items := send(t, s, http.MethodGet, responsesV1+"/"+id+"/input_items", "")
	if at(t, items.Body.Bytes(), "data", 0, "content", 0, "text") != "[[echo]]one two" {
		t.Errorf("input_items = %s", items.Body)
	}
	next := post(t, s, responsesV1, `{"model":"gpt-4o","input":"and then?","previous_response_id":"`+id+`"}`)
	if a, b := at(t, b, "usage", "input_tokens").(float64), at(t, next.Body.Bytes(), "usage", "input_tokens").(float64); b <= a {
		t.Errorf("the follow-up has %v input tokens, its predecessor %v", b, a)
	}
	wantStatus(t, post(t, s, responsesV1+"/"+id+"/cancel", ""), 400)
	wantStatus(t, send(t, s, http.MethodDelete, responsesV1+"/"+id, ""), 200)
	lost := send(t, s, http.MethodGet, responsesV1+"/"+id, "")
	if want := `{"error":{"message":"Response with id '` + id + `' not found.","type":"invalid_request_error","param":null,"code":null}}`; lost.Code != 404 || lost.Body.String() != want {
		t.Errorf("after DELETE: %d %s", lost.Code, lost.Body)
	}
	w = post(t, s, responsesV1, `{"model":"gpt-4o","input":"x","store":false}`)
	wantStatus(t, send(t, s, http.MethodGet, responsesV1+"/"+at(t, w.Body.Bytes(), "id").(string), ""), 404)
	w = post(t, s, responsesV1, `{"model":"gpt-4o","input":"x","background":true}`)
	if at(t, w.Body.Bytes(), "status") != "queued" {
		t.Errorf("background = %s", w.Body)
	}
	w = send(t, s, http.MethodGet, responsesV1+"/"+at(t, w.Body.Bytes(), "id").(string), "")
	if at(t, w.Body.Bytes(), "status") != "completed" {
		t.Errorf("background later = %s", w.Body)
	}
	w = post(t, s, responsesV1, `{"model":"gpt-4o","input":"[[tokens=50]]","max_output_tokens":20}`)
	if at(t, w.Body.Bytes(), "incomplete_details", "reason") != "max_output_tokens" || at(t, w.Body.Bytes(), "usage", "output_tokens") != 20.0 {
		t.Errorf("capped = %s", w.Body)
	}
	w = post(t, s, responsesV1, `{"model":"gpt-4o","input":"[[filter]]"}`)
	if w.Code != 400 || at(t, w.Body.Bytes(), "error", "content_filters", 0, "blocked") != true {
		t.Errorf("filtered = %s", w.Body)
	}
	w = post(t, s, responsesV1+"/input_tokens", `{"model":"gpt-4o","input":"one two"}`)
	if at(t, w.Body.Bytes(), "input_tokens") != 8.0 {
		t.Errorf("input_tokens = %s", w.Body)
	}
	for _, bad := range []string{`{"model":"gpt-4o"}`, `{"model":"gpt-4o","input":5}`, `{"model":"gpt-4o","input":[5]}`,
		`{"model":"gpt-4o","input":"x","previous_response_id":"resp_x"}`, `{"model":"gpt-4o","input":"x","text":{"format":{"type":"x"}}}`,
		`{"model":"gpt-4o","input":"x","background":true,"store":false}`, `{"model":"emb","input":"x"}`} {
		if w := post(t, s, responsesV1, bad); w.Code != 400 {
			t.Errorf("%s: %d, want 400", bad, w.Code)
		}
	}
}

// names reads the event lines of a responses stream and checks that each agrees with
// its data and that the numbers run.
func names(t *testing.T, body string) (out []string) {
	t.Helper()
	for i, block := range strings.Split(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		if block == "data: [DONE]" {
			out = append(out, "[DONE]")
			continue
		}
		event, data, _ := strings.Cut(strings.TrimPrefix(block, "event: "), "\ndata: ")
		if at(t, []byte(data), "type") != event || at(t, []byte(data), "sequence_number") != float64(i) {
			t.Errorf("event %d is %q with %s", i, event, data)
		}
		event = strings.TrimPrefix(event, "response.")
		if len(out) == 0 || out[len(out)-1] != event {
			out = append(out, event)
		}
	}
	return out
}

// The events of a response come in the service's order.
func TestResponseStreamOrder(t *testing.T) {
	s := start(t, config())
	tool := `"tools":[{"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]`
	for _, c := range []struct{ body, want string }{
		{`{"model":"gpt-4o","stream":true,"input":"x"}`, "created in_progress output_item.added content_part.added output_text.delta " +
			"output_text.done content_part.done output_item.done completed [DONE]"},
		{`{"model":"gpt-5","stream":true,"input":[{"role":"user","content":[{"type":"input_text","text":"[[refuse]]"}]}]}`,
			"created in_progress output_item.added output_item.done output_item.added content_part.added refusal.delta " +
				"refusal.done content_part.done output_item.done completed [DONE]"},
		{`{"model":"gpt-4o","stream":true,"input":"the weather",` + tool + `}`, "created in_progress output_item.added " +
			"function_call_arguments.delta function_call_arguments.done output_item.done completed [DONE]"},
		{`{"model":"gpt-4o","stream":true,"input":"[[filter-output]]"}`, "created in_progress output_item.added content_part.added " +
			"output_text.delta output_text.done content_part.done output_item.done incomplete [DONE]"},
	} {
		w := post(t, s, responsesV1, c.body)
		wantStatus(t, w, 200)
		if diff := cmp.Diff(c.want, strings.Join(names(t, w.Body.String()), " ")); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
		list := events(t, strings.ReplaceAll(w.Body.String(), "event: ", ": "))
		final := []byte(list[len(list)-2])
		whole := post(t, s, responsesV1, strings.Replace(c.body, `"stream":true,`, "", 1))
		if diff := cmp.Diff(at(t, whole.Body.Bytes(), "usage"), at(t, final, "response", "usage")); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
		got := send(t, s, http.MethodGet, responsesV1+"/"+at(t, final, "response", "id").(string), "")
		if diff := cmp.Diff(at(t, final, "response"), at(t, got.Body.Bytes())); diff != "" {
			t.Errorf("what is stored differs: %s", diff)
		}
	}
}

// A response that refuses inside a 200 does so after created, with an error event and
// a failed response, and a hint in the header.
func TestResponseRefusedInside(t *testing.T) {
	s := start(t, config())
	script(t, s, simulator.Fault{Kind: simulator.Refusal})
	w := post(t, s, responsesV1, `{"model":"gpt-4o","stream":true,"input":"x"}`)
	if diff := cmp.Diff([]string{"created", "error", "failed"}, names(t, w.Body.String())); diff != "" || w.Code != 200 || w.Header().Get("retry-after") != "10" {
		t.Errorf("%d %v %s", w.Code, w.Header(), diff)
	}
	list := events(t, strings.ReplaceAll(w.Body.String(), "event: ", ": "))
	if at(t, []byte(list[1]), "error", "type") != "too_many_requests" || at(t, []byte(list[2]), "response", "error", "code") != "no_capacity" {
		t.Errorf("refusal = %v", list[1:])
	}
	script(t, s, simulator.Fault{Kind: simulator.ErrorEvent, Chunks: 6})
	w = post(t, s, responsesV1, `{"model":"gpt-4o","stream":true,"input":"x"}`)
	got := names(t, w.Body.String())
	if diff := cmp.Diff([]string{"error", "failed"}, got[len(got)-2:]); diff != "" {
		t.Error(diff)
	}
}
