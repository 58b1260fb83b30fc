package listing

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/rehearse"
)

// Progress is how a load is doing, in one line.
func Progress(p rehearse.Progress) string {
	return fmt.Sprintf("%s  %s  %s req/min  p50 %s  p95 %s  %s  %s tokens/min",
		p.Elapsed.Round(time.Second), console.Counted(int64(p.Users), "users"), console.Grouped(int64(p.PerMinute+0.5)),
		Span(p.Median.Seconds()), Span(p.P95.Seconds()), console.Counted(p.Failed, "errors"), console.Grouped(int64(p.TokensPerMinute+0.5)))
}

// Load prints the report as people read it.
func Load(w io.Writer, r *rehearse.Report) error {
	to := string(r.Route)
	if r.Model != "" {
		to += ", " + r.Model
	}
	fmt.Fprintf(w, "%s, %s a minute each, max_tokens %d\n%s (%s)\n\n", console.Counted(int64(r.Users), "users"),
		counted1(r.PerUser, "messages"), r.MaxTokens, console.Printable(r.Endpoint, 200), console.Printable(to, 80))
	if err := writeSamples(w, r); err != nil {
		return err
	}
	rows := [][]string{{"", "average", "median", "p90", "p95", "p99", "min", "max", "deviation"}}
	line := func(name string, s *rehearse.Summary) {
		if s == nil || s.Count == 0 {
			return
		}
		row := []string{name}
		for _, v := range []float64{s.Average, s.Median, s.P90, s.P95, s.P99, s.Min, s.Max, s.Deviation} {
			row = append(row, Span(v))
		}
		rows = append(rows, row)
	}
	line("whole answer", &r.Latency)
	line("first token", r.FirstToken)
	line("told to wait", &r.RetryAfter)
	if len(rows) > 1 {
		fmt.Fprintln(w)
		if err := console.Align(w, rows, 1, 2); err != nil {
			return err
		}
	}
	return writeStatuses(w, r.Kinds)
}

// counted1 is counted for numbers that may be fractions.
func counted1(n float64, things string) string {
	if n == float64(int64(n)) {
		return console.Counted(int64(n), things)
	}
	return strconv.FormatFloat(n, 'f', -1, 64) + " " + things
}

func writeSamples(w io.Writer, r *rehearse.Report) error {
	number := func(f float64) string { return console.Grouped(int64(f + 0.5)) }
	rows := [][]string{
		{"samples", console.Grouped(r.Samples), fmt.Sprintf("in %s", Span(r.Elapsed))},
		{"answered", console.Grouped(r.Answered), ""},
		{"failed", console.Grouped(r.Failed), ""},
		{"a minute", decimal(r.PerMinute), ""},
		{"prompt tokens", console.Grouped(r.Tokens.Prompt), ""},
		{"completion tokens", console.Grouped(r.Tokens.Completion), ""},
		{"tokens a minute", number(r.Tokens.PerMinute), ""},
	}
	if r.FullPerMinute > 0 {
		rows[3][2] = fmt.Sprintf("and %s while all users were there", decimal(r.FullPerMinute))
	}
	if r.Unfinished > 0 {
		rows[2][2] = fmt.Sprintf("and %s not waited for", console.Grouped(r.Unfinished))
	}
	if r.Retries > 0 {
		rows[1][2] = fmt.Sprintf("with %s sent again", console.Counted(r.Retries, "messages"))
	}
	for _, row := range rows { // words after figures, to the left
		row[1] = fmt.Sprintf("%9s  %s", row[1], row[2])
	}
	for i := range rows {
		rows[i] = rows[i][:2]
	}
	return console.Align(w, rows, 2, 2)
}

// writeStatuses prints each kind of answer with the first thing that it said.
func writeStatuses(w io.Writer, kinds []rehearse.Status) error {
	if len(kinds) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	const said = 62 // columns of what was said
	rows := [][]string{{"answers", "status", "what it said first"}}
	for _, k := range kinds {
		status := strconv.Itoa(k.Status)
		if k.Status == 0 {
			status = "none"
		}
		count := fmt.Sprintf("%7s", console.Grouped(k.Count))
		for _, line := range console.Wrapped(console.Printable(strings.Trim(k.Code+": "+k.Message, ": "), 400), said) {
			rows = append(rows, []string{count, status, console.Printable(line, said)})
			count, status = "", ""
		}
	}
	return console.Align(w, rows, 3, 2)
}
