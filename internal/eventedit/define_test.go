package eventedit

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/api"
)

// What a gateway tells of an event becomes a definition of a new one: what it shares with
// the configuration, and those of its limits that are about it alone.
func TestDefine(t *testing.T) {
	e := &api.Event{ID: "lab", Name: "Lab", Origin: "file", Code: "lab-2026", Zone: "UTC", Models: []string{"gpt-4o"}, MaxTokens: 512, MaxTokensReject: true, Attendees: 7, Live: "/live#x"}
	d, err := Define(e, []api.Limit{
		{Name: "of the event", Quantity: "tokens", Amount: "5000", Period: "day", Warn: 80, Each: []string{"event", "attendee"}, Events: []string{"lab"}, Answer: 403},
		{Name: "of all", Quantity: "requests", Amount: "1", Period: "day"},
		{Name: "of two", Quantity: "requests", Amount: "1", Period: "day", Events: []string{"lab", "other"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(d)
	want := `{"code":"lab-2026","limits":[{"answer":403,"each":["attendee"],"per":"day","tokens":5000,"warn":"80%"}],` +
		`"max_tokens":{"cap":512,"over":"reject"},"models":["gpt-4o"],"name":"Lab","zone":"UTC"}`
	if err != nil || string(got) != want {
		t.Errorf("%s (%v)\nwant %s", got, err, want)
	}
}

// Each new link has another number; one that is none is told.
func TestRenewLink(t *testing.T) {
	d, err := Read([]byte(`{"link": 41}`))
	if err != nil || d.RenewLink() != nil || d["link"] != int64(42) {
		t.Errorf("%v, %v", d, err)
	}
	if d = (Definition{}); d.RenewLink() != nil || d["link"] != int64(1) {
		t.Error(d)
	}
	if d, _ = Read([]byte(`{"link": 1.5}`)); d.RenewLink() == nil {
		t.Error(d)
	}
}

// An event lasts as long as another one, unless that tells nothing.
func TestLength(t *testing.T) {
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	if got, err := Length(&api.Event{Start: start, End: start.Add(90 * time.Minute)}); err != nil || got != "1h30m0s" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := Length(&api.Event{ID: "lab"}); err == nil {
		t.Error(got)
	}
}
