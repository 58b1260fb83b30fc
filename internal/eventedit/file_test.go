package eventedit

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/console"
)

// A file's values keep their spelling: what YAML takes for a date or another number
// reaches the gateway as it was written.
func TestFileDefinition(t *testing.T) {
	for text, want := range map[string]string{
		"name: A\nstart: 2026-12-01\ntokens: 200k\nseats: 007\nmoney: 1.50\nactive: FALSE\nchat: ~": `{"active":false,"chat":null,"money":1.50,"name":"A","seats":"007","start":"2026-12-01","tokens":"200k"}`,
		`[{"name": "A", "models": ["a*", "b"]}]`:                                                    `{"models":["a*","b"],"name":"A"}`,
		"":                                                                                          "", "name: A\n---\nname: B": "", "# nothing": "", "- a\n- b": "", "just text": "", "a: &x 1\nb: *x": "", "a: 1\na: 2": "", "{": "", "? {a: b}\n: c": "",
	} {
		d, err := File(strings.NewReader(text), "-")
		if want == "" {
			if !wrongUse(err) {
				t.Errorf("%q: %v, %v", text, d, err)
			}
			continue
		}
		if got, _ := json.Marshal(d); err != nil || string(got) != want {
			t.Errorf("%q: %v\n%s, want\n%s", text, err, got, want)
		}
	}
}

// Whatever a file holds becomes JSON or is refused.
func FuzzFileDefinition(f *testing.F) {
	for _, seed := range []string{"name: A\nlimits: [{tokens: 5M, per: day}]", `{"name":"A"}`, "- {a: 0x1F, b: .inf, c: 1e999}", "---\n---\n", "!!binary x", "a: !!int x", "%", "? a"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := File(bytes.NewReader(data), "-")
		if err != nil {
			return
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("%q is no JSON: %v", data, err)
		}
		if _, err := Read(text); err != nil {
			t.Fatalf("%q became %s: %v", data, text, err)
		}
	})
}

// wrongUse reports whether an error is that of whoever typed.
func wrongUse(err error) bool {
	_, ok := errors.AsType[*console.UsageError](err)
	return ok
}
