package app

import (
	"cmp"
	"context"
	"slices"
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
	settings := make(map[string]config.Model)
	for _, m := range cfg.Models {
		settings[strings.ToLower(m.Name)] = m
	}
	out := make(map[string]proxy.Bounds)
	for key, m := range byName {
		if key == "" { // of what names no model nothing else is known
			out[key] = proxy.Bounds{Deployments: m.Deployments}
			continue
		}
		b := proxy.Bounds{MaxTokens: settings[key].MaxTokens, Wait: settings[key].Wait}
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

// widen makes room in the bounds for a deployment. What is not known of one of them is
// not known of all.
func (a *App) widen(b *proxy.Bounds, d *tallygate.Deployment) {
	m, known := a.catalog.Lookup(d.Base)
	picture := int64(0)
	if m.Image != nil {
		picture = m.Image.Most()
	}
	if len(b.Deployments) == 0 {
		b.Reasoning, b.Context, b.Output, b.Picture = m.Reasoning, m.Context, m.MaxOutput, picture
	} else {
		b.Context, b.Picture = wider(b.Context, m.Context), wider(b.Picture, picture)
		b.Output = max(cmp.Or(b.Output, tallygate.UnknownOutput), cmp.Or(m.MaxOutput, tallygate.UnknownOutput))
	}
	b.BySecond = (len(b.Deployments) == 0 || b.BySecond) && known && m.Kind == "transcription" && m.Context == 0
	b.Deployments = append(b.Deployments, d)
	if !slices.ContainsFunc(b.Bases, func(base string) bool {
		known, _ := a.catalog.Lookup(base)
		return known.Encoding == m.Encoding
	}) {
		b.Bases = append(b.Bases, d.Base)
	}
}

// wider returns the larger of two bounds; 0, which is unknown, bounds nothing.
func wider(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}
