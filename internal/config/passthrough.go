package config

import "github.com/tallygate/tallygate/internal/config/tree"

// Passthrough is where requests go that name no model, such as GET /files.
type Passthrough struct {
	// Resource is the name of the resource that serves them.
	Resource string
	// Off refuses them.
	Off bool
}

func (p *Passthrough) fields() tree.Fields {
	return tree.Fields{
		{Key: "resource", Codec: tree.Text(&p.Resource), Doc: "Name of the resource that serves them; the first one unless said."},
		{Key: "off", Codec: tree.Flag(&p.Off), Doc: "Refuse them."},
	}
}

func (d *reading) checkPassthrough(c *Config) {
	if !d.Has("passthrough.resource") || len(c.Resources) == 0 {
		return
	}
	names := make([]string, len(c.Resources))
	for i, r := range c.Resources {
		if names[i] = r.Name; r.Name == c.Passthrough.Resource || r.Name == "" {
			return
		}
	}
	if c.Passthrough.Resource != "" || d.Sound("passthrough") {
		d.WrongAt("passthrough.resource", suggest(c.Passthrough.Resource, names), "there is no resource of this name")
	}
}
