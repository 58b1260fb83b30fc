package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate/internal/wire"
)

// A cap of 100 changes the bounds that are larger, adds the one that is missing,
// and touches nothing else.
func TestCap(t *testing.T) {
	const max100 = `{"max_tokens":100,`
	for _, c := range []struct {
		name, line, body, want string
	}{
		{"larger", onDeployment, `{ "max_tokens" : 101 , "x":1.50}`, `{ "max_tokens" : 100 , "x":1.50}`},
		{"much larger", onDeployment, `{"max_tokens":9007199254740992}`, `{"max_tokens":100}`},
		{"larger, with an exponent", onDeployment, `{"max_tokens":1e3}`, `{"max_tokens":100}`},
		{"larger, with a point", onDeployment, `{"max_tokens":100.5e1}`, `{"max_tokens":100}`},
		{"as large", onDeployment, `{"max_tokens":100}`, `{"max_tokens":100}`},
		{"as large, otherwise written", onDeployment, `{"max_tokens":1.0e2}`, `{"max_tokens":1.0e2}`},
		{"smaller", onDeployment, `{"max_tokens":5}`, `{"max_tokens":5}`},
		{"the other spelling", onDeployment, `{"max_completion_tokens":101}`, `{"max_completion_tokens":100}`},
		{"both", onDeployment, `{"max_completion_tokens":300,"a":[],"max_tokens":200}`, `{"max_completion_tokens":100,"a":[],"max_tokens":100}`},
		{"one of both", onDeployment, `{"max_completion_tokens":300,"max_tokens":20}`, `{"max_completion_tokens":100,"max_tokens":20}`},
		{"none", onDeployment, `{"messages":[]}`, `{"max_tokens":100,"messages":[]}`},
		{"none, white space", onDeployment, " {\n  \"messages\": [] }\n", " {\"max_tokens\":100,\n  \"messages\": [] }\n"},
		{"an empty object", onDeployment, `{}`, `{"max_tokens":100}`},
		{"an empty object, white space", onDeployment, " { } ", ` {"max_tokens":100 } `},
		{"null", onDeployment, `{"max_tokens": null}`, `{"max_tokens": 100}`},
		{"the other null", onDeployment, `{"max_completion_tokens":null}`, `{"max_completion_tokens":100}`},
		{"two nulls make one bound", onDeployment, `{"max_completion_tokens":null,"max_tokens":null}`, `{"max_completion_tokens":null,"max_tokens":100}`},
		{"null beside a bound stays", onDeployment, `{"max_completion_tokens":5,"max_tokens":null}`, `{"max_completion_tokens":5,"max_tokens":null}`},
		{"an escaped key", onDeployment, `{"max\u005ftokens":101}`, `{"max\u005ftokens":100}`},
		{"an escaped key, null", onDeployment, `{"max\u005ftokens":null}`, `{"max\u005ftokens":100}`},
		{"an escaped key, small", onDeployment, `{"\u006dax_tokens":5}`, `{"\u006dax_tokens":5}`},
		{"look-alikes", onDeployment, `{"metadata":{"max_tokens":999},"tools":[{"max_tokens":999}],"stop":"\"max_tokens\":999","Max_Tokens ":999,"max_output_tokens":999}`,
			max100 + `"metadata":{"max_tokens":999},"tools":[{"max_tokens":999}],"stop":"\"max_tokens\":999","Max_Tokens ":999,"max_output_tokens":999}`},
		{"look-alikes beside it", onDeployment, `{"metadata":{"max_tokens":999},"max_tokens":999,"x":{"max_tokens":null}}`, `{"metadata":{"max_tokens":999},"max_tokens":100,"x":{"max_tokens":null}}`},
		{"one's own data", onOwnData, `{"dataSources":[]}`, `{"max_tokens":100,"dataSources":[]}`},
		{"completions", onCompletions, `{"model":"dep"}`, `{"max_tokens":100,"model":"dep"}`},
		{"completions, zero", onCompletions, `{"model":"dep","max_tokens":0}`, `{"model":"dep","max_tokens":0}`},
		{"responses", onResponses, `{"model":"dep","max_output_tokens":500}`, `{"model":"dep","max_output_tokens":100}`},
		{"responses, null", onResponses, `{"model":"dep","max_output_tokens":null}`, `{"model":"dep","max_output_tokens":100}`},
		{"responses, none", onResponses, `{"model":"dep","max_tokens":500}`, `{"max_output_tokens":100,"model":"dep","max_tokens":500}`},
		{"embeddings", onEmbeddings, `{"model":"dep","max_tokens":500}`, `{"model":"dep","max_tokens":500}`},
		{"images", onImages, `{"model":"dep"}`, `{"model":"dep"}`},
		{"an unknown operation", onUnknown, `{"model":"dep","max_tokens":500}`, `{"model":"dep","max_tokens":500}`},
		{"an unknown operation with a list", onUnknown, `[500]`, `[500]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := read(t, request(t, c.line, c.body))
			asked := q.MaxTokens
			if got := sent(t, q, "dep", wire.Edits{MaxTokens: 100}); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := sent(t, q, "dep", wire.Edits{}); got != c.body {
				t.Errorf("without a cap: %s", got)
			}
			if q.MaxTokens != asked || string(q.JSON()) != c.body {
				t.Errorf("the request itself changed: %d, %s", q.MaxTokens, q.JSON())
			}
		})
	}
}

// A model that reasons takes max_completion_tokens in a chat, and never a
// max_tokens that the client did not mean.
func TestCapReasoning(t *testing.T) {
	for _, c := range []struct{ line, body, want string }{
		{onDeployment, `{"a":1}`, `{"max_completion_tokens":100,"a":1}`},
		{onDeployment, `{}`, `{"max_completion_tokens":100}`},
		{onDeployment, `{"max_completion_tokens":null}`, `{"max_completion_tokens":100}`},
		{onDeployment, `{"max_tokens":null}`, `{"max_completion_tokens":100,"max_tokens":null}`},
		{onDeployment, `{"max_tokens":null,"max_completion_tokens":null}`, `{"max_tokens":null,"max_completion_tokens":100}`},
		{onDeployment, `{"max_tokens":500}`, `{"max_tokens":100}`},
		{onDeployment, `{"max_completion_tokens":500}`, `{"max_completion_tokens":100}`},
		{onResponses, `{"model":"dep"}`, `{"max_output_tokens":100,"model":"dep"}`},
		{onCompletions, `{"model":"dep"}`, `{"max_tokens":100,"model":"dep"}`},
	} {
		q := read(t, request(t, c.line, c.body))
		if got := sent(t, q, "dep", wire.Edits{MaxTokens: 100, Reasoning: true}); got != c.want {
			t.Errorf("%s becomes %s, want %s", c.body, got, c.want)
		}
	}
}

// The cap, the model's name and the usage chunk go into one body, wherever their
// fields are.
func TestCapWithOtherEdits(t *testing.T) {
	members := []string{`"model":"m"`, `"stream":true`, `"stream_options":{"x":1}`, `"max_tokens":500`, `"max_completion_tokens":1e9`}
	edited := map[string]string{
		members[0]: `"model":"a-longer-name"`, members[2]: `"stream_options":{"include_usage":true,"x":1}`,
		members[3]: `"max_tokens":100`, members[4]: `"max_completion_tokens":100`,
	}
	edits := wire.Edits{IncludeUsage: true, MaxTokens: 100}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(members).Draw(t, "order")
		want := slices.Clone(order)
		for i, member := range want {
			if to, ok := edited[member]; ok {
				want[i] = to
			}
		}
		expectSent(t, onChat, "{"+strings.Join(order, " , ")+"}", edits, "{"+strings.Join(want, " , ")+"}")
	})
	expectSent(t, onChat, `{"model":"m","stream":true}`, edits,
		`{"stream_options":{"include_usage":true},"max_tokens":100,"model":"a-longer-name","stream":true}`)
	expectSent(t, "POST /openai/deployments/d/responses"+dated, ` { } `, edits,
		` {"max_output_tokens":100,"model":"a-longer-name" } `)
}

func expectSent(t fataler, line, body string, e wire.Edits, want string) {
	r, err := parse(line, body)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	q, err := wire.Read(r, wire.Options{Table: allRoutes})
	//lint:ignore SA5001 the request is never nil
	defer q.Close()
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	b := q.Body("a-longer-name", e)
	for range 2 { // each attempt reads it anew
		var out bytes.Buffer
		if n, err := b.WriteTo(&out); err != nil || n != b.Len() || out.String() != want {
			t.Fatalf("%s\nbecomes %s (%d of %d bytes, %v)\nwant    %s", body, out.Bytes(), n, b.Len(), err, want)
		}
	}
}

// The gateway caps what makes completions, and only in a JSON object.
func TestCanCap(t *testing.T) {
	object := `{"model":"m"}`
	for line, want := range map[string]bool{
		onChat: true, onDeployment: true, onCompletions: true, onResponses: true, onOwnData: true,
		"POST /openai/v1/Chat/Completions": true, "POST /openai/deployments/d/responses" + dated: true,
		onEmbeddings: false, onImages: false, onUnknown: false, "POST /openai/v1/files": false,
		"POST /openai/v1/responses/resp_1/cancel": false, "GET /openai/v1/chat/completions": false,
	} {
		if got := read(t, request(t, line, object)).CanCap(); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
	if read(t, request(t, "GET /openai/v1/models", "")).CanCap() {
		t.Error("a request without a body can be capped")
	}
}

// Whatever the object, after the splice no bound is above the cap, there is one,
// and all other fields have the bytes they had.
func TestCapProperty(t *testing.T) {
	key := rapid.SampledFrom([]string{`"max_tokens"`, `"max_completion_tokens"`, `"max_output_tokens"`, `"max\u005ftokens"`, `"m\u0061x_output_tokens"`, `"model"`, `"stream"`, `"stream_options"`, `"tools"`, `"prompt"`, `"é"`, `"n"`, `""`})
	value := rapid.OneOf(
		rapid.SampledFrom([]string{`null`, `1`, `99`, `100`, `101`, `1e2`, `1.01e2`, `9007199254740992`, `0`, `true`, `"m"`, `[{"max_tokens":999}]`, `{"max_tokens":999}`, `{}`}),
		rapid.Map(rapid.Int64Range(1, 1<<53), func(n int64) string { return fmt.Sprint(n) }),
	)
	space := rapid.SampledFrom([]string{"", "", " ", "\n\t"})
	line := rapid.SampledFrom([]string{onChat, onDeployment, onCompletions, onResponses, onOwnData, onEmbeddings})
	rapid.Check(t, func(t *rapid.T) {
		body := `{` + space.Draw(t, "space")
		for i, k := range rapid.SliceOfNDistinct(key, 0, 6, rapid.ID).Draw(t, "keys") {
			if i > 0 {
				body += ","
			}
			body += space.Draw(t, "space") + k + space.Draw(t, "space") + ":" + space.Draw(t, "space") + value.Draw(t, "value") + space.Draw(t, "space")
		}
		checkCap(t, line.Draw(t, "line"), body+"}", rapid.Int64Range(1, 1<<54).Draw(t, "cap"), rapid.Bool().Draw(t, "reasoning"))
	})
}

// FuzzCap does the same with bodies of any kind.
func FuzzCap(f *testing.F) {
	for _, body := range []string{
		`{}`, hello, `{"max_tokens":5}`, `{"model":"m","max_tokens":1e3,"max_completion_tokens":null}`, ` { "max\u005ftokens" : 9e9 } `,
		`{"model":"m","max_output_tokens":null,"input":"x","metadata":{"max_output_tokens":"9"}}`, `{"model":"m","prompt":["a",[1]],"max_tokens":0.5e4}`,
		`{"model":null,"stream":true,"stream_options":{"include_usage":null},"max_completion_tokens":7000000000}`, `[]`, `{"max_tokens":-1}`,
	} {
		for _, line := range []string{onChat, onDeployment, onCompletions, onResponses, onEmbeddings} {
			f.Add(line, body, int64(100), true)
			f.Add(line, body, int64(1<<40), false)
		}
	}
	f.Fuzz(func(t *testing.T, line, body string, limit int64, reasoning bool) {
		checkCap(t, line, body, limit, reasoning)
	})
}

// boundsOf are the fields that bound a completion, by operation.
func boundsOf(q *wire.Request) []string {
	switch q.Operation {
	case "chat/completions", "extensions/chat/completions":
		return []string{"max_tokens", "max_completion_tokens"}
	case "completions":
		return []string{"max_tokens"}
	case "responses":
		return []string{"max_output_tokens"}
	}
	return nil
}

func checkCap(t fataler, line, body string, limit int64, reasoning bool) {
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
	b := q.Body("", wire.Edits{MaxTokens: limit, Reasoning: reasoning})
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil || b.Len() != int64(out.Len()) {
		t.Fatalf("%q: Len %d, wrote %d: %v", body, b.Len(), out.Len(), err)
	}
	if limit <= 0 || !q.CanCap() {
		if out.String() != body {
			t.Fatalf("%q became %q", body, out.Bytes())
		}
		return
	}
	var before, after map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &before); err != nil {
		t.Fatalf("%q was taken, but is no JSON object: %v", body, err)
	}
	if err := json.Unmarshal(out.Bytes(), &after); err != nil {
		t.Fatalf("%q became %q: %v", body, out.Bytes(), err)
	}
	bounded := 0
	for _, name := range boundsOf(q) {
		bounded += checkBound(t, name, before[name], after[name], limit)
		delete(before, name)
		delete(after, name)
	}
	if bounded == 0 {
		t.Fatalf("%q became %q: nothing bounds it", body, out.Bytes())
	}
	if !maps.EqualFunc(before, after, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		t.Fatalf("%q became %q: more than the bounds changed", body, out.Bytes())
	}
}

// checkBound checks what became of one bound, and returns how many it is: 0 for
// none.
func checkBound(t fataler, name string, before, after json.RawMessage, limit int64) int {
	absent := func(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }
	if absent(after) {
		if !absent(before) || (after == nil) != (before == nil) {
			t.Fatalf("%s was %s and is %s", name, before, after)
		}
		return 0
	}
	var was, is float64
	if err := json.Unmarshal(after, &is); err != nil || is > float64(limit) {
		t.Fatalf("%s was %s and is %s, over %d: %v", name, before, after, limit, err)
	}
	if absent(before) {
		if string(after) != fmt.Sprint(limit) {
			t.Fatalf("%s was %s and is %s, not %d", name, before, after, limit)
		}
		return 1
	}
	if err := json.Unmarshal(before, &was); err != nil {
		t.Fatalf("%s was taken as %s: %v", name, before, err)
	}
	if was <= float64(limit) && !bytes.Equal(before, after) || was > float64(limit) && string(after) != fmt.Sprint(limit) {
		t.Fatalf("%s was %s and is %s under %d", name, before, after, limit)
	}
	return 1
}
