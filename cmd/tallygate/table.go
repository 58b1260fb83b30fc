package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/ledger"
)

// writeUsage prints a table as people read it, or whole as json or csv.
func writeUsage(stdout, stderr io.Writer, format string, t *ledger.Table) error {
	switch format {
	case "json":
		return writeJSON(stdout, t)
	case "csv":
		return writeCSV(stdout, t)
	}
	if len(t.Rows) == 0 {
		fmt.Fprintln(stderr, "no requests in this time")
		return nil
	}
	if err := writeTable(stdout, t); err != nil {
		return err
	}
	if t.More {
		fmt.Fprintln(stderr, "more rows than shown: raise --limit, or narrow it with --where")
	}
	return nil
}

// writeTable prints the measures that fit a terminal of 80 columns; json and csv
// have all of them.
func writeTable(w io.Writer, t *ledger.Table) error {
	head := append(append([]string{}, t.By...), "requests", "errors", "prompt", "completion", "total", "avg")
	rows := [][]string{head}
	line := func(by []string, r *ledger.Row) {
		rows = append(rows, append(append([]string{}, by...), grouped(r.Requests), grouped(r.Errors),
			grouped(r.Prompt), grouped(r.Completion), grouped(r.Total), grouped(int64(r.AverageTotal+0.5))))
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
	return align(w, rows, len(t.By))
}

// align prints rows in columns, the first left of them to the left and the rest,
// figures, to the right.
func align(w io.Writer, rows [][]string, left int) error {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < left {
				b.WriteString(cell + pad + "  ")
			} else {
				b.WriteString(pad + cell + "  ")
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// shown gives values that are absent a sign of their own.
func shown(by []string) []string {
	out := make([]string, len(by))
	for i, v := range by {
		if out[i] = v; v == "" {
			out[i] = "-"
		}
	}
	return out
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
		values := r.Values()
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
	t.Total.By = make([]string, len(t.By))
	out.Total = object(&t.Total)
	for _, d := range t.By {
		delete(out.Total, d)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
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
		for _, v := range t.Rows[i].Values() {
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
