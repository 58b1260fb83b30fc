package signup

import (
	"strings"
	"testing"
)

// An organiser's text keeps its links below our own origin, the boxes of its tasks and its
// footnotes; nothing of it leads elsewhere than it says, or is a field.
func TestMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"[playground](/)":                          `<a href="/" rel="noreferrer">playground</a>`,
		"[notes](/event/workshop#terms)":           `<a href="/event/workshop#terms" rel="noreferrer">notes</a>`,
		"[x](#terms)":                              `<a href="#terms" rel="noreferrer">x</a>`,
		"[x](https://ok.example)":                  `<a href="https://ok.example" rel="noreferrer">x</a>`,
		"[x](mailto:ada@example.com)":              `<a href="mailto:ada@example.com"`,
		"[x](//evil.example)":                      "<p>x</p>",
		`[x](/\evil.example)`:                      `<a href="/%5Cevil.example"`, // a path, too
		"[x](/%5cevil.example)":                    `<a href="/%5cevil.example"`, // a path
		"[x](javascript:alert(1))":                 "<p>x</p>",
		"[x](\tjavascript:alert(1))":               "<p>x</p>",
		`<a href="java&#10;script:alert(1)">x</a>`: "<p>x</p>",
		`<a href="?x=y">x</a>`:                     "<p>x</p>",
		"- [ ] one\n- [x] two":                     `<li><input type="checkbox" disabled="" aria-label="to do"> one</li>`,
		"* [x] two":                                `<li><input type="checkbox" disabled="" checked="" aria-label="done"> two</li>`,
		"A[^1].\n\n[^1]: Note.":                    `<li id="fn:1">`,
		"B[^1].\n\n[^1]: Note.":                    `<sup id="fnref:1"><a href="#fn:1"`,
		"C[^1]\n\n[^1]: Note\n---":                 "<ol>",
		`<input name="code" value="x">`:            "",
		`<input type="text" name="code">`:          "",
		`<li id="code">x</li>`:                     "<li>x</li>",
		`<sup id="fn:1"><b id="key">x</b></sup>`:   "<b>x</b>",
	} {
		got := string(markdown(text))
		if !strings.Contains(got, want) || want == "" && strings.TrimSpace(got) != "" && strings.Contains(got, "<input") {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
		if strings.Contains(got, "<h") && !strings.Contains(got, "<hr") || strings.Contains(got, "name=") || strings.Contains(got, "javascript") {
			t.Errorf("%q gives %q", text, got)
		}
	}
}

// What somebody signs up with is said in the event's own words.
func TestAsk(t *testing.T) {
	for domains, want := range map[string]string{
		"contoso.com": "contoso.com", "@contoso.com": "contoso.com", "a.com b.com": "a.com or b.com",
		"a.com b.com c.com": "a.com, b.com or c.com", "a.com b.com c.com d.com e.com": "a.com, b.com, c.com or 2 more",
	} {
		if got := named(strings.Fields(domains)); got != want {
			t.Errorf("%s: %q, want %q", domains, got, want)
		}
	}
}
