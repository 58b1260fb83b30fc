package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// periodWords are the periods in one word, in the order of those of the calendar.
var periodWords = []string{"minute", "hour", "day", "week", "month", "year", "event", "ever"}

// period is that of a limit: a word, or the length of one that slides.
func period(l *tallygate.Limit) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "a period such as minute, month or 30m", true)
			if !ok {
				return
			}
			p, length, err := parsePeriod(s)
			if err != nil {
				d.Fail(v, err)
				return
			}
			l.Period, l.Length = p, length
		},
		Encode: func(*tree.Printer) *yaml.Node {
			if l.Period == 0 {
				return nil
			}
			return tree.PlainNode(formatPeriod(l))
		},
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{{"enum": periodWords}, {"type": "string", "pattern": `^([0-9]+(s|m|h))+$|\$\{`}}}
		},
	}
}

func parsePeriod(s string) (tallygate.Period, time.Duration, error) {
	switch i := slices.Index(periodWords, s); {
	case i == 0:
		return tallygate.Sliding, time.Minute, nil
	case i > 0:
		return tallygate.Sliding + tallygate.Period(i), 0, nil
	}
	length, err := time.ParseDuration(s)
	switch {
	case err != nil && tree.IsDigits(s):
		return 0, 0, tree.Faultf("20s is twenty seconds", "has no unit")
	case err != nil:
		hint := suggest(singular(s), periodWords)
		return 0, 0, tree.Faultf(hint, "is not one of: %s, nor a time from 1s to 1h", strings.Join(periodWords, ", "))
	case length < time.Second || length > time.Hour || length%time.Second != 0:
		return 0, 0, tree.Faultf("longer ones are of the calendar: day, week, month, year", "must be whole seconds from 1s to 1h")
	}
	return tallygate.Sliding, length, nil
}

// singular is a period's word as people also write it: days, Daily.
func singular(s string) string {
	s = strings.ToLower(s)
	if s == "daily" {
		return "day"
	}
	return strings.TrimSuffix(strings.TrimSuffix(s, "ly"), "s")
}

func formatPeriod(l *tallygate.Limit) string {
	switch {
	case l.Period != tallygate.Sliding:
		return l.Period.String()
	case l.Length == time.Minute:
		return "minute"
	}
	return tree.FormatDuration(l.Length)
}

// zone is a time zone by its name in the IANA database.
func zone(p **time.Location) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "a time zone", false)
			if !ok {
				return
			}
			at, err := readingOf(d).location(s)
			if err != nil {
				d.Wrong(v, tree.DidYouMean(nearZone(s)), "is not a time zone such as Europe/Stockholm")
				return
			}
			*p = at
		},
		Encode: func(*tree.Printer) *yaml.Node {
			if *p == nil {
				return nil
			}
			return tree.TextNode((*p).String())
		},
		Schema: func() tree.Schema { return tree.Schema{"type": "string", "minLength": 1} },
	}
}

// location returns the zone of a name; those of a file are looked up once.
func (d *reading) location(name string) (*time.Location, error) {
	if at, ok := d.zones[name]; ok {
		return at, nil
	}
	at, err := Zone(name)
	if err != nil {
		return nil, err
	}
	if d.zones == nil {
		d.zones = make(map[string]*time.Location)
	}
	d.zones[name] = at
	return at, nil
}
