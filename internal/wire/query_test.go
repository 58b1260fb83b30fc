package wire_test

import (
	"testing"

	"github.com/tallygate/tallygate/internal/wire"
)

// A project whose name is no segment is none.
func TestProjectsAreSegments(t *testing.T) {
	for _, name := range []string{"..", "%2e%2e", "p%2fopenai", "%252e%252e"} {
		refused(t, request(t, "POST /api/projects/"+name+"/openai/v1/chat/completions", `{"model":"m"}`), wire.Options{Table: allRoutes})
	}
}

// Where a model reads the request, nothing in the query chooses another deployment.
func TestQueryChoosesNoDeployment(t *testing.T) {
	for query, want := range map[string]string{
		"?deployment=gpt-5":                           "",
		"?api-version=v1&Model=gpt-5&x=1":             "api-version=v1&x=1",
		"?deployment%5fid=a&deployment-name=b&engine": "",
		"?x=model&y=%6dodel":                          "x=model&y=%6dodel",
	} {
		q := read(t, request(t, "POST /openai/v1/chat/completions"+query, `{"model":"m","messages":[]}`))
		if _, got := q.Target("dep"); got != want {
			t.Errorf("%s goes up as %q, want %q", query, got, want)
		}
	}
	if _, got := read(t, request(t, "GET /openai/v1/files?model=m", "")).Target(""); got != "model=m" {
		t.Errorf("where no model reads it, the query goes up as %q", got)
	}
}
