package meter

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A prompt is counted up to a bound and not much further: the work that a long one makes
// follows from the bound and not from its length.
func TestPromptBoundStops(t *testing.T) {
	m := newMeter(t)
	const most, length = 5_000, 2 << 20
	for name, text := range map[string]string{
		"words": strings.Repeat("word ", length/5), "one letter": strings.Repeat("a", length),
		"escapes": strings.Repeat(`\u00e9\n`, length/8), "spaces": strings.Repeat(" ", length),
	} {
		for op, body := range map[API]string{
			Chat:    `{"messages":[{"role":"user","content":"` + text + `"}]}`,
			Events:  `{"input":"` + text + `"}`,
			Text:    `{"prompt":"` + text + `"}`,
			Vectors: `{"input":["x","` + text + `","` + text + `"]}`,
		} {
			// A piece more at most, which has no more tokens than bytes.
			if n := m.PromptBound(op, "gpt-4o", []byte(body), most); n <= most || n > most+textPiece {
				t.Errorf("%s, %s: %d tokens", op, name, n)
			}
		}
	}
	many := []byte(`{"messages":[` + strings.Repeat(`{"role":"user","content":"hi"},`, 1<<16) + `0]}`)
	if n := m.PromptBound(Chat, "gpt-4o", many, most); n <= most || n > most+textPiece {
		t.Errorf("many messages: %d tokens", n)
	}
	tokens := []byte(`{"input":[` + strings.Repeat("[1,2,3],", 1<<16) + `[4]]}`)
	if n := m.PromptBound(Vectors, "gpt-4o", tokens, most); n <= most || n > most+textPiece {
		t.Errorf("many lists of tokens: %d tokens", n)
	}
}

// Counted in pieces a text has the tokens that it has as a whole, wherever the pieces
// are cut.
func TestPromptBoundInPieces(t *testing.T) {
	m := newMeter(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{
			"word ", "\n\n", "é", "你好", "🎉", `"quoted" `, `\`, "it's ", "12345 ", "\t", "CamelCase", "\x01", "'ll", "   ",
		}), 1, 40).Draw(t, "words")
		text, err := json.Marshal(strings.Repeat(strings.Join(words, ""), textPiece/2/len(words)))
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(`{"messages":[{"role":"user","content":` + string(text) + `}]}`)
		whole := m.PromptBound(Chat, "gpt-4o", body, 0)
		pieces := m.PromptBound(Chat, "gpt-4o", body, 1<<40)
		if whole != pieces {
			t.Fatalf("%d tokens as a whole, %d in pieces", whole, pieces)
		}
	})
}
