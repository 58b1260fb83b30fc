package wire_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

const (
	onCompletions = "POST /openai/v1/completions"
	onResponses   = "POST /openai/v1/responses"
	onEmbeddings  = "POST /openai/v1/embeddings"
	onImages      = "POST /openai/v1/images/generations"
	onUnknown     = "POST /v1/rerank"
	onOwnData     = "POST /openai/deployments/d/extensions/chat/completions" + dated
)

// Counts that nobody can account for are refused with the field at fault.
func TestBoundsRefused(t *testing.T) {
	const more, most = "a whole number, 1 or more", "of at most 9007199254740992"
	for _, c := range []struct{ line, field, value, words string }{
		{onChat, "max_tokens", `0`, more},
		{onChat, "max_tokens", `-0`, more},
		{onChat, "max_tokens", `0e9`, more},
		{onChat, "max_tokens", `-1`, more},
		{onChat, "max_tokens", `-1e400`, more},
		{onChat, "max_tokens", `5.5`, more},
		{onChat, "max_tokens", `1e-1`, more},
		{onChat, "max_tokens", `1e-99999999999999999999`, more},
		{onChat, "max_tokens", `1.00000000000000000000000000000000000001`, more},
		{onChat, "max_tokens", `4503599627370497.25`, more},
		{onChat, "max_tokens", `"5"`, more},
		{onChat, "max_tokens", `true`, more},
		{onChat, "max_tokens", `[5]`, more},
		{onChat, "max_tokens", `{"n":5}`, more},
		{onChat, "max_tokens", `9007199254740993`, most},
		{onChat, "max_tokens", `99999999999999999999`, most},
		{onChat, "max_tokens", `18446744073709551617`, most}, // 1, in 64 bits
		{onChat, "max_tokens", `1e16`, most},
		{onChat, "max_tokens", `1e99999999999999999999`, most},
		{onChat, "max_completion_tokens", `0`, more},
		{onChat, "max_completion_tokens", `false`, more},
		{onOwnData, "max_tokens", `0`, more},
		{onResponses, "max_output_tokens", `0`, more},
		{onResponses, "max_output_tokens", `-5`, more},
		{onCompletions, "max_tokens", `-1`, "a whole number, 0 or more"},
		{onChat, "n", `129`, "of at most 128"},
		{onChat, "n", `1e400`, "of at most 128"},
		{onChat, "n", `-1`, "whole number"},
		{onChat, "n", `1.5`, "whole number"},
		{onChat, "n", `"2"`, "whole number"},
		{onImages, "n", `129`, "of at most 128"},
		{onCompletions, "n", `129`, "of at most 128"},
		{onCompletions, "best_of", `129`, "of at most 128"},
		{onCompletions, "best_of", `{}`, "whole number"},
	} {
		// The other spelling is well, and does not hide the one at fault.
		body := fmt.Sprintf(`{"model":"m","max_completion_tokens":5,%q:%s}`, c.field, c.value)
		if c.field == "max_completion_tokens" {
			body = strings.Replace(body, `"max_completion_tokens":5`, `"max_tokens":5`, 1)
		}
		_, why := refused(t, request(t, c.line, body), wire.Options{Table: allRoutes})
		if why.Kind != tallygate.BadRequest || why.Param != c.field || !strings.Contains(why.Message, c.words) {
			t.Errorf("%s %s: refused as %d, param %q: %s", c.line, body, why.Kind, why.Param, why.Message)
		}
	}
}

// What an operation takes is counted as it amounts to; what it does not have is
// neither counted nor judged.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		line, members      string
		maxTokens, choices int64
	}{
		{onChat, `"n":128`, 0, 128},
		{onChat, `"n":null`, 0, 1},
		{onChat, `"n":0`, 0, 1},
		{onChat, `"max_tokens":1`, 1, 1},
		{onChat, `"max_tokens":1E+3`, 1000, 1},
		{onChat, `"max_tokens":0.0012e6`, 1200, 1},
		{onChat, `"max_tokens":1200000e-3`, 1200, 1},
		{onChat, `"max_tokens":10000000000000000000000e-20`, 100, 1},
		{onChat, `"max_tokens":12.000000000000000000000000`, 12, 1},
		{onChat, `"max_tokens":9007199254740992`, 1<<31 - 1, 1},
		{onChat, `"max_tokens":null,"max_completion_tokens":7`, 7, 1},
		{onChat, `"max_tokens":9,"max_completion_tokens":7`, 9, 1},
		{onChat, `"max_tokens":9,"max_completion_tokens":70`, 70, 1},
		{onChat, `"max_output_tokens":9,"best_of":500`, 0, 1},
		{onOwnData, `"max_tokens":9,"n":2`, 9, 2},
		{onCompletions, `"max_tokens":0`, 0, 1},
		{onCompletions, `"max_tokens":9,"max_completion_tokens":"x"`, 9, 1},
		{onCompletions, `"n":3,"best_of":2`, 0, 3},
		{onCompletions, `"n":2,"best_of":20`, 0, 20},
		{onResponses, `"max_output_tokens":16,"max_tokens":-1,"n":500`, 16, 1},
		{onEmbeddings, `"max_tokens":"x","n":-1`, 0, 1},
		{onImages, `"n":10,"max_tokens":0`, 0, 10},
		{onUnknown, `"max_tokens":5,"n":3`, 5, 3},
		{onUnknown, `"max_tokens":0,"max_output_tokens":-1,"n":1e400,"best_of":"x"`, 0, 1<<31 - 1},
	} {
		q := read(t, request(t, c.line, `{"model":"m",`+c.members+`}`))
		if q.MaxTokens != c.maxTokens || q.Choices != c.choices {
			t.Errorf("%s %s: %d tokens, %d choices; want %d, %d", c.line, c.members, q.MaxTokens, q.Choices, c.maxTokens, c.choices)
		}
	}
}

// Each prompt of a completion is completed n times; an array of numbers is one.
func TestPrompts(t *testing.T) {
	for prompt, want := range map[string]int64{
		`"one"`: 1, `null`: 1, `7`: 1, `{"a":["b","c"]}`: 1, `[]`: 1, `[ ]`: 1,
		`["one"]`: 1, `["one","two"]`: 2, " [ \"a\" ,\n\"b\" , \"c\" ] ": 3, `["[","]",",","\",\""]`: 4,
		`[15339]`: 1, `[15339,1917,0]`: 1, `[ 15339 , 1917 ]`: 1,
		`[[15339,1917]]`: 1, `[[15339,1917],[1],[]]`: 3, `[ [ 1 ] , [ 2 ] ]`: 2,
		`[1,"a"]`: 2, `["a",1,[2,3]]`: 3, `[{"a":1},{"a":1}]`: 2,
	} {
		for bound, n := range map[string]int64{``: 1, `,"n":3`: 3, `,"n":2,"best_of":5`: 5, `,"n":null`: 1} {
			body := `{"model":"m","prompt":` + prompt + bound + `}`
			if got := read(t, request(t, onCompletions, body)).Choices; got != n*want {
				t.Errorf("%s: %d choices, want %d", body, got, n*want)
			}
		}
		body := `{"model":"m","prompt":` + prompt + `,"n":2}`
		if got := read(t, request(t, onChat, body)).Choices; got != 2 {
			t.Errorf("a chat has no prompt, but %s makes %d choices", body, got)
		}
	}
	body := `{"model":"m","best_of":128,"prompt":[` + strings.Repeat(`"",`, 1<<20) + `""]}`
	if got := read(t, request(t, onCompletions, body)).Choices; got != 128*(1<<20+1) {
		t.Errorf("%d choices of 2^20+1 prompts", got)
	}
}

// A number counts for what exact arithmetic says it is, however it is written.
func TestBoundsExact(t *testing.T) {
	most := new(big.Rat).SetInt64(1 << 53)
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20}|[1-9]0{0,20})(\.([0-9]{1,4}|0{1,20}))?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		exact, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%s is no number", number)
		}
		fits := exact.IsInt() && exact.Sign() > 0 && exact.Cmp(most) <= 0
		r, err := parse(onChat, `{"model":"m","max_tokens":`+number+`}`)
		if err != nil {
			t.Fatal(err)
		}
		q, err := wire.Read(r, wire.Options{Table: allRoutes})
		//lint:ignore SA5001 the request is never nil
		defer q.Close()
		switch {
		case fits != (err == nil):
			t.Fatalf("%s: fits %v, but %v", number, fits, err)
		case fits && q.MaxTokens != min(exact.Num().Int64(), 1<<31-1):
			t.Fatalf("%s counts as %d", number, q.MaxTokens)
		}
	})
}
