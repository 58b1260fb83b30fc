package report_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/follow"
	"github.com/tallygate/tallygate/internal/follow/followtest"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/report"
)

// entry is a request of an event, some time before now.
func entry(before time.Duration, who, model string, tokens int64, o tallygate.Outcome) tallygate.Entry {
	e := tallygate.Entry{Event: "oslo", Attendee: who, Began: time.Now().Add(-before), Outcome: o}
	e.Ask.Model = model
	if o == tallygate.Answered || o == tallygate.Aborted {
		e.Counted, e.Usage = true, tallygate.Usage{Source: tallygate.Exact, Total: tokens}
	}
	return e
}

// pulse is one that has followed entries.
func pulse(t *testing.T, entries ...tallygate.Entry) *report.Pulse {
	p := report.NewPulse(nil)
	for i, e := range entries {
		if err := p.Follow(t.Context(), []ledger.Numbered{{Seq: int64(i + 1), Entry: e}}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// The figures come of all entries of the last hour, whatever happens while they are
// followed.
func TestFollowing(t *testing.T) {
	followtest.Run(t, func() followtest.Subject {
		var p *report.Pulse
		began := time.Now()
		open := func(log *followtest.Log, _ *followtest.Cursors) follow.Follower {
			p = report.NewPulse(log)
			p.Want()
			return p
		}
		return followtest.Subject{Open: open, State: func() string { return fmt.Sprintf("%+v", p.Live(report.Event{ID: "oslo"}, began)) }}
	})
}

// Nothing is read before there is an event, and then the hour before it is.
func TestWithoutEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(followtest.Log)
		log.Add(10)
		time.Sleep(61 * time.Minute)
		log.Add(10)
		p := report.NewPulse(log)
		go follow.New(log, log.Moved, nil).Run(t.Context(), p, nil)
		synctest.Wait()
		if n := log.Reads(); n > 0 {
			t.Errorf("without events the log was read %d times", n)
		}
		p.Want()
		p.Want()
		time.Sleep(time.Second)
		synctest.Wait()
		live := p.Live(report.Event{ID: "oslo"}, time.Now())
		if n := live.Requests[report.Minutes-1]; n != 8 || live.Refused != 2 {
			t.Errorf("%d requests in the last minute, and %d refused; want 8 and 2", n, live.Refused)
		}
	})
}

// The hour before now is told by minute, without what is older, what was in another event
// of the ID, and names that nobody offers and nobody served.
func TestLive(t *testing.T) {
	synctest.Test(t, testLive)
}

func testLive(t *testing.T) {
	time.Sleep(20 * time.Second)
	now := time.Now()
	p := pulse(t,
		entry(0, "ann", "gpt-4o", 10, tallygate.Answered),
		entry(90*time.Second, "bob", "gpt-4o", 20, tallygate.Aborted),
		entry(90*time.Second, "bob", "tts", 5, tallygate.Answered),
		entry(2*time.Minute, "eve", "made-up", 0, tallygate.Refused),
		entry(2*time.Minute, "eve", "gpt-4o", 0, tallygate.Failed),
		entry(20*time.Minute, "old", "gpt-4o", 1000, tallygate.Answered),
		entry(2*time.Hour, "older", "gpt-4o", 1000, tallygate.Answered),
		tallygate.Entry{Began: now},
	)
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
	synctest.Test(t, testNamesAreBounded)
}

func testNamesAreBounded(t *testing.T) {
	const n = 5000
	var entries []tallygate.Entry
	for i := range n {
		entries = append(entries, entry(0, fmt.Sprint("p", i), fmt.Sprint("m", i), 1, tallygate.Answered))
	}
	live := pulse(t, entries...).Live(report.Event{ID: "oslo"}, time.Now())
	if live.Requests[report.Minutes-1] != n || len(live.Active) >= n || len(live.Models) > 65 {
		t.Errorf("%d requests, %d people, %d models", live.Requests[report.Minutes-1], len(live.Active), len(live.Models))
	}
}
