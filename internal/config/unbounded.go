package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
)

// CannotStart says, a sentence for each group of callers, who is refused work whose
// cost nobody can bound, and by which limit. It is empty where that is allowed. Callers
// that may use named models only are left out: they reach no such route anyhow.
func (c *Config) CannotStart() []string {
	if c.Unbounded == "allow" {
		return nil
	}
	type loss struct {
		group string
		names []string
		limit *tallygate.Limit
	}
	var losses []*loss
	limits := c.AllLimits()
	for i := range c.Callers {
		who := &c.Callers[i]
		l := bounding(limits, who)
		if l == nil || len(who.Models) > 0 {
			continue
		}
		at := slices.IndexFunc(losses, func(l *loss) bool { return l.group == who.Group })
		if at < 0 {
			at, losses = len(losses), append(losses, &loss{group: who.Group, limit: l})
		}
		losses[at].names = append(losses[at].names, who.Name)
	}
	var out []string
	for _, l := range losses {
		out = append(out, fmt.Sprintf("%s cannot start batches, videos, trainings, evaluation runs, thread runs and realtime sessions: "+
			"nobody can bound what they cost, and the limit %q counts it. unbounded: allow lets them, uncounted", people(l.group, l.names), l.limit.Name))
	}
	return out
}

// people names the callers of a group that are concerned, or a few of those without one.
func people(group string, names []string) string {
	const few = 3
	said := strings.Join(names[:min(few, len(names))], ", ")
	if more := len(names) - few; more > 0 {
		said += fmt.Sprintf(" and %d more", more)
	}
	if group != "" && len(names) == 1 {
		return fmt.Sprintf("of the group %s the caller %s", group, said)
	}
	if group != "" {
		return fmt.Sprintf("of the group %s the callers %s", group, said)
	}
	if len(names) == 1 {
		return "the caller " + said
	}
	return "the callers " + said
}

// bounding returns the first limit of tokens or money that applies to a caller of the
// file, whatever it asks for; nil when there is none.
func bounding(limits []tallygate.Limit, who *Caller) *tallygate.Limit {
	for i := range limits {
		l := &limits[i]
		about := anyMatches(l.Match[tallygate.ByCaller], who.Name) && anyMatches(l.Match[tallygate.ByGroup], who.Group)
		for _, d := range l.Each {
			about = about && d != tallygate.ByEvent && d != tallygate.ByAttendee && (d != tallygate.ByGroup || who.Group != "")
		}
		if l.Quantity.Worth() && !l.DryRun && about && len(l.Match[tallygate.ByEvent]) == 0 && len(l.Match[tallygate.ByAttendee]) == 0 {
			return l
		}
	}
	return nil
}
