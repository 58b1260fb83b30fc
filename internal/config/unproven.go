package config

import (
	"slices"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

const (
	// UnprovenNames is said of an event with a limit for each attendee behind a shared
	// code.
	UnprovenNames = "names behind a shared code are unproven: whoever has the code may take another name, or somebody else's, " +
		"so a limit for each attendee bounds those alone who keep theirs"
	// UnprovenHint is what to do about it.
	UnprovenHint = "what holds is a limit that all share, or signing up: seats, domains, roster or an identity provider"
	// SeatsOfAnAddress is said of an event with seats that leaves open how many are for
	// one address.
	SeatsOfAnAddress = "one address may take a hundred of its seats, of more nine in ten: those of a room, or of one person with many names; per_address says another number"
)

// PerName reports whether a limit of an event counts people by names that they may have
// made up.
func PerName(l *tallygate.Limit) bool {
	return slices.ContainsFunc(l.Each, func(d tallygate.Dimension) bool {
		return d == tallygate.ByAttendee || d == tallygate.ByCaller || d == tallygate.ByKey
	})
}

// shared reports whether the event's code alone lets people use it.
func (e *Event) shared() bool {
	return e.Code != "" && e.Seats == 0 && len(e.Domains) == 0 && len(e.Roster) == 0
}

// noteNames remarks on limits that people who make up names are not held to.
func (d *reading) noteNames(list []Event) {
	for i := range list {
		e, path := &list[i], tree.Index("events", i)
		for _, w := range d.limits {
			own := w.of == tallygate.ByEvent && w.owner == e.ID
			general := w.of == tallygate.Dimensions && slices.Contains(w.Each, tallygate.ByAttendee) && len(w.Match[tallygate.ByCaller]) == 0 &&
				(len(w.Match[tallygate.ByEvent]) == 0 || slices.ContainsFunc(w.Match[tallygate.ByEvent], func(glob string) bool { return tallygate.Match(glob, e.ID) }))
			if e.shared() && !w.DryRun && (own && PerName(&w.Limit) || general) {
				d.Note(path, UnprovenNames, UnprovenHint)
				break
			}
		}
		if e.Seats > 1 && e.PerAddress == 0 && e.Code != "" {
			d.Note(tree.Join(path, "seats"), SeatsOfAnAddress, "")
		}
	}
}
