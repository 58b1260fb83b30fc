package meter

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
)

var chatAnswer = Answer{API: Chat, Stream: true, Base: "gpt-4o", Request: []byte(`{"messages":[{"role":"user","content":"hi"}]}`)}

// streams are the forms of one stream that the splitting tests go over.
func streams() map[string]chatStream {
	return map[string]chatStream{
		"azure":       {usage: aUsage, texts: someTexts, async: true},
		"openai":      {usage: aUsage, texts: someTexts[4:], openai: true},
		"crlf":        {usage: aUsage, texts: someTexts[3:5], end: "\r\n"},
		"cr":          {usage: aUsage, texts: someTexts[3:4], end: "\r"},
		"tools":       {usage: aUsage, tools: true},
		"two choices": {usage: aUsage, texts: someTexts[6:7], choices: 2},
	}
}

// check copies a stream in pieces and compares what arrives with want.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, m *Meter, a Answer, pieces [][]byte, next bool, want []byte) Result {
	t.Helper()
	w := newClient()
	var res = eventAnswer(&parts{pieces: pieces})
	if next {
		res = eventAnswer(&nextParts{parts: parts{pieces: pieces}})
	}
	out, err := m.Copy(w, res, a)
	if err != nil {
		t.Fatalf("Copy: %v", err)
	}
	if got := w.got(); got != string(want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Fatalf("bytes differ from %d on:\ngot  %.200q\nwant %.200q", at, got[max(0, at-40):], want[max(0, at-40):])
	}
	if out.Outcome != tallygate.Answered || !out.Committed || out.Bytes != int64(len(want)) || w.flushed != len(want) {
		t.Fatalf("outcome %v, committed %v, %d bytes, %d flushed, want %d", out.Outcome, out.Committed, out.Bytes, w.flushed, len(want))
	}
	return out
}

// A stream gives the same bytes and the same usage wherever it is split in two,
// with what the gateway asked for taken out and without.
func TestStreamSplitAnywhere(t *testing.T) {
	m := newMeter(t)
	for name, form := range streams() {
		t.Run(name, func(t *testing.T) {
			asked := form.bytes()
			form.usage = ""
			plain := form.bytes()
			for _, strip := range []bool{false, true} {
				a := chatAnswer
				a.StripUsage = strip
				want := asked
				if strip {
					want = plain
				}
				for i := range asked {
					pieces := [][]byte{asked[:i], asked[i:]}
					out := check(t, m, a, pieces, i%2 == 0, want)
					if diff := cmp.Diff(aUsageRead, out.Usage); diff != "" {
						t.Fatalf("split at %d, strip %v: usage (-want +got):\n%s", i, strip, diff)
					}
					if out.Finish != "stop" || out.Model != "gpt-4o-2024-08-06" || out.ResponseID != "chatcmpl-AbC" || out.Code != "" {
						t.Fatalf("split at %d: %+v", i, out)
					}
				}
			}
		})
	}
}

// The same with any number of splits, down to single bytes.
func TestStreamSplitOften(t *testing.T) {
	m := newMeter(t)
	forms := streams()
	rapid.Check(t, func(t *rapid.T) {
		form := forms[rapid.SampledFrom([]string{"azure", "openai", "crlf", "cr", "tools", "two choices"}).Draw(t, "form")]
		strip := rapid.Bool().Draw(t, "strip")
		asked := form.bytes()
		want := asked
		if strip {
			form.usage = ""
			want = form.bytes()
		}
		longest := rapid.SampledFrom([]int{1, 3, 40, 700}).Draw(t, "longest")
		var pieces [][]byte
		for rest := asked; len(rest) > 0; {
			n := min(rapid.IntRange(1, longest).Draw(t, "n"), len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		a := chatAnswer
		a.StripUsage = strip
		out := check(t, m, a, pieces, rapid.Bool().Draw(t, "next"), want)
		if out.Usage != aUsageRead {
			t.Fatalf("usage %+v", out.Usage)
		}
	})
}

// Without a usage the text is counted, however it was split into deltas and reads; but a
// delta is a token at least.
func TestStreamWithoutUsageIsCounted(t *testing.T) {
	m := newMeter(t)
	e := m.encoding("gpt-4o")
	text := "Tokenization of antidisestablishmentarianism, 你好世界 and 🎉🎉, is whole."
	want := int64(e.CountString(text))
	for _, size := range []int{1, 2, 5, 1000} {
		var deltas []string
		for rest := []rune(text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
			deltas = append(deltas, string(rest[:min(size, len(rest))]))
		}
		want := max(want, int64(len(deltas)))
		for n := 1; n <= 2; n++ {
			b := chatStream{texts: deltas, choices: n}.bytes()
			out := check(t, m, chatAnswer, [][]byte{b}, false, b)
			wantUsage := tallygate.Usage{Source: tallygate.Estimated, Prompt: 8, Completion: want * int64(n), Total: 8 + want*int64(n)}
			if diff := cmp.Diff(wantUsage, out.Usage); diff != "" {
				t.Errorf("deltas of %d, %d choices: usage (-want +got):\n%s", size, n, diff)
			}
		}
	}
}

// Tool calls count by their names and arguments.
func TestStreamToolCallIsCounted(t *testing.T) {
	m := newMeter(t)
	b := chatStream{tools: true}.bytes()
	out := check(t, m, chatAnswer, [][]byte{b}, false, b)
	want := int64(m.encoding("gpt-4o").CountString(`weather{"city":"Tokyo"}`))
	if out.Usage.Completion != want {
		t.Errorf("completion %d, want %d", out.Usage.Completion, want)
	}
}

// A text of many megabytes is counted in bounded memory, and right.
func TestStreamLongTextIsCounted(t *testing.T) {
	m := newMeter(t)
	var deltas []string
	for i := range 60_000 {
		deltas = append(deltas, fmt.Sprintf(" word%d", i))
	}
	b := chatStream{texts: deltas}.bytes()
	out := check(t, m, chatAnswer, [][]byte{b}, false, b)
	want := int64(m.encoding("gpt-4o").CountString(strings.Join(deltas, "")))
	if out.Usage.Completion != want {
		t.Errorf("completion %d, want %d", out.Usage.Completion, want)
	}
}

// 200 streams at once keep their usages apart.
func TestStreamsInParallel(t *testing.T) {
	m := newMeter(t)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			form := chatStream{usage: fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, 1000+i, i, 1000+2*i), texts: someTexts}
			b := form.bytes()
			var pieces [][]byte
			for rest := b; len(rest) > 0; rest = rest[min(len(rest), 100+i):] {
				pieces = append(pieces, rest[:min(len(rest), 100+i)])
			}
			w := newClient()
			a := chatAnswer
			a.StripUsage = i%2 == 0
			out, err := m.Copy(w, eventAnswer(&parts{pieces: pieces}), a)
			want := tallygate.Usage{Source: tallygate.Exact, Prompt: int64(1000 + i), Completion: int64(i), Total: int64(1000 + 2*i)}
			if err != nil || out.Usage != want {
				t.Errorf("stream %d: %+v, %v", i, out.Usage, err)
			}
		})
	}
	wg.Wait()
}

// An event longer than any buffer passes and is read all the same.
func TestStreamHugeEvents(t *testing.T) {
	m := newMeter(t)
	big := strings.Repeat("x\\\"y ", 200_000)
	b := []byte(`event: response.created` + "\n" + `data: {"type":"response.created","response":{"id":"resp_1","model":"gpt-5","instructions":"` + big + `","usage":null}}` + "\n\n" +
		`event: response.output_text.delta` + "\n" + `data: {"type":"response.output_text.delta","delta":"Hi","output_index":0,"sequence_number":1}` + "\n\n" +
		`event: response.completed` + "\n" + `data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[{"type":"image_generation_call","result":"` + big + `"}],"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}},"sequence_number":2}` + "\n\n")
	var pieces [][]byte
	for rest := b; len(rest) > 0; rest = rest[min(len(rest), 4096):] {
		pieces = append(pieces, rest[:min(len(rest), 4096)])
	}
	out := check(t, m, Answer{API: Events, Stream: true, Base: "gpt-5"}, pieces, true, b)
	want := Result{
		Usage:     tallygate.Usage{Source: tallygate.Exact, Prompt: 5, Completion: 7, Total: 12},
		Committed: true, Outcome: tallygate.Answered, Bytes: int64(len(b)), FirstByte: out.FirstByte,
		Finish: "completed", Model: "gpt-5", ResponseID: "resp_1",
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// A stream of responses gives the same wherever it is split, and its text counts by
// output item, though the deltas of two come mixed.
func TestTypedSplitAnywhere(t *testing.T) {
	m := newMeter(t)
	b := []byte(responseCreated)
	sequence := 2
	say := func(kind, rest string) {
		b = fmt.Appendf(b, "event: %s\ndata: {\"type\":\"%[1]s\",\"sequence_number\":%d%s}\n\n", kind, sequence, rest)
		sequence++
	}
	say("response.output_item.added", `,"output_index":1,"item":{"type":"function_call","name":"weather"}`)
	for i, s := range []string{"Token", "iza", "tion \\u00e9\\n", "\\\"delta\\\":\\\""} {
		say("response.output_text.delta", fmt.Sprintf(`,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"%s","obfuscation":"%d"`, s, i))
		say("response.output_text.delta", fmt.Sprintf(`,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"%s"`, s))
		say("response.function_call_arguments.delta", fmt.Sprintf(`,"item_id":"fc_1","output_index":1,"delta":"%s"`, s))
		say("response.audio.delta", `,"output_index":0,"delta":"QUJD"`)
	}
	say("response.output_text.done", `,"output_index":0,"text":"not counted twice"`)
	end := len(b)
	say("response.completed", `,"response":{"id":"resp_1","model":"gpt-5","status":"completed","usage":null}`)
	e := m.encoding("gpt-5")
	want := int64(e.CountString("TokenTokenizaization é\ntion é\n\"delta\":\"\"delta\":\"")) + int64(e.CountString("weatherTokenization é\n\"delta\":\""))
	a := Answer{API: Events, Stream: true, Base: "gpt-5"}
	for i := range b {
		out := check(t, m, a, [][]byte{b[:i], b[i:]}, i%2 == 0, b)
		if out.Usage != (tallygate.Usage{Source: tallygate.Estimated, Completion: want, Total: want}) || out.ResponseID != "resp_1" || out.Finish != "completed" {
			t.Fatalf("split at %d: %+v, want %d", i, out, want)
		}
	}
	// Cut before its last event, the error that is added goes on counting.
	w := newClient()
	if _, err := m.Copy(w, eventAnswer(whole(b[:end])), a); err == nil || !strings.Contains(w.got(), fmt.Sprintf(`"sequence_number":%d}`, sequence-1)) {
		t.Errorf("%v, %q", err, w.got()[end:])
	}
}

// A huge chunk passes when usage is taken out, and so does all behind it.
func TestStripHugeEvent(t *testing.T) {
	m := newMeter(t)
	form := chatStream{texts: []string{"a", strings.Repeat("long ", 50_000), "b"}, usage: aUsage}
	asked := form.bytes()
	form.usage = ""
	want := form.bytes()
	// The event is too long to take anything out of: its null stays.
	want = bytes.Replace(want, []byte(`"system_fingerprint":"fp_1"}`), []byte("@"), 2)
	want = bytes.Replace(want, []byte(`"system_fingerprint":"fp_1"}`), []byte(`"system_fingerprint":"fp_1","usage":null}`), 1)
	want = bytes.ReplaceAll(want, []byte("@"), []byte(`"system_fingerprint":"fp_1"}`))
	var pieces [][]byte
	for rest := asked; len(rest) > 0; rest = rest[min(len(rest), 4096):] {
		pieces = append(pieces, rest[:min(len(rest), 4096)])
	}
	a := chatAnswer
	a.StripUsage = true
	if out := check(t, m, a, pieces, false, want); out.Usage != aUsageRead {
		t.Errorf("usage %+v", out.Usage)
	}
}

// Comments, unknown fields, data of several lines, a byte order mark and a missing
// last blank line are all in order.
func TestStreamOddEvents(t *testing.T) {
	m := newMeter(t)
	b := []byte("\ufeff: hello\nretry: 10\nid: 7\n\n" +
		"data:{\"id\":\"c1\",\"model\":\"m\",\ndata:\"choices\":[{\"index\":0,\n" + "data: \"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n" +
		": a comment\n\n\n" +
		"data:{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}\n")
	for i := range b {
		out := check(t, m, chatAnswer, [][]byte{b[:i], b[i:]}, true, b)
		if out.Usage.Total != 3 || out.Finish != "stop" || out.ResponseID != "c1" || out.Model != "m" {
			t.Fatalf("split at %d: %+v", i, out)
		}
	}
}

// The last usage that makes sense counts; zero is a figure; nonsense is not billed.
func TestStreamUsages(t *testing.T) {
	m := newMeter(t)
	counted := tallygate.Usage{Source: tallygate.Estimated, Prompt: 8, Completion: 1, Total: 9}
	for name, c := range map[string]struct {
		usages []string
		want   tallygate.Usage
		code   string
	}{
		"twice":    {[]string{`{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}`, `{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}`}, tallygate.Usage{Source: tallygate.Exact, Prompt: 5, Completion: 6, Total: 11}, ""},
		"zero":     {[]string{`{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}`}, tallygate.Usage{Source: tallygate.Exact}, ""},
		"empty":    {[]string{`{}`}, counted, ""},
		"null":     {[]string{`null`}, counted, ""},
		"negative": {[]string{`{"prompt_tokens":-5,"completion_tokens":6,"total_tokens":1}`}, counted, "usage_invalid"},
		"absurd":   {[]string{`{"prompt_tokens":5,"completion_tokens":99999999999999999999,"total_tokens":1}`}, counted, "usage_invalid"},
		"words":    {[]string{`{"prompt_tokens":"5","completion_tokens":6}`}, counted, "usage_invalid"},
		"half":     {[]string{`{"prompt_tokens":5,"comple`}, counted, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := chatStream{texts: []string{"Hi"}, undone: true}.bytes()
			for _, u := range c.usages {
				b = fmt.Appendf(b, "data: {\"choices\":[],\"usage\":%s}\n\n", u)
			}
			b = append(b, "data: [DONE]\n\n"...)
			out := check(t, m, chatAnswer, [][]byte{b}, false, b)
			if out.Usage != c.want || out.Code != c.code {
				t.Errorf("usage %+v, code %q, want %+v, %q", out.Usage, out.Code, c.want, c.code)
			}
		})
	}
}

// What Before waits for happens before anything leaves; when it fails nothing does.
func TestBefore(t *testing.T) {
	m := newMeter(t)
	full := errors.New("disk full")
	a := chatAnswer
	a.Before = func() error { return full }
	for name, res := range map[string]*http.Response{
		"stream": eventAnswer(whole(chatStream{usage: aUsage}.bytes())),
		"body":   jsonAnswer(200, `{"id":"1"}`),
	} {
		w := newClient()
		out, err := m.Copy(w, res, a)
		if err != full || w.status != 0 || w.got() != "" || out.Committed {
			t.Errorf("%s: %+v, %v, status %d, body %q", name, out, err, w.status, w.got())
		}
	}
}
