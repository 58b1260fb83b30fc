package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/world"
)

// arrive comes to an event by its bare code and a name, as the playground does.
func (g *gateway) arrive(code, name string, header ...string) answer {
	g.t.Helper()
	body, err := json.Marshal(map[string]string{"code": code, "name": name})
	if err != nil {
		g.t.Fatal(err)
	}
	return g.do("POST", "/api/v1/door", string(body), append([]string{"Api-Key", "", "Origin", g.url}, header...)...)
}

// keyIn is the key that an answer of the door holds.
func keyIn(t *testing.T, a answer) string {
	t.Helper()
	var out struct{ Key string }
	decode(t, a, &out)
	return out.Key
}

// Two people who come by the bare code are two: each with a quota of its own, a name in
// the report and a pseudonym in the ledger. The event proxy's own routes keep the guest.
func TestTwoComeByTheBareCode(t *testing.T) {
	g := startGateway(t, three(), workshop("limits: [{requests: 3, per: event, each: attendee}]"))
	ann, bob := keyIn(t, g.arrive("workshop2026", "Ann")), keyIn(t, g.arrive("WORKSHOP2026", "Bob"))
	for i := range 4 {
		for name, key := range map[string]string{"Ann": ann, "Bob": bob} {
			if a := g.post(chatPath, chat("hi"), "Api-Key", key); (a.status == 200) != (i < 3) {
				t.Errorf("request %d of %s: %d %s", i+1, name, a.status, a.body)
			}
		}
	}
	if a := g.do("GET", "/api/v1/session", "", "Api-Key", "WORKSHOP2026"); !strings.Contains(a.body, `"attendee":"guest"`) {
		t.Errorf("the bare code: %s", a.body)
	}
	a := g.do("POST", "/api/oai_prompt", `{"messages":[{"role":"user","content":"hi"}],"max_tokens":9,"temperature":0.5}`, "Api-Key", "", "Openai-Event-Code", "workshop2026")
	if a.status != 200 {
		t.Errorf("the event proxy's route: %d %s", a.status, a.body)
	}
	report := g.do("GET", "/event/workshop/report.json", "", "Api-Key", "", "Authorization", "Bearer "+g.liveSecret("workshop"))
	var out struct {
		People []struct {
			Name     string
			Requests int
		}
	}
	decode(t, report, &out)
	got := make(map[string]int)
	for _, p := range out.People {
		got[p.Name] = p.Requests
	}
	// The one that was turned down stands there too.
	if len(got) != 3 || got["Ann"] != 4 || got["Bob"] != 4 || got["guest"] != 1 {
		t.Errorf("the report has %v", got)
	}
	for _, e := range g.entries() {
		if strings.Contains(fmt.Sprintf("%+v", e), "Ann") {
			t.Errorf("the ledger has the name: %+v", e)
		}
	}
	if log := g.logs.String(); strings.Contains(log, "tge-") || strings.Contains(strings.ToLower(log), "workshop2026") {
		t.Error("the log has a key or the code")
	}
}

// A room of a hundred behind one address comes in by the code and a name each; beyond what
// an address may bring, new names wait, and those of the room go on.
func TestARoomComesIn(t *testing.T) {
	g := startGateway(t, three(), workshop())
	for i := range 150 {
		if a := g.arrive("workshop2026", fmt.Sprintf("Person %d", i)); a.status != 200 {
			t.Fatalf("person %d: %d %s", i, a.status, a.body)
		}
	}
	if a := g.arrive("workshop2026", "Person 150"); a.status != 429 || a.code() != "TooManyNames" || a.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d %s", a.status, a.body)
	}
	if a := g.arrive("workshop2026", "person 7"); a.status != 409 || a.code() != "NameTaken" {
		t.Errorf("a name that is taken: %d %s", a.status, a.body)
	}
}

// The code of an event with a door of its own leads to where one signs up, named in the
// refusal and not more; any key moves by a ticket; the door is for its own origin's pages.
func TestTheEntrance(t *testing.T) {
	g := startGateway(t, three(), workshop("seats: 5")+"portal: {organisation: Contoso, help: 'mailto:help@contoso.com'}\n")
	for _, code := range []string{"workshop2026", "WORKSHOP2026", "workshop2026/ann"} {
		a := g.do("GET", "/api/v1/session", "", "Api-Key", code)
		if a.status != 401 || a.code() != "EventSignUpNeeded" || !strings.Contains(a.body, `"id":"workshop"`) {
			t.Errorf("%s: %d %s", code, a.status, a.body)
		}
	}
	refusedWith(t, g.arrive("workshop2026", "Ann"), 401, "EventSignUpNeeded")
	refusedWith(t, g.arrive("nothing2026", "Ann"), 401, "CodeUnknown")
	if a := g.do("GET", "/api/v1/door", "", "Api-Key", ""); a.status != 200 || a.body != `{"organisation":"Contoso","help":"mailto:help@contoso.com"}` {
		t.Errorf("the portal: %d %s", a.status, a.body)
	}
	var ticket struct{ URL string }
	decode(t, g.do("POST", "/api/v1/door/ticket", "", "Origin", g.url), &ticket)
	_, secret, _ := strings.Cut(ticket.URL, "/#ticket=")
	redeem := func() answer {
		return g.do("POST", "/api/v1/door/key", `{"ticket":"`+secret+`"}`, "Api-Key", "", "Origin", g.url)
	}
	if got := keyIn(t, redeem()); got != teamKey {
		t.Errorf("the ticket leads to another key")
	}
	refusedWith(t, redeem(), 410, "TicketGone")
	for _, path := range []string{"/api/v1/door", "/api/v1/door/ticket", "/api/v1/door/key"} {
		if a := g.do("POST", path, "{}", "Origin", "https://evil.example"); a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s from another origin: %d", path, a.status)
		}
		a := g.do("OPTIONS", path, "", "Api-Key", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
		if a.status != http.StatusForbidden || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a preflight of %s: %d %v", path, a.status, a.header)
		}
	}
	if strings.Contains(g.logs.String(), secret) || strings.Contains(g.logs.String(), teamKey) {
		t.Error("the log has the ticket or the key")
	}
}

// Codes that differ in case alone cannot be made, wherever the other is from.
func TestCodesOfOneSpelling(t *testing.T) {
	g := startGateway(t, three(), workshop())
	g.must(201, "PUT", "/admin/v1/events/lab", eventJSON("lab-code-1"))
	for _, code := range []string{"WORKSHOP2026", "Lab-Code-1"} {
		if a := g.control("PUT", "/admin/v1/events/other", eventJSON(code)); a.status < 400 || !strings.Contains(a.body, "in case alone") && !strings.Contains(a.body, "upper and lower case") {
			t.Errorf("%s: %d %s", code, a.status, a.body)
		}
	}
}

// A logo that browsers would block is refused with the reason where it is new. An event
// that has one from before goes on, and is changed in all else.
func TestBlockedLogos(t *testing.T) {
	g := startGateway(t, three(), "")
	const blocked = `"logo":"http://example.com/a.png"`
	a := g.control("PUT", "/admin/v1/events/party", eventJSON("party-people", blocked))
	if a.status != 400 || !strings.Contains(a.body, "over https alone") {
		t.Errorf("%d %s", a.status, a.body)
	}
	g.stop()
	store, err := sqlite.Open(t.Context(), filepath.Join(g.dir, app.StoreFile), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Objects().Put(t.Context(), object.Object{Kind: world.EventKind, ID: "party", Data: []byte(eventJSON("party-people", blocked))}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	g.start()
	g.must(200, "PUT", "/admin/v1/events/party", eventJSON("party-people", blocked, `"seats":5`), "If-Match", "*")
	if a := g.do("GET", "/event/party", "", "Api-Key", ""); a.status != 200 || strings.Contains(a.body, "example.com/a.png") {
		t.Errorf("its page: %d, with the picture or not", a.status)
	}
}

// A hundred come at once by the bare code. Nobody shares a quota, and the report says of
// each what the ledger does, to the token.
func TestAHundredByTheDoor(t *testing.T) {
	g := startGateway(t, three(), workshop("limits: [{requests: 2, per: event, each: attendee}]"))
	const people = 100
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			b := newGuest(&http.Client{Transport: http.DefaultTransport})
			a, err := b.do("POST", g.url, "/api/v1/door", fmt.Sprintf(`{"code":"Workshop2026","name":"Person %d","remember":true}`, i), "Content-Type", "application/json")
			if err != nil || a.status != 200 || len(b.cookies) != 1 {
				t.Errorf("person %d: %d %s, %v", i, a.status, a.body, err)
				return
			}
			var in struct{ Key string }
			if err := json.Unmarshal([]byte(a.body), &in); err != nil {
				t.Error(err)
			}
			for n := range 3 {
				a, err := b.do("POST", g.url, chatPath, chat(fmt.Sprintf("hi [[tokens=%d]]", i+n)), "Content-Type", "application/json", "Api-Key", in.Key)
				if err != nil || (a.status == 200) != (n < 2) {
					t.Errorf("request %d of person %d: %d %s, %v", n, i, a.status, a.body, err)
				}
			}
		})
	}
	wg.Wait()
	var report struct {
		Total  struct{ Tokens int64 }
		People []struct {
			ID     string
			Tokens int64
		}
	}
	decode(t, g.do("GET", "/event/workshop/report.json", "", "Api-Key", "", "Authorization", "Bearer "+g.liveSecret("workshop")), &report)
	tokens, total := make(map[string]int64), int64(0)
	for _, e := range g.entries() {
		tokens[e.Attendee] += e.Usage.Total
		total += e.Usage.Total
	}
	if len(report.People) != people || len(tokens) != people || report.Total.Tokens != total || total == 0 {
		t.Errorf("the report has %d people and %d tokens, the ledger %d and %d", len(report.People), report.Total.Tokens, len(tokens), total)
	}
	for _, p := range report.People {
		if tokens[p.ID] != p.Tokens {
			t.Errorf("%s: %d tokens in the report, %d in the ledger", p.ID, p.Tokens, tokens[p.ID])
		}
	}
}
