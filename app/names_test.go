package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Where an event's names are to be forgotten, a name that is typed behind the shared
// code stands in the ledger as a pseudonym. The organiser and the person see the name
// until then; afterwards it is in no file of the gateway and in no log.
func TestTypedNamesAreForgotten(t *testing.T) {
	const name = "ann.the.typist"
	g := startGateway(t, three(), workshop("forget_after: 7", "limits: [{requests: 2, per: event, each: attendee}]"))
	ask := func(who string) answer { return g.post(chatPath, chat("hi"), "Api-Key", "workshop2026/"+who) }
	for _, spelling := range []string{name, strings.ToUpper(name)} {
		if a := ask(spelling); a.status != 200 {
			t.Fatal(a.status, a.body)
		}
	}
	refusedWith(t, ask(name), 429, "insufficient_quota") // one person, however it is spelt
	e := g.entries()[0]
	g.start() // a restart changes nothing
	if !strings.HasPrefix(e.Attendee, "t-") || strings.Contains(fmt.Sprintf("%+v", e), name) {
		t.Errorf("recorded as %+v", e)
	}
	people := func() string {
		t.Helper()
		return g.must(200, "GET", "/admin/v1/events/workshop/attendees", "").body
	}
	if !strings.Contains(people(), `"`+name+`"`) || !strings.Contains(people(), e.Attendee) {
		t.Errorf("attendees %s", people())
	}
	var session struct{ Name, Attendee string }
	a := g.do("GET", "/api/v1/session", "", "Api-Key", "workshop2026/"+name)
	if err := json.Unmarshal([]byte(a.body), &session); err != nil || session.Name != name || session.Attendee != e.Attendee {
		t.Errorf("session %s", a.body)
	}
	g.must(400, "POST", "/admin/v1/events/workshop/attendees/"+e.Attendee+"/revoke", "") // there is no key
	if a := g.do("POST", "/event/workshop/signup", "code=workshop2026&name="+name, "Api-Key", "", "Origin", g.url,
		"Content-Type", "application/x-www-form-urlencoded"); a.status != 303 || !strings.Contains(people(), `"p-`) || strings.Contains(people(), `"waiting":true`) {
		t.Errorf("who signs up is somebody else: %d %s", a.status, people())
	}

	ended := time.Now().UTC().AddDate(0, 0, -8)
	config := *g.config.Load()
	from := strings.Index(config, "start: ")
	to := strings.Index(config, ", forget_after")
	g.stop()
	g.configure(config[:from] + fmt.Sprintf("start: %s, end: %s", ended.Add(-time.Hour).Format(time.RFC3339), ended.Format(time.RFC3339)) + config[to:])
	g.start()
	for deadline := time.Now().Add(10 * time.Second); strings.Contains(people(), name); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("eight days after the end the name is still there")
		}
	}
	refusedWith(t, ask(name), 401, "EventEnded") // and is not learnt again
	g.stop()
	err := filepath.WalkDir(g.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), name) {
			t.Errorf("%s still has the name", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(g.logs.String(), name) {
		t.Error("the log has the name")
	}
}

// The code of an event with invited people or seats is for signing up alone: with it
// nobody gets in on any route, under whatever name, and who signed up does.
func TestADoorThatTheCodeDoesNotOpen(t *testing.T) {
	for _, door := range []string{"roster: [ann@example.com]", "domains: [example.com]", "seats: 2"} {
		g := startGateway(t, three(), workshop(door))
		for _, key := range []string{"workshop2026", "workshop2026/ann@example.com", "workshop@workshop2026/ann@example.com"} {
			refusedWith(t, g.post(chatPath, chat("hi"), "Api-Key", key), 401, "EventSignUpNeeded")
		}
		a := g.do("POST", "/api/oai_prompt", `{"messages":[{"role":"user","content":"hi"}],"max_tokens":9,"temperature":0.5}`, "Api-Key", "", "Openai-Event-Code", "workshop2026")
		if a.status != 401 {
			t.Errorf("%s: the event proxy's route answers %d %s", door, a.status, a.body)
		}
		for _, name := range []string{"ann@example.com", "ben@elsewhere.org"} {
			invited := name == "ann@example.com" || strings.HasPrefix(door, "seats")
			person := newGuest(&http.Client{Transport: http.DefaultTransport})
			if a, err := person.signUp(g.url, "workshop", "workshop2026", name); err != nil || (a.status == 303) != invited {
				t.Fatalf("%s: %s signs up: %d %v", door, name, a.status, err)
			}
			if !invited {
				continue
			}
			key, err := person.key(g.url, "workshop")
			if err != nil || key == "" {
				t.Fatalf("%s: %s has no key: %v", door, name, err)
			}
			if a := g.post(chatPath, chat("hi"), "Api-Key", key); a.status != 200 {
				t.Errorf("%s: who signed up is refused: %s", door, a.body)
			}
		}
	}
}

// Who gets a key again whose seat is somebody else's by now waits for a seat.
func TestASeatIsTakenOnce(t *testing.T) {
	g := startGateway(t, three(), workshop("seats: 1"))
	ann, ben := newGuest(&http.Client{Transport: http.DefaultTransport}), newGuest(&http.Client{Transport: http.DefaultTransport})
	for name, person := range map[string]*guest{"ann": ann, "ben": ben} {
		if a, err := person.signUp(g.url, "workshop", "workshop2026", name); err != nil || a.status != 303 {
			t.Fatal(name, a.status, err)
		}
	}
	key := func(person *guest) bool {
		t.Helper()
		k, err := person.key(g.url, "workshop")
		if err != nil {
			t.Fatal(err)
		}
		return k != ""
	}
	if key(ann) == key(ben) {
		t.Fatal("one seat, and two keys or none")
	}
	first, second := ann, ben
	if key(ben) {
		first, second = ben, ann
	}
	var list struct {
		Attendees []struct {
			ID      string
			Waiting bool
		}
	}
	if err := json.Unmarshal([]byte(g.must(200, "GET", "/admin/v1/events/workshop/attendees", "").body), &list); err != nil {
		t.Fatal(err)
	}
	seated := ""
	for _, a := range list.Attendees {
		if !a.Waiting {
			seated = a.ID
		}
	}
	g.must(204, "POST", "/admin/v1/events/workshop/attendees/"+seated+"/revoke", "")
	if key(first) || !key(second) {
		t.Error("the seat did not go to who waited")
	}
	g.must(204, "POST", "/admin/v1/events/workshop/attendees/"+seated+"/restore", "")
	if key(first) || !key(second) {
		t.Error("a second key for one seat")
	}
}
