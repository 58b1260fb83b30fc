package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/calendar"
	"pgregory.net/rapid"
)

var periods = []tallygate.Period{hour, day, week, month, year}

// zones are those that have been hard on calendars, and some that are not.
var zones = []string{
	"UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo",
	"Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati",
	"Pacific/Chatham", "America/Havana", "America/Sao_Paulo", "America/St_Johns", "America/Juneau",
	"Africa/Cairo", "Africa/Casablanca", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Tehran",
	"Asia/Manila", "Atlantic/Azores", "America/Nuuk", "Antarctica/Troll", "Europe/Dublin",
}

// Over whole years the windows are those that somebody finds who looks at the zone's
// clock every minute and never reads a calendar: a date is new when it is later than
// all before, an hour when the hour or the offset is another.
func TestYearsMinuteByMinute(t *testing.T) {
	for _, c := range []struct {
		zone string
		year int
	}{
		{"Europe/Stockholm", 2026}, {"Europe/Stockholm", 2028},
		{"America/New_York", 2026}, {"America/New_York", 2028},
		{"Asia/Kolkata", 2026}, {"Asia/Kolkata", 2028},
		{"Australia/Lord_Howe", 2026}, {"Australia/Lord_Howe", 2028},
		{"Pacific/Apia", 2011}, {"Pacific/Apia", 2012},
		{"America/Havana", 2026}, {"America/Havana", 2028},
		{"Africa/Cairo", 2026}, {"Africa/Cairo", 2028},
		{"Antarctica/Troll", 2026}, {"Antarctica/Troll", 2028},
		{"America/Sao_Paulo", 2018}, {"America/St_Johns", 2010}, {"Pacific/Kwajalein", 1993},
	} {
		t.Run(fmt.Sprintf("%s %d", c.zone, c.year), func(t *testing.T) {
			t.Parallel()
			zone := load(t, c.zone)
			for _, p := range periods {
				compare(t, p, zone, observe(p, zone, c.year))
			}
		})
	}
}

// observe returns the instants at which windows begin, from a week before the year
// until a week after it.
func observe(p tallygate.Period, zone *time.Location, y int) []time.Time {
	from := time.Date(y, 1, -7, 0, 0, 0, 0, time.UTC)
	to := time.Date(y+1, 1, 8, 0, 0, 0, 0, time.UTC)
	var begins []time.Time
	last := number(p, from.In(zone))
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		n := number(p, at.In(zone))
		if p == hour && n != last || n > last {
			begins = append(begins, at)
			last = n
		}
	}
	return begins
}

// number numbers the period that the clock shows, later ones higher. An hour has
// another number with another offset.
func number(p tallygate.Period, at time.Time) int {
	y, m, d := at.Date()
	switch p {
	case hour:
		_, offset := at.Zone()
		return ((y*366+at.YearDay())*24+at.Hour())*1e6 + offset
	case week:
		y, w := at.ISOWeek()
		return y*100 + w
	case month:
		return y*100 + int(m)
	case year:
		return y
	}
	return (y*100+int(m))*100 + d
}

// compare checks that windows begin at begins and nowhere between, whatever time of
// them is asked for.
func compare(t *testing.T, p tallygate.Period, zone *time.Location, begins []time.Time) {
	t.Helper()
	if len(begins) < 2 {
		t.Fatalf("%s: the observer saw %d beginnings", p, len(begins))
	}
	for i, start := range begins[1:] {
		wantStart, wantEnd := begins[i], start
		length := wantEnd.Sub(wantStart)
		for _, at := range []time.Time{wantStart, wantStart.Add(rand.N(length)), wantEnd.Add(-1)} {
			gotStart, gotEnd := calendar.Window(p, at, zone)
			if !gotStart.Equal(wantStart) || !gotEnd.Equal(wantEnd) {
				t.Fatalf("%s of %v: %v to %v, want %v to %v", p, at.In(zone), gotStart, gotEnd, wantStart.In(zone), wantEnd.In(zone))
			}
		}
	}
}

// A year has as many windows as people count.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		zone   string
		year   int
		period tallygate.Period
		want   int
	}{
		{"Europe/Stockholm", 2028, day, 366},
		{"Europe/Stockholm", 2028, month, 12},
		{"Europe/Stockholm", 2028, hour, 366 * 24}, // one left out, one twice
		{"Europe/Stockholm", 2027, hour, 365 * 24},
		{"Asia/Kolkata", 2028, hour, 366 * 24},
		{"America/New_York", 2100, day, 365}, // no leap year
		{"America/Havana", 2024, day, 366},
		{"Africa/Cairo", 2024, day, 366},
		{"America/St_Johns", 2010, day, 365},
		{"Pacific/Apia", 2011, day, 364}, // went without 30 December
		{"Pacific/Apia", 2011, month, 12},
		{"Pacific/Apia", 2012, day, 366},
		{"Australia/Lord_Howe", 2023, hour, 365*24 + 1}, // half an hour of its own
		{"Antarctica/Troll", 2023, hour, 365 * 24},
	} {
		zone := load(t, c.zone)
		at, end := calendar.Window(year, time.Date(c.year, 6, 1, 0, 0, 0, 0, time.UTC), zone)
		n := 0
		for ; at.Before(end); n++ {
			start, next := calendar.Window(c.period, at, zone)
			if !start.Equal(at) {
				t.Fatalf("%s %d: the %s after %v starts at %v", c.zone, c.year, c.period, at, start)
			}
			if length := next.Sub(start); length <= 0 || c.period == hour && length > time.Hour {
				t.Errorf("%s %d: the %s of %v is %v long", c.zone, c.year, c.period, start, length)
			}
			at = next
		}
		if n != c.want {
			t.Errorf("%s has %d windows of a %s in %d, want %d", c.zone, n, c.period, c.year, c.want)
		}
		if !at.Equal(end) {
			t.Errorf("%s: the last %s ends at %v, the year %d at %v", c.zone, c.period, at, c.year, end)
		}
	}
}

// At any time of three centuries in any zone, windows hold their time, follow on one
// another, and begin with the date that they should.
func TestTiling(t *testing.T) {
	locations := make([]*time.Location, len(zones))
	for i, name := range zones {
		locations[i] = load(t, name)
	}
	first := time.Date(1840, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	last := time.Date(2140, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(periods).Draw(t, "period")
		zone := rapid.SampledFrom(locations).Draw(t, "zone")
		at := time.Unix(rapid.Int64Range(first, last).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))

		start, end := calendar.Window(p, at, zone)
		if start.After(at) || !at.Before(end) {
			t.Fatalf("%v is not in its window, %v to %v", at, start, end)
		}
		if next, _ := calendar.Window(p, end, zone); !next.Equal(end) {
			t.Errorf("the window after that which ends at %v starts at %v", end, next)
		}
		if _, before := calendar.Window(p, start.Add(-1), zone); !before.Equal(start) {
			t.Errorf("the window before that which starts at %v ends at %v", start, before)
		}
		if again, same := calendar.Window(p, end.Add(-1), zone); !again.Equal(start) || !same.Equal(end) {
			t.Errorf("%v to %v, but the last of it says %v to %v", start, end, again, same)
		}
		switch {
		case p == week && start.Weekday() != time.Monday,
			p == month && start.Day() != 1,
			p == year && start.YearDay() != 1:
			t.Errorf("a %s starts at %v", p, start)
		}
	})
}
