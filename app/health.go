package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/tallygate/tallygate/internal/pool"
)

// healthChanged tells the operator that a deployment is left alone, or no longer. What
// someone must mend is an error, and says what and where.
func (a *App) healthChanged(c pool.Change) {
	level, text := slog.LevelWarn, "deployment health changed"
	if c.To == pool.Barred {
		level, text = slog.LevelError, barred(&c)
	}
	attrs := []slog.Attr{
		slog.String("deployment", c.Deployment.ID()), slog.String("model", c.Deployment.Model), slog.String("to", c.To.String()),
	}
	if c.For > 0 {
		attrs = append(attrs, slog.String("for", c.For.Round(time.Millisecond).String()))
	}
	if c.Status > 0 {
		attrs = append(attrs, slog.Int("status", c.Status))
	}
	if c.Code != "" {
		attrs = append(attrs, slog.String("code", c.Code))
	}
	if c.Err != nil {
		attrs = append(attrs, slog.Any("err", c.Err))
	}
	a.log.LogAttrs(context.Background(), level, text, attrs...)
}

// barred says what someone must do about a deployment that refuses the gateway.
func barred(c *pool.Change) string {
	d := c.Deployment
	switch c.Status {
	case http.StatusUnauthorized:
		return fmt.Sprintf("Azure refuses the key of resource %s: correct resources[%s].key in the configuration, or its endpoint, and reload", d.Resource, d.Resource)
	case http.StatusForbidden:
		return fmt.Sprintf("Azure refuses the gateway at resource %s: let its address through the resource's firewall, "+
			"or allow keys there, or correct resources[%s].key and reload", d.Resource, d.Resource)
	case http.StatusGone:
		return fmt.Sprintf("Azure has retired deployment %s of resource %s: deploy another model, and name it in resources[%s].deployments", d.Name, d.Resource, d.Resource)
	}
	return fmt.Sprintf("Resource %s has no deployment %s: make it there, or correct its name in resources[%s].deployments and reload", d.Resource, d.Name, d.Resource)
}

// mended makes those resources be asked again at once that have another key or endpoint
// than before: what is known of them is of the past, whoever had set it right.
func (a *App) mended(was, next *live) {
	if was == nil || was.proxy == next.proxy {
		return
	}
	for _, resource := range next.proxy.Upstream.Changed(was.proxy.Upstream) {
		next.Pool.Lift(resource)
		a.forms.Forget(resource)
		a.log.Info("the resource has another key or endpoint: its deployments are asked again at once", "resource", resource)
	}
}
