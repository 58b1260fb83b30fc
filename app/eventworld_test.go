package app_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/world"
)

// eventJSON is an event that is open for an hour; members are further ones of it.
func eventJSON(code string, members ...string) string {
	now := time.Now().UTC()
	return fmt.Sprintf(`{"name":"Lab","code":%q,"start":%q,"end":%q%s}`, code, now.Add(-time.Minute).Format(time.RFC3339),
		now.Add(time.Hour).Format(time.RFC3339), strings.Join(append([]string{""}, members...), ","))
}

// opens reports whether an organiser's link opens the event's code cards.
func (g *gateway) opens(id, secret string) bool {
	g.t.Helper()
	a := g.do("GET", "/event/"+id+"/cards.json", "", "Api-Key", "", "Authorization", "Bearer "+secret)
	if a.status != http.StatusOK && a.status != http.StatusUnauthorized {
		g.t.Errorf("the cards of %s: %d %s", id, a.status, a.body)
	}
	return a.status == http.StatusOK
}

// What was made for an event opens nothing of one that has its id after it: not the
// organiser's link, not an attendee's key or cookie; nor does anybody appear there under
// the pseudonym of before. A change of an event, and a restart, leave all of it.
func TestAnEventMadeAgain(t *testing.T) {
	g := startGateway(t, three(), "")
	g.must(201, "PUT", "/admin/v1/events/party", eventJSON("party-people"))
	link := g.liveSecret("party")
	ann, key := g.member("ann")
	ask := func(key string) answer { return g.post(chatPath, chat("hi"), "Api-Key", key) }
	if a := ask(key); a.status != 200 {
		t.Fatal(a.body)
	}
	g.must(200, "PUT", "/admin/v1/events/party", eventJSON("party-people", `"nonce":"mine"`, `"seats":5`), "If-Match", "*")
	g.stop()
	g.start()
	if !g.opens("party", link) || ask(key).status != 200 {
		t.Fatal("a change or a restart ended the link or the key")
	}
	if got, err := ann.key(g.url, "party"); err != nil || got != key {
		t.Fatalf("Ann's page has %q: %v", got, err)
	}
	g.must(204, "DELETE", "/admin/v1/events/party", "")
	refusedWith(t, ask(key), 401, "401")
	g.must(201, "PUT", "/admin/v1/events/party", eventJSON("other-people", `"nonce":"mine"`))
	if g.opens("party", link) {
		t.Error("the link of the organiser of before opens the event, with its code")
	}
	if now := g.liveSecret("party"); now == link || !g.opens("party", now) {
		t.Error("the new organiser's link does not open it, or is the old one")
	}
	refusedWith(t, ask(key), 401, "401")
	if a, err := ann.do("GET", g.url, "/event/party", ""); err != nil || strings.Contains(a.body, "tge-") || !strings.Contains(a.body, "Get your key") {
		t.Errorf("the cookie of before: %v %.300s", err, a.body)
	}
	if a, err := ann.signUp(g.url, "party", "other-people", "ann"); err != nil || a.status != http.StatusSeeOther {
		t.Fatal(a.status, err)
	}
	again, err := ann.key(g.url, "party")
	if err != nil || again == key || ask(again).status != 200 {
		t.Errorf("signed up again: %q, %v", again, err)
	}
	a := g.do("GET", "/event/party/report.json", "", "Api-Key", "", "Authorization", "Bearer "+g.liveSecret("party"))
	var report struct{ Total struct{ Requests int } }
	if decode(t, a, &report); report.Total.Requests != 1 {
		t.Errorf("the report of the new event counts %d requests: %s", report.Total.Requests, a.body)
	}
	attendees := make(map[string]bool)
	for _, e := range g.entries() {
		if e.Attendee != "" {
			attendees[e.Attendee] = true
		}
	}
	if len(attendees) != 2 {
		t.Errorf("the ledger knows %v: one of each event is due", attendees)
	}
}

// An event that was stored before there were nonces keeps its link, its keys and its
// pseudonyms when it is changed; made again it is another one.
func TestAnEventWithoutANonce(t *testing.T) {
	g := startGateway(t, three(), "")
	g.stop()
	store, err := sqlite.Open(t.Context(), filepath.Join(g.dir, app.StoreFile), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Objects().Put(t.Context(), object.Object{Kind: world.EventKind, ID: "party", Data: []byte(eventJSON("party-people"))}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	g.start()
	link := g.liveSecret("party")
	_, key := g.member("ann")
	a := g.must(200, "PUT", "/admin/v1/events/party", eventJSON("party-people", `"seats":5`), "If-Match", "*")
	if strings.Contains(a.body, "nonce") {
		t.Errorf("it has a nonce now: %s", a.body)
	}
	if !g.opens("party", link) || g.post(chatPath, chat("hi"), "Api-Key", key).status != 200 {
		t.Error("its link or its keys ended with a change")
	}
	g.must(200, "PUT", "/admin/v1/events/party", eventJSON("party-people", `"link":1`), "If-Match", "*")
	if g.opens("party", link) {
		t.Error("the link goes on after its renewal")
	}
	link = g.liveSecret("party")
	g.must(204, "DELETE", "/admin/v1/events/party", "")
	g.must(201, "PUT", "/admin/v1/events/party", eventJSON("party-people", `"link":1`))
	if g.opens("party", link) {
		t.Error("the old link opens the event that was made again")
	}
}

// Nobody is let in by an event whose limits are not there, at no instant of its making,
// its changing and its going.
func TestAnEventComesWithItsLimits(t *testing.T) {
	g := startGateway(t, three(), "")
	body := eventJSON("party-people", `"limits":[{"requests":0,"per":"event"}]`)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				if a := g.post(chatPath, chat("hi"), "Api-Key", fmt.Sprintf("party-people/n%d", (n+i)%20)); a.status == 200 || a.status >= 500 {
					t.Errorf("somebody was let in without limits: %d %s", a.status, a.body)
					return
				}
			}
		})
	}
	for range 25 {
		g.must(201, "PUT", "/admin/v1/events/party", body)
		g.must(200, "PUT", "/admin/v1/events/party", body, "If-Match", "*")
		g.must(204, "DELETE", "/admin/v1/events/party", "")
	}
	close(done)
	wg.Wait()
}
