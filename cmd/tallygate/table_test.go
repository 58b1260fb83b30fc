package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
)

// usageTable is a month of one caller by address and model.
func usageTable(errors int64) *ledger.Table {
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
		if err := writeTable(&out, usageTable(c.errors)); err != nil {
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
func TestPrintable(t *testing.T) {
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

// Times are read in the zone asked for; what is none is refused.
func TestParseTime(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-11":                   "2026-10-31T15:00:00Z",
		"2026-11-21":                "2026-11-20T15:00:00Z",
		"2026-11-21T09:30":          "2026-11-21T00:30:00Z",
		"2026-11-21 09:30":          "2026-11-21T00:30:00Z",
		"2026-11-21T09:30:01":       "2026-11-21T00:30:01Z",
		"2026-11-21T09:30:00+01:00": "2026-11-21T08:30:00Z",
	} {
		got, err := parseTime(in, zone)
		if err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q is %v (%v), want %s", in, got, err, want)
		}
	}
	for in, want := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "1.5d": 36 * time.Hour, "90m": 90 * time.Minute} {
		got, err := parseTime(in, zone)
		if ago := time.Since(got); err != nil || ago < want || ago > want+time.Minute {
			t.Errorf("%q is %v ago (%v), want %v", in, ago, err, want)
		}
	}
	for _, in := range []string{"yesterday", "-24h", "d", "2026-13-01", "24", "9999999d", "1e9d", "NaNd", "1h30d", "36501d"} {
		if got, err := parseTime(in, zone); err == nil {
			t.Errorf("%q is taken for %v", in, got)
		}
	}
}

// The demo's configuration holds for any directory, also one that YAML or the
// references of a configuration would read as something else.
func TestDemoConfig(t *testing.T) {
	for _, dir := range []string{"data", "a: b", "#1", "${env:HOME}", `C:\Users\me`, `say "hi"`, "søk", "{x}"} {
		o := demoOptions{Listen: "[::1]:0", Admin: "127.0.0.1:0", Data: dir, Upstream: "127.0.0.1:1", Key: demoResource}
		text, err := o.config()
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Parse("demo.yaml", text, config.Env{})
		if err != nil {
			t.Errorf("%q: %v", dir, err)
			continue
		}
		if cfg.Data != dir {
			t.Errorf("%q became %q", dir, cfg.Data)
		}
		c := cfg.Callers[0]
		if len(cfg.Resources) != 3 || c.Keys[0].Reveal() != "tg-demo-key" || cfg.Admin.Key.Reveal() != "tg-demo-admin" ||
			c.Limits[0].Amount != 5000 || c.Limits[1].Amount != 1_000_000 {
			t.Errorf("the demo's contract is broken:\n%s", text)
		}
	}
}
