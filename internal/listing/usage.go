package listing

import (
	"fmt"
	"io"
	"slices"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Usage prints a table as people read it, or whole as json or csv.
func Usage(stdout, stderr io.Writer, format string, t *ledger.Table) error {
	if len(t.Rows) == 0 {
		fmt.Fprintln(stderr, "no requests in this time")
	}
	if t.More {
		defer fmt.Fprintf(stderr, "there is more than %s: raise --limit, or narrow it with --where\n", rowsShown(len(t.Rows)))
	}
	switch {
	case format == "json":
		return usageJSON(stdout, t)
	case format == "csv":
		return usageCSV(stdout, t)
	case len(t.Rows) == 0:
		return nil
	}
	return usageTable(stdout, t)
}

// rowsShown says how many rows are shown.
func rowsShown(n int) string {
	if n == 1 {
		return "this row"
	}
	return fmt.Sprintf("these %s rows", console.Grouped(int64(n)))
}

// monthOfUsage prints the measures that people ask for most; json and csv have all
// of them. A table too wide for a terminal gets shorter headings, then no column of
// errors if there are none, then narrower gaps, then no average beside a cost, then
// shorter names, and at last no tokens but the total; figures are never rounded. What requests cost is shown where any of them has a price,
// and seconds, characters and images where there are any.
func usageTable(w io.Writer, t *ledger.Table) error {
	heads := []string{"requests", "errors", "prompt", "completion", "total", "average"}
	priced := t.Total.Cost > 0 || t.Total.Unpriced > 0
	pieces := piecesOf(&t.Total)
	for _, p := range pieces {
		heads = append(heads, p.name)
	}
	if priced {
		heads = append(heads, "cost")
	}
	rows := [][]string{append(append([]string{}, t.By...), heads...)}
	line := func(by []string, r *ledger.Row) {
		cells := append(append([]string{}, by...), console.Grouped(r.Requests), console.Grouped(r.Errors),
			console.Grouped(r.Prompt), console.Grouped(r.Completion), console.Grouped(r.Total), console.Grouped(int64(r.AverageTotal+0.5)))
		for _, p := range pieces {
			cells = append(cells, console.Grouped(p.of(r)))
		}
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
	if console.Width(rows, gap) > console.Columns {
		copy(rows[0][left:], []string{"reqs", "errs", "prompt", "compl", "total", "avg"})
		for i, head := range rows[0][left:] {
			switch head {
			case "seconds":
				rows[0][left+i] = "secs"
			case "characters":
				rows[0][left+i] = "chars"
			}
		}
	}
	if console.Width(rows, gap) > console.Columns && t.Total.Errors == 0 {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], left+1, left+2)
		}
	}
	if console.Width(rows, gap) > console.Columns {
		gap = 1
	}
	if console.Width(rows, gap) > console.Columns && (priced || len(pieces) > 0) { // the cost says more than the average
		k := slices.Index(rows[0][left:], "avg") + left
		for i := range rows {
			rows[i] = slices.Delete(rows[i], k, k+1)
		}
	}
	shortenNames(rows, t.By)
	return console.Align(w, rows, left, gap)
}

// piece is a measure that is shown where it is not 0.
type piece struct {
	name string
	of   func(*ledger.Row) int64
}

// piecesOf returns those that are not 0 in a total.
func piecesOf(total *ledger.Row) (some []piece) {
	for _, p := range []piece{
		{"seconds", func(r *ledger.Row) int64 { return r.Seconds }},
		{"characters", func(r *ledger.Row) int64 { return r.Characters }},
		{"images", func(r *ledger.Row) int64 { return r.Images }},
	} {
		if p.of(total) > 0 {
			some = append(some, p)
		}
	}
	return some
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
				short[i][k] = console.Printable(short[i][k], n)
			}
		}
		return console.Width(short, 1)
	}
	for _, head := range []string{"avg", "compl", "prompt", "errs"} {
		k := slices.Index(rows[0], head)
		if k < len(by) || least(10) <= console.Columns {
			continue
		}
		for i := range rows {
			rows[i] = slices.Delete(rows[i], k, k+1)
		}
	}
	if len(names) > 0 {
		console.FitBy(console.WithoutMiddle, rows, names...)
	}
	console.Squeeze(rows, all...)
}

// cost is what a row costs; an unknown part of it shows as a question mark.
func cost(r *ledger.Row) string {
	if r.Unpriced > 0 {
		return r.Cost.String() + "+?"
	}
	return r.Cost.String()
}

// shown makes values fit for a table; those that are absent get a sign of their own.
func shown(by []string) []string {
	out := make([]string, len(by))
	for i, v := range by {
		if out[i] = console.Printable(v, 48); v == "" {
			out[i] = "-"
		}
	}
	return out
}
