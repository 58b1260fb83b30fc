package config_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Who loses what only starts work is said once for each group, with the limit that is
// to blame: not of callers without a limit of tokens or money, nor of those whose
// models are named, and of nobody when it is allowed.
func TestWhoCannotStart(t *testing.T) {
	const callers = `
groups:
  - {name: research, limits: [{name: purse, money: 10, per: month}]}
callers:
  - {name: a, key: key-of-a-1, group: research}
  - {name: b, key: key-of-b-1, group: research}
  - {name: c, key: key-of-c-1, limits: [{name: rate, tokens: 5k, per: minute}]}
  - {name: d, key: key-of-d-1, limits: [{requests: 5, per: minute}, {tokens: 1, per: day, dry_run: true}]}
  - {name: e, key: key-of-e-1, group: research, models: [gpt-4o]}
`
	head := strings.Split(rest, "callers:")[0]
	got := mustParse(t, head+callers, nothing).CannotStart()
	if len(got) != 2 || !strings.HasPrefix(got[0], "of the group research the callers a, b cannot start batches") || !strings.Contains(got[0], `"purse"`) ||
		!strings.HasPrefix(got[1], "the caller c cannot") || !strings.Contains(got[1], `"rate"`) {
		t.Errorf("notes %q", got)
	}
	if got := mustParse(t, head+callers+"unbounded: allow\n", tree.Env{}).CannotStart(); got != nil {
		t.Errorf("allowed, and it says %q", got)
	}
	if got := mustParse(t, head+callers+"models: {gpt-4o: {limits: [{name: of-the-model, tokens: 1M, per: day}]}}\n", nothing).CannotStart(); len(got) != 2 || !strings.Contains(strings.Join(got, ""), "the callers c, d") {
		t.Errorf("a limit of a model bounds whoever may use it: %q", got)
	}
}
