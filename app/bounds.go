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
	deployments := make(map[string][]*tallygate.Deployment)
	for _, m := range models {
		if m.Name != "" {
			deployments[strings.ToLower(m.Name)] = m.Deployments
		}
	}
	out := make(map[string]proxy.Bounds)
	for _, m := range cfg.Models {
		b := proxy.Bounds{MaxTokens: m.MaxTokens}
		for _, name := range append([]string{m.Name}, m.Fallback...) {
			for _, d := range deployments[strings.ToLower(name)] {
				a.widen(&b, d)
			}
		}
		out[strings.ToLower(m.Name)] = b
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
