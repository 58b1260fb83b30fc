package config

import (
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// written is a limit as it was read, with where it stands.
type written struct {
	tallygate.Limit
	path string
	// of is the dimension that its section fixes, and owner the value there: Dimensions
	// and empty for a limit of the whole organisation. The owner's name is also empty
	// when it could not be read.
	of    tallygate.Dimension
	owner string
}

// checkLimit reports what is wrong with a limit taken by itself.
func (d *reading) checkLimit(w *written) {
	var counted []string
	for _, key := range quantityKeys() {
		if d.Has(tree.Join(w.path, key)) {
			counted = append(counted, key)
		}
	}
	switch {
	case len(counted) > 1:
		d.WrongAt(w.path, "write them as two limits", "bounds both %s and %s", counted[0], counted[1])
	case len(counted) == 0 && d.Sound(w.path):
		d.WrongAt(w.path, "such as {tokens: 100k, per: minute}", "bounds none of %s", strings.Join(quantityKeys(), ", "))
	case len(counted) == 1:
		d.checkPeriod(w)
		d.checkSection(w)
		d.checkEvents(w)
	}
}

// checkPeriod checks the period and what depends on it.
func (d *reading) checkPeriod(w *written) {
	at := func(key string) string { return tree.Join(w.path, key) }
	period, concurrent := at("per"), w.Quantity == tallygate.Concurrent
	switch {
	case concurrent && d.Has(period):
		d.WrongAt(period, "remove it", "requests on their way at the same time are not counted in periods")
		return
	case !concurrent && !d.Has(period) && d.Sound(period):
		d.WrongAt(w.path, "such as per: minute, or per: month", "has no per")
		return
	case !concurrent && w.Period == 0:
		return // could not be read
	}
	if d.Has(at("zone")) && !calendar(w.Period) {
		d.WrongAt(at("zone"), "remove it", "means nothing: only the hour, day, week, month and year begin in a zone")
	}
	if concurrent && d.Has(at("warn")) {
		d.WrongAt(at("warn"), "remove it", "means nothing: a warning goes out once in a period, and there is none")
	}
	if w.Forbid && !w.Budget() {
		d.WrongAt(at("answer"), "remove it", "403 is for budgets; this refusal is over soon, and its 429 says when")
	}
}

// checkSection checks that the limit does not repeat what its section says.
func (d *reading) checkSection(w *written) {
	if w.of == tallygate.Dimensions {
		return
	}
	filter, section := w.of.String()+"s", "the limits of a "+w.of.String()
	if d.Has(tree.Join(w.path, filter)) {
		d.WrongAt(tree.Join(w.path, filter), "remove it", "%s are about it alone", section)
	}
	if w.of == tallygate.ByCaller && d.Has(tree.Join(w.path, "groups")) {
		d.WrongAt(tree.Join(w.path, "groups"), "remove it", "%s are about it alone, whatever its group", section)
	}
	if slices.Contains(w.Each, w.of) || w.of == tallygate.ByCaller && slices.Contains(w.Each, tallygate.ByGroup) {
		d.WrongAt(tree.Join(w.path, "each"), "", "%s have one count for it as it is", section)
	}
}

// checkEvents checks that a limit of the file's callers says nothing of events,
// which they take no part in.
func (d *reading) checkEvents(w *written) {
	if w.of == tallygate.ByEvent || w.of != tallygate.ByCaller && len(w.Match[tallygate.ByCaller]) == 0 {
		return
	}
	const message = "can match nothing: the callers of this file take part in no event"
	switch {
	case d.Has(tree.Join(w.path, "events")):
		d.WrongAt(tree.Join(w.path, "events"), "", message)
	case slices.Contains(w.Each, tallygate.ByEvent) || slices.Contains(w.Each, tallygate.ByAttendee):
		d.WrongAt(tree.Join(w.path, "each"), "", message)
	case w.Period == tallygate.Lifetime:
		d.WrongAt(tree.Join(w.path, "per"), "", message)
	}
}

// filters are the keys of a limit that say what it is about, by dimension.
var filters = map[tallygate.Dimension]string{
	tallygate.ByCaller: "callers", tallygate.ByGroup: "groups", tallygate.ByModel: "models", tallygate.ByDeployment: "deployments",
}

// checkLimits checks what holds between limits and the rest of the file: that their
// names differ and that each can match something.
func (d *reading) checkLimits(c *Config, k *known) {
	named := make(map[string]*written)
	m := d.matcher(c, k)
	for i := range d.limits {
		w := &d.limits[i]
		at := tree.Join(w.path, "name")
		if first, ok := named[w.Name]; ok && !repeated(first, w) {
			d.WrongAt(at, "", "%s is already taken on line %d", d.Quote(at, w.Name), d.Mark(tree.Join(first.path, "name")).Line)
		} else if w.Name != "" && !ok {
			named[w.Name] = w
		}
		found := true
		for dimension, key := range filters {
			found = d.checkGlobs(tree.Join(w.path, key), w.Match[dimension], dimension, k.of(dimension)) && found
		}
		if !found || !d.Sound(w.path) {
			continue
		}
		if fault := m.fault(w); fault != "" {
			d.WrongAt(w.path, "", "can match nothing: %s", fault)
		}
	}
}

// repeated says whether two limits are one, of a deployment whose entry the file
// repeats.
func repeated(a, b *written) bool {
	return a.of == tallygate.ByDeployment && b.of == a.of && strings.EqualFold(a.owner, b.owner) && tree.Parent(a.path) != tree.Parent(b.path)
}

// checkGlobs checks that each glob matches a name that is known, and says whether
// they all do.
func (d *reading) checkGlobs(path string, globs []string, dimension tallygate.Dimension, n *names) bool {
	all := true
	for i, glob := range globs {
		if glob == "" || n.matches(glob) {
			continue
		}
		all = false
		at, hint := tree.Index(path, i), suggest(glob, n.list)
		if dimension == tallygate.ByDeployment && !strings.Contains(glob, "/") {
			hint = "deployments are named RESOURCE/NAME"
		}
		d.WrongAt(at, hint, "%s matches no %s", d.Quote(at, glob), dimension)
	}
	return all
}
