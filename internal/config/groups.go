package config

import (
	"fmt"
	"strings"

	"github.com/tallygate/tallygate"
)

func (g *Group) codec() codec {
	return section(fields{
		{key: "name", required: true, codec: id(&g.Name), doc: "Name of the group, as callers give it."},
		{key: "description", codec: description(&g.Description), doc: "What people should know of it; nothing depends on it."},
		{key: "max_tokens", codec: tokenCap(&g.MaxTokens), doc: "Most completion tokens its callers' requests may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{key: "weight", codec: small(&g.Weight), doc: "Share of the room that each of its callers has when several wait for it, unless the caller says otherwise."},
		{key: "batch", codec: flag(&g.Batch), doc: "Its callers can wait: others go first. A caller may say otherwise."},
		{key: "tell_deployment", codec: flag(&g.TellDeployment), doc: "Answers to its callers name the deployment that served them (x-tallygate-deployment). A caller may say otherwise."},
		{key: "limits", codec: limits(&g.Limits, tallygate.ByGroup, func() string { return g.Name }), doc: "What its callers may use together."},
	})
}

// checkGroups checks that groups have different names. One without callers is not
// wrong, because callers also come from elsewhere.
func (d *decoder) checkGroups(c *Config) {
	used := make(map[string]bool)
	for _, caller := range c.Callers {
		used[strings.ToLower(caller.Group)] = true
	}
	lines := make(map[string]int)
	for i, g := range c.Groups {
		at := join(index("groups", i), "name")
		d.unique(lines, at, g.Name)
		if g.Name != "" && !used[strings.ToLower(g.Name)] {
			d.note(at, fmt.Sprintf("no caller of this file is in the group %s", d.quote(at, g.Name)), "")
		}
	}
	if len(c.Groups) > 0 {
		d.noteGroups(c)
	}
}

// noteGroups remarks on callers whose group is none of those under groups, though
// there are some: such a group has no settings, which may be meant or be a slip.
func (d *decoder) noteGroups(c *Config) {
	var listed names
	for _, g := range c.Groups {
		listed.add(g.Name)
	}
	declared := listed.list
	for i, caller := range c.Callers {
		if caller.Group == "" || listed.has(caller.Group) {
			continue
		}
		listed.add(caller.Group) // said once
		at := join(index("callers", i), "group")
		d.note(at, fmt.Sprintf("%s is not under groups, so it has no settings of its own", d.quote(at, caller.Group)), suggest(caller.Group, declared))
	}
}
