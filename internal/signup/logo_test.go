package signup_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

// A picture that an event holds comes from its own address, as nothing but a picture; one
// that no browser would show is left out.
func TestLogo(t *testing.T) {
	const hostile = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	e := workshop()
	e.Logo = "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(hostile))
	v := open(t, nil, e)
	b := v.browser(t)
	page := b.get("/event/workshop")
	at := regexp.MustCompile(`<img class="logo" src="(/event/workshop/logo\?v=[0-9a-f]{12})" alt="" data-fallback="/event/assets/mark`).FindStringSubmatch(page.body)
	if at == nil {
		t.Fatalf("the page shows no logo: %.1500s", page.body)
	}
	got := b.get(at[1])
	csp := got.header.Get("Content-Security-Policy")
	if got.status != 200 || got.body != hostile || got.header.Get("Content-Type") != "image/svg+xml" || got.header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") {
		t.Errorf("%d %v", got.status, got.header)
	}
	for _, logo := range []string{"", "http://example.com/a.png", "https://example.com/a.png", "data:image/png;base64,????", "data:text/html;base64,AAAA"} {
		other := workshop()
		other.Logo = logo
		v.reopen(t, other)
		if got := b.get("/event/workshop/logo"); got.status != 404 {
			t.Errorf("%s: %d", logo, got.status)
		}
		if page := b.get("/event/workshop"); strings.Contains(page.body, `class="logo"`) != (strings.HasPrefix(logo, "https") || strings.HasPrefix(logo, "data:image/")) {
			t.Errorf("%s: the page has a logo or not", logo)
		}
	}
}

// What was typed stays when it was wrong, code and name, as text and nothing else; the
// field asks for what the event takes.
func TestTheFormAfterAnError(t *testing.T) {
	e := workshop()
	e.Domains = []string{"contoso.com", "@fabrikam.com"}
	v := open(t, nil, e)
	b := v.browser(t)
	page := b.join("open-sesame", "eve@evil.example")
	page.has(t, `value="open-sesame"`, `value="eve@evil.example"`, ">E-mail address (contoso.com or fabrikam.com)<", `name="name" type="email"`)
	page = b.join(`"><script>`, `"><b>`)
	page.has(t, `value="&#34;&gt;&lt;script&gt;"`, `value="&#34;&gt;&lt;b&gt;"`)
	e = workshop()
	e.Roster = []string{"ann"}
	v.reopen(t, e)
	page = b.get("/event/workshop")
	page.has(t, ">Name or e-mail address you were invited by<")
	if strings.Contains(page.body, `type="email"`) {
		t.Error("a roster may hold names")
	}
	if got := b.join(" OPEN-SESAME ", "Ann"); got.key() == "" {
		t.Errorf("in capitals: %d", got.status)
	}
}
