package meter

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
)

const chatBody = `{"choices":[{"content_filter_results":{},"finish_reason":"stop","index":0,"logprobs":null,"message":{"annotations":[],"content":"Say \"usage\":{\"prompt_tokens\":7} to 你好.","refusal":null,"role":"assistant"}}],"created":1731628800,"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","object":"chat.completion","prompt_filter_results":[],"system_fingerprint":"fp_1","usage":` + aUsage + `}`

// A JSON answer passes byte for byte and tells its usage, however it comes and
// whether or not its length is known.
func TestBodySplitAnywhere(t *testing.T) {
	m := newMeter(t)
	want := Result{
		Usage: aUsageRead, Committed: true, Outcome: tallygate.Answered, Bytes: int64(len(chatBody)),
		Finish: "stop", Model: "gpt-4o-2024-08-06", ResponseID: "chatcmpl-1",
	}
	for i := range chatBody {
		for _, length := range []int64{-1, int64(len(chatBody))} {
			res := jsonAnswer(200, chatBody)
			res.Body = &nextParts{parts: parts{pieces: [][]byte{[]byte(chatBody[:i]), []byte(chatBody[i:])}}}
			res.ContentLength = length
			w := newClient()
			out, err := m.Copy(w, res, chatAnswer)
			want.FirstByte = out.FirstByte
			if err != nil || w.got() != chatBody || out != want {
				t.Fatalf("split at %d, length %d: %+v, %v, %q", i, length, out, err, w.got())
			}
			if length > 0 && len(w.at) != 1 {
				t.Fatalf("written %d times, want once", len(w.at))
			}
		}
	}
}

// Every API's usage is read by its own names.
func TestBodyUsages(t *testing.T) {
	m := newMeter(t)
	for name, c := range map[string]struct {
		op   API
		body string
		want tallygate.Usage
	}{
		"embeddings": {Vectors, `{"object":"list","data":[{"embedding":[0.1,-2e-5],"index":0}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}}`, tallygate.Usage{Prompt: 8, Total: 8}},
		"responses":  {Events, `{"id":"resp_1","status":"completed","error":null,"output":[{"usage":{"input_tokens":99}}],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":15},"total_tokens":30}}`, tallygate.Usage{Prompt: 10, Completion: 20, Total: 30, Cached: 4, CacheWrite: 2, Reasoning: 15}},
		"images":     {Media, `{"created":1,"data":[{"b64_json":"` + strings.Repeat("QUJD", 50_000) + `"}],"usage":{"input_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens":4160,"output_tokens_details":{"text_tokens":0,"image_tokens":4160},"total_tokens":4210}}`, tallygate.Usage{Prompt: 50, Completion: 4160, Total: 4210, ImageIn: 40, ImageOut: 4160}},
		"speech":     {Media, `{"text":"hi","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":3,"total_tokens":17}}`, tallygate.Usage{Prompt: 14, Completion: 3, Total: 17, AudioIn: 14}},
		"audio":      {Chat, `{"usage":{"prompt_tokens":30,"prompt_tokens_details":{"audio_tokens":20,"cached_tokens":0},"completion_tokens":50,"completion_tokens_details":{"audio_tokens":40},"total_tokens":80}}`, tallygate.Usage{Prompt: 30, Completion: 50, Total: 80, AudioIn: 20, AudioOut: 40}},
		"no total":   {Chat, `{"usage":{"prompt_tokens":30,"completion_tokens":50}}`, tallygate.Usage{Prompt: 30, Completion: 50, Total: 80}},
		"no prompt":  {Chat, `{"usage":{"total_tokens":80,"completion_tokens":50}}`, tallygate.Usage{Prompt: 30, Completion: 50, Total: 80}},
		"bad part":   {Chat, `{"usage":{"prompt_tokens":30,"prompt_tokens_details":{"cached_tokens":31},"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":-1},"total_tokens":35}}`, tallygate.Usage{Prompt: 30, Completion: 5, Total: 35}},
		"floats":     {Chat, `{"usage":{"prompt_tokens":3.0,"completion_tokens":5e0,"total_tokens":8}}`, tallygate.Usage{Prompt: 3, Completion: 5, Total: 8}},
		"spaces":     {Chat, "{\n  \"usage\" : {\n \"prompt_tokens\" : 3 ,\t\"completion_tokens\":5 } }\n", tallygate.Usage{Prompt: 3, Completion: 5, Total: 8}},
		"escapes":    {Chat, `{"\u0075sage":{"prompt\u005ftokens":3,"completion_tokens":5}}`, tallygate.Usage{Prompt: 3, Completion: 5, Total: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Source = tallygate.Exact
			w := newClient()
			out, err := m.Copy(w, jsonAnswer(200, c.body), Answer{API: c.op, Base: "gpt-4o"})
			if diff := cmp.Diff(c.want, out.Usage); err != nil || diff != "" || w.got() != c.body {
				t.Errorf("%v, usage (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Without a usage the texts of request and answer are counted.
func TestBodyWithoutUsage(t *testing.T) {
	m := newMeter(t)
	e := m.encoding("gpt-4o")
	words := func(s string) int64 { return int64(e.CountString(s)) }
	long := strings.Repeat("All work and no play. ", 20_000)
	for name, c := range map[string]struct {
		op        API
		request   string
		body      string
		want      int64 // completion
		wantFirst int64 // prompt
	}{
		"chat": {Chat, `{"messages":[{"role":"user","content":"hi"}]}`,
			`{"choices":[{"index":0,"message":{"content":"Hello there","tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}},{"index":1,"message":{"refusal":"No, never."}}]}`,
			words("Hello there") + words(`f{"a":1}`) + words("No, never."), 8},
		"completions": {Text, `{"prompt":["one two","three"],"best_of":4,"n":2}`,
			`{"choices":[{"index":0,"text":"Hello"},{"index":1,"text":" World"}]}`, 2 * (words("Hello") + words(" World")), 3},
		"embeddings": {Vectors, `{"input":[[1,2,3],[4,5]]}`, `{"data":[]}`, 0, 5},
		"responses": {Events, `{"input":"hi"}`,
			`{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"Hello there"}]},{"type":"function_call","name":"f","arguments":"{}"}]}`,
			words("Hello there") + words("f{}"), 8},
		"a body too long to keep": {Chat, ``, `{"choices":[{"message":{"content":"` + long + `"}}]}`, words(long), 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newClient()
			out, err := m.Copy(w, jsonAnswer(200, c.body), Answer{API: c.op, Base: "gpt-4o", Request: []byte(c.request)})
			if err != nil || w.got() != c.body || out.Usage.Source != tallygate.Estimated {
				t.Fatalf("%+v, %v", out, err)
			}
			// The long text counts as more of what was kept: near, not exact.
			if d := out.Usage.Completion - c.want; d < -c.want/100 || d > c.want/100 || out.Usage.Prompt != c.wantFirst {
				t.Errorf("prompt %d, completion %d, want %d, %d", out.Usage.Prompt, out.Usage.Completion, c.wantFirst, c.want)
			}
		})
	}
}

// nobodyKnows is a usage that no text tells.
var nobodyKnows = tallygate.Usage{Source: tallygate.Held}

// Errors cost nothing, but a prompt that the content filter turned down; and what
// only reads costs nothing, though it shows a usage.
func TestBodyNotBilled(t *testing.T) {
	m := newMeter(t)
	filtered := `{"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter","status":400}}`
	for name, c := range map[string]struct {
		status int
		method string
		body   string
		want   tallygate.Usage
		code   string
	}{
		"throttled":      {429, "POST", `{"error":{"code":"429","message":"slow"}}`, tallygate.Usage{}, "429"},
		"failed":         {500, "POST", `<html>Bad Gateway</html>`, tallygate.Usage{}, ""},
		"bad request":    {400, "POST", `{"error":{"code":null,"type":"invalid_request_error"}}`, tallygate.Usage{}, "invalid_request_error"},
		"content filter": {400, "POST", filtered, tallygate.Usage{Source: tallygate.Estimated, Prompt: 8, Total: 8}, "content_filter"},
		"read again":     {200, "GET", chatBody, tallygate.Usage{}, ""},
		"by duration":    {200, "POST", `{"text":"hi","usage":{"type":"duration","seconds":9}}`, tallygate.Usage{Source: tallygate.Exact, Seconds: 9}, ""},
		"negative":       {200, "POST", `{"usage":{"prompt_tokens":-1,"completion_tokens":5}}`, nobodyKnows, "usage_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			res := jsonAnswer(c.status, c.body)
			res.Request = (&http.Request{Method: c.method}).WithContext(t.Context())
			w := newClient()
			out, err := m.Copy(w, res, chatAnswer)
			if err != nil || out.Outcome != tallygate.Answered || out.Usage != c.want || out.Code != c.code || w.status != c.status || w.got() != c.body {
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
}

// Compressed answers pass as they are; what gzip made is read beside.
func TestBodyCompressed(t *testing.T) {
	m := newMeter(t)
	pack := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, s)
		z.Close()
		return b.String()
	}
	stream := string(chatStream{texts: someTexts, usage: aUsage}.bytes())
	for name, c := range map[string]struct {
		kind, encoding, body string
		want                 tallygate.Usage
	}{
		"gzip JSON":   {"application/json", "gzip", pack(chatBody), aUsageRead},
		"gzip stream": {"text/event-stream", "gzip", pack(stream), aUsageRead},
		"no gzip":     {"application/json", "gzip", chatBody, nobodyKnows},
		"brotli":      {"application/json", "br", "\x8b\x00", nobodyKnows},
	} {
		t.Run(name, func(t *testing.T) {
			res := jsonAnswer(200, c.body)
			res.Header = http.Header{"Content-Type": {c.kind}, "Content-Encoding": {c.encoding}}
			w := newClient()
			out, err := m.Copy(w, res, chatAnswer)
			if err != nil || w.got() != c.body || out.Usage != c.want {
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
}

// A body that breaks off before anything of it left can fail over; one that breaks
// off later is a failure that the caller of Copy has to show.
func TestBodyBreaksOff(t *testing.T) {
	m := newMeter(t)
	reset := errors.New("connection reset by peer")
	small := chatBody[:len(chatBody)/2]
	large := strings.Repeat("x", 100_000)
	for name, c := range map[string]struct {
		length    int64
		came      string
		err       error
		committed bool
	}{
		"small":       {int64(len(chatBody)), small, reset, false},
		"small, EOF":  {int64(len(chatBody)), small, nil, false},
		"nothing":     {-1, "", reset, false},
		"chunked":     {-1, small, reset, true},
		"large":       {200_000, large, reset, true},
		"large, EOF":  {200_000, large, nil, true},
		"large, none": {200_000, "", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			res := jsonAnswer(200, "")
			res.ContentLength = c.length
			res.Body = &parts{pieces: [][]byte{[]byte(c.came)}, err: c.err}
			w := newClient()
			out, err := m.Copy(w, res, chatAnswer)
			if _, ok := err.(*Failure); !ok || out.Committed != c.committed || out.Outcome != tallygate.Failed || (w.status != 0) != c.committed {
				t.Errorf("%+v, %v", out, err)
			}
			if out.Usage.Known() != c.committed || c.committed && out.Usage != nobodyKnows {
				t.Errorf("usage %+v", out.Usage)
			}
		})
	}
}

// A client that does not take the body leaves an aborted answer with its usage.
func TestBodyClientGone(t *testing.T) {
	m := newMeter(t)
	w := newClient()
	w.failAt = 10
	out, err := m.Copy(w, jsonAnswer(200, chatBody), chatAnswer)
	if err == nil || out.Outcome != tallygate.Aborted || !out.Committed || out.Usage != aUsageRead {
		t.Errorf("%+v, %v", out, err)
	}
}

// Sound is flushed as it comes; answers without a body have none.
func TestBodyOtherKinds(t *testing.T) {
	m := newMeter(t)
	res := &http.Response{StatusCode: 200, ContentLength: -1, Header: http.Header{"Content-Type": {"audio/mpeg"}},
		Body: &parts{pieces: [][]byte{{0xff, 0xfb}, {0x90}, {0x00}}}}
	w := newClient()
	out, err := m.Copy(w, res, Answer{API: Media, Base: "gpt-4o-mini-tts", Request: []byte(`{"input":"Hello there"}`)})
	if err != nil || w.got() != "\xff\xfb\x90\x00" || w.flushes != 3 || out.Usage != nobodyKnows {
		t.Errorf("sound: %+v, %v, %d flushes", out, err, w.flushes)
	}
	for name, res := range map[string]*http.Response{
		"204":  {StatusCode: 204, Body: http.NoBody, Header: http.Header{}},
		"HEAD": {StatusCode: 200, ContentLength: 500, Body: http.NoBody, Header: http.Header{}, Request: (&http.Request{Method: "HEAD"}).WithContext(t.Context())},
		"none": {StatusCode: 200, ContentLength: 0, Body: http.NoBody, Header: http.Header{}},
	} {
		w := newClient()
		out, err := m.Copy(w, res, Answer{API: Unknown, Object: true})
		if err != nil || w.status != res.StatusCode || out.Outcome != tallygate.Answered || !out.Committed || out.Usage.Known() {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

// An embeddings answer of 20 MB is not kept in memory.
func TestBodyLargeIsNotKept(t *testing.T) {
	m := newMeter(t)
	var b strings.Builder
	b.WriteString(`{"object":"list","data":[`)
	for b.Len() < 20<<20 {
		fmt.Fprintf(&b, `{"object":"embedding","index":0,"embedding":[%s0.1]},`, strings.Repeat("-0.0123456789,", 1536))
	}
	b.WriteString(`{}],"model":"text-embedding-3-large","usage":{"prompt_tokens":4000,"total_tokens":4000}}`)
	text := b.String()
	a := Answer{API: Vectors, Base: "text-embedding-3-large"}
	run := func() {
		res := jsonAnswer(200, "")
		res.Body, res.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		out, err := m.Copy(discard{}, res, a)
		if err != nil || out.Usage.Prompt != 4000 || out.Bytes != int64(len(text)) {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	run()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
		t.Errorf("%d bytes allocated for an answer of %d", n, len(text))
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) WriteHeader(int)             {}
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) FlushError() error           { return nil }

// What the tap finds does not depend on how the text was split.
func TestTapSplitOften(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := []string{chatBody, `{"type":"response.completed","response":{"id":"r","usage":{"input_tokens":1,"x":[{"}":"]"}]},"error":{"code":"\\\""}}}`}
		b := []byte(rapid.SampledFrom(texts).Draw(t, "text"))
		var whole, split tap
		whole.feed(b)
		for rest := b; len(rest) > 0; {
			n := min(rapid.IntRange(1, 9).Draw(t, "n"), len(rest))
			split.feed(rest[:n])
			rest = rest[n:]
		}
		for f := none; f < fields; f++ {
			if !bytes.Equal(whole.value(f), split.value(f)) {
				t.Fatalf("field %d: %q split, %q whole", f, split.value(f), whole.value(f))
			}
		}
	})
}
