package config_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
)

const (
	pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	drawn = `<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>`
)

// A logo is the https address of a picture, or a picture of a kind that browsers show and
// of a size that an event can hold; it is what it says.
func TestLogos(t *testing.T) {
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for logo, want := range map[string]string{
		"": "", "https://example.com/a.png": "", "data:image/png;base64," + pixel: "", "data:image/svg+xml;base64," + coded(drawn): "",
		"http://example.com/a.png":                                       "over https alone",
		"HTTP://example.com/a.png":                                       "over https alone",
		"javascript:alert(1)":                                            "is not an address",
		"//example.com/a.png":                                            "is not an address",
		"a.png":                                                          "is not an address",
		"data:image/png;base64,????":                                     "is not a picture in base64",
		"data:image/jpeg;base64," + pixel:                                "is not a picture of the kind",
		"data:text/html;base64," + coded("<script>"):                     "is no picture",
		"data:image/svg+xml;base64," + coded("<html/>"):                  "is no picture",
		"data:image/svg+xml,<svg/>":                                      "is not a picture in base64",
		"data:image/png," + pixel:                                        "is not a picture of the kind",
		"data:image/png;x=y;base64," + pixel:                             "is not a picture of the kind",
		"data:image/png;base64," + strings.Repeat("A", 4*config.MaxLogo): "has 196608 bytes",
		"data:" + strings.Repeat("x", 10<<10):                            "is not an address",
	} {
		if got := config.LogoFault(logo); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%.60q: %q, want %q", logo, got, want)
		}
	}
	if address, fault := config.Logo(append([]byte("GIF89a"), bytes.Repeat([]byte{0}, 20)...)); fault != "" || !strings.HasPrefix(address, "data:image/gif;base64,") {
		t.Errorf("a GIF: %.40q, %s", address, fault)
	}
	// The largest fits into an event, and is printed so that it is read again.
	large, fault := config.Logo(append([]byte("GIF89a"), bytes.Repeat([]byte{7}, config.MaxLogo-6)...))
	if fault != "" {
		t.Fatal(fault)
	}
	full, err := parseEvents("  - {name: a, code: code-of-a, start: 2026-12-01, end: 2026-12-02, logo: '" + large + "'}")
	if err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	if err := full.Print(&printed); err != nil {
		t.Fatal(err)
	}
	if again, err := config.Parse("again.yaml", printed.Bytes(), tree.Env{}); err != nil || again.Events[0].Logo != large {
		t.Errorf("printed and read again: %v", err)
	}
	// An event of the file that has one from before they were looked at stays, with a note.
	c, err := parseEvents("  - {name: a, code: code-of-a, start: 2026-12-01, end: 2026-12-02, logo: 'http://example.com/a.png'}")
	if err != nil || !strings.Contains(fmt.Sprint(c.Notes), "over https alone") {
		t.Errorf("%v, %v", err, c)
	}
}
