package policy_test

import (
	"errors"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/policy"
)

func TestModels(t *testing.T) {
	f := func(globs []string, ask tallygate.Ask, code string) {
		t.Helper()
		who := &tallygate.Identity{Caller: &tallygate.Caller{ID: "c", Models: globs}}
		err := policy.List{policy.Models{}}.Check(t.Context(), who, &ask)
		got := ""
		if err != nil {
			e, ok := errors.AsType[*tallygate.Error](err)
			if !ok || e.Kind != tallygate.Forbidden {
				t.Fatalf("Check(%v, %+v) = %v, want Forbidden", globs, ask, err)
			}
			got = e.Code
		}
		if got != code {
			t.Errorf("Check(%v, %+v) refused with %q, want %q", globs, ask, got, code)
		}
	}
	chat := tallygate.Ask{Operation: tallygate.ChatCompletions, Model: "gpt-4o"}
	files := tallygate.Ask{Operation: "files"}
	models := tallygate.Ask{Operation: tallygate.Models}
	f(nil, chat, "")                                    // no globs: every model
	f(nil, files, "")                                   // and every route
	f([]string{"o3", "gpt-4*"}, chat, "")               // one of several globs suffices
	f([]string{"gpt-4o-mini"}, chat, "ModelNotAllowed") // another model
	f([]string{"gpt-4o"}, files, "OperationNotAllowed") // a route without a model
	f([]string{"gpt-4o"}, models, "")                   // but the list may be read
}

// Somebody of an event may use every model that it offers, and no route on which
// others have objects.
func TestEventsReachNoObjects(t *testing.T) {
	who := &tallygate.Identity{Caller: &tallygate.Caller{ID: "event/e/ann", Event: "e", Attendee: "ann"}}
	check := func(ask tallygate.Ask) error { return policy.Models{}.Check(t.Context(), who, &ask) }
	if err := check(tallygate.Ask{Operation: tallygate.ChatCompletions, Model: "gpt-4o"}); err != nil {
		t.Error(err)
	}
	if err := check(tallygate.Ask{Operation: tallygate.Models}); err != nil {
		t.Error(err)
	}
	if err := check(tallygate.Ask{Operation: "files"}); err == nil {
		t.Error("an attendee reaches files that are everyone's")
	}
}
