package signup_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/signup"
)

// figures are what the organiser's pages show in tests.
func figures(o *signup.Options) {
	o.Live = func(context.Context, string) (signup.Live, error) {
		return signup.Live{Active: []string{o.People.Pseudonym(&event.Event{ID: "workshop"}, "=cmd()"), "guest"}, Requests: []int64{1, 2}, Tokens: []int64{30, 40}, Errors: 1,
			Room: []api.Room{{Name: "tokens", Left: 5, Amount: 10, Unit: "tokens for the event"}}, Models: []api.ModelUse{{Name: "gpt-4o", Requests: 3, Tokens: 70}}}, nil
	}
	o.Report = func(context.Context, string) (signup.Report, error) {
		return signup.Report{Currency: "EUR", People: []signup.PersonUse{
			{Attendee: o.People.Pseudonym(&event.Event{ID: "workshop"}, "=cmd()"), Requests: 3, PromptTokens: 40, CompletionTokens: 30, Tokens: 70, Cost: 1_500_000},
			{Attendee: "guest", Requests: 1, PromptTokens: 5, CompletionTokens: 5, Tokens: 10, Cost: 250_000},
			{Attendee: "bob", Requests: 1},
			{Attendee: o.People.Pseudonym(&event.Event{ID: "workshop"}, "gone"), Requests: 1},
		}}, nil
	}
}

// The organiser's link opens its event's figures, cards and report; no other secret
// does, nor the one of another event, nor one that stands in the address.
func TestOrganiser(t *testing.T) {
	other := workshop()
	other.ID, other.Code = "other", "another-code"
	v := open(t, figures, workshop(), other)
	b := v.browser(t)
	b.join("open-sesame", "=cmd()")
	b = v.browser(t)
	b.join("open-sesame", "Idle")
	ask := func(path, secret string) answer {
		t.Helper()
		req := b.request("GET", path, "")
		if secret != "" {
			req.Header.Set("Authorization", "Bearer "+secret)
		}
		return b.do(req)
	}
	right := signup.LiveSecret(secret, &event.Event{ID: "workshop"})
	for _, what := range []string{"live.json", "cards.json", "report.json", "report.csv"} {
		path := "/event/workshop/" + what
		for _, wrong := range []string{"", "x", right[1:], strings.ToUpper(right), signup.LiveSecret(secret, &event.Event{ID: "other"}), signup.LiveSecret(secret, &event.Event{ID: "workshop", Link: 1}), signup.LiveSecret([]byte("another"), &event.Event{ID: "workshop"})} {
			if got := ask(path, wrong); got.status != 401 || strings.Contains(got.body, "open-sesame") {
				t.Errorf("%s with %q: %d", what, wrong, got.status)
			}
		}
		if got := ask(path+"?secret="+right+"&token="+right, ""); got.status != 401 {
			t.Errorf("%s with the secret in the address: %d", what, got.status)
		}
		if got := ask(path, right); got.status != 200 || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	live := ask("/event/workshop/live.json", right)
	live.has(t, `"signed_up":2`, `"active":2`, `"typed":1`, `"requests":[1,2]`, `"left":5`, `"state":"open"`)
	cards := ask("/event/workshop/cards.json", right)
	cards.has(t, `"code":"open-sesame"`, `"qr":"data:image/svg+xml;base64,`)
	for _, page := range []string{"live", "cards", "report"} {
		got := b.get("/event/workshop/" + page)
		if got.status != 200 || strings.Contains(got.body, "open-sesame") || strings.Contains(got.body, "Idle") {
			t.Errorf("the bare page %s: %d", page, got.status)
		}
		if page == "live" {
			got.has(t, v.URL+"/event/workshop</p>", `<img src="data:image/svg`) // for the room to join
		}
	}
}

// The live view counts everybody who signed up, as the list of events does, and says of
// whom it is: who has a seat, who waits, whose key was taken back. Who typed a name
// behind the code signed up for nothing.
func TestLiveCounts(t *testing.T) {
	e := workshop()
	e.Seats = 2
	v := open(t, func(o *signup.Options) {
		o.Live = func(context.Context, string) (signup.Live, error) {
			return signup.Live{Active: []string{o.People.Pseudonym(&event.Event{ID: "workshop"}, "Ann"), "bob", "carl", event.Guest}}, nil
		}
	}, e)
	for _, name := range []string{"Ann", "Bob", "Cid", "Dee"} {
		v.browser(t).join("open-sesame", name)
		v.from = v.from.Next()
	}
	if err := v.people.Revoke(t.Context(), e, v.people.Pseudonym(&event.Event{ID: "workshop"}, "Bob"), true); err != nil {
		t.Fatal(err)
	}
	b := v.browser(t)
	req := b.request("GET", "/event/workshop/live.json", "")
	req.Header.Set("Authorization", "Bearer "+signup.LiveSecret(secret, e))
	got := b.do(req)
	got.has(t, `"signed_up":4,"seated":2,"waiting":1,"revoked":1,"seats":2`, `"active":4,"typed":3`)
}

// The report names everybody and how they came, adds up, and its table holds no formulas.
func TestReport(t *testing.T) {
	v := open(t, figures, workshop())
	v.browser(t).join("open-sesame", "=cmd()")
	v.browser(t).join("open-sesame", "Idle")
	b := v.browser(t)
	ask := func(path string) answer {
		t.Helper()
		req := b.request("GET", path, "")
		req.Header.Set("Authorization", "Bearer "+signup.LiveSecret(secret, &event.Event{ID: "workshop"}))
		return b.do(req)
	}
	var rep struct {
		Total  struct{ Requests, Tokens, Cost_micros int64 }
		Active int
		Typed  int
		People []struct{ Name, Cost, Via, Came string }
	}
	if err := json.Unmarshal([]byte(ask("/event/workshop/report.json").body), &rep); err != nil {
		t.Fatal(err)
	}
	if rep.Total.Requests != 6 || rep.Total.Tokens != 80 || rep.Total.Cost_micros != 1_750_000 || rep.Active != 4 || rep.Typed != 2 || len(rep.People) != 5 || rep.People[0].Name != "=cmd()" {
		t.Errorf("%+v", rep)
	}
	table := ask("/event/workshop/report.csv")
	rows, err := csv.NewReader(strings.NewReader(table.body)).ReadAll()
	if err != nil || len(rows) != 6 || !strings.Contains(table.header.Get("Content-Disposition"), `filename="workshop.csv"`) {
		t.Fatalf("%v, %v", rows, err)
	}
	for i, came := range []string{"signed up", "code alone", "typed a name", "signed up, then left", "signed up"} {
		if rep.People[i].Came != came || rep.People[i].Via != rows[i+1][2] {
			t.Errorf("%s came %q, via %q, want %q", rep.People[i].Name, rep.People[i].Came, rep.People[i].Via, came)
		}
	}
	if rows[1][1] != "'=cmd()" || rows[1][8] != "1.50" || rows[2][1] != "guest" || rows[5][1] != "Idle" || rows[5][4] != "0" {
		t.Errorf("%q", rows)
	}
	bare := open(t, nil, workshop()).browser(t)
	req := bare.request("GET", "/event/workshop/live.json", "")
	req.Header.Set("Authorization", "Bearer "+signup.LiveSecret(secret, &event.Event{ID: "workshop"}))
	if got := bare.do(req); got.status != 503 || strings.Contains(got.body, "no figures") {
		t.Errorf("without figures: %d %s", got.status, got.body)
	}
}

// The event proxy's routes answer who signed up in this browser, in its shapes, and
// believe no header that anybody can write.
func TestAttendeeAPI(t *testing.T) {
	v := open(t, nil, workshop())
	ann, eve := v.browser(t), v.browser(t)
	const base = "/api/v1/attendee/event/workshop"
	page := ann.join("open-sesame", "Ann")
	req := eve.request("GET", base, "")
	req.Header.Set("X-Ms-Client-Principal", "eyJ1c2VySWQiOiJBbm4ifQ==")
	if got := eve.do(req); got.status != 404 || got.body != `"Attendee not found."` {
		t.Errorf("Eve: %d %s", got.status, got.body)
	}
	if got := eve.do(eve.request("POST", base+"/register", "")); got.status != 401 {
		t.Errorf("Eve registers: %d %s", got.status, got.body)
	}
	if got := ann.get(base); got.status != 200 || got.body != `{"apiKey":"`+page.key()+`","active":true}` {
		t.Errorf("Ann: %d %s", got.status, got.body)
	}
	if got := ann.do(ann.request("POST", base+"/register", "")); got.status != 201 || got.body != `{"api_key":"`+page.key()+`"}` {
		t.Errorf("Ann registers again: %d %s", got.status, got.body)
	}
	for path, want := range map[string]int{"/api/v1/attendee/event/none": 404, "/api/v1/attendee/event/": 404, base + "/other": 404, "/api/v1/attendee/event/..%2fworkshop": 404} {
		if got := ann.get(path); got.status != want {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := ann.get(base + "/register"); got.status != 405 {
		t.Errorf("GET register: %d", got.status)
	}
	if got := ann.do(ann.request("DELETE", base+"/register", "")); got.status != 204 || len(v.people.List(&event.Event{ID: "workshop"})) != 0 {
		t.Errorf("Ann leaves: %d", got.status)
	}
	if got := ann.get(base); got.status != 404 {
		t.Errorf("after that: %d", got.status)
	}
}
