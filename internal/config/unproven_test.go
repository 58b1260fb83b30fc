package config_test

import (
	"strings"
	"testing"
)

// Limits for each attendee behind a shared code draw a note, also general ones, and so do
// seats that one address could nearly take; where people sign up, or share the limit, there
// is none.
func TestNotesOnNames(t *testing.T) {
	for _, test := range []struct {
		event, after string
		names, seats bool
	}{
		{"limits: [{requests: 5, per: day, each: attendee}]", "", true, false},
		{"limits: [{requests: 5, per: day, each: [model, attendee]}]", "", true, false},
		{"limits: [{requests: 5, per: day, each: caller}]", "", true, false},
		{"limits: [{requests: 5, per: day, each: attendee, dry_run: true}]", "", false, false},
		{"limits: [{requests: 5, per: day}]", "", false, false},
		{"limits: [{requests: 5, per: day, each: model}]", "", false, false},
		{"limits: [{requests: 5, per: day, each: attendee}], seats: 30", "", false, true},
		{"limits: [{requests: 5, per: day, each: attendee}], seats: 30, per_address: 30", "", false, false},
		{"limits: [{requests: 5, per: day, each: attendee}], domains: [contoso.com]", "", false, false},
		{"active: true", "limits: [{requests: 5, per: day, each: attendee}]", true, false},
		{"active: true", "limits: [{requests: 5, per: day, each: attendee, events: [a]}]", true, false},
		{"active: true", "limits: [{requests: 5, per: day, each: attendee, events: [b*]}]", false, false},
		{"active: true", "limits: [{requests: 5, per: day, each: caller}]", false, false},
	} {
		c, err := parseEvents("  - {name: a, code: code-of-a, start: 2026-12-01, end: 2026-12-02, " + test.event + "}\n" + test.after + "\n")
		if err != nil {
			t.Fatal(test.event, err)
		}
		names, seats := false, false
		for _, n := range c.Notes {
			names = names || strings.Contains(n.Message, "unproven") && n.Hint != "" && strings.HasPrefix(n.Path, "events[0]")
			seats = seats || strings.Contains(n.Message, "one address")
			if strings.Contains(n.String(), "code-of-a") {
				t.Errorf("a note shows the code: %s", n)
			}
		}
		if names != test.names || seats != test.seats {
			t.Errorf("{%s} %s: notes %v", test.event, test.after, c.Notes)
		}
	}
}
