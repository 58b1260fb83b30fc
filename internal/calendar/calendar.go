// Package calendar knows where the calendar periods of limits begin and end, in
// any zone and through every change of its clocks.
package calendar

import (
	"sort"
	"time"

	"github.com/tallygate/tallygate"
)

// Window returns the period of the calendar that t lies in: start ≤ t < end, both
// in zone, of which nil is UTC. The windows of one period and zone tile time: the
// next one starts where this one ends, and none is empty.
//
// A day begins when the zone's clock first shows its midnight or anything later: at
// the first of two midnights, and after the gap where the clock leaps over
// midnight. A date that the zone leaves out altogether has no window. Once a day has
// begun it goes on, even if the clock is put back into the day before. Weeks begin
// with their Monday (ISO 8601), months and years with their first day.
//
// An hour is that of the clock's face, at most 60 minutes: it begins at minute 0,
// and anew where the zone changes its offset from UTC. An hour that comes twice is
// two windows, and where clocks change by less than an hour, windows are shorter.
//
// The other periods have no bounds that a calendar knows; start and end are then
// the zero Time. Window is safe for concurrent use.
func Window(p tallygate.Period, t time.Time, zone *time.Location) (start, end time.Time) {
	if zone == nil {
		zone = time.UTC
	}
	c := clock{zone}
	var from, to int64
	switch p {
	case tallygate.Hour:
		from, to = c.hour(t.Unix())
	case tallygate.Day, tallygate.Week, tallygate.Month, tallygate.Year:
		from, to = c.dates(p, t.Unix())
	default:
		return time.Time{}, time.Time{}
	}
	return time.Unix(from, 0).In(zone), time.Unix(to, 0).In(zone)
}

// clock is a zone's clock. Instants are seconds since 1970 began in UTC; a face,
// what the clock shows, is the same count as if it were of UTC: the instant plus the
// offset then in force.
type clock struct{ zone *time.Location }

// offset is what is added to the instant t to have the face.
func (c clock) offset(t int64) int64 {
	_, seconds := time.Unix(t, 0).In(c.zone).Zone()
	return int64(seconds)
}

// hour returns the hour that t lies in.
func (c clock) hour(t int64) (from, to int64) {
	const hour = 3600
	offset := c.offset(t)
	past := (t + offset) % hour
	if past < 0 { // before 1970
		past += hour
	}
	from, to = t-past, t-past+hour
	if c.offset(from) != offset {
		from = c.change(from, t)
	}
	if c.offset(to-1) != offset {
		to = c.change(t, to-1)
	}
	return from, to
}

// dates returns the day, week, month or year that t lies in.
func (c clock) dates(p tallygate.Period, t int64) (from, to int64) {
	face := begin(p, time.Unix(t+c.offset(t), 0).UTC())
	from = c.first(face.Unix())
	// Mostly the next one begins after t, and this is all. It does not where a date
	// is left out and where the clock was put back over midnight.
	for {
		face = next(p, face)
		to = c.first(face.Unix())
		if to > t {
			return from, to
		}
		from = to
	}
}

// begin returns the midnight with which the period begins that the face lies in.
func begin(p tallygate.Period, face time.Time) time.Time {
	year, month, day := face.Date()
	switch p {
	case tallygate.Week:
		sinceMonday := (int(face.Weekday()) + 6) % 7
		day -= sinceMonday
	case tallygate.Month:
		day = 1
	case tallygate.Year:
		month, day = time.January, 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// next returns the midnight with which the period after that of face begins.
func next(p tallygate.Period, face time.Time) time.Time {
	switch p {
	case tallygate.Week:
		return face.AddDate(0, 0, 7)
	case tallygate.Month:
		return face.AddDate(0, 1, 0)
	case tallygate.Year:
		return face.AddDate(1, 0, 0)
	}
	return face.AddDate(0, 0, 1)
}

// first returns the first instant at which the clock shows face or later. It does
// without Time.ZoneBounds, which is only roughly right in years for which the zone's
// file has a rule in place of a table.
func (c clock) first(face int64) int64 {
	// No place has been further from UTC than 15:57 hours (Manila, before 1845), and
	// none changed its clocks twice between these two instants.
	const farthest = 16 * 3600
	before, after := c.offset(face-farthest), c.offset(face+farthest)
	switch {
	case before == after, c.offset(face-before) == before:
		return face - before
	case c.offset(face-after) == after:
		return face - after
	}
	return c.change(face-after, face-before) // the clock leaps over face
}

// change returns the instant after early, up to late, at which the offset becomes
// other than it was at early.
func (c clock) change(early, late int64) int64 {
	before := c.offset(early)
	return early + int64(sort.Search(int(late-early), func(i int) bool {
		return c.offset(early+int64(i)) != before
	}))
}
