package app

import (
	"context"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/proxy"
)

// limits makes limits, which go on from those there are.
func (a *App) limits(ctx context.Context, all []tallygate.Limit, cfg *config.Config, was *live) (*limit.Limits, error) {
	if was != nil {
		return was.limits.Next(ctx, all)
	}
	return limit.New(ctx, all, limit.Options{Past: a.past, Notify: a.notice, Currency: cfg.Currency})
}

// bounds are the most that requests for each model can use, by the catalogue, on
// any deployment that may come to serve them. What the catalogue does not know
// counts 0.
func (a *App) bounds(cfg *config.Config, models []pool.Model) map[string]proxy.Bounds {
	byName := make(map[string]*pool.Model)
	for i := range models {
		byName[strings.ToLower(models[i].Name)] = &models[i]
	}
	caps := make(map[string]tallygate.Cap)
	for _, m := range cfg.Models {
		caps[strings.ToLower(m.Name)] = m.MaxTokens
	}
	out := make(map[string]proxy.Bounds)
	for key, m := range byName {
		if key == "" {
			continue // what names no model
		}
		b := proxy.Bounds{MaxTokens: caps[key]}
		for _, name := range append([]string{m.Name}, m.Fallback...) {
			if other := byName[strings.ToLower(name)]; other != nil {
				for _, d := range other.Deployments {
					a.widen(&b, d)
				}
			}
		}
		out[key] = b
	}
	return out
}

// widen makes room in the bounds for a deployment.
func (a *App) widen(b *proxy.Bounds, d *tallygate.Deployment) {
	b.Deployments = append(b.Deployments, d)
	m, ok := a.catalog.Lookup(d.Base)
	if len(b.Deployments) == 1 {
		b.Base, b.Reasoning = d.Base, m.Reasoning
	}
	if !ok {
		return
	}
	b.Context, b.Output = max(b.Context, m.Context), max(b.Output, m.MaxOutput)
	if m.Image != nil {
		b.Picture = max(b.Picture, m.Image.Most())
	}
}
