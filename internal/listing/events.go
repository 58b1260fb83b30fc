package listing

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// EventTable is a list of events to be shown, with their codes or without.
type EventTable struct {
	Events []api.Event
	Codes  bool
}

// Events prints events as people read them, or whole as json or csv.
func Events(stdout, stderr io.Writer, format string, t EventTable) error {
	switch {
	case format == "json":
		return console.JSON(stdout, api.EventList{Events: t.Events})
	case format == "csv":
		return t.csv(stdout)
	}
	for i := range t.Events {
		if e := &t.Events[i]; e.Problem != "" {
			defer fmt.Fprintf(stderr, "The event %q is stored but not in use:\n  %s\n", console.Printable(e.ID, 128), problemLines(e.Problem))
		}
	}
	if len(t.Events) == 0 {
		_, err := fmt.Fprintln(stderr, "there are no events")
		return err
	}
	rows := t.rows()
	gap := console.Fit(rows, 1)
	if console.Width(rows, gap) > console.Columns { // the id says what the name does
		for i := range rows {
			rows[i] = slices.Delete(rows[i], 1, 2)
		}
		gap = console.Fit(rows, 0)
		console.Squeeze(rows, 0, 1)
	}
	return console.Align(stdout, rows, len(rows[0])-1, gap)
}

// problemLines are the lines of a problem, indented.
func problemLines(problem string) string {
	lines := strings.Split(problem, "\n")
	for i, line := range lines {
		lines[i] = console.Printable(line, 500)
	}
	return strings.Join(lines, "\n  ")
}

// rows has a row for each event, under a heading.
func (t *EventTable) rows() [][]string {
	rows := [][]string{{"id", "name", "state", "when", "people"}}
	for i := range t.Events {
		e := &t.Events[i]
		row := []string{console.Printable(e.ID, 64), console.Printable(e.Name, 128), e.State, shortWindow(e), console.Grouped(int64(e.Attendees + e.ByCode))}
		if e.Problem != "" {
			row = []string{console.Printable(e.ID, 64), "", "not in use", "-", "-"}
		}
		rows = append(rows, row)
	}
	if t.Codes {
		for i := range rows {
			code := "code"
			if i > 0 {
				code = cmp.Or(console.Printable(t.Events[i-1].Code, 64), "-")
			}
			rows[i] = slices.Insert(rows[i], 2, code)
		}
	}
	return rows
}

func (t *EventTable) csv(w io.Writer) error {
	head := []string{"id", "name", "origin", "version", "state", "start", "end", "zone", "models", "max_tokens", "seats", "attendees", "by_code", "waiting", "base", "page", "problem"}
	if t.Codes {
		head = append(head, "code")
	}
	lines := [][]string{head}
	for i := range t.Events {
		e := &t.Events[i]
		line := []string{console.Cell(e.ID), console.Cell(e.Name), e.Origin, strconv.FormatInt(e.Version, 10), e.State, console.Instant(e.Start), console.Instant(e.End), e.Zone,
			console.Cell(strings.Join(e.Models, " ")), strconv.FormatInt(e.MaxTokens, 10), strconv.Itoa(e.Seats), strconv.Itoa(e.Attendees), strconv.Itoa(e.ByCode), strconv.Itoa(e.Waiting),
			console.Cell(e.Base), e.Page, console.Cell(e.Problem)}
		if t.Codes {
			line = append(line, console.Cell(e.Code))
		}
		lines = append(lines, line)
	}
	return csv.NewWriter(w).WriteAll(lines)
}
