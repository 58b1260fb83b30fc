package ledger

import (
	"fmt"
	"time"
)

// Stores sum entries up ahead of time, by the day and by the hour of UTC. A query's
// edges, and the days of a zone like Asia/Kolkata, need not fall on a day or an hour
// of UTC; what they cut in two is read in the next smaller piece, and at last from
// the entries themselves.

const (
	microsPerHour = int64(time.Hour / time.Microsecond)
	hoursPerDay   = 24
)

// Hour returns the hour of UTC since 1970 that t lies in.
func Hour(t time.Time) int64 { return floorDiv(t.UnixMicro(), microsPerHour) }

// DayOfHour returns the day of UTC since 1970 that an hour lies in.
func DayOfHour(hour int64) int64 { return floorDiv(hour, hoursPerDay) }

// Range is a stretch of time, From included, To not.
type Range struct{ From, To int64 }

// Cut says where to read what: sums of Days and of Hours (of UTC, since 1970), and
// single entries in Rows (microseconds since 1970). Together they cover the plan's
// time exactly once, and no day or hour among them lies in two of the plan's spans.
type Cut struct {
	Days, Hours, Rows []Range
	// Whole is all of it, in microseconds since 1970.
	Whole Range
}

// Cut divides the plan's time. first and last are when the first and the last
// entry of the store began; they stand in for a bound that the query leaves open.
func (p *Plan) Cut(first, last time.Time) (c Cut) {
	from, to := first.UnixMicro(), last.UnixMicro()+1
	if !p.From.IsZero() {
		from = max(from, p.From.UnixMicro())
	}
	if !p.To.IsZero() {
		to = min(to, p.To.UnixMicro())
	}
	c.Whole = Range{from, max(from, to)}
	for from < to {
		end := min(to, p.next(time.UnixMicro(from)).UnixMicro())
		c.piece(from, end, p.Span != "hour")
		from = end
	}
	return c
}

// piece adds a stretch of time that belongs to one span, or to whole hours of them.
func (c *Cut) piece(from, to int64, days bool) {
	h0, h1 := ceilDiv(from, microsPerHour), floorDiv(to, microsPerHour)
	if h0 >= h1 {
		c.Rows = AddRange(c.Rows, Range{from, to})
		return
	}
	c.Rows = AddRange(c.Rows, Range{from, h0 * microsPerHour})
	d0, d1 := ceilDiv(h0, hoursPerDay), floorDiv(h1, hoursPerDay)
	if days && d0 < d1 {
		c.Hours = AddRange(c.Hours, Range{h0, d0 * hoursPerDay})
		c.Days = AddRange(c.Days, Range{d0, d1})
		c.Hours = AddRange(c.Hours, Range{d1 * hoursPerDay, h1})
	} else {
		c.Hours = AddRange(c.Hours, Range{h0, h1})
	}
	c.Rows = AddRange(c.Rows, Range{h1 * microsPerHour, to})
}

// AddRange appends a range, or makes the last one longer when they touch. An empty
// range adds nothing.
func AddRange(rs []Range, r Range) []Range {
	if r.From >= r.To {
		return rs
	}
	if n := len(rs); n > 0 && rs[n-1].To == r.From {
		rs[n-1].To = r.To
		return rs
	}
	return append(rs, r)
}

// next returns the beginning of the span after the one that t lies in. Hours are
// those of UTC wherever the zone is, and need no cutting; without a span there is no
// next one within any query.
func (p *Plan) next(t time.Time) time.Time {
	t = t.In(p.Zone)
	y, m, d := t.Date()
	switch p.Span {
	case "day":
		return p.midnight(t, y, m, d+1)
	case "week":
		return p.midnight(t, y, m, d+7-(int(t.Weekday())+6)%7)
	case "month":
		return p.midnight(t, y, m+1, 1)
	}
	return time.UnixMicro(1<<63 - 1)
}

// midnight returns the beginning of a day. Where a zone skips midnight, time.Date
// may answer with an instant of the day before; the day then begins where the
// zone's offset changes.
func (p *Plan) midnight(after time.Time, y int, m time.Month, d int) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, p.Zone)
	if t.Hour() > 12 {
		_, t = t.ZoneBounds()
	}
	if !t.After(after) {
		return after.Add(24 * time.Hour) // no zone does this; never stand still
	}
	return t
}

// Offset is a zone's offset from UTC, in seconds, until the instant Until (in
// seconds since 1970).
type Offset struct {
	Until   int64
	Seconds int64
}

// Offsets returns the zone's offsets within a stretch of microseconds since 1970,
// in order; the last one holds for ever.
func (p *Plan) Offsets(r Range) []Offset {
	var out []Offset
	for t := time.UnixMicro(r.From).In(p.Zone); ; {
		_, seconds := t.Zone()
		_, end := t.ZoneBounds()
		if end.IsZero() || end.UnixMicro() >= r.To {
			return append(out, Offset{1<<63 - 1, int64(seconds)})
		}
		out = append(out, Offset{end.Unix(), int64(seconds)})
		t = end
	}
}

// Label names a span by its number: for an hour its beginning in hours since 1970
// (UTC), for a day, week or month the count of local ones since 1 January 1970
// (weeks begin on Monday; week 0 began on 29 December 1969).
func (p *Plan) Label(n int64) string {
	switch p.Span {
	case "hour":
		return time.Unix(n*3600, 0).In(p.Zone).Format("2006-01-02T15:04Z07:00")
	case "day":
		return time.Unix(n*86400, 0).UTC().Format(time.DateOnly)
	case "week":
		y, w := time.Unix((n*7-3)*86400, 0).UTC().ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case "month":
		return fmt.Sprintf("%04d-%02d", 1970+floorDiv(n, 12), n-12*floorDiv(n, 12)+1)
	}
	return ""
}

// Bucket returns the number of the span that t lies in, as Label names it.
func (p *Plan) Bucket(t time.Time) int64 {
	local := t.In(p.Zone)
	_, offset := local.Zone()
	day := floorDiv(t.Unix()+int64(offset), 86400)
	switch p.Span {
	case "hour":
		return Hour(t)
	case "day":
		return day
	case "week":
		return floorDiv(day+3, 7)
	case "month":
		return int64(local.Year()-1970)*12 + int64(local.Month()) - 1
	}
	return 0
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }
