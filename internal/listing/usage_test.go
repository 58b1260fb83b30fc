package listing

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
)

// monthOfUsage is a month of one caller by address and model.
func monthOfUsage(errors int64) *ledger.Table {
	row := func(by []string, n, errors int64) ledger.Row {
		return ledger.Row{By: by, Requests: n, Errors: errors, Prompt: 900 * n, Completion: 300 * n, Total: 1200 * n, AverageTotal: 1200}
	}
	return &ledger.Table{
		By:    []string{"ip", "model"},
		Rows:  []ledger.Row{row([]string{"203.0.113.117", "gpt-4o-mini"}, 12_345, errors), row([]string{"203.0.113.4", ""}, 7, 0)},
		Total: row(nil, 12_352, errors),
	}
}

// Usage by address and model fits a terminal: headings get shorter and gaps narrower
// before any figure would be lost.
func TestTableFits(t *testing.T) {
	for _, c := range []struct {
		name   string
		errors int64
		want   string
	}{
		{"with errors", 12, `
ip            model         reqs errs     prompt     compl      total   avg
203.0.113.117 gpt-4o-mini 12,345   12 11,110,500 3,703,500 14,814,000 1,200
203.0.113.4   -                7    0      6,300     2,100      8,400 1,200
total                     12,352   12 11,116,800 3,705,600 14,822,400 1,200
`}, {"without", 0, `
ip             model          reqs      prompt      compl       total    avg
203.0.113.117  gpt-4o-mini  12,345  11,110,500  3,703,500  14,814,000  1,200
203.0.113.4    -                 7       6,300      2,100       8,400  1,200
total                       12,352  11,116,800  3,705,600  14,822,400  1,200
`},
	} {
		var out bytes.Buffer
		if err := usageTable(&out, monthOfUsage(c.errors)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(line) - 1; n > console.Columns {
				t.Errorf("%s: %d columns: %s", c.name, n, line)
			}
		}
		if got := "\n" + out.String(); got != c.want {
			t.Errorf("%s (-want +got):\n%s", c.name, cmp.Diff(c.want, got))
		}
	}
}

// Names come from callers: a table shows no control characters, and cuts what is long.
func TestShownNames(t *testing.T) {
	for in, want := range map[string]string{
		"gpt-4o":                "gpt-4o",
		"":                      "-",
		"\x1b[2Jgone":           "\uFFFD[2Jgone",
		"a\nb\tc":               "a\uFFFDb\uFFFDc",
		"right\u202Ele":         "right\uFFFDle",
		"\xff":                  "\uFFFD",
		"søk · 検索":              "søk · 検索",
		strings.Repeat("é", 60): strings.Repeat("é", 47) + "…",
	} {
		if got := shown([]string{in})[0]; got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
