package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// AllLimits returns every limit of the configuration, complete with what follows
// from where it stands: those of the organisation, then of groups, callers, models
// and deployments, each in the order of the file. No two have the same name. The
// caller owns the slice, but not what its limits point to.
func (c *Config) AllLimits() []tallygate.Limit {
	var all []tallygate.Limit
	c.eachLimit(func(l *tallygate.Limit, of tallygate.Dimension, owner string) {
		limit := *l
		if of != tallygate.Dimensions {
			limit.Match[of] = []string{owner}
		}
		all = append(all, limit)
	})
	return all
}

// eachLimit visits every limit with what its section is about: Dimensions and
// nothing for those of the organisation.
func (c *Config) eachLimit(visit func(l *tallygate.Limit, of tallygate.Dimension, owner string)) {
	section := func(list []tallygate.Limit, of tallygate.Dimension, owner string) {
		for i := range list {
			visit(&list[i], of, owner)
		}
	}
	section(c.Limits, tallygate.Dimensions, "")
	for _, g := range c.Groups {
		section(g.Limits, tallygate.ByGroup, g.Name)
	}
	for _, caller := range c.Callers {
		section(caller.Limits, tallygate.ByCaller, caller.Name)
	}
	for i := range c.Events {
		section(c.Events[i].Limits, tallygate.ByEvent, c.Events[i].ID)
	}
	for _, m := range c.Models {
		section(m.Limits, tallygate.ByModel, m.Name)
	}
	for i := range c.Resources {
		r := &c.Resources[i]
		for j := range r.Deployments {
			m := &r.Deployments[j]
			section(m.Limits, tallygate.ByDeployment, deploymentID(r, m))
		}
	}
}

// nameLimits names the limits that have no name after what they say, such as
// "search-team: 100k tokens a minute"; those that say the same are numbered.
func (c *Config) nameLimits() {
	taken, last := make(map[string]bool), make(map[string]int)
	c.eachLimit(func(l *tallygate.Limit, _ tallygate.Dimension, _ string) { taken[l.Name] = true })
	c.eachLimit(func(l *tallygate.Limit, of tallygate.Dimension, owner string) {
		if l.Name != "" {
			return
		}
		first := subject(l, of, owner) + ": " + c.bound(l)
		l.Name = first
		for taken[l.Name] {
			last[first]++
			l.Name = fmt.Sprintf("%s (%d)", first, last[first]+1)
		}
		taken[l.Name] = true
	})
}

// subject says what a limit is about, in few words.
func subject(l *tallygate.Limit, of tallygate.Dimension, owner string) string {
	match := l.Match
	if of != tallygate.Dimensions {
		match[of] = []string{owner}
	}
	var words []string
	for _, d := range []tallygate.Dimension{tallygate.ByGroup, tallygate.ByEvent, tallygate.ByCaller, tallygate.ByModel, tallygate.ByDeployment} {
		if len(match[d]) == 0 {
			continue
		}
		list := strings.Join(match[d], ", ")
		if d == tallygate.ByGroup || d == tallygate.ByEvent {
			list = d.String() + " " + list // they are often named as callers are
		}
		words = append(words, list)
	}
	if len(l.Each) > 0 {
		each := make([]string, len(l.Each))
		for i, d := range l.Each {
			each[i] = d.String()
		}
		words = append(words, "each "+strings.Join(each, " and "))
	}
	if len(words) == 0 {
		return "everyone"
	}
	return shortened(strings.Join(words, ", "))
}

// shortened cuts off what makes a subject too long for a name.
func shortened(s string) string {
	const most = 72
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// bound is how much a limit allows, such as "100k tokens a minute".
func (c *Config) bound(l *tallygate.Limit) string {
	if l.Period == tallygate.Sliding && !slices.Contains(periodWords, formatPeriod(l)) {
		return c.quantity(l) + " in " + formatPeriod(l)
	}
	// The first word is the amount in full; the rest reads as in answers.
	_, rest, _ := strings.Cut(l.String(), " ")
	if l.Quantity == tallygate.Cost {
		return c.quantity(l) + " " + rest
	}
	amount, _, _ := strings.Cut(c.quantity(l), " ")
	return amount + " " + rest
}

func (c *Config) quantity(l *tallygate.Limit) string {
	if l.Quantity == tallygate.Cost {
		return tallygate.Money(l.Amount).String() + " " + c.Currency
	}
	return tree.FormatNumber(l.Amount, tree.Counts[0], tree.Counts[1]) + " " + l.Quantity.Unit()
}
