package config

import (
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// names are the names of one kind that the file gives, without regard to case, each
// with the spelling that came first. partial says that one could not be read, so
// that it may be missing.
type names struct {
	spelling map[string]string
	list     []string
	matched  map[string]bool // globs that were looked for
	partial  bool
}

// add adds a name; one that could not be read is empty.
func (n *names) add(name string) {
	if name == "" {
		n.partial = true
		return
	}
	if n.spelling == nil {
		n.spelling = make(map[string]string)
	}
	key := strings.ToLower(name)
	if _, ok := n.spelling[key]; !ok {
		n.spelling[key] = name
		n.list = append(n.list, name)
	}
}

// has says whether there is a name, or could be.
func (n *names) has(name string) bool {
	_, ok := n.spelling[strings.ToLower(name)]
	return ok || n.partial
}

// matches says whether the glob matches a name, or could.
func (n *names) matches(glob string) bool {
	if !strings.Contains(glob, "*") {
		return n.has(glob)
	}
	found, ok := n.matched[glob]
	if !ok {
		for _, name := range n.list {
			if found = tallygate.Match(glob, name); found {
				break
			}
		}
		if n.matched == nil {
			n.matched = make(map[string]bool)
		}
		n.matched[glob] = found
	}
	return found || n.partial
}

// known are the names that rules of the file may speak of.
type known struct {
	callers, groups, models, deployments names
}

func (d *reading) known(c *Config) *known {
	k := &known{models: servedBy(c.Resources)}
	for i := range c.Resources {
		r := &c.Resources[i]
		for j := range r.Deployments {
			k.deployments.add(deploymentID(r, &r.Deployments[j]))
		}
		k.deployments.partial = k.deployments.partial || len(r.Deployments) == 0
	}
	k.deployments.partial = k.deployments.partial || len(c.Resources) == 0
	if c.AzureTables.Connection != "" || d.Has("azure_tables") { // their rows are deployments too
		k.models.partial = k.models.partial && len(c.Resources) > 0 || !d.Sound("resources")
		k.models.add(tablesModel)
		k.deployments.partial = true
	}
	for _, g := range c.Groups {
		k.groups.add(g.Name)
	}
	for i, caller := range c.Callers {
		k.callers.add(caller.Name)
		if caller.Group != "" || !d.Sound(tree.Join(tree.Index("callers", i), "group")) {
			k.groups.add(caller.Group)
		}
	}
	k.callers.partial = k.callers.partial || len(c.Callers) == 0 && !d.Sound("callers")
	k.groups.partial = k.groups.partial || k.callers.partial || len(c.Groups) == 0 && !d.Sound("groups")
	return k
}

// of returns the names of a dimension; nil of one whose names the file does not
// give.
func (k *known) of(dimension tallygate.Dimension) *names {
	switch dimension {
	case tallygate.ByCaller:
		return &k.callers
	case tallygate.ByGroup:
		return &k.groups
	case tallygate.ByModel:
		return &k.models
	case tallygate.ByDeployment:
		return &k.deployments
	}
	return nil
}

// servedBy returns the models that deployments serve.
func servedBy(resources []Resource) names {
	var n names
	for _, r := range resources {
		n.partial = n.partial || len(r.Deployments) == 0
		for _, m := range r.Deployments {
			n.add(m.Model)
		}
	}
	n.partial = n.partial || len(n.list) == 0
	return n
}
