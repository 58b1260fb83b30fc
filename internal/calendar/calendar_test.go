package calendar_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/calendar"
)

const (
	hour  = tallygate.Hour
	day   = tallygate.Day
	week  = tallygate.Week
	month = tallygate.Month
	year  = tallygate.Year
)

func load(t testing.TB, zone string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// Where windows begin and end on the days on which a calendar is not simple; all
// instants with the zone's own offset.
func TestWindow(t *testing.T) {
	for _, c := range []struct {
		what, zone     string
		period         tallygate.Period
		at, start, end string
	}{
		{"an ordinary hour", "Europe/Stockholm", hour,
			"2024-05-14T09:59:59.999999999+02:00", "2024-05-14T09:00:00+02:00", "2024-05-14T10:00:00+02:00"},
		{"an hour where offsets have 45 minutes", "Asia/Kathmandu", hour,
			"2024-05-14T09:00:00+05:45", "2024-05-14T09:00:00+05:45", "2024-05-14T10:00:00+05:45"},
		{"the hour before the leap", "Europe/Stockholm", hour,
			"2024-03-31T01:30:00+01:00", "2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00"},
		{"the first of two hours", "Europe/Stockholm", hour,
			"2024-10-27T02:30:00+02:00", "2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00"},
		{"the second of two hours", "Europe/Stockholm", hour,
			"2024-10-27T02:30:00+01:00", "2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00"},
		{"half an hour is left out", "Australia/Lord_Howe", hour,
			"2024-10-06T02:45:00+11:00", "2024-10-06T02:30:00+11:00", "2024-10-06T03:00:00+11:00"},
		{"half an hour comes twice: the whole hour", "Australia/Lord_Howe", hour,
			"2024-04-07T01:45:00+11:00", "2024-04-07T01:00:00+11:00", "2024-04-07T01:30:00+10:30"},
		{"half an hour comes twice: the half", "Australia/Lord_Howe", hour,
			"2024-04-07T01:45:00+10:30", "2024-04-07T01:30:00+10:30", "2024-04-07T02:00:00+10:30"},
		{"two hours come twice", "Antarctica/Troll", hour,
			"2024-10-27T02:10:00+02:00", "2024-10-27T02:00:00+02:00", "2024-10-27T01:00:00+00:00"},
		{"an hour before 1970", "Asia/Kolkata", hour,
			"1969-07-20T20:17:40+05:30", "1969-07-20T20:00:00+05:30", "1969-07-20T21:00:00+05:30"},

		{"a day of 23 hours", "Europe/Stockholm", day,
			"2024-03-31T12:00:00+02:00", "2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"},
		{"a day of 25 hours", "Europe/Stockholm", day,
			"2024-10-27T00:00:00+02:00", "2024-10-27T00:00:00+02:00", "2024-10-28T00:00:00+01:00"},
		{"no midnight, Havana", "America/Havana", day,
			"2024-03-10T01:00:00-04:00", "2024-03-10T01:00:00-04:00", "2024-03-11T00:00:00-04:00"},
		{"no midnight, Cairo", "Africa/Cairo", day,
			"2024-04-25T23:59:59+02:00", "2024-04-25T00:00:00+02:00", "2024-04-26T01:00:00+03:00"},
		{"no midnight, Beirut", "Asia/Beirut", day,
			"2024-03-31T23:59:59+03:00", "2024-03-31T01:00:00+03:00", "2024-04-01T00:00:00+03:00"},
		{"no midnight, São Paulo", "America/Sao_Paulo", day,
			"2018-11-04T01:00:00-02:00", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		{"no midnight, Amman", "Asia/Amman", day,
			"2021-03-26T01:00:00+03:00", "2021-03-26T01:00:00+03:00", "2021-03-27T00:00:00+03:00"},
		{"no midnight, Azores", "Atlantic/Azores", day,
			"2024-03-31T05:00:00+00:00", "2024-03-31T01:00:00+00:00", "2024-04-01T00:00:00+00:00"},
		{"two midnights: the first begins the day", "America/Havana", day,
			"2024-11-03T00:10:00-05:00", "2024-11-03T00:00:00-04:00", "2024-11-04T00:00:00-05:00"},
		{"two midnights: the day before ends with the first", "Atlantic/Azores", day,
			"2024-10-26T23:59:59+00:00", "2024-10-26T00:00:00+00:00", "2024-10-27T00:00:00+00:00"},
		{"the day's last hour comes twice", "America/Sao_Paulo", day,
			"2018-02-17T23:30:00-03:00", "2018-02-17T00:00:00-02:00", "2018-02-18T00:00:00-03:00"},
		{"put back over midnight: the day that began goes on", "America/St_Johns", day,
			"2010-11-06T23:30:00-03:30", "2010-11-07T00:00:00-02:30", "2010-11-08T00:00:00-03:30"},
		{"a date is left out: the day before it", "Pacific/Apia", day,
			"2011-12-29T23:59:59-10:00", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		{"a date is left out: the day after it", "Pacific/Kwajalein", day,
			"1993-08-22T00:00:00+12:00", "1993-08-22T00:00:00+12:00", "1993-08-23T00:00:00+12:00"},
		{"leap day", "America/New_York", day,
			"2024-02-29T23:59:59-05:00", "2024-02-29T00:00:00-05:00", "2024-03-01T00:00:00-05:00"},
		{"the last of a leap year known by rule", "America/New_York", day,
			"2028-12-31T20:00:00-05:00", "2028-12-31T00:00:00-05:00", "2029-01-01T00:00:00-05:00"},

		{"a week over the year's end, from before", "Europe/Stockholm", week,
			"2020-12-31T23:59:59+01:00", "2020-12-28T00:00:00+01:00", "2021-01-04T00:00:00+01:00"},
		{"a week over the year's end, from after: the 53rd", "Europe/Stockholm", week,
			"2021-01-01T00:00:00+01:00", "2020-12-28T00:00:00+01:00", "2021-01-04T00:00:00+01:00"},
		{"a week whose Monday is new year's eve's eve", "Asia/Tokyo", week,
			"2025-01-05T23:59:59+09:00", "2024-12-30T00:00:00+09:00", "2025-01-06T00:00:00+09:00"},
		{"a Monday", "UTC", week, "2024-07-01T00:00:00Z", "2024-07-01T00:00:00Z", "2024-07-08T00:00:00Z"},
		{"a Sunday on which clocks change", "America/New_York", week,
			"2024-03-10T23:00:00-04:00", "2024-03-04T00:00:00-05:00", "2024-03-11T00:00:00-04:00"},

		{"February of a leap year", "America/New_York", month,
			"2024-02-29T12:00:00-05:00", "2024-02-01T00:00:00-05:00", "2024-03-01T00:00:00-05:00"},
		{"the 31st before a month of 28 days", "Asia/Kolkata", month,
			"2023-01-31T23:59:59+05:30", "2023-01-01T00:00:00+05:30", "2023-02-01T00:00:00+05:30"},
		{"a month with the change of clocks", "Europe/Stockholm", month,
			"2024-03-31T23:00:00+02:00", "2024-03-01T00:00:00+01:00", "2024-04-01T00:00:00+02:00"},
		{"a month whose first has no midnight", "America/Havana", month,
			"2001-04-01T01:00:00-04:00", "2001-04-01T01:00:00-04:00", "2001-05-01T00:00:00-04:00"},
		{"a century that is no leap year", "UTC", month,
			"2100-02-28T23:00:00Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"},

		{"a year begins while elsewhere it has not", "Asia/Kolkata", year,
			"2024-01-01T00:00:00+05:30", "2024-01-01T00:00:00+05:30", "2025-01-01T00:00:00+05:30"},
		{"the year that a date was left out of", "Pacific/Apia", year,
			"2011-12-31T00:00:00+14:00", "2011-01-01T00:00:00-10:00", "2012-01-01T00:00:00+14:00"},
	} {
		t.Run(c.what, func(t *testing.T) {
			zone := load(t, c.zone)
			start, end := calendar.Window(c.period, instant(t, c.at), zone)
			if start.Location() != zone || end.Location() != zone {
				t.Errorf("in %v and %v, want both in %v", start.Location(), end.Location(), zone)
			}
			if !start.Equal(instant(t, c.start)) || !end.Equal(instant(t, c.end)) {
				t.Errorf("%v to %v, want %s to %s", start, end, c.start, c.end)
			}
		})
	}
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Without a zone it is UTC, whatever zone the time came in.
func TestWindowWithoutZone(t *testing.T) {
	at := time.Date(2024, 1, 1, 3, 0, 0, 0, load(t, "Asia/Tokyo"))
	start, end := calendar.Window(day, at, nil)
	if want := time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC); start != want || end != want.AddDate(0, 0, 1) {
		t.Errorf("%v to %v, want the day of %v", start, end, want)
	}
}

// Periods that are not of the calendar have no bounds.
func TestWindowWithoutBounds(t *testing.T) {
	for _, p := range []tallygate.Period{0, tallygate.Sliding, tallygate.Lifetime, tallygate.Ever} {
		if start, end := calendar.Window(p, time.Now(), nil); !start.IsZero() || !end.IsZero() {
			t.Errorf("%q: %v to %v, want no bounds", p, start, end)
		}
	}
}

// The cost of a window on an ordinary day, in a zone without and one with rules.
func BenchmarkWindow(b *testing.B) {
	at := time.Date(2027, 5, 14, 9, 30, 0, 0, time.UTC)
	for _, name := range []string{"UTC", "Europe/Stockholm"} {
		zone := load(b, name)
		for _, p := range periods {
			b.Run(name+"/"+p.String(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					calendar.Window(p, at, zone)
				}
			})
		}
	}
}
