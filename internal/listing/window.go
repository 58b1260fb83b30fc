package listing

import (
	"cmp"
	"fmt"
	"time"

	"github.com/tallygate/tallygate/internal/api"
)

// Zone is where an event takes place.
func Zone(e *api.Event) *time.Location {
	zone, err := time.LoadLocation(cmp.Or(e.Zone, "UTC"))
	if err != nil {
		return time.UTC
	}
	return zone
}

// Clock writes an instant as the clocks show it where the event takes place.
func Clock(t time.Time, e *api.Event) string {
	return t.In(Zone(e)).Format("2006-01-02 15:04 MST")
}

// shortWindow is when an event takes place: to the minute, or of one that lasts for
// days the days. An end on the next day has a +1.
func shortWindow(e *api.Event) string {
	start, end := e.Start.In(Zone(e)), e.End.In(Zone(e))
	if end.Sub(start) > 24*time.Hour {
		return fmt.Sprintf("%s to %s", start.Format(time.DateOnly), end.Format(time.DateOnly))
	}
	until := end.Format("15:04 MST")
	if start.Format(time.DateOnly) != end.Format(time.DateOnly) {
		until = end.Format("15:04") + "+1 " + end.Format("MST")
	}
	return fmt.Sprintf("%s to %s", start.Format("2006-01-02 15:04"), until)
}

// Window is when an event takes place, in full.
func Window(e *api.Event) string {
	start, end := e.Start.In(Zone(e)), e.End.In(Zone(e))
	until := end.Format("2006-01-02 15:04")
	if start.Format(time.DateOnly) == end.Format(time.DateOnly) {
		until = end.Format("15:04")
	}
	return fmt.Sprintf("%s to %s, %s", start.Format("2006-01-02 15:04"), until, e.Zone)
}
