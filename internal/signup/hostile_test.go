package signup_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/event"

	"github.com/tallygate/tallygate/internal/signup"
)

func overHTTPS(o *signup.Options) {
	o.Base = func(*http.Request) string { return "https://events.example" }
}

// No answer may be framed, kept or sniffed, and none allows a script or a style that
// is not a file of ours.
func TestHeaders(t *testing.T) {
	v := open(t, nil, workshop())
	b := v.browser(t)
	for _, path := range []string{"/event/workshop", "/event/none", "/event/workshop/live", "/event/workshop/cards", "/event/workshop/report", "/event/workshop/live.json", "/api/v1/attendee/event/workshop"} {
		got := b.get(path)
		csp := got.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: CSP %q", path, csp)
		}
		for k, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got.header.Get(k) != want {
				t.Errorf("%s: %s is %q", path, k, got.header.Get(k))
			}
		}
		for _, inline := range []string{"<script>", "<style", " style=", " onclick=", "javascript:"} {
			if strings.Contains(got.body, inline) {
				t.Errorf("%s holds %q", path, inline)
			}
		}
	}
	js := b.get("/event/assets/page.js")
	if js.status != 200 || !strings.HasPrefix(js.header.Get("Content-Type"), "text/javascript") || js.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("page.js: %d %v", js.status, js.header)
	}
}

// A form that another site sends changes nothing.
func TestCrossSite(t *testing.T) {
	v := open(t, with(signup.Provider{Name: "one", Title: "One", Issuer: "http://127.0.0.1:1"}), workshop())
	ann := v.browser(t)
	page := ann.join("open-sesame", "Ann")
	key := page.key()
	for name, set := range map[string]func(http.Header){
		"cross-site": func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") },
		"same-site":  func(h http.Header) { h.Set("Sec-Fetch-Site", "same-site") },
		"old":        func(h http.Header) { h.Set("Origin", "https://evil.example") },
		"opaque":     func(h http.Header) { h.Set("Origin", "null") },
	} {
		for _, path := range []string{"/event/workshop/leave", "/event/workshop/renew", "/event/workshop/signup", "/event/workshop/signout", "/api/v1/attendee/event/workshop/register"} {
			req := ann.request("POST", path, "code=open-sesame&name=Eve")
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			set(req.Header)
			if got := ann.do(req); got.status != 403 {
				t.Errorf("%s: %s answers %d", name, path, got.status)
			}
		}
	}
	if now := ann.get("/event/workshop"); now.key() != key || len(v.people.List(&event.Event{ID: "workshop"})) != 1 {
		t.Error("something changed")
	}
	if got := ann.get("/event/workshop"); got.key() != key {
		t.Error("Ann is gone")
	}
	link := ann.request("GET", "/event/workshop/signin/one", "")
	link.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := ann.do(link); got.path != "/event/workshop" {
		t.Errorf("a link of another site leads to %s", got.path)
	}
	if got := ann.get("/event/workshop/leave"); got.status != 405 {
		t.Errorf("GET …/leave: %d", got.status)
	}
}

// Whatever is typed into the form, it is refused in words, and nothing of it comes back
// as markup.
func TestBadForms(t *testing.T) {
	v := open(t, nil, workshop())
	b := v.browser(t)
	for _, c := range []struct {
		code, name string
		status     int
	}{
		{`'"<script>alert(1)</script>`, `"><script>alert(1)</script>`, 403},
		{"open%sesame", "Ann", 403},
		{"open-sesame\x00", "Ann", 403},
		{"\xff\xfe\xfd", "Ann", 403},
		{"", "", 403},
		{"open-sesame", "", 400},
		{"open-sesame", "a/b", 400},
		{"open-sesame", "a\x00b", 400},
		{"open-sesame", strings.Repeat("x", 81), 400},
		{"open-sesame", strings.Repeat("x", 1<<20), 413},
		{strings.Repeat("c", 1<<20), "Ann", 413},
	} {
		got := b.join(c.code, c.name)
		if got.status != c.status || strings.Contains(got.body, "<script>") || got.key() != "" {
			t.Errorf("code %.20q, name %.20q: %d, want %d", c.code, c.name, got.status, c.status)
		}
	}
	for _, body := range []string{"%zz", "code=%", "a;b", "\x00"} {
		req := b.request("POST", "/event/workshop/signup", body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := b.do(req); got.status < 400 || got.status > 499 {
			t.Errorf("the body %q: %d", body, got.status)
		}
	}
	page := b.join("open-sesame", `<img src=x onerror=alert(1)>`)
	page.has(t, "&lt;img src=x onerror=alert(1)&gt;")
}

// An organiser's text, name and links are shown without what could act.
func TestHostileEvent(t *testing.T) {
	e := workshop()
	e.Name = `</title><script>alert("name")</script>`
	e.Logo, e.URL, e.URLText = "javascript:alert(1)", "javascript:alert(2)", "<b>link</b>"
	e.Organiser.Email = `x"onmouseover="alert(3)@example.com`
	e.Markdown = strings.Join([]string{
		"# Hello", "<script>alert(1)</script>", `<img src=x onerror=alert(1)>`, `<img src="https://ok.example/a.png" onload=alert(1) style="position:fixed">`,
		"[a](javascript:alert(1))", "[b](JaVaScRiPt:alert(1))", "[c](data:text/html;base64,PHNjcmlwdD4=)", "![d](javascript:alert(1))",
		`<a href="&#106;avascript:alert(1)">e</a>`, `<form action="https://evil.example"><input name=code></form>`, `<iframe src="https://evil.example"></iframe>`,
		`<svg onload=alert(1)><style>*{display:none}</style></svg>`, `<div id="code" data-key class="key">f</div>`, `<meta http-equiv=refresh content="0;url=//evil.example">`,
		`<base href="//evil.example">`, "[g](https://ok.example)", "| a |\n|---|\n| b |", "<https://ok.example/auto>",
	}, "\n\n")
	v := open(t, nil, e)
	page := v.browser(t).get("/event/workshop")
	low := strings.ToLower(page.body)
	_, text, _ := strings.Cut(low, `aria-label="about this event">`)
	text, _, _ = strings.Cut(text, "</section>")
	for _, bad := range []string{"javascript:", "onerror", "onload", "<script", "<iframe", "<form", "<input", "<svg", "<style", "style=", "<meta", "<base", "id=", "data-key", "class=", "data:"} {
		if strings.Contains(text, bad) {
			t.Errorf("the text holds %q:\n%s", bad, text)
		}
	}
	for _, good := range []string{"<h1>hello</h1>", `href="https://ok.example"`, `src="https://ok.example/a.png"`, "<td>b</td>"} {
		if !strings.Contains(text, good) {
			t.Errorf("the text lacks %q:\n%s", good, text)
		}
	}
	if strings.Contains(page.body, `<script>`) || strings.Contains(page.body, "alert(2)") || strings.Contains(page.body, `"onmouseover="`) {
		t.Errorf("the page holds what acts:\n%s", page.body)
	}
}

// No form makes the page fail or lets anybody in who does not know the code.
func FuzzForm(f *testing.F) {
	for _, body := range []string{"code=open-sesame&name=", "code=%00&name=a", "key=tge-", "code=a&code=b", "%", "code=open-sesam%65x&name=%3Cb%3E", "key=&code=open-sesame&name=Ann"} {
		f.Add(body)
	}
	v := open(f, nil, workshop())
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/event/workshop/signup", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		v.Config.Handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q: %d", body, w.Code)
		}
		values, err := url.ParseQuery(body)
		knows := err == nil && strings.TrimSpace(values.Get("code")) == "open-sesame"
		if w.Code == 303 && !knows || len(w.Result().Cookies()) > 0 && !knows {
			t.Fatalf("%q got in", body)
		}
		if strings.Contains(w.Body.String(), "<script>") {
			t.Fatalf("%q comes back as markup", body)
		}
	})
}
