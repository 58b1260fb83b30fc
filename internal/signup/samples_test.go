package signup

import (
	"go/parser"
	"go/token"
	"os/exec"
	"strings"
	"testing"
)

// Samples name the endpoint, the model and the place for the key, and are programs
// whatever the model is called.
func TestSamples(t *testing.T) {
	for _, name := range []string{"gpt-4o", `it's "new" \ $HOME`} {
		for _, s := range samples("https://gate.example", name) {
			if !strings.Contains(s.Code, "https://gate.example/openai/v1/") || strings.Count(s.Code, placeholder) != 1 {
				t.Errorf("%s: %s", s.Language, s.Code)
			}
			if s.ID != "curl" && !strings.Contains(s.Code, quote(name)) {
				t.Errorf("%s does not name the model: %s", s.Language, s.Code)
			}
			if strings.ContainsAny(s.Code, "{}") && strings.Contains(s.Code, "{url}") {
				t.Errorf("%s is not filled in: %s", s.Language, s.Code)
			}
			if s.ID == "go" {
				if _, err := parser.ParseFile(token.NewFileSet(), "main.go", s.Code, 0); err != nil {
					t.Error(err)
				}
			}
			if s.ID == "curl" {
				words, err := exec.CommandContext(t.Context(), "sh", "-c", "curl() { for w; do printf '%s\\n' \"$w\"; done; }\n"+s.Code).Output()
				if err != nil || !strings.Contains(string(words), `{"model": `+quote(name)+`, "messages"`) {
					t.Errorf("a shell reads %q, %v", words, err)
				}
			}
		}
	}
}

// A QR code is there for every address that a gateway has, and none for a text that is
// too long for one.
func TestQR(t *testing.T) {
	if got := qrImage("https://gate.example/event/" + strings.Repeat("x", 64) + "#code=" + fragment(`a "b" %&+`)); !strings.HasPrefix(string(got), "data:image/svg+xml;base64,") {
		t.Errorf("%.100s", got)
	}
	if got := qrImage(strings.Repeat("x", 5000)); got != "" {
		t.Errorf("%.100s", got)
	}
	if got := fragment("a b+c%d&e"); got != "a%20b%2Bc%25d%26e" {
		t.Errorf("%q", got)
	}
}
