package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/pool"
)

// callers are those of the configuration, with what follows from their groups.
func callers(cfg *config.Config) (*caller.Keys, error) {
	keys := caller.NewKeys()
	caps := make(map[string]tallygate.Cap)
	for _, g := range cfg.Groups {
		caps[g.Name] = g.MaxTokens
	}
	for _, c := range cfg.Callers {
		who := &tallygate.Caller{
			ID: c.Name, Group: c.Group, Models: c.Models,
			MaxTokens: c.MaxTokens.Tighter(caps[c.Group]), Weight: c.Weight, Batch: c.Batch, TellDeployment: c.TellDeployment,
		}
		for _, key := range c.Keys {
			if err := keys.Add(key.Reveal(), who); err != nil {
				return nil, err
			}
		}
	}
	return keys, nil
}

// pools gathers the deployments of each model. The model without a name is the
// resource that requests go to which name none.
func pools(cfg *config.Config) ([]pool.Model, error) {
	byModel := make(map[string][]*tallygate.Deployment)
	for _, r := range cfg.Resources {
		for _, d := range r.Deployments {
			name := strings.ToLower(d.Model)
			byModel[name] = append(byModel[name], &tallygate.Deployment{
				Resource: r.Name, Name: d.Name, Model: d.Model, Base: d.Base, Region: r.Region, SKU: sku(d),
				TPM: d.TPM, RPM: d.RPM, PTU: d.PTU, Priority: d.Priority, Weight: d.Weight,
			})
		}
	}
	var models []pool.Model
	for _, m := range cfg.Models {
		var s pool.Strategy
		if err := s.UnmarshalText([]byte(m.Strategy)); err != nil {
			return nil, fmt.Errorf("model %q: %w", m.Name, err)
		}
		models = append(models, pool.Model{
			Name: m.Name, Strategy: s, Affinity: m.Affinity, Wait: m.Wait, Fallback: m.Fallback,
			Deployments: byModel[strings.ToLower(m.Name)], Reserve: reserves(m), BatchShare: m.BatchShare % 100, // all of it is no bound
		})
	}
	if !cfg.Passthrough.Off {
		models = append(models, pool.Model{Deployments: []*tallygate.Deployment{passthrough(cfg)}})
	}
	return models, nil
}

// Aliases are the models' other names, in lower case.
func Aliases(cfg *config.Config) map[string]string {
	out := make(map[string]string)
	for _, m := range cfg.Models {
		for _, alias := range m.Aliases {
			out[strings.ToLower(alias)] = m.Name
		}
	}
	return out
}

// reserves are the shares of a model that are kept for groups, by group.
func reserves(m config.Model) []pool.Reserve {
	var out []pool.Reserve
	for _, group := range slices.Sorted(maps.Keys(m.Reserve)) {
		out = append(out, pool.Reserve{Group: group, Share: m.Reserve[group]})
	}
	return out
}

// sku is the deployment's type. What has provisioned throughput and no type is
// paid for by the hour, whichever of the provisioned types it is.
func sku(d config.Deployment) string {
	if d.SKU == "" && d.PTU > 0 {
		return "ProvisionedManaged"
	}
	return d.SKU
}

func passthrough(cfg *config.Config) *tallygate.Deployment {
	d := &tallygate.Deployment{Resource: cfg.Passthrough.Resource}
	for _, r := range cfg.Resources {
		if r.Name == d.Resource {
			d.Region = r.Region
		}
	}
	return d
}
