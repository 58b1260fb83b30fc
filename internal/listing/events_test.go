package listing

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// A table of events fits a terminal: first names are cut, then left out, then ids cut.
func TestEventTable(t *testing.T) {
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	e := api.Event{ID: "lab", Name: "Lab", State: "not started", Start: at, End: at.Add(8 * time.Hour), Zone: "Asia/Tokyo", Attendees: 1234, Code: "lab-2026-12-01-tokyo"}
	long := e
	long.ID, long.Name = strings.Repeat("long-", 12)+"name", "A name that is long, too"
	for _, test := range []struct {
		table EventTable
		want  string
	}{
		{EventTable{[]api.Event{e}, false}, "lab  Lab   not started  2026-12-01 09:00 to 17:00 JST   1,234\n"},
		{EventTable{[]api.Event{e}, true}, "lab Lab  lab-2026-12-01-tokyo not started 2026-12-01 09:00 to 17:00 JST  1,234\n"},
		{EventTable{[]api.Event{long}, true}, "long-long… lab-2026-12-01-tokyo not started 2026-12-01 09:00 to 17:00 JST  1,234\n"},
		{EventTable{[]api.Event{{ID: "broken", Problem: "models[0]: none\ncode: taken"}}, false}, "broken        not in use  -          -\n"},
	} {
		var out, words bytes.Buffer
		if err := Events(&out, &words, "table", test.table); err != nil {
			t.Fatal(err)
		}
		_, rows, _ := strings.Cut(out.String(), "\n")
		if rows != test.want {
			t.Errorf("%q, want %q", rows, test.want)
		}
		if broken := test.table.Events[0].Problem != ""; broken != strings.Contains(words.String(), "  models[0]: none\n  code: taken\n") {
			t.Errorf("stderr %q", words.String())
		}
	}
}

// Values go on in the next line where they have spaces, and names steer no terminal.
func TestEvent(t *testing.T) {
	var out bytes.Buffer
	e := &api.Event{ID: "lab", Name: "\x1b[31mred", Origin: "file", Base: "http://127.0.0.1:8080", Page: "/event/lab",
		Models: strings.Split(strings.Repeat("gpt-4o-mini ", 12), " "), Attendees: 3, Waiting: 1}
	if err := Event(&out, e, new(api.LimitList)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(line)) - 1; n > console.Columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"name       \ufffd[31mred\n", "\n           gpt-4o-mini, ", "attendees  3, 1 without a seat yet\n", "origin     the configuration file\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	e.ByCode = 1200
	if out.Reset(); Event(&out, e, new(api.LimitList)) != nil || !strings.Contains(out.String(), "attendees  3 signed up, 1,200 by the code alone, 1 without a seat yet\n") {
		t.Errorf("both kinds of people: %s", &out)
	}
}
