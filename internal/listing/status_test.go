package listing

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// What runs beside the requests is named; what is wrong with it is said in its place.
func TestServiceLines(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	last := now.Add(-time.Minute)
	all := []api.ServiceStatus{{Name: "forgetting", Running: true, Last: &last}, {Name: "figures of events"}, {Name: "azure tables", Running: true, Last: &last}}
	if got := serviceLines(all, now); len(got) != 1 || got[0] != "Beside the requests: forgetting, azure tables." {
		t.Errorf("%q", got)
	}
	all[0].Lag = 12_345
	if got := serviceLines(all, now); len(got) != 1 || got[0] != "Beside the requests, forgetting has 12,345 entries of the ledger still to take." {
		t.Errorf("%q", got)
	}
	all[0].Lag = 1
	all[2].Error = "no route to host"
	if got := serviceLines(all, now); len(got) != 1 || got[0] != "Beside the requests, azure tables failed 1m0s ago: no route to host" {
		t.Errorf("%q", got)
	}
}

// The table of a status fits a terminal, however long the names are and whatever is
// wrong, and what is wrong is said first.
func TestStatusTable(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	until, used := now.Add(75*time.Second), 1.04
	s := &api.Status{Version: "v1", Started: now.Add(-3 * time.Hour), Loaded: now.Add(-90 * time.Second), Deployments: []api.DeploymentStatus{
		{Deployment: "contoso-sweden-central-production/gpt-4o-provisioned-for-everybody", Model: "gpt-4o", State: "throttled", Until: &until, PTU: 100, Used: &used, InFlight: 40, FirstByte: 12345, Served: 1234567, Throttled: 54321, Failed: 3},
		{Deployment: "france/gpt-4o", Model: "gpt-4o", State: "barred", Barred: 7},
		{Deployment: "france/", State: "ok"},
	}, Queues: []api.QueueStatus{{Model: "gpt-4o", Interactive: 12, Longest: 3400}}}
	var out, words bytes.Buffer
	if err := Status(&out, &words, "table", s, now); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > console.Columns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"throttled 75s", "104% PTU", "1,234,567", "(no model)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, &out)
		}
	}
	if !strings.HasPrefix(words.String(), "france/gpt-4o refuses the gateway itself") ||
		!strings.Contains(words.String(), "12 requests wait for gpt-4o, the first for 3.4s.") || !strings.Contains(words.String(), "up 3h0m") {
		t.Errorf("beside the table:\n%s", &words)
	}
}

// Where models have a column and a table is too wide, those of their deployments' names
// are not repeated: what rests can be told by its name.
func TestStatusNamesStayWhole(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	until := now.Add(56 * time.Second)
	s := &api.Status{Deployments: []api.DeploymentStatus{
		{Deployment: "france/gpt-4o-mini", Model: "gpt-4o-mini", State: "ok", Served: 122, Throttled: 4},
		{Deployment: "sweden/gpt-4o-ptu", Model: "gpt-4o", State: "barred", Until: &until, PTU: 15, Failed: 5},
		{Deployment: "sweden/text-embedding-3-small", Model: "text-embedding-3-small", State: "ok"},
	}}
	var out, words bytes.Buffer
	if err := Status(&out, &words, "table", s, now); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"france/gpt-4o-mini ", " same ", "sweden/gpt-4o-ptu ", " gpt-4o ", "barred 56s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, &out)
		}
	}
}
