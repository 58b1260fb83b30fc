package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

const (
	onChat       = "POST /openai/v1/chat/completions"
	onDeployment = "POST /openai/deployments/d/chat/completions" + dated
)

// The Ask tells what the body says, however it is written.
func TestAsk(t *testing.T) {
	for _, c := range []struct {
		name, line, body string
		want             func(*tallygate.Ask)
	}{
		{"everything", onChat, `{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"n":2,"user":"u"}`,
			func(a *tallygate.Ask) {
				a.Stream, a.StreamUsage, a.MaxTokens, a.Choices, a.User = true, true, 5, 2, "u"
			}},
		{"white space", onChat, " {\n\t\"model\" : \"m\" ,\r\n \"stream\" : true , \"max_tokens\" : 5 } ",
			func(a *tallygate.Ask) { a.Stream, a.MaxTokens = true, 5 }},
		{"escaped keys and values", onChat, `{"mod\u0065l":"\u006d","str\u0065am":true,"user":"\ud83d\ude00\"\b\f\n\r\t\/\\"}`,
			func(a *tallygate.Ask) { a.Stream, a.User = true, "😀\"\b\f\n\r\t/\\" }},
		{"null counts as absent", onChat, `{"model":"m","stream":null,"stream_options":null,"max_tokens":null,"n":null,"user":null,"prompt_cache_key":null}`,
			func(*tallygate.Ask) {}},
		{"stream false, usage false", onChat, `{"model":"m","stream":false,"stream_options":{"include_usage":false}}`, func(*tallygate.Ask) {}},
		{"the larger bound", onChat, `{"model":"m","max_tokens":5,"max_completion_tokens":9}`, func(a *tallygate.Ask) { a.MaxTokens = 9 }},
		{"the larger of n and best_of", "POST /openai/v1/completions", `{"model":"m","n":2,"best_of":4}`, func(a *tallygate.Ask) { a.Choices = 4 }},
		{"n 0 is one", onChat, `{"model":"m","n":0}`, func(*tallygate.Ask) {}},
		{"numbers as they amount to", onChat, `{"model":"m","max_tokens":1e3,"n":5.0}`, func(a *tallygate.Ask) { a.MaxTokens, a.Choices = 1000, 5 }},
		{"-0 is nothing", onChat, `{"model":"m","n":-0}`, func(*tallygate.Ask) {}},
		{"beyond any model", onChat, `{"model":"m","max_tokens":9007199254740992}`, func(a *tallygate.Ask) { a.MaxTokens = 1<<31 - 1 }},
		{"ten digits", onChat, `{"model":"m","max_tokens":1234567890}`, func(a *tallygate.Ask) { a.MaxTokens = 1234567890 }},
		{"fields inside others do not count", onChat, `{"model":"m","metadata":{"model":"x","stream":true,"max_tokens":9},"tools":[{"type":"function","n":3}]}`, func(*tallygate.Ask) {}},
		{"safety_identifier", onChat, `{"model":"m","safety_identifier":"s"}`, func(a *tallygate.Ask) { a.User = "s" }},
		{"user before safety_identifier", onChat, `{"safety_identifier":"s","user":"u","model":"m"}`, func(a *tallygate.Ask) { a.User = "u" }},
		{"a long user is cut", onChat, `{"model":"m","user":"` + strings.Repeat("é", 200) + `"}`, func(a *tallygate.Ask) { a.User = strings.Repeat("é", 128) }},
		{"a user of another type is not ours to judge", onChat, `{"model":"m","user":7}`, func(*tallygate.Ask) {}},
		{"the path decides", onDeployment, `{"model":"other","messages":[]}`, func(a *tallygate.Ask) {
			a.Dialect, a.Model, a.APIVersion = tallygate.Deployments, "d", "2024-10-21"
		}},
		{"the path decides, whatever the body's model is", onDeployment, `{"model":7}`, func(a *tallygate.Ask) {
			a.Dialect, a.Model, a.APIVersion = tallygate.Deployments, "d", "2024-10-21"
		}},
		{"responses", "POST /v1/responses", `{"model":"m","input":"x","max_output_tokens":7}`, func(a *tallygate.Ask) {
			a.Dialect, a.Operation, a.MaxTokens = tallygate.Plain, tallygate.Responses, 7
		}},
		{"an unknown operation may mean other things", "POST /v1/rerank", `{"model":{"id":1},"stream":"yes","n":"all","Model":2}`, func(a *tallygate.Ask) {
			a.Dialect, a.Operation, a.Model, a.Access, a.Starts = tallygate.Plain, "{path...}", "", tallygate.ToObjects, true
		}},
		{"an unknown operation may take a list", "POST /v1/rerank", `[1,2]`, func(a *tallygate.Ask) {
			a.Dialect, a.Operation, a.Model, a.Access, a.Starts = tallygate.Plain, "{path...}", "", tallygate.ToObjects, true
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := read(t, request(t, c.line, c.body))
			want := tallygate.Ask{Method: "POST", Dialect: tallygate.V1, Operation: q.Operation, Access: tallygate.ToModel, Model: "m", Choices: 1, BodyBytes: int64(len(c.body))}
			c.want(&want)
			got := q.Ask
			got.Affinity = 0
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if string(q.JSON()) != c.body || !q.Peeked() || !q.Replayable() {
				t.Errorf("JSON is %q, peeked %v, replayable %v", q.JSON(), q.Peeked(), q.Replayable())
			}
		})
	}
}

// A body that cannot be understood is refused with the field at fault.
func TestAskRefused(t *testing.T) {
	for _, c := range []struct{ line, body, param, words string }{
		{onChat, `{"model":"m","stream":"true"}`, "stream", "true or false"},
		{onChat, `{"model":"m","stream":1}`, "stream", "true or false"},
		{onChat, `{"model":7}`, "model", "string"},
		{onChat, `{"model":["m"]}`, "model", "string"},
		{onChat, `{"messages":[]}`, "model", "names no model"},
		{onChat, `{"model":null}`, "model", "names no model"},
		{onChat, `{"model":""}`, "model", "names no model"},
		{onChat, `{}`, "model", "names no model"},
		{onChat, `{"model":"` + strings.Repeat("m", 257) + `"}`, "model", "256"},
		{onChat, `{"model":"m","max_tokens":"5"}`, "max_tokens", "whole number"},
		{onChat, `{"model":"m","max_tokens":-1}`, "max_tokens", "whole number"},
		{onChat, `{"model":"m","max_tokens":5.5}`, "max_tokens", "whole number"},
		{onChat, `{"model":"m","max_tokens":-1e400}`, "max_tokens", "whole number"},
		{onChat, `{"model":"m","max_completion_tokens":true}`, "max_completion_tokens", "whole number"},
		{"POST /v1/responses", `{"model":"m","max_output_tokens":[]}`, "max_output_tokens", "whole number"},
		{onChat, `{"model":"m","n":{}}`, "n", "whole number"},
		{onChat, `{"model":"m","n":0.5}`, "n", "whole number"},
		{"POST /v1/completions", `{"model":"m","best_of":"1"}`, "best_of", "whole number"},
		{onChat, `{"model":"m","stream_options":true}`, "stream_options", "an object"},
		{onChat, `{"model":"m","stream_options":[]}`, "stream_options", "an object"},
		{onChat, `{"model":"m","stream_options":{"include_usage":1}}`, "stream_options.include_usage", "true or false"},
		{onChat, `{"model":"cheap","model":"expensive"}`, "model", "twice"},
		{onChat, `{"model":"cheap","mod\u0065l":"expensive"}`, "model", "twice"},
		{onChat, `{"model":"m","messages":[{"role":"user","role":"system"}]}`, "role", "twice"},
		{onChat, `{"model":"m","stream_options":{"include_usage":true,"include_usage":false}}`, "include_usage", "twice"},
		{onChat, `{"model":"cheap","Model":"expensive"}`, "Model", "lower case"},
		{onChat, `{"model":"m","MAX_TOKENS":9}`, "MAX_TOKENS", "lower case"},
		{onChat, `[]`, "", "object"},
		{onChat, `"x"`, "", "object"},
		{onChat, `null`, "", "object"},
		{onChat, `{"model":"m"`, "", "not valid JSON"},
		{onChat, "{\"model\":\"m\",\"user\":\"\xff\"}", "", "UTF-8"},
		{onDeployment, `{"max_tokens":"5"}`, "max_tokens", "whole number"},
		{onDeployment, `{"messages":[],}`, "", "not valid JSON"},
		{"POST /v1/rerank", `{"a":1,"a":2}`, "a", "twice"},
		{"POST /v1/rerank", `{"a":`, "", "not valid JSON"},
		{"POST /v1/responses", `{"input":"x"}`, "model", "names no model"},
	} {
		q, why := refused(t, request(t, c.line, c.body), wire.Options{Table: allRoutes})
		if why.Kind != tallygate.BadRequest || why.Param != c.param || !strings.Contains(why.Message, c.words) {
			t.Errorf("%s: refused as %d, param %q: %s", c.body, why.Kind, why.Param, why.Message)
		}
		if q.BodyBytes != int64(len(c.body)) {
			t.Errorf("%s: the entry would have %d body bytes", c.body, q.BodyBytes)
		}
	}
}

// The gateway asks for the usage chunk only where it is understood, also when the client
// declines it.
func TestCanIncludeUsage(t *testing.T) {
	streaming := `{"model":"m","stream":true}`
	for _, c := range []struct {
		line, body string
		want       bool
	}{
		{onChat, streaming, true},
		{"POST /v1/completions", streaming, true},
		{"POST /openai/chat/completions", streaming, true},
		{onChat, `{"model":"m"}`, false},
		{onChat, `{"model":"m","stream":false}`, false},
		{onChat, `{"model":"m","stream":true,"stream_options":{}}`, true},
		{onChat, `{"model":"m","stream":true,"stream_options":null}`, true},
		{onChat, `{"model":"m","stream":true,"stream_options":{"include_obfuscation":false}}`, true},
		{onChat, `{"model":"m","stream":true,"stream_options":{"include_usage":null}}`, true},
		{onChat, `{"model":"m","stream":true,"stream_options":{"include_usage":false}}`, true},
		{onChat, `{"model":"m","stream":true,"stream_options":{"include_usage":true}}`, false},
		{onChat, `{"model":"m","stream":true,"data_sources":[]}`, false},
		{onChat, `{"model":"m","stream":true,"data_sources":null}`, false},
		{onChat, `{"model":"m","stream":true,"dataSources":[{}]}`, false},
		{"POST /openai/v1/responses", streaming, false},
		{"POST /openai/v1/images/generations", streaming, false},
		{"POST /openai/deployments/d/extensions/chat/completions?api-version=2025-01-01", streaming, false},
	} {
		if got := read(t, request(t, c.line, c.body)).CanIncludeUsage(); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.line, c.body, got, c.want)
		}
	}
	for version, want := range map[string]bool{
		"2024-10-21": true, "2025-01-01": true, "2024-09-01-preview": true, "2024-10-01-preview": true, "2025-04-01-preview": true, "2026-01-01": true,
		"2024-06-01": false, "2024-02-01": false, "2024-10-20": false, "2024-08-01-preview": false, "2024-09-01": false, "2023-05-15": false,
		"latest": false, "2024-10-2": false, "2025x01x01": false, "2o25-01-01": false, "2025-01-01-beta": false, "2025-01-01preview": false,
	} {
		line := "POST /openai/deployments/d/chat/completions?api-version=" + version
		if got := read(t, request(t, line, streaming)).CanIncludeUsage(); got != want {
			t.Errorf("api-version %s: %v, want %v", version, got, want)
		}
	}
}

// The prompt's characters are those of its texts: neither keys nor numbers of the
// request's options nor images count.
func TestPromptChars(t *testing.T) {
	for body, want := range map[string]int64{
		`{"model":"m"}`:                                                     0,
		`{"model":"m","messages":[]}`:                                       0,
		`{"model":"m","prompt":"12345"}`:                                    5,
		`{"model":"m","prompt":["12345","678"]}`:                            8,
		`{"model":"m","input":[1,22,333]}`:                                  12,
		`{"model":"m","input":"1234","instructions":"567","user":"nobody"}`: 7,
		`{"model":"m","messages":[{"role":"user","content":"hello"}],"stop":["xxxxx"],"seed":5}`:                         9,
		`{"model":"m","messages":[{"content":[{"image_url":{"url":"data:image/png;base64,AAAAAAAA"}}]}]}`:                0,
		`{"model":"m","messages":[{"content":[{"input_audio":{"data":"AAAAAAAAAAAAAAAA","format":"wav"}}]}]}`:            3,
		`{"model":"m","messages":[{"content":"1"}],"tools":[{"type":"function","function":{"name":"f","strict":true}}]}`: 10,
	} {
		if got := read(t, request(t, onChat, body)).PromptChars(); got != want {
			t.Errorf("%s: %d characters, want %d", body, got, want)
		}
	}
}

// Like prompts have the same affinity, in every process; unlike ones do not.
func TestAffinity(t *testing.T) {
	of := func(body string) uint64 { return read(t, request(t, onChat, body)).Affinity }
	long := strings.Repeat("a system prompt that all share. ", 40)
	talk := func(rest string) string {
		return `{"model":"m","messages":[{"role":"system","content":"` + long + `"},{"role":"user","content":"` + rest + `"}]}`
	}
	if of(`{"model":"m"}`) != 0 || of(`{"model":"m","messages":null}`) != 0 {
		t.Error("a body without a prompt has an affinity")
	}
	if of(talk("one")) != of(talk("two")) {
		t.Error("prompts that begin with the same kilobyte differ")
	}
	if a := of(talk("one")); a == of(strings.Replace(talk("one"), "system prompt", "System prompt", 1)) {
		t.Error("prompts that begin differently have the same affinity")
	}
	keyed := func(key, rest string) string {
		return fmt.Sprintf(`{"model":"m","prompt_cache_key":%q,"messages":[%q]}`, key, rest)
	}
	if of(keyed("k", "one")) != of(keyed("k", "two")) || of(keyed("k", "one")) == of(keyed("l", "one")) {
		t.Error("prompt_cache_key does not decide")
	}
	if got, want := of(keyed("tenant-1", "")), uint64(0x32040aeb991ba9fb); got != want {
		t.Errorf("the affinity of a key changed to %#x: replicas of two versions would disagree", got)
	}
}
