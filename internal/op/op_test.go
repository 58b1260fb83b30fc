package op_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/op"
)

// Every id in a path has a kind, and what is named is made somewhere or is the service's
// own; what a model reads says what bounds it.
func TestUnitsAreWhole(t *testing.T) {
	table := op.New()
	made := []op.Kind{
		"model", "fine_tuning.checkpoint", "thread.run.step", "eval.run.output_item", "video.generation", // by work, not by a request
	}
	for _, u := range table.All() {
		if u.Makes != "" {
			made = append(made, u.Makes)
		}
	}
	for method, u := range table.All() {
		if n := strings.Count(string(u.Template), "{id"); n != len(u.Names) {
			t.Errorf("%s %s has %d ids and names %q", method, u.Template, n, u.Names)
		}
		for _, k := range u.Names {
			if !slices.Contains(made, k) {
				t.Errorf("%s %s names a %s, which nothing makes", method, u.Template, k)
			}
		}
		reads := u.Access == tallygate.ToModel
		if reads && (method != "POST" || table.Named(u.Template) != u) {
			t.Errorf("a model reads %s %s", method, u.Template)
		}
		if q, _ := read(t, method+" /v1/"+filled(string(u.Template)), "{\"model\":\"m\"}"); reads && !u.Free {
			if b := u.Bound(q, tallygate.Capacity{}, 0); (u.Class == op.Speech) != (b.Characters > 0) || (u.Class == op.Transcription) != (b.Seconds > 0) ||
				(u.Class == op.Image) != (b.Images > 0) {
				t.Errorf("%s is bounded by %+v", u.Template, b)
			} else if b.Prompt == 0 || b.Completion == 0 && u.Template != tallygate.Embeddings {
				t.Errorf("%s is bounded by %+v, though nobody knows the model", u.Template, b)
			}
		} else if b := u.Bound(q, tallygate.Capacity{}, 0); b.Bound != (tallygate.Bound{}) {
			t.Errorf("%s %s uses %+v", method, u.Template, b)
		}
	}
}
