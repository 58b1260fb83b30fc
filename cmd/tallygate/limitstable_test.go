package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate/internal/admin"
)

// A table of limits fits a terminal: gaps get narrower and names are cut before any
// figure would be lost.
func TestLimitsFit(t *testing.T) {
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	soon, late := now.Add(9*time.Hour), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	rows := limitRows([]admin.Limit{
		{Name: "a", Period: "day", Zone: "UTC", Subjects: []admin.Subject{{Spent: "1200", Held: "0", Left: "8800", Resets: &soon}}},
		{Name: "everyone, each caller and model: 500.00 EUR a year", Period: "year", Zone: "UTC", DryRun: true, Subjects: []admin.Subject{
			{Subject: "caller=search-team, model=gpt-4o-mini", Spent: "12345.678901", Held: "0.00", Left: "999999999.00", Resets: &late},
			{Subject: "caller=\x1b[2J, model=x", Spent: "0.00", Held: "1000000.00", Left: "0.00", Resets: &late}}},
		{Name: "ever", Period: "ever", Each: []string{"caller"}, Amount: "5"},
		{Name: "at once", Subjects: []admin.Subject{{Spent: "0", Held: "2", Left: "1"}}},
		{Name: "left out", Problem: "its caller is gone"},
	}, now)
	var out bytes.Buffer
	if err := align(&out, rows, 2, fit(rows, 0, 1)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line) - 1; n > tableWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	want := `
limit         subject               spent         held           left     resets
a             -                     1,200            0          8,800      00:00
(dry) everyo… caller=searc… 12,345.678901         0.00 999,999,999.00 2027-01-01
(dry) everyo… caller=�[2J,…          0.00 1,000,000.00           0.00 2027-01-01
ever          each caller               0            0              5      never
at once       -                         0            2              1          -
`
	if diff := cmp.Diff(want, "\n"+out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
