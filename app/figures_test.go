package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// figures are what the organiser's live view and report tell.
type figures struct {
	Event  struct{ Signed_up, Waiting, Revoked int }
	Active int
	Typed  int
	Models []struct {
		Name     string
		Requests int64
	}
	Room []struct{ Name string }
}

// What the organiser sees agrees with what the admin side tells: who signed up, and
// who asked by the code alone. Models are those that the event offers, and what was
// asked of others, or of none, stands in one row, whatever callers made up.
func TestOrganisersFigures(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o, gpt-4o-mini]", "limits: [{tokens: 5M, per: event}]"))
	for _, name := range []string{"ann", "bob", "cid"} {
		if a, err := newGuest(&http.Client{Transport: http.DefaultTransport}).signUp(g.url, "workshop", "workshop2026", name); err != nil || a.status != 303 {
			t.Fatal(a.status, err)
		}
	}
	people := g.must(200, "GET", "/admin/v1/events/workshop/attendees", "").body
	bob := regexp.MustCompile(`"id":"(p-[0-9a-f]+)","name":"bob"`).FindStringSubmatch(people)
	if bob == nil {
		t.Fatal(people)
	}
	g.must(204, "POST", "/admin/v1/events/workshop/attendees/"+bob[1]+"/revoke", "")
	for _, model := range []string{"gpt-4o", "gpt-4o", "gpt-4o-mini", "gpt-5", "text-embedding-3-small", ""} {
		body := fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":"hi"}]}`, model)
		offered := strings.HasPrefix(model, "gpt-4o")
		if a := g.post("/openai/v1/chat/completions", body, "Api-Key", "workshop2026/dan"); (a.status == 200) != offered {
			t.Fatalf("%s: %d %s", model, a.status, a.body)
		}
	}
	var shown struct {
		Live               string
		Attendees, Waiting int
	}
	if err := json.Unmarshal([]byte(g.must(200, "GET", "/admin/v1/events/workshop", "").body), &shown); err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(shown.Live, "#")
	for _, what := range []string{"report.json", "live.json"} { // the report waits for what is on its way into the ledger
		var f figures
		a := g.do("GET", "/event/workshop/"+what, "", "Authorization", "Bearer "+secret)
		if err := json.Unmarshal([]byte(a.body), &f); err != nil || a.status != 200 {
			t.Fatal(a.status, err, a.body)
		}
		g.followed() // by the live view
		if f.Event.Signed_up != shown.Attendees || shown.Attendees != 3 || f.Event.Waiting != shown.Waiting || f.Event.Revoked != 1 || f.Active != 1 || f.Typed != 1 {
			t.Errorf("%s: %+v, the admin side has %+v", what, f, shown)
		}
		var rows []string
		for _, m := range f.Models {
			rows = append(rows, fmt.Sprintf("%s %d", m.Name, m.Requests))
		}
		want := []string{"gpt-4o 2", "gpt-4o-mini 1"}
		if what == "report.json" { // which has what was turned down, too
			want = append(want, "other 3")
		}
		if !slices.Equal(rows, want) {
			t.Errorf("%s: models %q", what, rows)
		}
		if what == "live.json" && (len(f.Room) != 1 || strings.Contains(f.Room[0].Name, "workshop")) {
			t.Errorf("room %+v", f.Room)
		}
	}
}

// followed waits until the live figures have all that is in the ledger.
func (g *gateway) followed() {
	g.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		a := g.must(200, "GET", "/metrics", "")
		if strings.Contains(a.body, `tallygate_follow_lag_entries{follower="figures of events"} 0`) {
			return
		}
		if time.Now().After(deadline) {
			g.t.Fatalf("the live figures are behind: %s", regexp.MustCompile(`.*follow_lag.*`).FindString(a.body))
		}
	}
}

// The live view keeps what it knows over a restart, counts what fails and what is turned
// down, and answers at once however often it is asked, of an event that many use.
func TestTheLiveViewsFigures(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]", "limits: [{requests: 30, per: event}]"))
	secret := g.liveSecret("workshop")
	type view struct {
		Active          int
		Requests        []int64
		Errors, Refused int64
	}
	look := func() (v view, sum int64) {
		t.Helper()
		a := g.do("GET", "/event/workshop/live.json", "", "Api-Key", "", "Authorization", "Bearer "+secret)
		if decode(t, a, &v); len(v.Requests) != 60 {
			t.Fatalf("%d minutes: %s", len(v.Requests), a.body)
		}
		for _, n := range v.Requests {
			sum += n
		}
		return v, sum
	}
	settle := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			v, sum := look()
			got := fmt.Sprintf("%d requests of %d people, %d refused", sum, v.Active, v.Refused)
			if got == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s, want %s", got, want)
			}
		}
	}
	for i := range 33 {
		g.post(chatPath, chat("hi"), "Api-Key", fmt.Sprintf("workshop2026/n%d", i%10))
	}
	g.post(chatPath, chat("hi")) // a team's is not the event's
	settle("30 requests of 10 people, 3 refused")
	g.stop()
	g.start()
	settle("30 requests of 10 people, 3 refused")
	g.post(chatPath, chat("hi"), "Api-Key", "workshop2026/late")
	settle("30 requests of 10 people, 4 refused")
	began := time.Now()
	for range 200 {
		look()
	}
	if each := time.Since(began) / 200; each > 50*time.Millisecond {
		t.Errorf("a look takes %v", each)
	}
}

// The sign-up page tells large limits so that people can read them.
func TestLimitsOnThePage(t *testing.T) {
	g := startGateway(t, three(), workshop("max_tokens: 4000", "limits: [{tokens: 5M, per: event}, {requests: 1000, per: day, each: attendee}]"))
	page := g.do("GET", "/event/workshop", "", "Api-Key", "").body
	for _, want := range []string{"At most 4,000 tokens an answer", "All together: 5,000,000 tokens for the event", "Each attendee: 1,000 requests a day"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
}
