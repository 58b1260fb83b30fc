package eventedit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A logo is given by its address, or as a file that then stands in the event.
func TestPicture(t *testing.T) {
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + path
	}
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	for given, want := range map[string]string{
		"https://example.com/a.png": "https://example.com/a.png", "": "", file("a.png", svg): "data:image/svg+xml;base64,", // the name says nothing
		file("b.gif", "GIF89a..........................."): "data:image/gif;base64,",
	} {
		if got, err := picture(given); err != nil || !strings.HasPrefix(got.(string), want) {
			t.Errorf("%s: %v, %v", given, got, err)
		}
	}
	for given, want := range map[string]string{
		"@/nowhere/a.png":      "no such file",
		file("c.png", "hello"): "is no picture", file("d.png", svg+strings.Repeat(" ", 64<<10)): "has more than 65536 bytes", "@" + t.TempDir(): "is a directory",
	} {
		if got, err := picture(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", given, got, err, want)
		}
	}
}
