package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/console"
)

// limitFlag is a flag for the limits of an event that count one quantity: for all of
// its attendees together, or for each.
type limitFlag struct {
	name, quantity, each, usage string
}

// eventLimitFlags are in the order of the help.
var eventLimitFlags = []limitFlag{
	{"requests-per-attendee", "requests", "attendee", "`requests` of each attendee: 50/day, or 50 for the whole event"},
	{"tokens-per-attendee", "tokens", "attendee", "`tokens` of each attendee: 100k/day, or 100k/day,20k/minute"},
	{"money-per-attendee", "money", "attendee", "`money` of each attendee: 0.50/day"},
	{"requests", "requests", "", "`requests` of all attendees together"},
	{"tokens", "tokens", "", "`tokens` of all attendees together: 5M"},
	{"money", "money", "", "`money` of all attendees together: 50"},
}

// set replaces the event's limits of this kind by those that value names: AMOUNT or
// AMOUNT/PERIOD, separated by commas. Where there was one of the same period it keeps
// what else it says, such as its warning. Limits of some models or the like stay.
func (f *limitFlag) set(d definition, value string) error {
	was, ok := d["limits"].([]any)
	if !ok && d["limits"] != nil {
		return console.Usagef("the event's limits are not a list")
	}
	var next, old []any
	for _, l := range was {
		if f.matches(l) {
			old = append(old, l)
		} else {
			next = append(next, l)
		}
	}
	seen := make(map[string]bool)
	all, _ := several(value)
	for _, item := range all.([]string) {
		amount, per, ok := strings.Cut(item, "/")
		if amount, per = strings.TrimSpace(amount), strings.TrimSpace(per); !ok {
			per = "event"
		}
		if amount == "" || per == "" {
			return console.Usagef("--%s: %q is not an amount such as 50, or 50/day", f.name, item)
		}
		if seen[per] {
			return console.Usagef("--%s: there are two amounts for one period, %s", f.name, per)
		}
		seen[per] = true
		next = append(next, f.limit(old, amount, per))
	}
	if d["limits"] = next; len(next) == 0 {
		delete(d, "limits")
	}
	return nil
}

// limit is the old limit of a period with another amount, or a new one.
func (f *limitFlag) limit(old []any, amount, per string) any {
	l := map[string]any{"per": per}
	if f.each != "" {
		l["each"] = f.each
	}
	for _, o := range old {
		if o := o.(map[string]any); o["per"] == per {
			l = o
		}
	}
	l[f.quantity] = number(amount)
	return l
}

// matches reports whether a limit of a definition is of this kind.
func (f *limitFlag) matches(limit any) bool {
	l, ok := limit.(map[string]any)
	if _, counts := l[f.quantity]; !ok || !counts {
		return false
	}
	if slices.ContainsFunc([]string{"callers", "groups", "models", "deployments"}, func(key string) bool { return l[key] != nil }) {
		return false
	}
	each := l["each"]
	if list, ok := each.([]any); ok && len(list) == 1 {
		each = list[0]
	}
	if f.each == "" {
		return each == nil
	}
	return each == f.each
}

// inEventFlags names what is wrong with an event by the flags that said it, also those
// of its limits and of its end.
func inEventFlags(c *cobra.Command, d definition, err error) error {
	limits, _ := d["limits"].([]any)
	return renamed(err, func(key string) string {
		rest, ok := strings.CutPrefix(key, "limits[")
		if !ok {
			if name := flagOf(c, key); name != "" || key != "end" {
				return name
			}
			return flagOf(c, "for")
		}
		number, _, _ := strings.Cut(rest, "]")
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= len(limits) {
			return ""
		}
		for _, f := range eventLimitFlags {
			if c.Flags().Changed(f.name) && f.matches(limits[i]) {
				return f.name
			}
		}
		return ""
	})
}
