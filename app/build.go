package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/keyfile"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/upstream"
	"github.com/tallygate/tallygate/internal/upstream/h1"
	"github.com/tallygate/tallygate/policy"
)

// build makes everything that one configuration decides. It touches nothing that
// lives: what it returns is swapped in whole or not at all. was is nil at start.
func (a *App) build(ctx context.Context, cfg *config.Config, was *live) (*live, error) {
	next := &live{loaded: time.Now(), config: cfg, pages: pagesOf(&cfg.CORS)}
	var err error
	if next.own, err = callers(cfg); err != nil {
		return nil, err
	}
	if next.models, err = pools(cfg); err != nil {
		return nil, err
	}
	next.tables = a.tables.Load()
	next.models = append(next.models, tableModels(next.tables)...)
	if next.listed, err = a.listed(cfg); err != nil {
		return nil, err
	}
	if err := a.live.Furnish(ctx, next, was, a.kinds()...); err != nil {
		return nil, err
	}
	if was == nil {
		next.pool = pool.New(next.models, pool.Options{
			Cooldown: pool.Cooldown{Default: cfg.Cooldown.Default, Max: cfg.Cooldown.Max}, Changed: a.healthChanged,
		})
	} else {
		next.pool = was.pool.Next(next.models)
	}
	if next.cert, err = a.certificate(cfg); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	if next.cert == nil && was != nil {
		next.cert = was.cert // the listener goes on as it began
	}
	next.proxy = a.line(next)
	return next, nil
}

// line makes the line of its parts.
func (a *App) line(l *live) *proxy.Proxy {
	cfg := l.config
	return &proxy.Proxy{
		Callers: l.callers, Operations: a.operations,
		Policies: append(policy.List{policy.Routes{NoPassthrough: cfg.Passthrough.Off}}, a.opts.Policies...),
		Limits:   l.limits,
		Pool:     l.pool,
		Upstream: upstream.New(append(resources(cfg), tableResources(l.tables)...), a.transport, cfg.UpstreamHeaders...),
		Meter:    a.meter, Ledger: a.ledger,
		Models: a.lineModels(cfg, l.models), Tariff: tariff(cfg, l.book), Aliases: aliases(cfg), QueryKeys: cfg.QueryKeys, StandIn: a.standIn, Counted: a.metrics.Counted,
		Proxies: cfg.TrustedProxies,
		MaxBody: cfg.MaxBody, MaxUpload: cfg.MaxUpload, Bodies: a.bodies, BodyTimeout: cfg.Timeouts.Body,
		KeepAlive: cfg.KeepAlive, KeepAliveEarly: cfg.KeepAliveEarly,
		Drains: a.drains, Later: &a.later,
		AllowUnbounded:  cfg.Unbounded == "allow",
		RefuseUnsaid:    cfg.Unsaid == "refuse",
		ServeUnrecorded: cfg.Ledger.OnError == "serve",
		Address:         a.publicAddress,
		Begin:           a.metrics.Begin, Observe: a.observe, Log: a.log, Forms: &a.forms,
	}
}

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

func resources(cfg *config.Config) []*upstream.Resource {
	out := make([]*upstream.Resource, len(cfg.Resources))
	for i, r := range cfg.Resources {
		out[i] = &upstream.Resource{Name: r.Name, Base: r.Endpoint, Credential: upstream.Key(r.Key.Reveal())}
	}
	return out
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

// aliases are the models' other names, in lower case.
func aliases(cfg *config.Config) map[string]string {
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

func newTransport(cfg *config.Config, base *tls.Config) *h1.Transport {
	return &h1.Transport{
		TLS: base, Proxy: http.ProxyFromEnvironment,
		DialTimeout: cfg.Timeouts.Connect, TLSHandshakeTimeout: cfg.Timeouts.Connect,
		ResponseHeaderTimeout: cfg.Timeouts.FirstByte, BodyTimeout: cfg.Timeouts.Idle,
	}
}

// certificate returns the data side's certificate, nil for plain HTTP.
func (a *App) certificate(cfg *config.Config) (*tls.Certificate, error) {
	if cfg.TLS == nil {
		return nil, nil
	}
	if !cfg.TLS.SelfSigned {
		cert, err := tls.LoadX509KeyPair(cfg.TLS.Cert, cfg.TLS.Key)
		return &cert, err
	}
	hosts := cfg.TLS.Hosts
	if host, _, err := net.SplitHostPort(cfg.Listen); err == nil && host != "" {
		hosts = append([]string{host}, hosts...)
	}
	cert, ca, err := keyfile.SelfSigned(cfg.Data+"/tls", hosts)
	if err == nil {
		a.log.Info("self-signed certificate made; clients must trust its CA", "ca", ca)
	}
	return &cert, err
}
