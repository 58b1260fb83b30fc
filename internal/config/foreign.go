package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// stranger is another gateway whose configuration somebody may show us.
type stranger struct {
	name string
	// mark is a key at the top that no file of ours has, and its files always.
	mark string
	// words are its keys, and what they are here.
	words [][2]string
	more  string // what is read on
}

// strangers returns the gateways whose files are recognised.
func strangers() []stranger {
	return []stranger{{
		name: "PowerProxy", mark: "aoai",
		words: [][2]string{
			{"clients", "callers, with name, description, key and max_tokens_per_minute_in_k as they are, and deployments_allowed as models"},
			{"plugins", "nothing to turn on: limits, models and the ledger are always there"},
			{"aoai", "resources: endpoints in their order have url as endpoint, and deployments with priority 1, 2, …; a virtual_deployment's standins are deployments with its name as model"},
			{"user_assigned_managed_identity_client_id", "not there yet: resources have keys"},
		},
		more: "docs/from-powerproxy.md has every word",
	}, {
		name: "LiteLLM", mark: "model_list",
		words: [][2]string{
			{"model_list", "resources: api_base is the endpoint, the part of model behind azure/ a deployment's name, and model_name its model"},
			{"router_settings", "models: routing_strategy is strategy, fallbacks are fallback"},
			{"litellm_settings", "nothing: what holds for all stands at the top of the file"},
			{"general_settings", "admin: master_key is admin.key; keys of callers stand in callers"},
		},
	}}
}

// foreign reports that a file is the configuration of another gateway, and which word is
// which here, in place of a complaint about each of its keys.
func (d *reading) foreign(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	keys := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(root.Content); i += 2 {
		keys[root.Content[i].Value] = root.Content[i]
	}
	all := strangers()
	i := slices.IndexFunc(all, func(s stranger) bool { return keys[s.mark] != nil })
	if i < 0 || keys["resources"] != nil {
		return false
	}
	var hints []string
	for _, w := range all[i].words {
		if keys[w[0]] != nil {
			hints = append(hints, w[0]+" here is "+w[1])
		}
	}
	if all[i].more != "" {
		hints = append(hints, all[i].more)
	}
	at := keys[all[i].mark]
	d.Report(tree.Mark{Line: at.Line, Column: at.Column}, all[i].mark, "this is a configuration of "+all[i].name+", not of Tallygate", strings.Join(hints, "; "))
	return true
}
