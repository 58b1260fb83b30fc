package policy_test

import (
	"errors"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/policy"
)

func TestMatch(t *testing.T) {
	f := func(glob, name string, want bool) {
		t.Helper()
		if got := policy.Match(glob, name); got != want {
			t.Errorf("Match(%q, %q) = %v, want %v", glob, name, got, want)
		}
	}
	f("gpt-4o", "gpt-4o", true)
	f("gpt-4o", "GPT-4O", true)          // names are case-insensitive
	f("gpt-4o", "gpt-4o-mini", false)    // no star, no prefix
	f("gpt-4o*", "gpt-4o-mini", true)    // star at the end
	f("gpt-4o*", "gpt-4o", true)         // star may be empty
	f("*-mini", "gpt-4o-mini", true)     // star at the beginning
	f("gpt-*-mini", "gpt-4o-mini", true) // star in the middle
	f("gpt-*-mini", "gpt-4o-minimal", false)
	f("*a*b*", "xaxxbx", true)
	f("*a*b*", "xbxxax", false)
	f("*", "", true)
	f("", "", true)
	f("", "x", false)
	f("my dep/*", "my dep/x", true) // deployment names may hold anything
	f("*aaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)
}

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
