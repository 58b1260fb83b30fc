package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Query asks for sums over entries. The zero Query sums up everything.
type Query struct {
	// From and To bound the time the request began: From included, To excluded.
	// A zero time means no bound.
	From, To time.Time
	// By are the dimensions to sum by, as Dimensions lists them; none gives one
	// row. At most one of them may be a span of time.
	By []string
	// Where keeps only entries whose dimension has one of the values; spans of
	// time cannot be filtered on (use From and To). A status may be a class such
	// as "4xx".
	Where map[string][]string
	// Counted keeps only entries that count against limits.
	Counted bool
	// Sort is the measure that puts the largest first: "requests", "errors",
	// "prompt", "completion", "total", "cached", "reasoning", "seconds", "characters",
	// "images", "cost" or "unpriced".
	// Empty sorts by time when By has a span of time and by "total" otherwise.
	Sort string
	// Limit bounds the rows returned; 0 means DefaultLimit, more than MaxLimit is
	// an error.
	Limit int
	// Percentiles asks for the median and the 95th percentile of latencies too,
	// which about doubles what the query costs.
	Percentiles bool
	// Zone is where days, weeks and months begin; nil is UTC.
	Zone *time.Location
}

// DefaultLimit and MaxLimit bound the rows of a Table.
const (
	DefaultLimit = 1000
	MaxLimit     = 100_000
)

// maxValues bounds the values of one filter, so that a query stays one.
const maxValues = 1000

// Dimensions returns what a Query can sum by, in the order reports show them.
//
// By pricing a store goes over every entry, because repricing changes it; the
// measure "unpriced" tells what most want to know in far less time.
//
// The spans of time are hour ("2026-11-21T15:00+01:00"), day ("2026-11-21"), week
// (ISO 8601, "2026-W47") and month ("2026-11"), all in the query's zone. Only hours
// are those of UTC, which begin at half past where the zone is half an hour off.
func Dimensions() []string {
	return []string{"model", "caller", "group", "event", "attendee", "key", "ip", "user",
		"deployment", "resource", "region", "sku", "operation", "dialect",
		"status", "outcome", "source", "code", "pricing", "hour", "day", "week", "month"}
}

// SortMeasures returns what a Query can sort by.
func SortMeasures() []string {
	return []string{"requests", "errors", "prompt", "completion", "total", "cached", "reasoning", "seconds", "characters", "images", "cost", "unpriced"}
}

func isSpan(dimension string) bool {
	switch dimension {
	case "hour", "day", "week", "month":
		return true
	}
	return false
}

// Plan is a Query that makes sense, with its defaults filled in; stores work
// from it.
type Plan struct {
	Query
	// Span is the one dimension of By that is a span of time; empty when none is.
	Span string
	// Statuses are the filters on status as ranges, low included, high excluded.
	Statuses [][2]int64
}

// Plan checks the query. The error is a *tallygate.Error of kind BadRequest that
// names the word it does not know and the nearest one it does.
func (q Query) Plan() (*Plan, error) {
	p := &Plan{Query: q}
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return nil, badQuery("to", "The end %s lies before the start %s.", q.To.Format(time.RFC3339), q.From.Format(time.RFC3339))
	}
	if err := p.checkBy(); err != nil {
		return nil, err
	}
	if err := p.checkWhere(); err != nil {
		return nil, err
	}
	switch {
	case q.Limit < 0 || q.Limit > MaxLimit:
		return nil, badQuery("limit", "The limit %d is not between 1 and %d.", q.Limit, MaxLimit)
	case q.Limit == 0:
		p.Limit = DefaultLimit
	}
	switch {
	case q.Sort != "" && !slices.Contains(SortMeasures(), q.Sort):
		return nil, unknownWord("sort", "measure to sort by", q.Sort, SortMeasures())
	case q.Sort == "" && p.Span == "":
		p.Sort = "total"
	}
	return p, nil
}

func (p *Plan) checkBy() error {
	for i, d := range p.By {
		switch {
		case !slices.Contains(Dimensions(), d):
			return unknownWord("by", "dimension", d, Dimensions())
		case slices.Contains(p.By[:i], d):
			return badQuery("by", "The dimension %q is named twice.", d)
		case isSpan(d) && p.Span != "":
			return badQuery("by", "Usage can be summed by one span of time, not by both %q and %q.", p.Span, d)
		case isSpan(d):
			p.Span = d
		}
	}
	return nil
}

func (p *Plan) checkWhere() error {
	allowed := slices.DeleteFunc(Dimensions(), isSpan)
	for _, d := range slices.Sorted(maps.Keys(p.Where)) {
		switch {
		case isSpan(d):
			return badQuery("where", "Usage cannot be filtered by %q; use the start and the end.", d)
		case !slices.Contains(allowed, d):
			return unknownWord("where", "dimension to filter by", d, allowed)
		case len(p.Where[d]) == 0:
			return badQuery("where", "The filter on %q names no value.", d)
		case len(p.Where[d]) > maxValues:
			return badQuery("where", "The filter on %q names %d values, more than %d.", d, len(p.Where[d]), maxValues)
		case d == "status":
			for _, v := range p.Where[d] {
				r, ok := statusRange(v)
				if !ok {
					return badQuery("where", "The status %q is neither a number such as 429 nor a class such as 4xx.", v)
				}
				p.Statuses = append(p.Statuses, r)
			}
		}
	}
	return nil
}

// statusRange reads "429" or "4xx".
func statusRange(s string) (r [2]int64, ok bool) {
	if len(s) == 3 && strings.EqualFold(s[1:], "xx") && s[0] >= '1' && s[0] <= '9' {
		low := int64(s[0]-'0') * 100
		return [2]int64{low, low + 100}, true
	}
	var n int64
	for _, c := range s {
		if c < '0' || c > '9' || n > 999 {
			return r, false
		}
		n = n*10 + int64(c-'0')
	}
	return [2]int64{n, n + 1}, s != ""
}

func badQuery(param, format string, args ...any) error {
	return &tallygate.Error{Kind: tallygate.BadRequest, Code: "InvalidQuery", Param: param, Message: fmt.Sprintf(format, args...)}
}

func unknownWord(param, what, got string, allowed []string) error {
	hint := ""
	if near := tallygate.Nearest(got, allowed); near != "" {
		hint = fmt.Sprintf(" Did you mean %q?", near)
	}
	return badQuery(param, "There is no %s %q.%s Known are: %s.", what, got, hint, strings.Join(allowed, ", "))
}
