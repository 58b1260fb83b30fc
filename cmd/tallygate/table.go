package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/doctor"
	"github.com/tallygate/tallygate/internal/ledger"
)

// writeUsage prints a table as people read it, or whole as json or csv.
func writeUsage(stdout, stderr io.Writer, format string, t *ledger.Table) error {
	if len(t.Rows) == 0 {
		fmt.Fprintln(stderr, "no requests in this time")
	}
	if t.More {
		defer fmt.Fprintf(stderr, "there is more than %s: raise --limit, or narrow it with --where\n", rowsShown(len(t.Rows)))
	}
	switch {
	case format == "json":
		return writeJSON(stdout, t)
	case format == "csv":
		return writeCSV(stdout, t)
	case len(t.Rows) == 0:
		return nil
	}
	return writeTable(stdout, t)
}

// rowsShown says how many rows are shown.
func rowsShown(n int) string {
	if n == 1 {
		return "this row"
	}
	return fmt.Sprintf("these %s rows", grouped(int64(n)))
}

// tableWidth is what a table should fit, in columns.
const tableWidth = 80

// writeTable prints the measures that people ask for most; json and csv have all
// of them. A table too wide for a terminal gets shorter headings, then no column of
// errors if there are none, then narrower gaps, then no average beside a cost, then
// shorter names, and at last no tokens but the total; figures are never rounded. What requests cost is shown where any of them has a price.
func writeTable(w io.Writer, t *ledger.Table) error {
	heads := []string{"requests", "errors", "prompt", "completion", "total", "average"}
	priced := t.Total.Cost > 0 || t.Total.Unpriced > 0
	if priced {
		heads = append(heads, "cost")
	}
	rows := [][]string{append(append([]string{}, t.By...), heads...)}
	line := func(by []string, r *ledger.Row) {
		cells := append(append([]string{}, by...), grouped(r.Requests), grouped(r.Errors),
			grouped(r.Prompt), grouped(r.Completion), grouped(r.Total), grouped(int64(r.AverageTotal+0.5)))
		if priced {
			cells = append(cells, cost(r))
		}
		rows = append(rows, cells)
	}
	for i := range t.Rows {
		line(shown(t.Rows[i].By), &t.Rows[i])
	}
	if len(t.Rows) > 1 || t.More {
		total := make([]string, len(t.By))
		if len(total) > 0 {
			total[0] = "total"
		}
		line(total, &t.Total)
	}
	gap, left := 2, len(t.By)
	if width(rows, gap) > tableWidth {
		copy(rows[0][left:], []string{"reqs", "errs", "prompt", "compl", "total", "avg"})
	}
	if width(rows, gap) > tableWidth && t.Total.Errors == 0 {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], left+1, left+2)
		}
	}
	if width(rows, gap) > tableWidth {
		gap = 1
	}
	if width(rows, gap) > tableWidth && priced { // the cost says more than the average
		for i := range rows {
			rows[i] = slices.Delete(rows[i], len(rows[i])-2, len(rows[i])-1)
		}
	}
	shortenNames(rows, t.By)
	return align(w, rows, left, gap)
}

// shortenNames makes rows that are still too wide fit a terminal: it shortens names, and
// where less than a few letters of them would stay, leaves out first what says least.
func shortenNames(rows [][]string, by []string) {
	var names, all []int
	for i, d := range by {
		if all = append(all, i); !slices.Contains([]string{"hour", "day", "week", "month"}, d) {
			names = append(names, i)
		}
	}
	if len(by) == 0 {
		return
	}
	least := func(n int) int { // how wide rows are with so many letters of each name
		short := make([][]string, len(rows))
		for i := range rows {
			short[i] = slices.Clone(rows[i])
			for _, k := range names {
				short[i][k] = printable(short[i][k], n)
			}
		}
		return width(short, 1)
	}
	for _, head := range []string{"avg", "compl", "prompt", "errs"} {
		k := slices.Index(rows[0], head)
		if k < len(by) || least(10) <= tableWidth {
			continue
		}
		for i := range rows {
			rows[i] = slices.Delete(rows[i], k, k+1)
		}
	}
	if len(names) > 0 {
		fitBy(withoutMiddle, rows, names...)
	}
	squeeze(rows, all...)
}

// cost is what a row costs; an unknown part of it shows as a question mark.
func cost(r *ledger.Row) string {
	if r.Unpriced > 0 {
		return r.Cost.String() + "+?"
	}
	return r.Cost.String()
}

// widths returns the width of each column.
func widths(rows [][]string) []int {
	out := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			out[i] = max(out[i], utf8.RuneCountInString(cell))
		}
	}
	return out
}

// width returns how wide rows are with gap between their columns.
func width(rows [][]string, gap int) int {
	total := gap * (len(rows[0]) - 1)
	for _, w := range widths(rows) {
		total += w
	}
	return total
}

// align prints rows in columns with gap between them, the first left of them to the
// left and the rest, figures, to the right.
func align(w io.Writer, rows [][]string, left, gap int) error {
	wide := widths(rows)
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(cell))
			if i < left {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
			b.WriteString(strings.Repeat(" ", gap))
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// shown makes values fit for a table; those that are absent get a sign of their own.
func shown(by []string) []string {
	out := make([]string, len(by))
	for i, v := range by {
		if out[i] = printable(v, 48); v == "" {
			out[i] = "-"
		}
	}
	return out
}

// printable returns s for a terminal: names of models and users come from callers,
// who must not steer it. Longer text than most runes is cut.
func printable(s string, most int) string { return doctor.Printable(s, most) }

// counted writes a number of things; things is their plural.
func counted(n int64, things string) string {
	if n == 1 {
		if stem, ok := strings.CutSuffix(things, "ies"); ok {
			things = stem + "y"
		} else {
			things = strings.TrimSuffix(things, "s")
		}
	}
	return grouped(n) + " " + things
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func writeJSON(w io.Writer, t *ledger.Table) error {
	object := func(r *ledger.Row) map[string]any {
		o := make(map[string]any)
		values := t.Values(r)
		for i, c := range t.Columns() {
			if i < len(values) {
				o[c.Name] = plain(values[i])
			}
		}
		return o
	}
	out := struct {
		By    []string         `json:"by"`
		Rows  []map[string]any `json:"rows"`
		Total map[string]any   `json:"total"`
		More  bool             `json:"more"`
	}{By: t.By, Rows: []map[string]any{}, More: t.More}
	for i := range t.Rows {
		out.Rows = append(out.Rows, object(&t.Rows[i]))
	}
	total := t.Total
	total.By = make([]string, len(t.By))
	out.Total = object(&total)
	for _, d := range t.By {
		delete(out.Total, d)
	}
	return indented(w, out)
}

// plain writes times in RFC 3339 and durations in seconds.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UTC().Format(time.RFC3339Nano)
	case time.Duration:
		return v.Seconds()
	case tallygate.Money:
		return v.String() // as text: money must not pass through a float
	}
	return v
}

func writeCSV(w io.Writer, t *ledger.Table) error {
	c := csv.NewWriter(w)
	var head []string
	for _, col := range t.Columns() {
		head = append(head, col.Name)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	for i := range t.Rows {
		var line []string
		for _, v := range t.Values(&t.Rows[i]) {
			line = append(line, cell(plain(v)))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// cell writes a value for a spreadsheet. Text that a spreadsheet would run as a
// formula is quoted.
func cell(v any) string {
	s := fmt.Sprint(v)
	if v == nil {
		return ""
	}
	if _, text := v.(string); text && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
