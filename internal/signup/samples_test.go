package signup

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os/exec"
	"strings"
	"testing"
)

// Samples name the endpoint, the model and the place for the key, say how to set it, and
// are programs whatever the model is called.
func TestSamples(t *testing.T) {
	for _, name := range []string{"gpt-4o", `it's "new" \ $HOME`, "größer 🚀"} {
		all := samples("https://gate.example", name)
		if len(all) != 7 {
			t.Fatalf("%d languages", len(all))
		}
		for _, s := range all {
			if !strings.Contains(s.Code, "https://gate.example/openai/v1/") || strings.Count(s.Keyed, placeholder) != 1 || strings.Contains(s.Code, placeholder) {
				t.Errorf("%s: %s", s.Language, s.Keyed)
			}
			if !strings.Contains(s.Code, "Set your personal key first") || strings.Contains(s.Keyed, "Set your personal key") {
				t.Errorf("%s does not say how the key is set, or though it is there: %s", s.Language, s.Code)
			}
			if !strings.Contains(s.Code, literal(s.ID, name)) || strings.Contains(s.Code+s.Keyed, anyModel) || strings.Contains(s.Code+s.Keyed, anyBase) {
				t.Errorf("%s does not name the model, or is not filled in: %s", s.Language, s.Code)
			}
			switch s.ID {
			case "go":
				if _, err := parser.ParseFile(token.NewFileSet(), "main.go", s.Keyed, 0); err != nil {
					t.Error(err)
				}
			case "bash":
				sent, err := exec.CommandContext(t.Context(), "sh", "-c", "curl() { cat; }; jq() { cat; }\n"+s.Keyed).Output()
				var body struct{ Model string }
				if err != nil || json.Unmarshal(sent, &body) != nil || body.Model != name {
					t.Errorf("a shell sends %q, %v", sent, err)
				}
			case "powershell":
				if strings.Trim(s.Code, "\n\t !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") != "" {
					t.Errorf("not ASCII alone: %q", s.Code)
				}
			}
		}
	}
	for _, s := range samples(`https://x'$(id)"\y`, "m") {
		if !strings.Contains(s.Code, "https://xidy/openai/v1/") {
			t.Errorf("%s takes the address for more: %s", s.Language, s.Code)
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
