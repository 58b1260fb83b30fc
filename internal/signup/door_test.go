package signup_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/signup"
)

// call sends JSON as the playground does.
func (b *browser) call(path string, body any, header ...string) answer {
	b.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	req := b.request("POST", signup.DoorPath+path, string(text))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return b.do(req)
}

type arrival struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Remember bool   `json:"remember"`
}

// admitted is the key that an answer of the door holds; empty for none.
func (a *answer) admitted() string {
	var out struct{ Key string }
	_ = json.Unmarshal([]byte(a.body), &out) // a page has none
	return out.Key
}

// why is the code of a refusal.
func (a *answer) why() string {
	var out struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(a.body), &out) // a page has none
	return out.Error.Code
}

// Who comes by the shared code and a name gets a key of one's own; a name is one person's,
// however it is written, and this person's browser comes back under it.
func TestArriving(t *testing.T) {
	v := open(t, nil, workshop())
	ann, bob := v.browser(t), v.browser(t)
	first := ann.call("", arrival{"OPEN-Sesame", " Ann  Berg ", true})
	key := first.admitted()
	if first.status != 200 || !strings.HasPrefix(key, event.KeyPrefix) {
		t.Fatalf("%d %s", first.status, first.body)
	}
	for _, name := range []string{"Ann Berg", "ANN BERG", "ann\u200b berg", "\u202eAnn Berg", "Ａｎｎ Berg"} {
		if got := bob.call("", arrival{"open-sesame", name, true}); got.status != 409 || got.why() != event.CodeTaken || strings.Contains(got.body, "tge-") {
			t.Errorf("%q: %d %s", name, got.status, got.body)
		}
	}
	if got := ann.call("", arrival{"open-sesame", "ann berg", true}); got.admitted() != key {
		t.Errorf("Ann comes back: %d %s", got.status, got.body)
	}
	if got := ann.get("/event/workshop"); got.key() != key {
		t.Error("the event's page does not know her")
	}
	other := bob.call("", arrival{"open-sesame", "Bob", false})
	if other.admitted() == "" || other.admitted() == key || other.header.Get("Set-Cookie") != "" {
		t.Errorf("Bob, who is not to be remembered: %d %v", other.status, other.header)
	}
	if got := bob.call("", arrival{"open-sesame", "Bob", false}); got.why() != event.CodeTaken {
		t.Errorf("and comes back: %d %s", got.status, got.body)
	}
	a, _ := v.people.Find(workshop(), v.people.Pseudonym(workshop(), "Ann Berg"))
	if a == nil || a.Name != "Ann Berg" {
		t.Errorf("Ann is %+v", a)
	}
	if err := v.people.Revoke(t.Context(), workshop(), a.ID, true); err != nil {
		t.Fatal(err)
	}
	if got := ann.call("", arrival{"open-sesame", "ann berg", true}); got.status != 403 || got.why() != event.CodeRevoked {
		t.Errorf("revoked: %d %s", got.status, got.body)
	}
}

// The door says why it stays shut, and nothing beyond it; whatever is typed is answered in
// words.
func TestTheDoorStaysShut(t *testing.T) {
	early, seats := workshop(), workshop()
	early.ID, early.Code, early.Start = "early", "early-birds", time.Now().Add(time.Minute)
	seats.ID, seats.Code, seats.Seats = "seats", "few-seats", 3
	v := open(t, nil, workshop(), early, seats)
	b := v.browser(t)
	for _, c := range []struct {
		code, name string
		status     int
		why        string
	}{
		{"early-birds", "Ann", 401, event.CodeNotStarted}, {"few-seats", "Ann", 401, event.CodeSignUp},
		{"open-sesame/ann", "Ann", 401, "CodeUnknown"}, {"workshop@open-sesame", "Ann", 401, "CodeUnknown"}, {"", "Ann", 401, "CodeUnknown"},
		{"<script>alert(1)</script>", "Ann", 401, "CodeUnknown"}, {strings.Repeat("x", 10<<10), "Ann", 401, "CodeUnknown"},
		{"open\u2010sesame", "Ann", 401, "CodeUnknown"}, {"оpen-sesame", "Ann", 401, "CodeUnknown"}, {"open-\u202esesame", "Ann", 401, "CodeUnknown"}, {"open-ſesame", "Ann", 401, "CodeUnknown"},
		{"open-sesame", "", 400, event.CodeName}, {"open-sesame", " \u200b\u202e ", 400, event.CodeName}, {"open-sesame", "\u3164", 400, event.CodeName},
		{"open-sesame", "a/b", 400, event.CodeName}, {"open-sesame", "a\nb", 400, event.CodeName}, {"open-sesame", "a\u0085b", 400, event.CodeName},
		{"open-sesame", strings.Repeat("é", 81), 400, event.CodeName}, {"open-sesame", strings.Repeat("x", 10<<10), 400, event.CodeName},
		{"open-sesame", strings.Repeat("x", 20<<10), 413, "TooLarge"},
		{"open-sesame", "<img src=x onerror=alert(1)>", 200, ""}, {"open-sesame", "👩‍💻 " + strings.Repeat("é", 70), 200, ""}, {"open-sesame", "שירה", 200, ""},
	} {
		got := b.call("", arrival{c.code, c.name, false})
		if got.status != c.status || got.why() != c.why || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%.20q, %.20q: %d %.200s, want %d %s", c.code, c.name, got.status, got.body, c.status, c.why)
		}
	}
	if got := b.call("", arrival{"open-sesame", "Eve", true}, "Sec-Fetch-Site", "cross-site"); got.status != 403 || got.why() != "CrossOrigin" {
		t.Errorf("from another site: %d", got.status)
	}
	for _, body := range []string{"", "nonsense", "[]", `{"code":1}`, "{"} {
		req := b.request("POST", signup.DoorPath, body)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		if got := b.do(req); got.status != 400 {
			t.Errorf("the body %q: %d", body, got.status)
		}
	}
	if got := b.get(signup.DoorPath); got.body != `{"organisation":"Contoso","help":"Ask Ada."}` {
		t.Errorf("the portal: %s", got.body)
	}
	for path, want := range map[string]int{"/ticket": 405, "/key": 405, "/nothing": 404, "/": 404} {
		if got := b.get(signup.DoorPath + path); got.status != want {
			t.Errorf("GET %s: %d, want %d", path, got.status, want)
		}
	}
}

// Wrong codes at the door count like any other, and who guesses hears of nobody else.
func TestGuessingAtTheDoor(t *testing.T) {
	v := open(t, nil, workshop())
	eve, last := v.browser(t), answer{}
	for i := range 25 {
		last = eve.call("", arrival{fmt.Sprintf("wrong-code-%d", i), "Eve", false})
	}
	if last.status != 429 || last.header.Get("Retry-After") == "" {
		t.Errorf("after 25 wrong codes: %d %s", last.status, last.body)
	}
	if got := eve.join("open-sesame", "Eve"); got.status != 429 {
		t.Errorf("on the sign-up page: %d", got.status)
	}
	v.from = v.from.Next()
	if got := v.browser(t).call("", arrival{"open-sesame", "Ann", false}); got.status != 200 {
		t.Errorf("next door: %d", got.status)
	}
}

// A key moves to another device by a ticket: once, within two minutes, and by none that is
// made up.
func TestTickets(t *testing.T) {
	v := open(t, nil, workshop())
	b := v.browser(t)
	in := b.call("", arrival{"open-sesame", "Ann", false})
	key := in.admitted()
	issue := func() string {
		t.Helper()
		got := b.call("/ticket", nil, "Api-Key", key)
		var out struct {
			URL, QR string
			Seconds int
		}
		if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.status != 201 || out.Seconds != 120 || !strings.HasPrefix(out.QR, "data:image/svg+xml;base64,") {
			t.Fatalf("%d %.200s", got.status, got.body)
		}
		address, ticket, _ := strings.Cut(out.URL, "/#ticket=")
		if address != v.URL || len(ticket) < 26 || strings.Contains(got.body, key) {
			t.Fatalf("the address %s", out.URL)
		}
		return ticket
	}
	redeem := func(ticket string) answer {
		return v.browser(t).call("/key", map[string]string{"ticket": ticket})
	}
	ticket := issue()
	for i := range 200 {
		if got := redeem(fmt.Sprintf("AAAAAAAAAAAAAAAAAAAAAAA%03d", i)); got.status != 410 || got.why() != "TicketGone" {
			t.Fatalf("a ticket that is made up: %d %s", got.status, got.body)
		}
	}
	for _, wrong := range []string{"", ticket[1:], ticket + "A", strings.ToLower(ticket), strings.Repeat("A", 10<<10)} {
		if got := redeem(wrong); got.status != 410 {
			t.Errorf("%.30q: %d", wrong, got.status)
		}
	}
	if got := redeem(ticket); got.admitted() != key {
		t.Errorf("the right one: %d %s", got.status, got.body)
	}
	if got := redeem(ticket); got.status != 410 || got.why() != "TicketGone" {
		t.Errorf("a second time: %d %s", got.status, got.body)
	}
	first, second := issue(), issue()
	if a, b := redeem(first), redeem(second); a.status != 410 || b.admitted() != key {
		t.Errorf("the first of two is answered %d, the second %d", a.status, b.status)
	}
	if got := b.call("/ticket", nil, "Api-Key", "tge-nobody"); got.status != 401 {
		t.Errorf("for nobody's key: %d", got.status)
	}
	if got := b.call("/ticket", nil, "Api-Key", key, "Sec-Fetch-Site", "cross-site"); got.status != 403 {
		t.Errorf("from another site: %d", got.status)
	}
	if got := b.call("/ticket", nil, "Authorization", "Bearer "+key); got.status != 401 {
		t.Errorf("in another header: %d", got.status)
	}
}

// Of a ticket that is handed in twice at once, one leads in.
func TestATicketIsUsedOnce(t *testing.T) {
	v := open(t, nil, workshop())
	b := v.browser(t)
	in := b.call("", arrival{"open-sesame", "Ann", false})
	var out struct{ URL string }
	got := b.call("/ticket", nil, "Api-Key", in.admitted())
	if err := json.Unmarshal([]byte(got.body), &out); err != nil {
		t.Fatal(err)
	}
	_, ticket, _ := strings.Cut(out.URL, "#ticket=")
	results := make(chan int)
	for range 8 {
		go func() {
			req, _ := http.NewRequest("POST", v.URL+signup.DoorPath+"/key", strings.NewReader(`{"ticket":"`+ticket+`"}`))
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				results <- 0
				return
			}
			res.Body.Close()
			results <- res.StatusCode
		}()
	}
	in200 := 0
	for range 8 {
		if <-results == 200 {
			in200++
		}
	}
	if in200 != 1 {
		t.Errorf("%d of 8 got in", in200)
	}
}

// Nothing that is sent to the door makes it fail, or lets anybody in without the code.
func FuzzDoor(f *testing.F) {
	for _, body := range []string{`{"code":"open-sesame","name":"Ann"}`, `{"code":"OPEN-SESAME","name":"\u202e"}`, `{"ticket":"AAAA"}`, `{"code":null}`, "", "[", `{"name":"\ud800","code":"x"}`} {
		f.Add("", body)
		f.Add("/key", body)
		f.Add("/ticket", body)
	}
	v := open(f, nil, workshop())
	f.Fuzz(func(t *testing.T, path, body string) {
		r := httptest.NewRequest("POST", signup.DoorPath, strings.NewReader(body))
		r.URL.Path += path
		w := httptest.NewRecorder()
		v.Config.Handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q, %q: %d", path, body, w.Code)
		}
		if strings.Contains(w.Body.String(), "tge-") && !strings.Contains(strings.ToLower(body), "open") && !strings.Contains(body, `\\u`) {
			t.Fatalf("%q got in", body)
		}
	})
}
