package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/report"
)

var now = time.Date(2026, 3, 1, 12, 30, 20, 0, time.UTC)

// entry is a request of an event, some time before now.
func entry(before time.Duration, who, model string, tokens int64, o tallygate.Outcome) *tallygate.Entry {
	e := &tallygate.Entry{Event: "oslo", Attendee: who, Began: now.Add(-before), Outcome: o}
	e.Ask.Model = model
	if o == tallygate.Answered || o == tallygate.Aborted {
		e.Counted, e.Usage = true, tallygate.Usage{Source: tallygate.Exact, Total: tokens}
	}
	return e
}

// The hour before now is told by minute, without what is older, what was in another event
// of the ID, and names that nobody offers and nobody served.
func TestLive(t *testing.T) {
	var p report.Pulse
	for _, e := range []*tallygate.Entry{
		entry(0, "ann", "gpt-4o", 10, tallygate.Answered),
		entry(90*time.Second, "bob", "gpt-4o", 20, tallygate.Aborted),
		entry(90*time.Second, "bob", "tts", 5, tallygate.Answered),
		entry(2*time.Minute, "eve", "made-up", 0, tallygate.Refused),
		entry(2*time.Minute, "eve", "gpt-4o", 0, tallygate.Failed),
		entry(20*time.Minute, "old", "gpt-4o", 1000, tallygate.Answered),
		entry(2*time.Hour, "older", "gpt-4o", 1000, tallygate.Answered),
		{Event: "", Began: now},
	} {
		p.Add(e, now)
	}
	live := p.Live(report.Event{ID: "oslo", Made: now.Add(-10 * time.Minute), Models: []string{"gpt-4o"}}, now)
	if got := fmt.Sprint(live.Active, live.Errors, live.Refused); got != "[ann bob] 1 1" {
		t.Errorf("active, errors, refused: %s", got)
	}
	if n := len(live.Requests); n != report.Minutes || live.Requests[n-1] != 1 || live.Requests[n-3] != 2 || live.Tokens[n-3] != 25 {
		t.Errorf("by minute: %v, %v", live.Requests, live.Tokens)
	}
	if got := fmt.Sprint(live.Models); len(live.Models) != 2 || live.Models[0].Name != "gpt-4o" || live.Models[0].Tokens != 30 {
		t.Errorf("models: %s", got)
	}
	if other := p.Live(report.Event{ID: "bergen"}, now); len(other.Active) > 0 || len(other.Models) > 0 {
		t.Errorf("of an event that nobody asked: %+v", other)
	}
}

// A minute keeps so many names and no more, whatever callers make up, and counts all.
func TestNamesAreBounded(t *testing.T) {
	var p report.Pulse
	const n = 5000
	for i := range n {
		p.Add(entry(0, fmt.Sprint("p", i), fmt.Sprint("m", i), 1, tallygate.Answered), now)
	}
	live := p.Live(report.Event{ID: "oslo"}, now)
	if live.Requests[report.Minutes-1] != n || len(live.Active) >= n || len(live.Models) > 65 {
		t.Errorf("%d requests, %d people, %d models", live.Requests[report.Minutes-1], len(live.Active), len(live.Models))
	}
}
