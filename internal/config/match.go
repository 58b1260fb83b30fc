package config

import (
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
)

// routes are the ways from a model that is asked for to the deployments that may
// serve it: its own and those of its fallbacks.
type routes struct {
	models      names
	deployments map[string][]string // by model in lower case
	fallback    map[string][]string
}

func routesOf(c *Config) *routes {
	r := &routes{models: servedBy(c.Resources), deployments: make(map[string][]string), fallback: make(map[string][]string)}
	for i := range c.Resources {
		from := &c.Resources[i]
		for j := range from.Deployments {
			m := &from.Deployments[j]
			key := strings.ToLower(m.Model)
			r.deployments[key] = append(r.deployments[key], deploymentID(from, m))
		}
	}
	for _, m := range c.Models {
		r.fallback[strings.ToLower(m.Name)] = m.Fallback
	}
	return r
}

// lead says whether a way leads from the model to a deployment that the globs match.
func (r *routes) lead(model string, globs []string) bool {
	been := make(map[string]bool)
	var try func(model string) bool
	try = func(model string) bool {
		key := strings.ToLower(model)
		if been[key] {
			return false
		}
		been[key] = true
		return slices.ContainsFunc(r.deployments[key], func(id string) bool { return anyMatches(globs, id) }) ||
			slices.ContainsFunc(r.fallback[key], try)
	}
	return try(model)
}

// anyMatches says whether one of the globs matches; no globs match everything.
func anyMatches(globs []string, name string) bool {
	return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return tallygate.Match(glob, name) })
}

// checkMatch checks that what a limit is about can come together in one request.
func (d *decoder) checkMatch(w *written, c *Config, way *routes) {
	if w.of != tallygate.Dimensions {
		if w.owner == "" {
			return // could not be read
		}
		w.Match[w.of] = []string{w.owner}
	}
	callers, groups := w.Match[tallygate.ByCaller], w.Match[tallygate.ByGroup]
	models, deployments := w.Match[tallygate.ByModel], w.Match[tallygate.ByDeployment]
	sides := 0
	for _, globs := range [...][]string{callers, groups, models, deployments} {
		sides += min(len(globs), 1)
	}
	if sides < 2 {
		return // what each matches alone is there
	}
	var who []Caller
	if len(callers) > 0 || len(groups) > 0 {
		for _, caller := range c.Callers {
			if anyMatches(callers, caller.Name) && anyMatches(groups, caller.Group) {
				who = append(who, caller)
			}
		}
		if len(who) == 0 && len(callers) > 0 {
			d.wrongAt(w.path, "", "can match nothing: none of its callers is in its groups")
			return
		}
	}
	// Without callers of the file it is about others, who may use any model.
	mayUse := func(model string) bool {
		return len(who) == 0 || slices.ContainsFunc(who, func(caller Caller) bool { return anyMatches(caller.Models, model) })
	}
	asked := slices.DeleteFunc(slices.Clone(way.models.list), func(model string) bool { return !anyMatches(models, model) })
	used := slices.DeleteFunc(slices.Clone(asked), func(model string) bool { return !mayUse(model) })
	reach := func(model string) bool { return way.lead(model, deployments) }
	switch {
	case slices.ContainsFunc(used, reach):
	case !slices.ContainsFunc(asked, reach):
		d.wrongAt(w.path, "", "can match nothing: its deployments serve none of its models")
	case len(used) == 0:
		d.wrongAt(w.path, "", "can match nothing: its callers may use none of its models")
	default:
		d.wrongAt(w.path, "", "can match nothing: its callers may use no model that its deployments serve")
	}
}
