package signup_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/event"
)

// Somebody who knows the code signs up, sees a key that works, the endpoints and
// samples with the event's model, and the same key on return.
func TestSignUpByCode(t *testing.T) {
	e := workshop()
	e.Seats, e.MaxTokens.Tokens = 10, 4000
	v := open(t, nil, e)
	ann := v.browser(t)
	before := ann.get("/event/workshop")
	before.has(t, "Prompt Workshop", `name="code"`, `name="name"`, "gpt-4o-mini", "At most 4,000 tokens", "<strong>10</strong> of 10 seats", "mailto:ada@example.com", "Terms of use", "data:image/svg", "Open now")
	if before.status != 200 || before.key() != "" {
		t.Fatalf("before: %d, key %q", before.status, before.key())
	}
	page := ann.join("open-sesame", "Ann")
	key := page.key()
	if page.status != 200 || page.path != "/event/workshop" {
		t.Fatalf("after signing up: %d %s", page.status, page.path)
	}
	page.has(t, "<code id=\"v1\">"+v.URL+"/openai/v1/</code>", "<code id=\"azure\">"+v.URL+"</code>", "YOUR_KEY", "Unregister", "ChatClient", "openai-go", "curl ")
	page.has(t, `<a class="button primary" href="/" data-playground>`, "It asks for your key: copy it first") // which a script makes better
	if who, err := v.door.Load().Find(key, v.from); err != nil || who == nil || who.Event != "workshop" {
		t.Errorf("the key %q leads to %+v, %v", key, who, err)
	}
	again := ann.get("/event/workshop")
	if again.key() != key {
		t.Errorf("on return the key is %q, was %q", again.key(), key)
	}
	if other := v.browser(t).get("/event/workshop"); other.key() != "" || strings.Contains(other.body, "Ann") {
		t.Error("a stranger sees Ann or her key")
	}
	if got := ann.post("/event/workshop/signout", nil); got.key() != "" {
		t.Error("after signing out the key is still shown")
	}
}

// A name that is taken leads nobody to its key; who took it comes back by cookie or by
// key, and a session by key ends with the key.
func TestNobodyElsesKey(t *testing.T) {
	v := open(t, nil, workshop())
	ann, eve, phone := v.browser(t), v.browser(t), v.browser(t)
	page := ann.join("open-sesame", "Ann")
	key := page.key()
	for _, name := range []string{"Ann", " ann ", "ANN"} {
		got := eve.join("open-sesame", name)
		if got.status != 400 || strings.Contains(got.body, key) || got.key() != "" {
			t.Errorf("as %q Eve gets %d", name, got.status)
		}
		got.has(t, "signed up as &#34;Ann&#34; already")
	}
	if got := ann.join("open-sesame", "ann"); got.key() != key {
		t.Errorf("Ann's own browser gets %d", got.status)
	}
	if got := eve.post("/event/workshop/signup", url.Values{"key": {"tge-" + strings.Repeat("a", 40)}}); got.status != 403 {
		t.Errorf("a key that is none: %d", got.status)
	}
	if got := phone.post("/event/workshop/signup", url.Values{"key": {key}}); got.key() != key {
		t.Errorf("on the phone, by key: %d", got.status)
	}
	renewed := ann.post("/event/workshop/renew", nil)
	if renewed.key() == "" || renewed.key() == key {
		t.Errorf("the new key is %q", renewed.key())
	}
	if got := phone.get("/event/workshop"); got.key() != "" {
		t.Error("a session that the old key opened sees the new key")
	}
	if who, _ := v.door.Load().Find(key, v.from); who != nil {
		t.Error("the old key still works")
	}
}

// Of those who ask for the same name at the same moment one gets it, however often
// it is tried.
func TestSameNameAtOnce(t *testing.T) {
	v := open(t, nil, workshop())
	for round := range 100 {
		body := fmt.Sprintf("code=open-sesame&name=ann-%d", round)
		var all sync.WaitGroup
		var in atomic.Int32
		begin := make(chan struct{})
		for range 4 {
			all.Go(func() {
				r := httptest.NewRequest("POST", "/event/workshop/signup", strings.NewReader(body))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				w := httptest.NewRecorder()
				<-begin
				if v.Config.Handler.ServeHTTP(w, r); w.Code == http.StatusSeeOther {
					in.Add(1)
				}
			})
		}
		close(begin)
		all.Wait()
		if in.Load() != 1 {
			t.Fatalf("round %d: %d got in", round, in.Load())
		}
	}
}

// Seats run out, who comes later waits with a number, and moves up when somebody
// leaves; whose key was taken back neither has it nor gets it by leaving.
func TestSeatsAndWaiting(t *testing.T) {
	e := workshop()
	e.Seats = 1
	v := open(t, nil, e)
	ann, bob, eve := v.browser(t), v.browser(t), v.browser(t)
	first := ann.join("open-sesame", "Ann")
	if first.key() == "" {
		t.Fatal("Ann has no key")
	}
	full := bob.get("/event/workshop")
	full.has(t, "All seats (1) are taken", "Join the waiting list")
	waits := bob.join("open-sesame", "Bob")
	waits.has(t, "waiting list", "Number <strong>1</strong>")
	waits = eve.join("open-sesame", "Eve")
	waits.has(t, "Number <strong>2</strong>")
	if waits.key() != "" {
		t.Error("who waits has a key")
	}
	left := ann.post("/event/workshop/leave", nil)
	left.has(t, "Join the waiting list")
	moved := bob.get("/event/workshop")
	if moved.key() == "" {
		t.Error("Bob did not move up")
	}
	id := v.people.Pseudonym(&event.Event{ID: "workshop"}, "Bob")
	if err := v.people.Revoke(t.Context(), e, id, true); err != nil {
		t.Fatal(err)
	}
	gone := bob.get("/event/workshop")
	gone.has(t, "Your key was taken back")
	bob.post("/event/workshop/leave", nil)
	if a, ok := v.people.Find(&event.Event{ID: "workshop"}, id); !ok || !a.Revoked || gone.key() != "" {
		t.Error("leaving undid the revocation")
	}
	got := eve.post("/event/workshop/signup", url.Values{"key": {moved.key()}})
	got.has(t, "taken back")
}

// A cookie leads to the registration that it was made for, and not to whoever takes
// the name afterwards; nor does one of another event, or one that was changed.
func TestCookies(t *testing.T) {
	other := workshop()
	other.ID, other.Code = "other", "another-code"
	v := open(t, nil, workshop(), other)
	ann := v.browser(t)
	ann.join("open-sesame", "Ann")
	at, _ := url.Parse(v.URL)
	old := ann.Jar.Cookies(at)
	if len(old) != 1 || old[0].Name != "tallygate-workshop" {
		t.Fatalf("cookies: %v", old)
	}
	try := func(name, value string) string {
		t.Helper()
		b := v.browser(t)
		req := b.request("GET", "/event/"+strings.TrimPrefix(name, "tallygate-"), "")
		req.AddCookie(&http.Cookie{Name: name, Value: value})
		a := b.do(req)
		return a.key()
	}
	if try(old[0].Name, old[0].Value) == "" {
		t.Error("the cookie does not lead to Ann")
	}
	if try("tallygate-other", old[0].Value) != "" {
		t.Error("the cookie opens another event")
	}
	for _, value := range []string{"", "x", old[0].Value[1:], old[0].Value + "AA", strings.Repeat("A", 4000)} {
		if try(old[0].Name, value) != "" {
			t.Errorf("the cookie %q leads somewhere", value)
		}
	}
	ann.post("/event/workshop/leave", nil)
	v.browser(t).join("open-sesame", "Ann")
	if try(old[0].Name, old[0].Value) != "" {
		t.Error("the cookie of who left leads to who took the name")
	}
}

// Cookies are for this site's pages only, not for scripts, and over https where the
// site is reached so.
func TestCookieFlags(t *testing.T) {
	e := workshop()
	v := open(t, overHTTPS, e)
	b := v.browser(t)
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	got := b.join("open-sesame", "Ann")
	c := got.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-tallygate-workshop=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax", "Expires=" + e.End.AddDate(0, 0, 30).UTC().Format(http.TimeFormat)} {
		if !strings.Contains(c, want) {
			t.Errorf("the cookie lacks %s: %s", want, c)
		}
	}
	if got.status != 303 || got.header.Get("Location") != "/event/workshop" {
		t.Errorf("%d to %q", got.status, got.header.Get("Location"))
	}
}

// Each state of an event has its own page, and nobody signs up for one that is over
// or closed.
func TestStates(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*event.Event)
		says     string
		joinable bool
	}{
		"not started": {func(e *event.Event) { e.Start = time.Now().Add(30 * time.Minute) }, "You can sign up already", true},
		"ended":       {func(e *event.Event) { e.End = time.Now().Add(-time.Minute) }, "It is over", false},
		"inactive":    {func(e *event.Event) { e.Inactive = true }, "is closed at the moment", false},
		"no way in":   {func(e *event.Event) { e.Code = "" }, "Nobody new can sign up here", false},
	} {
		t.Run(name, func(t *testing.T) {
			e := workshop()
			c.change(e)
			v := open(t, nil, e)
			b := v.browser(t)
			page := b.get("/event/workshop")
			page.has(t, c.says, "Prompt Workshop")
			got := b.join("open-sesame", "Ann")
			if (got.key() != "") != c.joinable || len(v.people.List(&event.Event{ID: "workshop"})) > 0 != c.joinable {
				t.Errorf("signing up: %d, key %q", got.status, got.key())
			}
		})
	}
	v := open(t, nil, workshop())
	for _, path := range []string{"/event/none", "/event/", "/event/..%2fworkshop", "/event/WORKSHOP", "/event/workshop/none", "/event/%00", "/event/a%0d%0ab", "/event/assets/..%2f..%2fgo.mod", "/event/assets/none.js"} {
		got := v.browser(t).get(path)
		got.has(t, "No such page")
		if got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// Who signed up still finds the key on the page when the event is over, and with it the
// way to the chats; others find none.
func TestTheKeyAfterTheEnd(t *testing.T) {
	v := open(t, nil, workshop())
	b := v.browser(t)
	joined := b.join("open-sesame", "Ann")
	key := joined.key()
	over := workshop()
	over.Start, over.End = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	v.reopen(t, over)
	page := b.get("/event/workshop")
	page.has(t, "It is over", "Open the playground", "you can still read and export them", "<code data-key hidden>"+key+"</code>")
	if other := v.browser(t).get("/event/workshop"); strings.Contains(other.body, "tge-") || strings.Contains(other.body, "Open the playground") {
		t.Error("somebody else finds a key")
	}
}

// Where no way to sign up is left, the page says so, offers no form for it, and lets
// those in who have a key from before.
func TestShut(t *testing.T) {
	v := open(t, nil, workshop())
	ann := v.browser(t).join("open-sesame", "Ann")
	shut := workshop()
	shut.Code = ""
	v.reopen(t, shut)
	b := v.browser(t)
	page := b.get("/event/workshop")
	page.has(t, "Sign-up is closed", "If you signed up before", "mailto:ada@example.com")
	for _, no := range []string{`name="code"`, "By signing up", "Get your key", "accept"} {
		if strings.Contains(page.body, no) {
			t.Errorf("the page has %q", no)
		}
	}
	if got := b.join("", "Eve"); got.status != 403 || got.key() != "" {
		t.Errorf("Eve signs up: %d", got.status)
	}
	if got := b.post("/event/workshop/signup", url.Values{"key": {ann.key()}}); got.key() != ann.key() {
		t.Errorf("Ann comes back: %d, key %q", got.status, got.key())
	}
}

// Wrong codes are told, counted by address, and shut the door to guesses, but not to
// the room: who shows a code that was right before still gets in.
func TestGuessing(t *testing.T) {
	v := open(t, nil, workshop())
	v.browser(t).join("open-sesame", "Ann")
	eve := v.browser(t)
	last := 0
	for i := range 40 {
		if last = eve.join(fmt.Sprintf("wrong-code-%d", i), "Eve").status; last != 403 {
			break
		}
	}
	if last != 429 {
		t.Fatalf("after many wrong codes: %d", last)
	}
	if got := eve.join("wrong-again", "Eve"); got.header.Get("Retry-After") == "" {
		t.Error("it is not told when to come back")
	}
	if got := v.browser(t).join("open-sesame", "Bob"); got.key() == "" {
		t.Errorf("the room is locked out: %d", got.status)
	}
	v.from = v.from.Next()
	if got := v.browser(t).join("open-sesame", "Cid"); got.key() == "" {
		t.Errorf("another address is locked out: %d", got.status)
	}
}

// Only who is invited gets in.
func TestInvited(t *testing.T) {
	e := workshop()
	e.Domains = []string{"contoso.com"}
	v := open(t, nil, e)
	no := v.browser(t).join("open-sesame", "eve@evil.example")
	no.has(t, "is for invited people")
	if yes := v.browser(t).join("open-sesame", "ann@contoso.com"); no.status != 403 || yes.key() == "" {
		t.Errorf("%d, %d", no.status, yes.status)
	}
}
