package op_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/op"
)

// filled puts ids into a route's path.
func filled(path string) string {
	return strings.NewReplacer("{id...}", "id-1/x", "{id}", "id-1").Replace(path)
}

// What a route reaches depends on its method and path in every dialect and letter case,
// and on nothing that the body says; a body's model is one where a model reads it.
func TestRoutesDecide(t *testing.T) {
	const body = `{"model":"m","messages":[],"input":"x"}`
	n := 0
	for method, r := range op.New().All() {
		n++
		path := filled(string(r.Template))
		for _, line := range []string{
			fmt.Sprintf("%s /openai/v1/%s", method, path),
			fmt.Sprintf("%s /v1/%s/", method, path),
			fmt.Sprintf("%s /openai/%s%s", method, path, dated),
			fmt.Sprintf("%s /openai/v1/%s", method, strings.ToUpper(path)),
		} {
			for _, body := range []string{"", body} {
				if body == "" && r.Access == tallygate.ToModel {
					continue
				}
				q, u := read(t, line, body)
				if u.Template != r.Template || q.Operation != r.Template || len(q.Refs) != len(r.Names) {
					t.Errorf("%s: is %s (%s), with the ids %q", line, u.Template, q.Operation, q.Refs)
				}
				if q.Access != r.Access || q.Starts != r.Starts {
					t.Errorf("%s: reaches %d, starts %v; want %d, %v", line, q.Access, q.Starts, r.Access, r.Starts)
				}
				if named := q.Model == "m"; named != (r.Access == tallygate.ToModel) {
					t.Errorf("%s: the body's model counts: %v", line, named)
				}
				if q.Kept() != (r.Access != tallygate.ToModel) {
					t.Errorf("%s: kept is %v", line, q.Kept())
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d routes", n)
	}
}

// What nobody has put into the table counts as reaching everything and, unless it only
// reads or deletes, as starting what may do most.
func TestUnknownRoutes(t *testing.T) {
	for _, path := range []string{"rerank", "responses/a/b/c", "batches/b/retry", "videos/v/upscale", "models", "files/f/g", "chat", "realtime/calls/c/x", "evals/e/runs/r/x/y", "fine_tuning/jobs/j/x"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
			if path == "models" && (method == "GET" || method == "HEAD") {
				continue
			}
			q, u := read(t, method+" /v1/"+path, "")
			may := method == "POST" || method == "PUT" || method == "PATCH"
			if q.Access != tallygate.ToObjects || q.Starts != may {
				t.Errorf("%s %s reaches %d, starts %v", method, path, q.Access, q.Starts)
			}
			if !strings.HasSuffix(string(u.Template), "{path...}") || q.Operation != u.Template || len(q.Refs) > 0 {
				t.Errorf("%s %s is %s, with the ids %q", method, path, q.Operation, q.Refs)
			}
		}
	}
}

// A request for one model of the list says which.
func TestListed(t *testing.T) {
	for line, want := range map[string]string{
		"GET /v1/models":                                 "",
		"GET /v1/models/":                                "",
		"HEAD /openai/v1/Models/gpt-4o":                  "gpt-4o",
		"GET /openai/models/a/b" + dated:                 "a/b",
		"GET /openai/deployments/d/models/m%20x" + dated: "m%20x",
	} {
		q, _ := read(t, line, `{"model":"other"}`)
		if q.Access != tallygate.ToList || q.Listed() != want || q.Model != "" {
			t.Errorf("%s: access %d, listed %q, model %q", line, q.Access, q.Listed(), q.Model)
		}
	}
}
