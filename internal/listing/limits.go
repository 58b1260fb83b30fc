package listing

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Limits prints limits as people read them, or whole as json or csv.
func Limits(stdout, stderr io.Writer, format string, list *api.LimitList) error {
	switch {
	case format == "json":
		return console.JSON(stdout, list)
	case format == "csv":
		return limitsCSV(stdout, list)
	}
	for i := range list.Limits {
		switch l := &list.Limits[i]; {
		case l.Problem != "":
			defer fmt.Fprintf(stderr, "The limit %q is stored but not in use:\n  %s\n", console.Printable(l.Name, 128),
				strings.ReplaceAll(console.Printable(strings.ReplaceAll(l.Problem, "\n", "; "), 500), "; ", "\n  "))
		case l.More > 0:
			defer fmt.Fprintf(stderr, "%q has %s more: raise --subjects, or name one with --subject\n", console.Printable(l.Name, 128), console.Counted(int64(l.More), "subjects"))
		}
	}
	if len(list.Limits) == 0 {
		_, err := fmt.Fprintln(stderr, "there are no such limits")
		return err
	}
	rows := limitRows(list.Limits, time.Now())
	gap := console.FitBy(console.WithoutMiddle, rows, 0, 1)
	console.Squeeze(rows, 0, 1)
	return console.Align(stdout, rows, 2, gap)
}

// limitRows has a row for each subject, under a heading.
func limitRows(limits []api.Limit, now time.Time) [][]string {
	rows := [][]string{{"limit", "subject", "spent", "held", "left", "resets"}}
	for i := range limits {
		l := &limits[i]
		name := console.Printable(l.Name, 128)
		if l.DryRun {
			name = "(dry) " + name
		}
		for _, s := range l.Subjects {
			subject := console.Printable(s.Subject, 128)
			if subject == "" {
				subject = "-"
			}
			rows = append(rows, []string{name, subject, Figure(s.Spent), Figure(s.Held), Figure(s.Left), resets(l, s.Resets, now)})
		}
		if len(l.Subjects) == 0 && l.Problem == "" { // nobody has used it yet
			rows = append(rows, []string{name, "each " + strings.Join(l.Each, ", "), "0", "0", Figure(l.Amount), resets(l, nil, now)})
		}
	}
	return rows
}

// resets says when the limit begins anew: the time of day when that is soon, else the
// date, both in the limit's zone.
func resets(l *api.Limit, at *time.Time, now time.Time) string {
	switch {
	case at != nil && at.Sub(now) < 24*time.Hour:
		return at.Format("15:04")
	case at != nil:
		return at.Format(time.DateOnly)
	case l.Period == "ever":
		return "never"
	case l.Period == "event":
		return "event's end"
	case l.Period == "" || l.Zone != "": // nobody has begun a period
		return "-"
	}
	return "slides"
}

// Figure writes an amount with its thousands apart.
func Figure(f api.Figure) string {
	whole, decimals, money := strings.Cut(string(f), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return "-"
	}
	if money {
		return console.Grouped(n) + "." + decimals
	}
	return console.Grouped(n)
}

func limitsCSV(w io.Writer, list *api.LimitList) error {
	c := csv.NewWriter(w)
	lines := [][]string{{"limit", "origin", "version", "quantity", "amount", "period", "zone", "dry_run", "problem",
		"subject", "spent", "held", "left", "resets", "refused", "would_refuse"}}
	for _, l := range list.Limits {
		version := ""
		if l.Version > 0 {
			version = strconv.FormatInt(l.Version, 10)
		}
		head := []string{console.Cell(l.Name), l.Origin, version, l.Quantity, string(l.Amount), l.Period, l.Zone, strconv.FormatBool(l.DryRun), console.Cell(l.Problem)}
		for _, s := range l.Subjects {
			resets := ""
			if s.Resets != nil {
				resets = s.Resets.Format(time.RFC3339)
			}
			lines = append(lines, append(head[:len(head):len(head)], console.Cell(s.Subject), string(s.Spent), string(s.Held), string(s.Left), resets,
				strconv.FormatInt(s.Refused, 10), strconv.FormatInt(s.WouldRefuse, 10)))
		}
		if len(l.Subjects) == 0 {
			lines = append(lines, append(head, "", "", "", "", "", "", ""))
		}
	}
	return c.WriteAll(lines)
}
