package config

import (
	"fmt"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Group is a team, product or cost centre: what its callers share.
type Group struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
	// MaxTokens caps what its callers' requests may ask for; a caller's own cap can
	// only be tighter.
	MaxTokens tallygate.Cap
	// Weight and Batch are those of its callers that do not say otherwise.
	Weight int
	Batch  bool
	// TellDeployment says, for its callers that do not say otherwise, that answers name
	// the deployment.
	TellDeployment bool
	// Limits bound what its callers use together.
	Limits []tallygate.Limit
}

func (g *Group) codec() tree.Codec {
	return tree.Section(tree.Fields{
		{Key: "name", Required: true, Codec: tree.ID(&g.Name), Doc: "Name of the group, as callers give it."},
		{Key: "description", Codec: tree.Description(&g.Description), Doc: "What people should know of it; nothing depends on it."},
		{Key: "max_tokens", Codec: tokenCap(&g.MaxTokens), Doc: "Most completion tokens its callers' requests may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{Key: "weight", Codec: tree.Small(&g.Weight), Doc: "Share of the room that each of its callers has when several wait for it, unless the caller says otherwise."},
		{Key: "batch", Codec: tree.Flag(&g.Batch), Doc: "Its callers can wait: others go first. A caller may say otherwise."},
		{Key: "tell_deployment", Codec: tree.Flag(&g.TellDeployment), Doc: "Answers to its callers name the deployment that served them (x-tallygate-deployment). A caller may say otherwise."},
		{Key: "limits", Codec: limits(&g.Limits, tallygate.ByGroup, func() string { return g.Name }), Doc: "What its callers may use together."},
	})
}

// checkGroups checks that groups have different names. One without callers is not
// wrong, because callers also come from elsewhere.
func (d *reading) checkGroups(c *Config) {
	used := make(map[string]bool)
	for _, caller := range c.Callers {
		used[strings.ToLower(caller.Group)] = true
	}
	lines := make(map[string]int)
	for i, g := range c.Groups {
		at := tree.Join(tree.Index("groups", i), "name")
		d.Unique(lines, at, g.Name)
		if g.Name != "" && !used[strings.ToLower(g.Name)] {
			d.Note(at, fmt.Sprintf("no caller of this file is in the group %s", d.Quote(at, g.Name)), "")
		}
	}
	if len(c.Groups) > 0 {
		d.noteGroups(c)
	}
}

// noteGroups remarks on callers whose group is none of those under groups, though
// there are some: such a group has no settings, which may be meant or be a slip.
func (d *reading) noteGroups(c *Config) {
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
		at := tree.Join(tree.Index("callers", i), "group")
		d.Note(at, fmt.Sprintf("%s is not under groups, so it has no settings of its own", d.Quote(at, caller.Group)), suggest(caller.Group, declared))
	}
}
