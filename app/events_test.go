package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// workshop is an events section with one event that is open for an hour; members are
// further keys of it.
func workshop(members ...string) string {
	now := time.Now().UTC()
	return fmt.Sprintf("events:\n  - {name: Workshop, code: workshop2026, start: %s, end: %s%s}\n",
		now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339),
		strings.Join(append([]string{""}, members...), ", "))
}

// Somebody with an event's code and a name is a caller like any other: held to the
// event's models, cap and limits, and by name in the ledger.
func TestAnEvent(t *testing.T) {
	g := startGateway(t, three(), workshop("models: [gpt-4o]", "max_tokens: 20", "limits: [{requests: 2, per: event, each: attendee}]"))
	ask := func(path, key string) answer { return g.post(path, chat("[[tokens=90]]"), "Api-Key", key) }
	a := ask(chatPath, "workshop2026/Ann")
	if n := completionTokens(t, a); n != 20 {
		t.Errorf("%d tokens under a cap of 20", n)
	}
	if name := a.header.Get("X-Tallygate-Deployment"); !strings.HasSuffix(name, "/gpt-4o") {
		t.Errorf("deployment %q", name)
	}
	refusedWith(t, ask(strings.Replace(chatPath, "gpt-4o", "gpt-4o-mini", 1), "workshop2026/Ann"), 403, "ModelNotAllowed")
	if a := ask(chatPath, "workshop@workshop2026/ann"); a.status != 200 {
		t.Error("the second of two: ", a.body)
	}
	refusedWith(t, ask(chatPath, "workshop2026/ann"), 429, "insufficient_quota")
	if a := ask(chatPath, "workshop2026/bob"); a.status != 200 {
		t.Error("somebody else: ", a.body)
	}
	refusedWith(t, ask(chatPath, "workshop2027/ann"), 401, "401")
	e := g.entries()[0]
	if e.Event != "workshop" || e.Attendee != "ann" || e.Caller != "event/workshop/ann" || !e.Counted {
		t.Errorf("recorded as %+v", e)
	}
}

// An event that was made inactive refuses at once and says so; the other reasons are
// told apart in the registry's own tests, in virtual time.
func TestAnInactiveEvent(t *testing.T) {
	g := startGateway(t, three(), workshop())
	open := *g.config.Load()
	reload := func(config string) {
		t.Helper()
		g.configure(config)
		if err := g.app.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	ask := func() answer { return g.post(chatPath, chat("hi"), "Api-Key", "workshop2026/ann") }
	if a := ask(); a.status != 200 {
		t.Fatal(a.body)
	}
	reload(strings.Replace(open, "code: workshop2026", "code: workshop2026, active: false", 1))
	a := ask()
	refusedWith(t, a, 401, "EventInactive")
	if strings.Contains(a.body, "workshop2026") {
		t.Errorf("the refusal shows the code: %s", a.body)
	}
	reload(open)
	if a := ask(); a.status != 200 {
		t.Error(a.body)
	}
}
