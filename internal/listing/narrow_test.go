package listing

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
	"github.com/tallygate/tallygate/internal/ledger"
)

// long is a name as people give who name by convention.
const long = "contoso-production-search-and-recommendations-team-of-sweden-central"

// No table is wider than a terminal, whatever names and figures are in it.
func TestTablesAreNarrow(t *testing.T) {
	at := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	for name, write := range map[string]func(w io.Writer) error{
		"usage by four":       func(w io.Writer) error { return usageTable(w, wideUsage("caller", "model", "deployment", "key")) },
		"usage by names":      func(w io.Writer) error { return usageTable(w, wideUsage("caller", "ip")) },
		"usage by eight":      func(w io.Writer) error { return usageTable(w, wideUsage("a", "b", "c", "d", "e", "f", "g", "h")) },
		"usage by hour":       func(w io.Writer) error { return usageTable(w, wideUsage("hour", "caller", "model", "deployment")) },
		"usage of everything": func(w io.Writer) error { return usageTable(w, wideUsage()) },
		"limits": func(w io.Writer) error {
			return Limits(w, io.Discard, "table", &api.LimitList{Limits: []api.Limit{{Name: long, Period: "year", Zone: "UTC", DryRun: true,
				Subjects: []api.Subject{{Subject: "caller=" + long, Spent: "123456789.123456", Held: "123456789.12", Left: "-123456789.12", Resets: &at}}}}})
		},
		"events": func(w io.Writer) error {
			return Events(w, io.Discard, "table", EventTable{Codes: true, Events: []api.Event{
				{ID: long, Name: long, Code: long, State: "announced", Start: at, End: at.AddDate(1, 0, 0), Zone: "UTC", Attendees: 123456}}})
		},
		"events without codes": func(w io.Writer) error {
			return Events(w, io.Discard, "table", EventTable{Events: []api.Event{{ID: long, Name: long, State: "open", Start: at, End: at.AddDate(1, 0, 0), Zone: "UTC"}}})
		},
		"attendees": func(w io.Writer) error {
			return Attendees(w, &api.Event{Zone: "UTC"}, []*api.Attendee{{ID: long, Name: long, Via: long, SignedUp: at, Revoked: true}})
		},
		"prices": func(w io.Writer) error {
			return Prices(w, io.Discard, "table", &api.PriceList{Currency: "USD", Prices: []api.Price{{Model: long, SKU: long, Region: long, From: "2026-01-01",
				Origin: long, Rates: map[string]string{"prompt": "1234567.123456", "cached": "1234567.123456", "completion": "1234567.123456", "audio_prompt": "12.50"}}}})
		},
		"changes of prices": func(w io.Writer) error {
			p := &api.Price{Model: long, SKU: long, Region: long, Rates: map[string]string{"prompt": "1234567.123456", "completion": "1234567.123456"}}
			return Changes(w, &api.PriceChanges{Changes: []api.PriceChange{{Was: p, Is: p}}})
		},
		"status": func(w io.Writer) error {
			until, used := at.Add(99*time.Second), 123.45
			return Status(w, io.Discard, "table", &api.Status{Deployments: []api.DeploymentStatus{{Deployment: long + "/" + long, Model: long, State: "throttled",
				Until: &until, PTU: 1, Used: &used, InFlight: 123456, FirstByte: 123456, Served: 1234567890, Throttled: 1234567, Failed: 1234567}}}, at)
		},
		"smoke": func(w io.Writer) error {
			return Smoke(w, []*doctor.Answer{{Question: doctor.Question{Kind: doctor.Completions, Model: long, Stream: true}, Status: 200, Latency: time.Hour,
				Prompt: 123456, Completion: 123456, RequestID: long, Told: []string{"model=" + long, "attempts=3", "wait-ms=20000"}, Fault: &doctor.Fault{}}})
		},
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if out.Len() == 0 {
			t.Errorf("%s: nothing is shown", name)
		}
		for line := range strings.SplitSeq(out.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > console.Columns {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

// wideUsage is usage by dimensions whose values are all long, with large figures.
func wideUsage(by ...string) *ledger.Table {
	values := make([]string, len(by))
	for i, d := range by {
		if values[i] = long; d == "hour" {
			values[i] = "2026-11-21T15:00"
		}
	}
	row := ledger.Row{By: values, Requests: 1_234_567, Errors: 12_345, Prompt: 1_234_567_890, Completion: 123_456_789, Total: 1_358_024_679, AverageTotal: 1100,
		Cost: tallygate.Money(12_345_678_900_000), Unpriced: 3}
	return &ledger.Table{By: by, Rows: []ledger.Row{row, row}, Total: row}
}
