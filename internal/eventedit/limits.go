package eventedit

import (
	"slices"
	"strings"

	"github.com/tallygate/tallygate/internal/console"
)

// LimitFlag is a flag for the limits of an event that count one quantity: for all of
// its attendees together, or for each.
type LimitFlag struct {
	Name, quantity, each, Usage string
}

// LimitFlags are in the order of the help.
var LimitFlags = []LimitFlag{
	{"requests-per-attendee", "requests", "attendee", "`requests` of each attendee: 50/day, or 50 for the whole event"},
	{"tokens-per-attendee", "tokens", "attendee", "`tokens` of each attendee: 100k/day, or 100k/day,20k/minute"},
	{"money-per-attendee", "money", "attendee", "`money` of each attendee: 0.50/day"},
	{"requests", "requests", "", "`requests` of all attendees together"},
	{"tokens", "tokens", "", "`tokens` of all attendees together: 5M"},
	{"money", "money", "", "`money` of all attendees together: 50"},
}

// Set replaces the event's limits of this kind by those that value names: AMOUNT or
// AMOUNT/PERIOD, separated by commas. Where there was one of the same period it keeps
// what else it says, such as its warning. Limits of some models or the like stay.
func (f *LimitFlag) Set(d Definition, value string) error {
	was, ok := d["limits"].([]any)
	if !ok && d["limits"] != nil {
		return console.Usagef("the event's limits are not a list")
	}
	var next, old []any
	for _, l := range was {
		if f.Matches(l) {
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
			return console.Usagef("--%s: %q is not an amount such as 50, or 50/day", f.Name, item)
		}
		if seen[per] {
			return console.Usagef("--%s: there are two amounts for one period, %s", f.Name, per)
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
func (f *LimitFlag) limit(old []any, amount, per string) any {
	l := map[string]any{"per": per}
	if f.each != "" {
		l["each"] = f.each
	}
	for _, o := range old {
		if o := o.(map[string]any); o["per"] == per {
			l = o
		}
	}
	l[f.quantity] = Number(amount)
	return l
}

// Matches reports whether a limit of a definition is of this kind.
func (f *LimitFlag) Matches(limit any) bool {
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
