package eventedit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Flags are read as people write them.
func TestFlags(t *testing.T) {
	name := filepath.Join(t.TempDir(), "roster")
	if err := os.WriteFile(name, []byte("\ufeffann@example.com\r\n\r\nbob, cy\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flag, value, want string
	}{
		{"models", " gpt-4o*, o3 ,", `["gpt-4o*","o3"]`},
		{"roster", "@" + name, `["ann@example.com","bob","cy"]`},
		{"roster", "ann,bob", `["ann","bob"]`},
		{"organizer", "Dr. Ann O'Neill <ann@example.com>", `{"email":"ann@example.com","name":"Dr. Ann O'Neill"}`},
		{"organizer", "ann@example.com", `{"email":"ann@example.com"}`},
		{"organizer", "The team", `{"name":"The team"}`},
		{"organizer", "Ann <ann@example.com", ""},
		{"max-tokens", "512", `512`}, {"max-tokens", "2k", `"2k"`}, {"code", "123456", `"123456"`},
		{"markdown", "@nothing-there", ""},
		{"prompts", "Haiku: Write: a haiku\n\n <b>: x\r\n", `[{"text":"Write: a haiku","title":"Haiku"},{"text":"x","title":"<b>"}]`},
		{"prompts", "[{title: A, text: b}]", `[{"text":"b","title":"A"}]`},
		{"prompts", "- title: A\n  text: |\n    b\n    c\n", `[{"text":"b\nc\n","title":"A"}]`},
		{"prompts", "[{title: A", ""}, {"prompts", "no title", ""}, {"prompts", "@nothing-there", ""},
		{"system-message", "Be brief: <b>", `"Be brief: <b>"`},
	} {
		for _, f := range Flags {
			if f.Name != test.flag {
				continue
			}
			v, err := f.Read(test.value)
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if e.Encode(v); (err != nil) != (test.want == "") || err == nil && strings.TrimSpace(b.String()) != test.want {
				t.Errorf("--%s %q: %v, %s, want %s", test.flag, test.value, err, &b, test.want)
			}
		}
	}
}
