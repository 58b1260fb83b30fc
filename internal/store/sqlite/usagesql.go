package sqlite

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/ledger"
)

// dimensionSQL says where in series s a dimension is.
func dimensionSQL(name string) string {
	switch name {
	case "group":
		return "s.caller_group"
	case "deployment":
		return "CASE s.deployed WHEN 1 THEN s.resource || '/' || s.deployment ELSE '' END"
	case "status":
		return "CAST(s.status AS TEXT)"
	case "hour", "day", "week", "month":
		return "p.span"
	}
	return "s." + name
}

// Measures of sums (usage_hours) and of single entries, in the same order: after
// requests, those that are summed, and then the buckets.
const (
	hourMeasures = `sum(requests) AS requests, sum(prompt) AS prompt, sum(completion) AS completion, sum(total) AS total,
	sum(cached) AS cached, sum(reasoning) AS reasoning, min(first) AS first, max(last) AS last, sum(latency_us) AS latency_us,
	sum(first_byte_us) AS first_byte_us, sum(first_bytes) AS first_bytes`
	rowMeasures = `count(*), sum(e.prompt), sum(e.completion), sum(e.total),
	sum(e.cached), sum(e.reasoning), min(e.began), max(e.began), sum(max(e.total_us, 0)),
	sum(max(e.first_byte_us, 0)), sum(e.first_byte_us > 0)`
	erred = `sum(CASE WHEN s.outcome IN ('refused', 'failed') OR s.outcome = 'answered' AND s.status >= 400 THEN p.requests ELSE 0 END)`
)

// usageSQL builds the query. All text in it is the program's own; values are
// bound, and numbers of times are written out.
func usageSQL(p *ledger.Plan, cut ledger.Cut) (query string, args []any) {
	var q strings.Builder
	q.WriteString("WITH p AS (SELECT series, " + spanSQL(p, cut, "(hour * 3600)") + " AS span, " + hourMeasures)
	for _, b := range columnList(bucketColumns) {
		q.WriteString(", sum(" + b + ") AS " + b)
	}
	fmt.Fprintf(&q, " FROM usage_hours WHERE hour >= %d AND hour < %d", cut.From, cut.To)
	if len(cut.Except) > 0 {
		q.WriteString(" AND hour NOT IN (" + joinInts(cut.Except) + ")")
	}
	q.WriteString(" GROUP BY 1, 2")
	if len(cut.Rows) > 0 {
		q.WriteString(" UNION ALL SELECT e.series, " + spanSQL(p, cut, "(e.began / 1000000)") + ", " + rowMeasures)
		below := int64(0)
		for _, bound := range ledger.LatencyBounds() {
			fmt.Fprintf(&q, ", sum(e.total_us > %d AND e.total_us <= %d)", below, bound.Microseconds())
			below = bound.Microseconds()
		}
		fmt.Fprintf(&q, ", sum(e.total_us > %d) FROM (VALUES ", below)
		for i, r := range cut.Rows {
			if i > 0 {
				q.WriteString(", ")
			}
			fmt.Fprintf(&q, "(%d, %d)", r.From, r.To)
		}
		q.WriteString(") r CROSS JOIN entries e ON e.began >= r.column1 AND e.began < r.column2 GROUP BY 1, 2")
	}
	q.WriteString(") SELECT p.span, sum(p.requests) AS requests, " + erred + " AS errors, sum(p.prompt) AS prompt," +
		" sum(p.completion) AS completion, sum(p.total) AS total, sum(p.cached) AS cached, sum(p.reasoning) AS reasoning," +
		" min(p.first), max(p.last), sum(p.latency_us), sum(p.first_byte_us), sum(p.first_bytes)")
	for _, b := range columnList(bucketColumns) {
		q.WriteString(", sum(p." + b + ")")
	}
	var by []string
	for i, d := range p.By {
		fmt.Fprintf(&q, ", %s AS d%d", dimensionSQL(d), i)
		by = append(by, "d"+strconv.Itoa(i))
	}
	q.WriteString(" FROM p JOIN series s ON s.id = p.series" + whereSQL(p, &args))
	if len(by) == 0 {
		q.WriteString(" HAVING count(*) > 0")
		return q.String(), args
	}
	q.WriteString(" GROUP BY " + strings.Join(by, ", ") + " ORDER BY ")
	if p.Sort != "" {
		q.WriteString(p.Sort + " DESC, ")
	} else {
		q.WriteString("p.span, ")
	}
	fmt.Fprintf(&q, "%s LIMIT %d", strings.Join(by, ", "), p.Limit+1)
	return q.String(), args
}

// whereSQL filters series.
func whereSQL(p *ledger.Plan, args *[]any) string {
	var all []string
	for _, d := range ledger.Dimensions() {
		values := p.Where[d]
		if len(values) == 0 {
			continue
		}
		if d == "status" {
			var any []string
			for _, r := range p.Statuses {
				any = append(any, fmt.Sprintf("s.status >= %d AND s.status < %d", r[0], r[1]))
			}
			all = append(all, "("+strings.Join(any, " OR ")+")")
			continue
		}
		for _, v := range values {
			*args = append(*args, v)
		}
		all = append(all, dimensionSQL(d)+" IN (?"+strings.Repeat(", ?", len(values)-1)+")")
	}
	if len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

// spanSQL computes the number of the span, as ledger.Plan.Label names it, from an
// expression for seconds since 1970.
func spanSQL(p *ledger.Plan, cut ledger.Cut, seconds string) string {
	if p.Span == "" {
		return "0"
	}
	if p.Span == "hour" {
		return seconds + " / 3600"
	}
	const hour = int64(time.Hour / time.Microsecond)
	local := "(" + seconds + " + CASE"
	offsets := p.Offsets(cut.From*hour, cut.To*hour)
	last := offsets[len(offsets)-1]
	for _, o := range offsets[:len(offsets)-1] {
		local += fmt.Sprintf(" WHEN %s < %d THEN %d", seconds, o.Until, o.Seconds)
	}
	if len(offsets) == 1 {
		local = fmt.Sprintf("(%s + %d)", seconds, last.Seconds)
	} else {
		local += fmt.Sprintf(" ELSE %d END)", last.Seconds)
	}
	switch p.Span {
	case "day":
		return local + " / 86400"
	case "week":
		return "(" + local + " / 86400 + 3) / 7"
	}
	return "((strftime('%Y', " + local + ", 'unixepoch') - 1970) * 12 + strftime('%m', " + local + ", 'unixepoch') - 1)"
}

func joinInts(ns []int64) string {
	var b []byte
	for i, n := range ns {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(b)
}
