package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// Who only looks around uses up no name of its address: the list of models, what a key
// may do, a refusal. Nothing of such names is kept; names that ask a model count.
func TestLookingAroundTakesNoName(t *testing.T) {
	g := startGateway(t, three(), workshop("per_address: 3"))
	ask := func(name string) answer {
		return g.post(chatPath, chat("Hello", `"max_tokens":5`), "Api-Key", "workshop2026/"+name)
	}
	for i := range 20 {
		key := fmt.Sprintf("workshop2026/looks-%d", i)
		for path, want := range map[string]int{"/openai/v1/models": 200, "/api/v1/session": 200, "/openai/v1/files": 403} {
			if a := g.do("GET", path, "", "Api-Key", key); a.status != want {
				t.Fatalf("%s: %d %s", path, a.status, a.body)
			}
		}
	}
	for i := range 3 {
		if a := ask(fmt.Sprintf("ann-%d", i)); a.status != 200 {
			t.Fatalf("%d: %d %s", i, a.status, a.body)
		}
	}
	refusedWith(t, ask("eve"), 429, "TooManyNames")
	if a := ask("ANN-1"); a.status != 200 {
		t.Errorf("a name that was used: %d %s", a.status, a.body)
	}
	who := map[string]int{}
	for _, e := range g.entries() {
		if who[e.Attendee]++; e.Event != "workshop" {
			t.Errorf("%+v", e)
		}
	}
	if len(who) != 4 || who["ann-1"] != 2 || who[""] != 41 {
		t.Errorf("the ledger has the names %v", who)
	}
}

// Who typed a name that is to be forgotten sees it from the start, and nobody else does
// before a model was asked.
func TestANewNameIsShownToItsOwner(t *testing.T) {
	g := startGateway(t, three(), workshop("forget_after: 1"))
	key := "workshop2026/Zoe"
	for i := range 2 {
		if a := g.do("GET", "/api/v1/session", "", "Api-Key", key); a.status != 200 || !strings.Contains(a.body, `"name":"zoe"`) {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := g.control("GET", "/admin/v1/events/workshop/attendees", ""); a.status != 200 || strings.Contains(a.body, "zoe") != (i > 0) {
			t.Errorf("after %d: %d %s", i, a.status, a.body)
		}
		if a := g.post(chatPath, chat("Hello", `"max_tokens":5`), "Api-Key", key); a.status != 200 {
			t.Fatal(a.body)
		}
	}
}
