package listing

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// A table of limits fits a terminal: gaps get narrower and names are cut before any
// figure would be lost.
func TestLimitsFit(t *testing.T) {
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	soon, late := now.Add(9*time.Hour), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	rows := limitRows([]api.Limit{
		{Name: "a", Period: "day", Zone: "UTC", Subjects: []api.Subject{{Spent: "1200", Held: "0", Left: "8800", Resets: &soon}}},
		{Name: "everyone, each caller and model: 500.00 EUR a year", Period: "year", Zone: "UTC", DryRun: true, Subjects: []api.Subject{
			{Subject: "caller=search-team, model=gpt-4o-mini", Spent: "12345.678901", Held: "0.00", Left: "999999999.00", Resets: &late},
			{Subject: "caller=\x1b[2J, model=x", Spent: "0.00", Held: "1000000.00", Left: "0.00", Resets: &late}}},
		{Name: "ever", Period: "ever", Each: []string{"caller"}, Amount: "5"},
		{Name: "at once", Subjects: []api.Subject{{Spent: "0", Held: "2", Left: "1"}}},
		{Name: "left out", Problem: "its caller is gone"},
	}, now)
	var out bytes.Buffer
	if err := console.Align(&out, rows, 2, console.FitBy(console.WithoutMiddle, rows, 0, 1)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line) - 1; n > console.Columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	want := `
limit         subject               spent         held           left     resets
a             -                     1,200            0          8,800      00:00
(dry…R a year c…gpt-4o-mini 12,345.678901         0.00 999,999,999.00 2027-01-01
(dry…R a year call… model=x          0.00 1,000,000.00           0.00 2027-01-01
ever          each caller               0            0              5      never
at once       -                         0            2              1          -
`
	if diff := cmp.Diff(want, "\n"+out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What differs between limits of one event, and between those they count apart, stays
// visible when the table is too wide.
func TestLimitsStayApart(t *testing.T) {
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	subjects := []api.Subject{
		{Subject: "caller=event/my-event/t-7be8fcdeb1aec698", Spent: "12345", Held: "1200", Left: "86455"},
		{Subject: "caller=event/my-event/t-755bbc9ef37d4f7d", Spent: "12345", Held: "1200", Left: "86455"}}
	rows := limitRows([]api.Limit{
		{Name: "event my-event, each caller: 50 requests a day", Period: "day", Zone: "UTC", Subjects: subjects},
		{Name: "event my-event, each caller: 100k tokens a day", Period: "day", Zone: "UTC", Subjects: subjects}}, now)
	var out bytes.Buffer
	if err := console.Align(&out, rows, 2, console.FitBy(console.WithoutMiddle, rows, 0, 1)); err != nil {
		t.Fatal(err)
	}
	want := `
limit                      subject                     spent  held   left resets
event my…50 requests a day caller=…t-7be8fcdeb1aec698 12,345 1,200 86,455      -
event my…50 requests a day caller=…t-755bbc9ef37d4f7d 12,345 1,200 86,455      -
event my…100k tokens a day caller=…t-7be8fcdeb1aec698 12,345 1,200 86,455      -
event my…100k tokens a day caller=…t-755bbc9ef37d4f7d 12,345 1,200 86,455      -
`
	if diff := cmp.Diff(want, "\n"+out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
