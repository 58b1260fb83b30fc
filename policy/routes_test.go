package policy_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/policy"
)

// The kinds of requests.
var (
	chat   = tallygate.Ask{Method: "POST", Operation: tallygate.ChatCompletions, Access: tallygate.ToModel, Model: "gpt-4o"}
	files  = tallygate.Ask{Method: "GET", Operation: "files"}
	models = tallygate.Ask{Method: "GET", Operation: tallygate.Models, Access: tallygate.ToList}
)

// with returns the ask with something changed.
func with(ask tallygate.Ask, change func(*tallygate.Ask)) tallygate.Ask {
	change(&ask)
	return ask
}

func TestRoutes(t *testing.T) {
	f := func(p policy.Routes, who tallygate.Caller, ask tallygate.Ask, code string) {
		t.Helper()
		err := policy.List{p}.Check(t.Context(), policy.Request{Who: &tallygate.Identity{Caller: &who}, Ask: &ask})
		got := ""
		if err != nil {
			e, ok := errors.AsType[*tallygate.Error](err)
			if !ok || e.Kind != tallygate.Forbidden && e.Kind != tallygate.BadRequest || e.Message == "" {
				t.Fatalf("Check(%+v, %+v) = %v", who, ask, err)
			}
			got = e.Code
		}
		if got != code {
			t.Errorf("Check(%+v, %+v) refused with %q, want %q", who, ask, got, code)
		}
	}
	open, closed := policy.Routes{}, policy.Routes{NoPassthrough: true}
	all := tallygate.Caller{ID: "c"}
	globbed := func(globs ...string) tallygate.Caller { return tallygate.Caller{ID: "c", Models: globs} }
	ann := tallygate.Caller{ID: "event/e/ann", Event: "e", Attendee: "ann"}

	f(open, all, chat, "")                                    // no globs: every model
	f(open, all, files, "")                                   // and every route
	f(closed, all, chat, "")                                  // unless they are closed,
	f(closed, all, files, "OperationNotAllowed")              // whatever
	f(closed, all, with(files, named), "OperationNotAllowed") // the body says
	f(closed, all, models, "")                                // the list is the gateway's own
	f(open, globbed("o3", "gpt-4*"), chat, "")                // one of several globs suffices
	f(open, globbed("gpt-4o-mini"), chat, "ModelNotAllowed")  // another model
	f(open, globbed("gpt-4o"), files, "OperationNotAllowed")  // a route that no model reads,
	f(open, globbed("*"), files, "OperationNotAllowed")       // though every model is allowed,
	f(open, globbed("gpt-4o"), with(files, named), "OperationNotAllowed")
	f(open, globbed("gpt-4o"), models, "") // but the list may be read
	f(open, globbed("*"), with(chat, func(a *tallygate.Ask) { a.Model = "" }), "OperationNotAllowed")
	f(open, globbed("*"), with(chat, func(a *tallygate.Ask) { a.Method = "DELETE" }), "OperationNotAllowed")
	f(open, ann, chat, "")
	f(open, ann, models, "")
	f(open, ann, files, "OperationNotAllowed")

	refers := with(chat, func(a *tallygate.Ask) { a.Refers = true })
	f(open, all, refers, "")
	f(open, globbed("*"), refers, "ReferenceNotAllowed")
	f(open, ann, refers, "ReferenceNotAllowed")

	reaches := with(chat, func(a *tallygate.Ask) { a.Reach = tallygate.ReachTools | tallygate.ReachImages })
	f(open, all, reaches, "")
	f(open, globbed("*"), reaches, "")
	f(open, ann, reaches, "ReachNotAllowed")
	ann.Allow = tallygate.ReachTools
	f(open, ann, reaches, "ReachNotAllowed")
	ann.Allow |= tallygate.ReachImages
	f(open, ann, reaches, "")
}

func named(a *tallygate.Ask) { a.Model = "gpt-4o" }

// What is not allowed is named, and what is allowed is not.
func TestReachIsNamed(t *testing.T) {
	who := &tallygate.Identity{Caller: &tallygate.Caller{Event: "e", Allow: tallygate.ReachImages}}
	ask := with(chat, func(a *tallygate.Ask) {
		a.Method, a.Reach = http.MethodPost, tallygate.ReachData|tallygate.ReachImages|tallygate.ReachTools
	})
	err := tallygate.AsError(policy.Routes{}.Check(t.Context(), policy.Request{Who: who, Ask: &ask}))
	if err == nil || !strings.Contains(err.Message, "tools, data_sources") || strings.Contains(err.Message, "images") {
		t.Errorf("refused with %v", err)
	}
}

// Who reaches no stored objects starts no work whose answer is one.
func TestNoBackgroundWithoutObjects(t *testing.T) {
	ask := tallygate.Ask{Method: "POST", Operation: tallygate.Responses, Access: tallygate.ToModel, Model: "gpt-4o", Background: true}
	for _, c := range []struct {
		who tallygate.Caller
		ok  bool
	}{
		{tallygate.Caller{ID: "free"}, true},
		{tallygate.Caller{ID: "globbed", Models: []string{"*"}}, false},
		{tallygate.Caller{ID: "attendee", Event: "e", Allow: tallygate.ReachTools}, false},
	} {
		err := policy.Routes{}.Check(t.Context(), policy.Request{Who: &tallygate.Identity{Caller: &c.who}, Ask: &ask})
		if (err == nil) != c.ok || !c.ok && tallygate.AsError(err).Kind != tallygate.BadRequest {
			t.Errorf("%s: %v", c.who.ID, err)
		}
	}
}
