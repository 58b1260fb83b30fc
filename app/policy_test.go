package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/policy"
)

// without is a policy that forbids a model.
type without string

func (m without) Check(_ context.Context, r policy.Request) error {
	if strings.EqualFold(r.Ask.Model, string(m)) {
		return &tallygate.Error{Kind: tallygate.Forbidden, Code: "NotThis", Message: "Not this one."}
	}
	return nil
}

// What a policy of somebody else's refuses is in no list of models: neither that of SDKs
// nor that of the playground.
func TestModelsThatAPolicyForbids(t *testing.T) {
	g := startGateway(t, three(), "")
	g.stop()
	g.policies = []policy.Policy{without("gpt-4o")}
	g.start()
	if a := g.post(chatPath, chat("Hello")); a.status != 403 || a.code() != "NotThis" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, path := range []string{"/openai/v1/models", "/api/v1/session"} {
		a := g.do("GET", path, "", "Api-Key", teamKey)
		if a.status != 200 || strings.Contains(a.body, `"gpt-4o"`) || !strings.Contains(a.body, `"gpt-4o-mini"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := g.do("GET", "/openai/v1/models/gpt-4o", "", "Api-Key", teamKey); a.status != 404 {
		t.Errorf("one of them: %d %s", a.status, a.body)
	}
}
