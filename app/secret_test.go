package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The secret that attendees' keys follow from is its owner's alone, written whole, and
// stays the same at every start; nothing half is left beside it.
func TestEventSecret(t *testing.T) {
	g := startGateway(t, three(), "")
	path := filepath.Join(g.dir, "event.secret")
	first, err := os.ReadFile(path)
	if err != nil || len(first) < 32 {
		t.Fatal(len(first), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	g.stop()
	g.start()
	if again, err := os.ReadFile(path); err != nil || string(again) != string(first) {
		t.Errorf("another secret after a restart: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(g.dir, ".event.secret*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Who is left of a deleted event, as after a crash amid its deletion, does not come
// back with another event of its id.
func TestLeftOverAttendees(t *testing.T) {
	g := startGateway(t, three(), workshop())
	person := newGuest(&http.Client{Transport: http.DefaultTransport})
	if a, err := person.signUp(g.url, "workshop", "workshop2026", "ann"); err != nil || a.status != 303 {
		t.Fatal(a.status, err)
	}
	key, err := person.key(g.url, "workshop")
	if err != nil || key == "" {
		t.Fatal(err)
	}
	open := *g.config.Load()
	g.configure(open[:strings.Index(open, "events:")]) // an event of the file goes, its people stay
	if err := g.app.Reload(); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	g.must(201, "PUT", "/admin/v1/events/workshop", `{"name":"Another","code":"another2026","start":"`+now.Add(-time.Minute).Format(time.RFC3339)+
		`","end":"`+now.Add(time.Hour).Format(time.RFC3339)+`"}`)
	refusedWith(t, g.post(chatPath, chat("hi"), "Api-Key", key), 401, "401")
	if a := g.must(200, "GET", "/admin/v1/events/workshop/attendees", ""); strings.Contains(a.body, "ann") {
		t.Errorf("attendees of the event of before: %s", a.body)
	}
}
