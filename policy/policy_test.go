package policy_test

import (
	"context"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/policy"
)

// only is a policy of somebody else's: it knows one model.
type only string

func (p only) Check(_ context.Context, r policy.Request) error {
	if r.Ask.Model != string(p) {
		return &tallygate.Error{Kind: tallygate.Forbidden, Code: "NotThis"}
	}
	return nil
}

// Who would be refused a model is not shown it, whichever policy it is that refuses.
func TestLists(t *testing.T) {
	f := func(who tallygate.Caller, model string, want bool, policies ...policy.Policy) {
		t.Helper()
		if got := policy.List(policies).Lists(t.Context(), &tallygate.Identity{Caller: &who}, model); got != want {
			t.Errorf("Lists(%+v, %q) = %v, want %v", who, model, got, want)
		}
	}
	routes := policy.Routes{NoPassthrough: true}
	free, globbed := tallygate.Caller{ID: "c"}, tallygate.Caller{ID: "c", Models: []string{"gpt-4o*"}}
	f(free, "o3", true, routes)
	f(globbed, "o3", false, routes)
	f(globbed, "gpt-4o-mini", true, routes)
	f(globbed, "gpt-4o-mini", false, routes, only("gpt-4o"))
	f(globbed, "gpt-4o", true, routes, only("gpt-4o"))
	f(free, "o3", false, routes, only("gpt-4o"))
	f(tallygate.Caller{ID: "event/e/ann", Event: "e", Attendee: "ann"}, "gpt-4o", true, routes)
}
