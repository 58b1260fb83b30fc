package listing

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Name is how an attendee is called, or the id of one who was anonymised.
func Name(a *api.Attendee) string {
	if a.Name == "" {
		return a.ID
	}
	return a.Name
}

// attendeeState says what an attendee's key is good for.
func attendeeState(a *api.Attendee) string {
	switch {
	case a.Revoked && a.Name == "":
		return "forgotten"
	case a.Revoked:
		return "revoked"
	case a.Waiting:
		return "waiting"
	}
	return "in"
}

// Attendees prints who signed up for an event, with times as clocks there show them.
func Attendees(w io.Writer, e *api.Event, all []*api.Attendee) error {
	rows := [][]string{{"id", "name", "via", "signed up", "state"}}
	for _, a := range all {
		name := console.Printable(a.Name, 128)
		if name == "" {
			name = "-"
		}
		rows = append(rows, []string{console.Printable(a.ID, 64), name, console.Printable(a.Via, 32), Clock(a.SignedUp, e), attendeeState(a)})
	}
	gap := console.Fit(rows, 1, 2)
	console.Squeeze(rows, 0, 1, 2)
	return console.Align(w, rows, 5, gap)
}

// AttendeesCSV prints all that is known of who signed up.
func AttendeesCSV(w io.Writer, all []*api.Attendee) error {
	lines := [][]string{{"event", "id", "name", "via", "signed_up", "state", "keys"}}
	for _, a := range all {
		lines = append(lines, []string{console.Cell(a.Event), console.Cell(a.ID), console.Cell(a.Name), console.Cell(a.Via), console.Instant(a.SignedUp), attendeeState(a), strconv.Itoa(a.Turn + 1)})
	}
	return csv.NewWriter(w).WriteAll(lines)
}
