package wire_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/wire"
)

func readChat(t *testing.T, body string) *wire.Request {
	t.Helper()
	r := httptest.NewRequest("POST", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	q, err := wire.Read(r, wire.Options{Table: allRoutes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

// A bound that the body lacks has two names, and the body tells which members are not the
// caller's.
func TestOtherNameOfABound(t *testing.T) {
	f := func(body string, e wire.Edits, want string, edits ...string) {
		t.Helper()
		b := readChat(t, body).Body("gpt-4o", e)
		got, _ := io.ReadAll(b.NewReader())
		if string(got) != want || !slices.Equal(b.Edits(), edits) {
			t.Errorf("%s with %+v becomes %s with %q, want %s with %q", body, e, got, b.Edits(), want, edits)
		}
	}
	const old, now = "max_tokens", "max_completion_tokens"
	for _, reasoning := range []bool{false, true} {
		names := []string{old, now}
		if reasoning {
			names = []string{now, old}
		}
		for i, other := range []bool{false, true} {
			e := wire.Edits{MaxTokens: 9, Reasoning: reasoning, Other: other}
			f(`{"n":1}`, e, fmt.Sprintf(`{"%s":9,"n":1}`, names[i]), names[i])
			f(`{"max_tokens":20}`, e, `{"max_tokens":9}`)
			f(`{"max_completion_tokens":20}`, e, `{"max_completion_tokens":9}`)
			f(`{"max_tokens":5}`, e, `{"max_tokens":5}`)
		}
	}
	f(`{"max_completion_tokens":null}`, wire.Edits{MaxTokens: 9}, `{"max_completion_tokens":9}`, now)
	f(`{"max_completion_tokens":null}`, wire.Edits{MaxTokens: 9, Other: true}, `{"max_tokens":9,"max_completion_tokens":null}`, old)
	f(`{"stream":true}`, wire.Edits{MaxTokens: 9, IncludeUsage: true, Other: true},
		`{"stream_options":{"include_usage":true},"max_completion_tokens":9,"stream":true}`, "stream_options", now)
}

// Requests that differ anywhere have different fingerprints, and the same ones the same.
func TestFingerprint(t *testing.T) {
	long := strings.Repeat("x", 5000)
	seen := map[uint64]string{}
	for _, body := range []string{`{}`, `{"n":1}`, `{"n":2}`, `{"x":"` + long + `a"}`, `{"x":"` + long + `b"}`, `{"x":"` + long + `"}`} {
		a, b := readChat(t, body).Fingerprint(), readChat(t, body).Fingerprint()
		if other, ok := seen[a]; a == 0 || a != b || ok {
			t.Errorf("%.20s: %d and %d, and %.20s", body, a, b, other)
		}
		seen[a] = body
	}
}
