package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/api"
)

// writeLimits prints limits as people read them, or whole as json or csv.
func writeLimits(stdout, stderr io.Writer, format string, list *api.LimitList) error {
	switch {
	case format == "json":
		return indented(stdout, list)
	case format == "csv":
		return writeLimitsCSV(stdout, list)
	}
	for i := range list.Limits {
		switch l := &list.Limits[i]; {
		case l.Problem != "":
			defer fmt.Fprintf(stderr, "The limit %q is stored but not in use:\n  %s\n", printable(l.Name, 128),
				strings.ReplaceAll(printable(strings.ReplaceAll(l.Problem, "\n", "; "), 500), "; ", "\n  "))
		case l.More > 0:
			defer fmt.Fprintf(stderr, "%q has %s more: raise --subjects, or name one with --subject\n", printable(l.Name, 128), counted(int64(l.More), "subjects"))
		}
	}
	if len(list.Limits) == 0 {
		_, err := fmt.Fprintln(stderr, "there are no such limits")
		return err
	}
	rows := limitRows(list.Limits, time.Now())
	gap := fitBy(withoutMiddle, rows, 0, 1)
	squeeze(rows, 0, 1)
	return align(stdout, rows, 2, gap)
}

// limitRows has a row for each subject, under a heading.
func limitRows(limits []api.Limit, now time.Time) [][]string {
	rows := [][]string{{"limit", "subject", "spent", "held", "left", "resets"}}
	for i := range limits {
		l := &limits[i]
		name := printable(l.Name, 128)
		if l.DryRun {
			name = "(dry) " + name
		}
		for _, s := range l.Subjects {
			subject := printable(s.Subject, 128)
			if subject == "" {
				subject = "-"
			}
			rows = append(rows, []string{name, subject, shownFigure(s.Spent), shownFigure(s.Held), shownFigure(s.Left), resets(l, s.Resets, now)})
		}
		if len(l.Subjects) == 0 && l.Problem == "" { // nobody has used it yet
			rows = append(rows, []string{name, "each " + strings.Join(l.Each, ", "), "0", "0", shownFigure(l.Amount), resets(l, nil, now)})
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

// shownFigure writes an amount with its thousands apart.
func shownFigure(f api.Figure) string {
	whole, decimals, money := strings.Cut(string(f), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return "-"
	}
	if money {
		return grouped(n) + "." + decimals
	}
	return grouped(n)
}

// fit makes rows fit a terminal: first by a narrower gap, which it returns, then by
// cutting text of the given columns at its end, the widest first.
func fit(rows [][]string, cut ...int) (gap int) { return fitBy(printable, rows, cut...) }

// fitBy is fit with another way to cut text to so many runes.
func fitBy(shorten func(string, int) string, rows [][]string, cut ...int) (gap int) {
	return fitTo(8, shorten, rows, cut...)
}

// squeeze cuts text of the given columns to a few runes, where fit has left rows too
// wide for a terminal: a table is never wider, and json has all of it.
func squeeze(rows [][]string, cut ...int) { fitTo(3, withoutMiddle, rows, cut...) }

// fitTo is fitBy that leaves at least so many runes of each.
func fitTo(least int, shorten func(string, int) string, rows [][]string, cut ...int) (gap int) {
	if width(rows, 2) <= tableWidth {
		return 2
	}
	wide := widths(rows)
	for over := width(rows, 1) - tableWidth; over > 0; over-- {
		widest := cut[0]
		for _, i := range cut {
			if wide[i] > wide[widest] {
				widest = i
			}
		}
		if wide[widest] <= least {
			break
		}
		wide[widest]--
	}
	for _, row := range rows {
		for _, i := range cut {
			row[i] = shorten(row[i], wide[i])
		}
	}
	return 1
}

// withoutMiddle cuts text that is longer than most runes in its middle: names of limits
// and subjects begin alike, and differ at their end. What follows the last : / or =, such
// as how much a limit allows, stays whole where it can.
func withoutMiddle(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	tail := (most - 1) * 2 / 3
	if last := len([]rune(strings.TrimLeft(s[strings.LastIndexAny(s, ":/=")+1:], " "))); last > tail && last+2 <= most {
		tail = last
	}
	return string(runes[:most-1-tail]) + "…" + string(runes[len(runes)-tail:])
}

func writeLimitsCSV(w io.Writer, list *api.LimitList) error {
	c := csv.NewWriter(w)
	lines := [][]string{{"limit", "origin", "version", "quantity", "amount", "period", "zone", "dry_run", "problem",
		"subject", "spent", "held", "left", "resets", "refused", "would_refuse"}}
	for _, l := range list.Limits {
		version := ""
		if l.Version > 0 {
			version = strconv.FormatInt(l.Version, 10)
		}
		head := []string{cell(l.Name), l.Origin, version, l.Quantity, string(l.Amount), l.Period, l.Zone, strconv.FormatBool(l.DryRun), cell(l.Problem)}
		for _, s := range l.Subjects {
			resets := ""
			if s.Resets != nil {
				resets = s.Resets.Format(time.RFC3339)
			}
			lines = append(lines, append(head[:len(head):len(head)], cell(s.Subject), string(s.Spent), string(s.Held), string(s.Left), resets,
				strconv.FormatInt(s.Refused, 10), strconv.FormatInt(s.WouldRefuse, 10)))
		}
		if len(l.Subjects) == 0 {
			lines = append(lines, append(head, "", "", "", "", "", "", ""))
		}
	}
	return c.WriteAll(lines)
}
