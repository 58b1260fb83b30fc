package eventedit

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
)

// Window is when an event takes place, as flags say it: all may be empty.
type Window struct {
	Start, End, Span string
}

// Set writes the window into a definition. Where only the span is known, it counts from
// the start that is there; times without an offset are of the definition's zone, or
// of the given one.
func (w *Window) Set(d Definition, zone *time.Location) error {
	if w.End != "" && w.Span != "" {
		return console.Usagef("--end and --for say the same: leave one out")
	}
	if name, ok := d["zone"].(string); ok {
		z, err := config.Zone(name)
		if err != nil {
			return console.Usagef("--zone: %w", err)
		}
		zone = z
	}
	if w.Start != "" {
		text, err := timeText("start", w.Start, zone)
		if err != nil {
			return err
		}
		d["start"] = text
	}
	switch {
	case w.End != "":
		text, err := timeText("end", w.End, zone)
		if err != nil {
			return err
		}
		d["end"] = text
	case w.Span != "":
		text, _ := d["start"].(string)
		start, _, err := config.EventTime(text, zone)
		if err != nil {
			return console.Usagef("--for: the event's start is not known; give --start, too")
		}
		end, err := addSpan(start.In(zone), w.Span)
		if err != nil {
			return err
		}
		d["end"] = end.Format(time.RFC3339)
	}
	return nil
}

// timeText checks a time of a flag. The text stays as it is, so that the definition
// reads as it was meant; only now is written out, and what has no zone to be read in.
func timeText(flag, s string, zone *time.Location) (string, error) {
	if s == "now" {
		return time.Now().In(zone).Truncate(time.Minute).Format(time.RFC3339), nil
	}
	t, exists, err := config.EventTime(s, zone)
	if err != nil {
		return "", console.Usagef("--%s: %q is neither a time such as 2026-12-01T09:00 nor now", flag, s)
	}
	if !exists {
		return "", console.Usagef("--%s: %q does not exist: the clocks of %s leap over it", flag, s, zone)
	}
	if zone == time.Local {
		return t.Format(time.RFC3339), nil
	}
	return s, nil
}

// addSpan adds hours and minutes (8h, 90m), or days of the calendar (3d).
func addSpan(t time.Time, span string) (time.Time, error) {
	if text, ok := strings.CutSuffix(span, "d"); ok {
		if days, err := strconv.Atoi(text); err == nil && days > 0 && days <= 3660 {
			return t.AddDate(0, 0, days), nil
		}
	} else if d, err := time.ParseDuration(span); err == nil && d >= time.Second && d <= 10*366*24*time.Hour {
		return t.Add(d), nil
	}
	return t, console.Usagef("--for: %q is not a time such as 8h, 90m or 3d", span)
}

// LocalZone is the name of this machine's time zone; empty where it cannot be told.
func LocalZone() string {
	name := time.Local.String()
	if name == "Local" { // read from a file, which is a link to the zone's
		link, err := os.Readlink("/etc/localtime")
		_, zone, ok := strings.Cut(link, "zoneinfo/")
		if err != nil || !ok {
			return ""
		}
		name = zone
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	if name == "Etc/UTC" { // as many servers have it
		return "UTC"
	}
	return name
}
