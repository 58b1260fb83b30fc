package limit

import "github.com/tallygate/tallygate"

// Bounding returns the first limit of tokens or money that applies to a caller,
// whatever it asks for; nil when there is none. Work that is only started now may use
// any model at any deployment, so limits that are about some of them count too.
func (l *Limits) Bounding(who *tallygate.Identity) *tallygate.Limit {
	v := values{
		tallygate.ByKey: who.Key, tallygate.ByCaller: who.ID, tallygate.ByGroup: who.Group,
		tallygate.ByEvent: who.Event, tallygate.ByAttendee: who.Attendee,
	}
	for _, r := range l.rules {
		if !r.DryRun && r.Quantity.Worth() && r.mayBeAbout(&v) {
			return &r.Limit
		}
	}
	return nil
}

// mayBeAbout is about for a request whose model and deployment nobody knows yet.
func (r *rule) mayBeAbout(v *values) bool {
	open := func(d tallygate.Dimension) bool { return d == tallygate.ByModel || d == tallygate.ByDeployment }
	for d, globs := range r.Match {
		if len(globs) > 0 && !open(tallygate.Dimension(d)) && !matchAny(globs, v[d]) {
			return false
		}
	}
	for _, d := range r.Each {
		if v[d] == "" && !open(d) {
			return false
		}
	}
	return true
}
