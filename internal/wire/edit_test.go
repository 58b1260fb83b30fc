package wire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate/internal/wire"
)

// sent returns the body that goes upstream, read in every way there is.
func sent(t testing.TB, q *wire.Request, deployment string, e wire.Edits) string {
	t.Helper()
	body := q.Body(deployment, e)
	var written bytes.Buffer
	if n, err := body.WriteTo(&written); err != nil || n != int64(written.Len()) {
		t.Fatalf("WriteTo wrote %d of %d bytes: %v", n, written.Len(), err)
	}
	for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, func(r io.Reader) io.Reader { return r }} {
		r := body.NewReader()
		// The wrapper hides WriteTo, so that Read is what is tried.
		got, err := io.ReadAll(wrap(struct{ io.Reader }{r}))
		if err != nil || !bytes.Equal(got, written.Bytes()) {
			t.Fatalf("Read gives %q, WriteTo %q: %v", got, written.Bytes(), err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if body.Len() != int64(written.Len()) {
		t.Fatalf("Len is %d, but there are %d bytes: %q", body.Len(), written.Len(), written.Bytes())
	}
	return written.String()
}

// Edits change the bytes they are declared to change, and no others.
func TestBody(t *testing.T) {
	const (
		onResponses = "POST /openai/deployments/d/responses?api-version=2025-03-01-preview"
		unscoped    = "POST /openai/chat/completions" + dated
	)
	for _, c := range []struct {
		name, line, body string
		usage            bool
		want             string
	}{
		{"the model's name", onChat, `{ "model" : "m" , "x": 1.50, "é":"\u00e9" }`, false, `{ "model" : "dep" , "x": 1.50, "é":"\u00e9" }`},
		{"the model's name is right already", onChat, `{"model":"dep"}`, false, `{"model":"dep"}`},
		{"the model's name is right already, escaped", onChat, `{"model":"\u0064ep"}`, false, `{"model":"\u0064ep"}`},
		{"an escaped key", onChat, `{"mod\u0065l":"m"}`, false, `{"mod\u0065l":"dep"}`},
		{"below a deployment the model is nobody's business", onDeployment, `{"model":"m"}`, false, `{"model":"m"}`},
		{"placed below a deployment", unscoped, `{"model":"m"}`, false, `{"model":"m"}`},
		{"plain", "POST /v1/embeddings", `{"input":"x","model":"m"}`, false, `{"input":"x","model":"dep"}`},
		{"unknown operation", "POST /v1/rerank", `{"model":"m"}`, false, `{"model":"dep"}`},
		{"unknown operation without a model", "POST /v1/rerank", `{"a":"m"}`, false, `{"a":"m"}`},
		{"unknown operation with a list", "POST /v1/rerank", `["m"]`, false, `["m"]`},
		{"a base model is no deployment", "POST /openai/v1/fine_tuning/jobs", `{"model":"m"}`, false, `{"model":"m"}`},
		{"responses below a deployment", onResponses, `{"model":"gpt-3.5-turbo","input":"x"}`, false, `{"model":"dep","input":"x"}`},
		{"responses below a deployment, no model", onResponses, `{"input":"x"}`, false, `{"model":"dep","input":"x"}`},
		{"responses below a deployment, null model", onResponses, `{"model":null,"input":"x"}`, false, `{"model":"dep","input":"x"}`},
		{"responses below a deployment, odd model", onResponses, `{"model":{"a":[1]},"input":"x"}`, false, `{"model":"dep","input":"x"}`},
		{"responses below a deployment, nothing", onResponses, ` { } `, false, ` {"model":"dep" } `},

		{"usage: no options", onDeployment, `{"stream":true}`, true, `{"stream_options":{"include_usage":true},"stream":true}`},
		{"usage: no options, white space", onDeployment, " {\n  \"stream\": true\n}\n", true, " {\"stream_options\":{\"include_usage\":true},\n  \"stream\": true\n}\n"},
		{"usage: options", onDeployment, `{"stream":true,"stream_options":{"x":1}}`, true, `{"stream":true,"stream_options":{"include_usage":true,"x":1}}`},
		{"usage: empty options", onDeployment, `{"stream":true,"stream_options":{ }}`, true, `{"stream":true,"stream_options":{"include_usage":true}}`},
		{"usage: null options", onDeployment, `{"stream":true,"stream_options":null}`, true, `{"stream":true,"stream_options":{"include_usage":true}}`},
		{"usage: null", onDeployment, `{"stream":true,"stream_options":{"x":[{}],"include_usage": null}}`, true, `{"stream":true,"stream_options":{"x":[{}],"include_usage": true}}`},
		{"usage: no stream", onDeployment, `{"stream":false}`, true, `{"stream":false}`},
		{"usage: the client says no", onDeployment, `{"stream":true,"stream_options":{"include_usage":false}}`, true, `{"stream":true,"stream_options":{"include_usage":true}}`},
		{"usage: not asked for", onDeployment, `{"stream":true}`, false, `{"stream":true}`},
		{"both, model first", onChat, `{"model":"m","stream":true}`, true, `{"stream_options":{"include_usage":true},"model":"dep","stream":true}`},
		{"both, options first", onChat, `{"stream_options":{"x":1},"stream":true,"model":"m"}`, true, `{"stream_options":{"include_usage":true,"x":1},"stream":true,"model":"dep"}`},
		{"both, model before options", onChat, `{"model":"m","stream_options":{},"stream":true}`, true, `{"model":"dep","stream_options":{"include_usage":true},"stream":true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := read(t, request(t, c.line, c.body))
			if diff := cmp.Diff(c.want, sent(t, q, "dep", wire.Edits{IncludeUsage: c.usage})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if string(q.JSON()) != c.body {
				t.Errorf("the request's own body became %q", q.JSON())
			}
		})
	}
}

// Each attempt gets the body for its own deployment; a deployment without a name
// leaves the body alone.
func TestBodyPerAttempt(t *testing.T) {
	q := read(t, request(t, onChat, `{"model":"m"}`))
	for name, want := range map[string]string{
		"a": `{"model":"a"}`, "a-longer-name": `{"model":"a-longer-name"}`, "m": `{"model":"m"}`, "": `{"model":"m"}`,
		"q\"b\\s\x01é😀": `{"model":"q\"b\\s\u0001é😀"}`,
	} {
		if got := sent(t, q, name, wire.Edits{}); got != want {
			t.Errorf("for %q: %s, want %s", name, got, want)
		}
	}
}

// A request without a body sends none.
func TestNoBody(t *testing.T) {
	q := read(t, request(t, "GET /openai/v1/models", ""))
	if got := sent(t, q, "dep", wire.Edits{IncludeUsage: true}); got != "" || !q.Replayable() || q.Peeked() || q.JSON() != nil {
		t.Errorf("sends %q, replayable %v, peeked %v, JSON %q", got, q.Replayable(), q.Peeked(), q.JSON())
	}
}

// Whatever the body, what goes upstream is what came in but for the edits: as a
// JSON value and, around the edits, as bytes.
func TestBodyProperty(t *testing.T) {
	values := rapid.SampledFrom([]string{`"m"`, `"\u006d"`, `null`, `true`, `false`, `1`, `1.50e3`, `{}`, `{"a":[1,{"b":2}]}`, `[ ]`, `"é\n"`, `{"include_usage":null,"z":1}`, `{ "z" : 1 }`, `{"include_usage":false}`})
	keys := rapid.SampledFrom([]string{`"model"`, `"stream"`, `"stream_options"`, `"mod\u0065l"`, `"messages"`, `"x"`, `"é"`, `""`, `"max_tokens"`, `"user"`})
	spaces := rapid.SampledFrom([]string{"", "", " ", "\n\t", "\r\n  "})
	lines := rapid.SampledFrom([]string{onChat, onDeployment, "POST /v1/rerank", "POST /openai/deployments/d/responses" + dated})
	rapid.Check(t, func(t *rapid.T) {
		body := spaces.Draw(t, "space") + "{"
		for i := range rapid.IntRange(0, 5).Draw(t, "members") {
			if i > 0 {
				body += ","
			}
			body += spaces.Draw(t, "space") + keys.Draw(t, "key") + spaces.Draw(t, "space") + ":" + spaces.Draw(t, "space") + values.Draw(t, "value") + spaces.Draw(t, "space")
		}
		body += "}" + spaces.Draw(t, "space")
		checkBody(t, lines.Draw(t, "line"), body, rapid.SampledFrom([]string{"m", "dep", `q"\`, ""}).Draw(t, "deployment"))
	})
}

// FuzzBody does the same with bodies of any kind.
func FuzzBody(f *testing.F) {
	for _, body := range []string{hello, `{}`, `[]`, `{"model":null,"stream":true}`, `{"stream":true,"stream_options":{"a":1}}`, `{"mod\u0065l":"a","stream":true,"stream_options":{"include_usage":null}}`} {
		for _, line := range []string{onChat, onDeployment, "POST /v1/rerank", "POST /openai/deployments/d/responses" + dated} {
			f.Add(line, body, `de"p`)
		}
	}
	f.Fuzz(func(t *testing.T, line, body, deployment string) { checkBody(t, line, body, deployment) })
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func checkBody(t fataler, line, body, deployment string) {
	r, err := parse(line, body)
	if err != nil {
		return
	}
	q, err := wire.Read(r, wire.Options{Table: allRoutes})
	//lint:ignore SA5001 the request is never nil
	defer q.Close()
	if err != nil || !q.Peeked() {
		return
	}
	b := q.Body(deployment, wire.Edits{IncludeUsage: true})
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil || b.Len() != int64(out.Len()) {
		t.Fatalf("%q: Len %d, wrote %d: %v", body, b.Len(), out.Len(), err)
	}
	var before, after any
	if err := json.Unmarshal([]byte(body), &before); err != nil {
		t.Fatalf("%q was taken, but is not JSON: %v", body, err)
	}
	if err := json.Unmarshal(out.Bytes(), &after); err != nil {
		t.Fatalf("%q became %q: %v", body, out.Bytes(), err)
	}
	was, _ := before.(map[string]any)
	is, _ := after.(map[string]any)
	if was != nil {
		undo(was, is)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Fatalf("%q became %q: more than the edits changed:\n%s", body, out.Bytes(), diff)
	}
	if !bytes.HasSuffix(out.Bytes(), []byte(body[len(body)-1:])) {
		t.Fatalf("%q became %q", body, out.Bytes())
	}
}

// undo takes the edits back out of is, as far as was did not have them.
func undo(was, is map[string]any) {
	if m, ok := was["model"]; ok {
		is["model"] = m
	} else {
		delete(is, "model")
	}
	options, _ := is["stream_options"].(map[string]any)
	before, had := was["stream_options"].(map[string]any)
	switch {
	case !had && options != nil:
		if v, ok := was["stream_options"]; ok {
			is["stream_options"] = v
		} else {
			delete(is, "stream_options")
		}
	case had && options != nil && before["include_usage"] == nil:
		if _, ok := before["include_usage"]; ok {
			options["include_usage"] = nil
		} else {
			delete(options, "include_usage")
		}
	}
}
