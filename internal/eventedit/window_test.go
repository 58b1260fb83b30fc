package eventedit

import (
	"testing"
	"time"
)

// The window is as the flags say it, in the zone of the event: hours are those of the
// clock that everybody has, and days those of the calendar.
func TestWindow(t *testing.T) {
	for _, test := range []struct {
		about      string
		w          Window
		d          Definition
		start, end string
	}{
		{"a time stays as it is written", Window{Start: "2026-12-01T09:00", End: "2026-12-01"}, Definition{"zone": "Asia/Tokyo"}, "2026-12-01T09:00", "2026-12-01"},
		{"hours", Window{Start: "2026-12-01T09:00", Span: "8h"}, Definition{"zone": "Asia/Tokyo"}, "2026-12-01T09:00", "2026-12-01T17:00:00+09:00"},
		{"days over the end of summer time", Window{Start: "2026-10-24T09:00", Span: "2d"}, Definition{"zone": "Europe/Stockholm"}, "2026-10-24T09:00", "2026-10-26T09:00:00+01:00"},
		{"hours over the end of summer time", Window{Start: "2026-10-24T09:00", Span: "48h"}, Definition{"zone": "Europe/Stockholm"}, "2026-10-24T09:00", "2026-10-26T08:00:00+01:00"},
		{"a span from the start that is there", Window{Span: "90m"}, Definition{"zone": "UTC", "start": "2026-12-01T09:00:00Z", "end": "x"}, "2026-12-01T09:00:00Z", "2026-12-01T10:30:00Z"},
		{"no change", Window{}, Definition{"start": "a", "end": "b"}, "a", "b"},
	} {
		if err := test.w.Set(test.d, time.UTC); err != nil || test.d["start"] != test.start || test.d["end"] != test.end {
			t.Errorf("%s: %v, %v to %v", test.about, err, test.d["start"], test.d["end"])
		}
	}
	for _, wrong := range []struct {
		w Window
		d Definition
	}{
		{Window{Start: "tomorrow"}, Definition{}}, {Window{End: "9:00"}, Definition{}}, {Window{Span: "8h"}, Definition{}},
		{Window{Start: "now", Span: "-1h"}, Definition{}}, {Window{Start: "now", Span: "0d"}, Definition{}},
		{Window{Start: "now", End: "now", Span: "1h"}, Definition{}}, {Window{}, Definition{"zone": "Local"}},
	} {
		if err := wrong.w.Set(wrong.d, time.UTC); !wrongUse(err) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// Where the zone's name is not known, times have the offset of this machine's clock.
func TestWindowWithoutZone(t *testing.T) {
	d := Definition{}
	w := Window{Start: "2026-12-01T09:00"}
	if err := w.Set(d, time.Local); err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 12, 1, 9, 0, 0, 0, time.Local).Format(time.RFC3339); d["start"] != want {
		t.Errorf("%v, want %s", d["start"], want)
	}
}
