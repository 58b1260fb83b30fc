package app

import (
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/cost"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/proxy"
)

// lineModels are what the line knows of each model: by the catalogue, on any deployment
// that may come to serve it.
func (a *App) lineModels(cfg *config.Config, models []pool.Model) map[string]proxy.Model {
	byName := make(map[string]*pool.Model)
	for i := range models {
		byName[strings.ToLower(models[i].Name)] = &models[i]
	}
	settings := make(map[string]config.Model)
	for _, m := range cfg.Models {
		settings[strings.ToLower(m.Name)] = m
	}
	out := make(map[string]proxy.Model)
	for key, m := range byName {
		if key == "" { // of what names no model nothing else is known
			out[key] = proxy.Model{Model: cost.Model{Deployments: m.Deployments}}
			continue
		}
		var all []*tallygate.Deployment
		for _, name := range append([]string{m.Name}, m.Fallback...) {
			if other := byName[strings.ToLower(name)]; other != nil {
				all = append(all, other.Deployments...)
			}
		}
		out[key] = proxy.Model{Model: cost.ModelOf(a.catalog, all...), MaxTokens: settings[key].MaxTokens, Wait: settings[key].Wait}
	}
	return out
}
