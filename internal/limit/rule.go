package limit

import (
	"fmt"
	"strings"

	"github.com/tallygate/tallygate"
)

// values are what a request is, in the dimensions of limits. Models are in lower
// case.
type values [tallygate.Dimensions]string

// rule is a limit with what follows from it, and its accounts.
type rule struct {
	tallygate.Limit
	group *group
	// late says that it can be checked only when a deployment was picked.
	late bool
	// own says that its figures are the caller's alone, so that it may see them.
	own bool
}

func newRule(l tallygate.Limit) *rule {
	r := &rule{Limit: l, late: len(l.Match[tallygate.ByDeployment]) > 0}
	for _, d := range [...]tallygate.Dimension{tallygate.ByKey, tallygate.ByCaller, tallygate.ByAttendee} {
		r.own = r.own || len(l.Match[d]) == 1 && !strings.Contains(l.Match[d][0], "*")
	}
	for _, d := range l.Each {
		r.late = r.late || d == tallygate.ByDeployment
		r.own = r.own || d == tallygate.ByKey || d == tallygate.ByCaller || d == tallygate.ByAttendee
	}
	return r
}

// about reports whether the limit is about requests of these values. A limit for
// each attendee is not about those who are none.
func (r *rule) about(v *values) bool {
	for d, globs := range r.Match {
		if len(globs) > 0 && !matchAny(globs, v[d]) {
			return false
		}
	}
	for _, d := range r.Each {
		if v[d] == "" {
			return false
		}
	}
	return true
}

func matchAny(globs []string, name string) bool {
	for _, glob := range globs {
		if tallygate.Match(glob, name) {
			return true
		}
	}
	return false
}

// subjectOf names the account of these values, such as "caller=search-team"; it is
// empty where all share one.
func (r *rule) subjectOf(v *values) string {
	var b strings.Builder
	for i, d := range r.Each {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(d.String() + "=")
		// Names are text of any kind; quoted where they could be taken for more.
		if s := v[d]; strings.ContainsAny(s, ",=\"") {
			fmt.Fprintf(&b, "%q", s)
		} else {
			b.WriteString(s)
		}
	}
	return b.String()
}

// counts tells what the rule's accounts count. Rules that count the same share
// them, and so do a rule and what a reload makes of it, unless that counts
// something else.
func (r *rule) counts() string {
	zone := "UTC"
	if r.Zone != nil {
		zone = r.Zone.String()
	}
	return fmt.Sprintf("%s %s %s %s %q %v", r.Quantity, r.Period, r.Length, zone, r.Match, r.Each)
}

// dimensions are those the ledger must tell apart for the rule.
func (r *rule) dimensions() []tallygate.Dimension {
	var out []tallygate.Dimension
	for d := range tallygate.Dimensions {
		asked := len(r.Match[d]) > 0
		for _, e := range r.Each {
			asked = asked || e == d
		}
		if asked {
			out = append(out, d)
		}
	}
	return out
}

// countsTokens reports whether what the rule counts follows from tokens.
func (r *rule) countsTokens() bool {
	switch r.Quantity {
	case tallygate.Tokens, tallygate.PromptTokens, tallygate.Cost:
		return true
	}
	return false
}

// amount is what a request that needs so much takes of a quantity.
func (n *Need) amount(q tallygate.Quantity) int64 {
	switch q {
	case tallygate.Tokens:
		return n.Tokens()
	case tallygate.PromptTokens:
		return n.Prompt
	case tallygate.CompletionTokens:
		return n.Completion
	case tallygate.Cost:
		return int64(n.Cost)
	case tallygate.Seconds:
		return n.Seconds
	case tallygate.Images:
		return n.Images
	case tallygate.Characters:
		return n.Characters
	}
	return 1
}

// sparse is how many bytes of a body make a token at least: the longest token has 128
// characters, which are six bytes each as escapes, and there is some structure.
const sparse = 1024

// mayFit reports whether a need that is bounded roughly may fit into what is left once
// its prompt is counted.
func (n *Need) mayFit(q tallygate.Quantity, left int64) bool {
	if q == tallygate.Tokens {
		left -= n.Completion
	}
	return left > 0 && n.amount(q)/sparse <= left
}

// used is what the request of an entry has used of a quantity.
func used(e *tallygate.Entry, q tallygate.Quantity) int64 {
	if !e.Counted || q == tallygate.Concurrent { // nothing of a request stays behind it
		return 0
	}
	return q.Of(&e.Usage, e.Cost)
}
