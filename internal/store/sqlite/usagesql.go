package sqlite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
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
	case "pricing":
		return "p.pricing"
	case "hour", "day", "week", "month":
		return "p.span"
	}
	return "s." + name
}

// sumMoney adds amounts up and stops at tallygate.MaxMoney, as ledger.AddMoney does.
// SQLite's own sum would fail beyond 64 bits; high and low parts stay far below.
func sumMoney(amount string) string {
	return fmt.Sprintf("min((min(sum((%s) >> 20), 1 << 41) << 20) + sum((%s) & 1048575), %d)", amount, amount, tallygate.MaxMoney)
}

// What an entry u costs, after any repricing, and how that is known; joinPrices adds
// the tables.
const (
	costSQL    = "coalesce(c.cost, u.cost)"
	pricingSQL = "coalesce(c.pricing, t.pricing, '')"
	joinPrices = "LEFT JOIN traits t ON t.id = u.traits LEFT JOIN corrections c ON c.seq = u.seq"
)

// sumMeasures and rowMeasures are the measures of sums (usage_days and usage_hours)
// and of single entries, in the same order; the buckets follow.
func sumMeasures() string {
	return `sum(u.requests) AS requests, sum(u.prompt) AS prompt, sum(u.completion) AS completion, sum(u.total) AS total,
	sum(u.cached) AS cached, sum(u.reasoning) AS reasoning,
	sum(u.seconds) AS seconds, sum(u.characters) AS characters, sum(u.images) AS images, ` + sumMoney("u.cost") + ` AS cost, sum(u.unpriced) AS unpriced,
	min(u.first) AS first, max(u.last) AS last, sum(u.timed) AS timed,
	sum(u.latency_us) AS latency_us, sum(u.first_bytes) AS first_bytes, sum(u.first_byte_us) AS first_byte_us`
}

func rowMeasures() string {
	return `count(*), sum(u.prompt), sum(u.completion), sum(u.total),
	sum(u.cached), sum(u.reasoning), sum(u.seconds), sum(u.characters), sum(u.images), ` + sumMoney(costSQL) + `, count(CASE ` + pricingSQL + ` WHEN 'unpriced' THEN 1 END),
	min(u.began), max(u.began), sum(u.total_us > 0),
	sum(u.total_us), sum(u.first_byte_us > 0), sum(u.first_byte_us)`
}

// Measures that follow from the series.
const (
	erred   = `sum(CASE WHEN s.outcome IN ('refused', 'failed') OR s.outcome = 'answered' AND s.status >= 400 THEN p.requests ELSE 0 END)`
	counted = `sum(CASE s.counted WHEN 1 THEN p.requests ELSE 0 END)`
)

// sumBuckets and rowBuckets continue sumMeasures and rowMeasures.
func sumBuckets() string {
	var q strings.Builder
	for _, b := range columnList(bucketColumns) {
		q.WriteString(", sum(u." + b + ") AS " + b)
	}
	return q.String()
}

func rowBuckets() string {
	var q strings.Builder
	below := int64(0)
	for _, bound := range ledger.LatencyBounds() {
		fmt.Fprintf(&q, ", sum(u.total_us > %d AND u.total_us <= %d)", below, bound.Microseconds())
		below = bound.Microseconds()
	}
	fmt.Fprintf(&q, ", sum(u.total_us > %d)", below)
	return q.String()
}

// usageSQL builds the query. All text in it is the program's own; values are
// bound, and numbers of times are written out.
//
// Its parts (days, hours, rows) are summed by series first: there are few of those,
// and the texts of a series are then looked up once.
func usageSQL(p *ledger.Plan, cut ledger.Cut) (query string, args []any) {
	var parts []string
	part := func(from, join, column, seconds, measures, buckets string, ranges []ledger.Range) {
		if len(ranges) == 0 {
			return
		}
		if p.Percentiles {
			measures += buckets
		}
		pricing, group := "''", "1, 2"
		if usesPricing(p) {
			pricing, group = pricingSQL, "1, 2, 3"
		}
		parts = append(parts, fmt.Sprintf("SELECT u.series AS series, %s AS span, %s AS pricing, %s FROM (VALUES %s) r CROSS JOIN %s u"+
			" ON u.%s >= r.column1 AND u.%s < r.column2 %s GROUP BY %s",
			spanSQL(p, cut, seconds), pricing, measures, values(ranges), from, column, column, join, group))
	}
	part("usage_days", "", "day", "(u.day * 86400)", sumMeasures(), sumBuckets(), cut.Days)
	part("usage_hours", "", "hour", "(u.hour * 3600)", sumMeasures(), sumBuckets(), cut.Hours)
	part("entries", joinPrices, "began", "(u.began / 1000000)", rowMeasures(), rowBuckets(), cut.Rows)

	var q strings.Builder
	q.WriteString("WITH p (series, span, pricing, requests, prompt, completion, total, cached, reasoning, seconds, characters, images, cost, unpriced, first, last," +
		" timed, latency_us, first_bytes, first_byte_us")
	if p.Percentiles {
		q.WriteString(", " + bucketColumns)
	}
	q.WriteString(") AS (" + strings.Join(parts, " UNION ALL ") + ") SELECT p.span, sum(p.requests) AS requests, " + erred + " AS errors," +
		" sum(p.prompt) AS prompt, sum(p.completion) AS completion, sum(p.total) AS total, sum(p.cached) AS cached, sum(p.reasoning) AS reasoning, " +
		"sum(p.seconds) AS seconds, sum(p.characters) AS characters, sum(p.images) AS images, " +
		sumMoney("p.cost") + " AS cost, sum(p.unpriced) AS unpriced, " + counted + " AS counted," +
		" min(p.first), max(p.last), sum(p.timed), sum(p.latency_us), sum(p.first_bytes), sum(p.first_byte_us)")
	if p.Percentiles {
		for _, b := range columnList(bucketColumns) {
			q.WriteString(", sum(p." + b + ")")
		}
	}
	var by []string
	for i, d := range p.By {
		fmt.Fprintf(&q, ", %s AS d%d", dimensionSQL(d), i)
		by = append(by, "d"+strconv.Itoa(i))
	}
	q.WriteString(" FROM p JOIN series s ON s.id = p.series WHERE " + whereSQL(p, "p.pricing", &args))
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

// usesPricing reports whether the plan tells entries apart by their pricing, which
// sums do not: repricing would have to take apart what is summed up.
func usesPricing(p *ledger.Plan) bool {
	return len(p.Where["pricing"]) > 0 || slices.Contains(p.By, "pricing")
}

// whereSQL filters series s; pricing says where the pricing is.
func whereSQL(p *ledger.Plan, pricing string, args *[]any) string {
	var all []string
	if p.Counted {
		all = append(all, "s.counted = 1")
	}
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
		column := dimensionSQL(d)
		if d == "pricing" {
			column = pricing
		}
		all = append(all, column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")")
	}
	if len(all) == 0 {
		return "1"
	}
	return strings.Join(all, " AND ")
}

// values writes ranges out as the rows of a VALUES clause.
func values(ranges []ledger.Range) string {
	var rows []string
	for _, r := range ranges {
		rows = append(rows, fmt.Sprintf("(%d, %d)", r.From, r.To))
	}
	return strings.Join(rows, ", ")
}

// spanSQL computes the number of the span, as ledger.Plan.Label names it, from an
// expression for seconds since 1970.
func spanSQL(p *ledger.Plan, cut ledger.Cut, seconds string) string {
	switch p.Span {
	case "":
		return "0"
	case "hour":
		return seconds + " / 3600"
	}
	offset := "CASE"
	for _, o := range p.Offsets(cut.Whole) {
		offset += fmt.Sprintf(" WHEN %s < %d THEN %d", seconds, o.Until, o.Seconds)
	}
	local := "(" + seconds + " + " + offset + " END)"
	switch p.Span {
	case "day":
		return local + " / 86400"
	case "week":
		return "(" + local + " / 86400 + 3) / 7"
	}
	return "((strftime('%Y', " + local + ", 'unixepoch') - 1970) * 12 + strftime('%m', " + local + ", 'unixepoch') - 1)"
}
