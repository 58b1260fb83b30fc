package config

import (
	"strings"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// complete fills in what follows from the rest of a right configuration.
func (c *Config) complete() {
	s := servedBy(c.Resources)
	listed := make(map[string]bool)
	for _, m := range c.Models { // the models section has the last word on spelling
		key := strings.ToLower(m.Name)
		s.spelling[key], listed[key] = m.Name, true
	}
	for _, name := range s.list {
		if !listed[strings.ToLower(name)] {
			c.Models = append(c.Models, newModel(name))
		}
	}
	for i := range c.Models {
		for j, to := range c.Models[i].Fallback {
			c.Models[i].Fallback[j] = s.spelling[strings.ToLower(to)]
		}
	}
	for i := range c.Resources {
		r := &c.Resources[i]
		r.Deployments = merge(r.Deployments)
		for j := range r.Deployments {
			m := &r.Deployments[j]
			m.Model = s.spelling[strings.ToLower(m.Model)]
		}
	}
	switch {
	case len(c.Resources) == 0: // those of the tables come and go
		c.Passthrough.Off = true
	case c.Passthrough.Resource == "":
		c.Passthrough.Resource = c.Resources[0].Name
	}
	c.spellGroups()
	c.nameLimits()
}

// inherit gives callers what their group says and they do not. It needs to know
// what the file says, and so comes before complete.
func (d *reading) inherit(c *Config) {
	groups := make(map[string]Group)
	for _, g := range c.Groups {
		groups[strings.ToLower(g.Name)] = g
	}
	for i := range c.Callers {
		caller, path := &c.Callers[i], tree.Index("callers", i)
		group := groups[strings.ToLower(caller.Group)]
		if caller.Weight == 0 {
			caller.Weight = max(group.Weight, 1)
		}
		if !d.Has(tree.Join(path, "batch")) {
			caller.Batch = group.Batch
		}
		if !d.Has(tree.Join(path, "tell_deployment")) {
			caller.TellDeployment = group.TellDeployment
		}
	}
}

// spellGroups gives each group one spelling: that of its section, else that of its
// first caller.
func (c *Config) spellGroups() {
	var groups names
	for _, g := range c.Groups {
		groups.add(g.Name)
	}
	for i, caller := range c.Callers {
		if caller.Group != "" {
			groups.add(caller.Group)
			c.Callers[i].Group = groups.spelling[strings.ToLower(caller.Group)]
		}
	}
	for i := range c.Models {
		var reserve map[string]int
		for name, share := range c.Models[i].Reserve {
			if reserve == nil {
				reserve = make(map[string]int)
			}
			reserve[groups.spelling[strings.ToLower(name)]] = share
		}
		c.Models[i].Reserve = reserve
	}
}
