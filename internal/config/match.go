package config

import (
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// matcher says what can come together in one request: a caller, the model it asks
// for, and a deployment that may serve it.
type matcher struct {
	callers     []*Caller
	byName      map[string][]*Caller // in lower case, for there may be thousands
	models      []string
	deployments map[string][]string // by model in lower case
	fallback    map[string][]string
	unsure      bool // something could not be read, so that anything may match
}

func (d *reading) matcher(c *Config, k *known) *matcher {
	m := &matcher{models: k.models.list, deployments: make(map[string][]string), fallback: make(map[string][]string), byName: make(map[string][]*Caller)}
	m.unsure = k.callers.partial || k.groups.partial || k.models.partial || k.deployments.partial
	for i := range c.Resources {
		r := &c.Resources[i]
		for j := range r.Deployments {
			key := strings.ToLower(r.Deployments[j].Model)
			m.deployments[key] = append(m.deployments[key], deploymentID(r, &r.Deployments[j]))
		}
	}
	for _, model := range c.Models {
		m.fallback[strings.ToLower(model.Name)] = model.Fallback
		m.unsure = m.unsure || !d.Sound(tree.Join(tree.Join("models", model.Name), "fallback"))
	}
	for i, caller := range c.Callers {
		if !d.Sound(tree.Join(tree.Index("callers", i), "models")) {
			caller.Models = nil
		}
		key := strings.ToLower(caller.Name)
		m.callers, m.byName[key] = append(m.callers, &caller), append(m.byName[key], &caller)
	}
	return m
}

// serves says whether a request for the model can come to a deployment that the
// globs match: one of its own, or of a fallback. The fallbacks of a fallback do not
// count.
func (m *matcher) serves(model string, globs []string) bool {
	own := func(model string) bool {
		return slices.ContainsFunc(m.deployments[strings.ToLower(model)], func(id string) bool { return anyMatches(globs, id) })
	}
	return own(model) || slices.ContainsFunc(m.fallback[strings.ToLower(model)], own)
}

// anyMatches says whether one of the globs matches; no globs match everything.
func anyMatches(globs []string, name string) bool {
	return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return tallygate.Match(glob, name) })
}

// who returns the callers that a limit names, by themselves or by their groups.
func (m *matcher) who(callers, groups []string) []*Caller {
	if len(callers)+len(groups) == 0 {
		return nil
	}
	from := m.callers
	if len(callers) == 1 && !strings.Contains(callers[0], "*") {
		from = m.byName[strings.ToLower(callers[0])]
	}
	var who []*Caller
	for _, c := range from {
		if anyMatches(callers, c.Name) && anyMatches(groups, c.Group) {
			who = append(who, c)
		}
	}
	return who
}

// fault says why a limit can match nothing, though each of its globs matches
// something; empty when it can.
func (m *matcher) fault(w *written) string {
	match, filters := w.Match, 0
	if w.of != tallygate.Dimensions {
		match[w.of] = []string{w.owner}
	}
	callers, groups := match[tallygate.ByCaller], match[tallygate.ByGroup]
	models, deployments := match[tallygate.ByModel], match[tallygate.ByDeployment]
	for _, globs := range [...][]string{callers, groups, models, deployments} {
		filters += min(len(globs), 1)
	}
	if filters < 2 || m.unsure || w.of != tallygate.Dimensions && w.owner == "" {
		return ""
	}
	who := m.who(callers, groups)
	if len(who) == 0 && len(callers) > 0 {
		return "none of its callers is in its groups"
	}
	// Without callers of this file it is about others, who may use any model.
	mayUse := func(model string) bool {
		return len(who) == 0 || slices.ContainsFunc(who, func(c *Caller) bool { return anyMatches(c.Models, model) })
	}
	serves := func(model string) bool { return m.serves(model, deployments) }
	asked := slices.DeleteFunc(slices.Clone(m.models), func(model string) bool { return !anyMatches(models, model) })
	used := slices.DeleteFunc(slices.Clone(asked), func(model string) bool { return !mayUse(model) })
	switch {
	case slices.ContainsFunc(used, serves):
		return ""
	case !slices.ContainsFunc(asked, serves):
		return "its deployments serve none of its models"
	case len(used) == 0:
		return "its callers may use none of its models"
	}
	return "its callers may use no model that its deployments serve"
}
