package app

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/upstream"
	"github.com/tallygate/tallygate/internal/upstream/h1"
	"github.com/tallygate/tallygate/policy"
)

// build makes everything that one configuration decides. It touches nothing that
// lives: what it returns is swapped in whole or not at all. was is nil at start.
func (a *App) build(cfg *config.Config, was *live) (*live, error) {
	keys, limits, err := callers(cfg)
	if err != nil {
		return nil, err
	}
	p := &proxy.Proxy{
		Callers:  keys,
		Policies: append(policy.List{policy.Models{}}, a.opts.Policies...),
		Upstream: upstream.New(resources(cfg), a.transport),
		Meter:    a.meter, Ledger: a.ledger,
		Bounds:  a.bounds(cfg),
		Proxies: cfg.TrustedProxies,
		MaxBody: cfg.MaxBody, BodyTimeout: cfg.Timeouts.Body,
		KeepAlive:       cfg.KeepAlive,
		ServeUnrecorded: cfg.Ledger.OnError == "serve",
		Begin:           a.metrics.Begin, Observe: a.observe, Log: a.log,
	}
	models, err := pools(cfg)
	if err != nil {
		return nil, err
	}
	if was == nil {
		p.Limits = limit.New(limits)
		p.Pool = pool.New(models, pool.Options{
			Cooldown: pool.Cooldown{Default: cfg.Cooldown.Default, Max: cfg.Cooldown.Max}, Changed: a.healthChanged,
		})
	} else {
		p.Limits = was.proxy.Limits.Next(limits)
		p.Pool = was.proxy.Pool.Next(models)
	}
	next := &live{config: cfg, proxy: p}
	if next.cert, err = a.certificate(cfg); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	if next.cert == nil && was != nil {
		next.cert = was.cert // the listener goes on as it began
	}
	return next, nil
}

func callers(cfg *config.Config) (*caller.Keys, map[string][]limit.Limit, error) {
	keys, limits := caller.NewKeys(), make(map[string][]limit.Limit)
	for _, c := range cfg.Callers {
		who := &tallygate.Caller{ID: c.Name, Group: c.Group, Models: c.Models}
		for _, key := range c.Keys {
			if err := keys.Add(key.Reveal(), who); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, l := range cfg.AllLimits() {
		if l.Period != tallygate.Sliding || len(l.Match[tallygate.ByCaller]) != 1 {
			continue
		}
		name := l.Match[tallygate.ByCaller][0]
		switch l.Quantity {
		case tallygate.Requests:
			limits[name] = append(limits[name], limit.Limit{Requests: l.Amount})
		case tallygate.Tokens:
			limits[name] = append(limits[name], limit.Limit{Tokens: l.Amount})
		}
	}
	return keys, limits, nil
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
				Resource: r.Name, Name: d.Name, Model: d.Model, Base: d.Base, Region: r.Region,
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
			Deployments: byModel[strings.ToLower(m.Name)],
		})
	}
	if !cfg.Passthrough.Off {
		models = append(models, pool.Model{Deployments: []*tallygate.Deployment{passthrough(cfg)}})
	}
	return models, nil
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

// bounds are the most tokens each model of the configuration can use, by the
// catalogue: the largest of its deployments'. What the catalogue does not know
// counts 0, which is no bound.
func (a *App) bounds(cfg *config.Config) map[string]proxy.Bounds {
	out := make(map[string]proxy.Bounds)
	for _, r := range cfg.Resources {
		for _, d := range r.Deployments {
			m, ok := a.catalog.Lookup(d.Base)
			if !ok {
				continue
			}
			name := strings.ToLower(d.Model)
			b := out[name]
			b.Context, b.Output = max(b.Context, m.Context), max(b.Output, m.MaxOutput)
			if m.Image != nil {
				b.Picture = max(b.Picture, m.Image.Most())
			}
			out[name] = b
		}
	}
	return out
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
	cert, ca, err := selfSigned(cfg.Data+"/tls", hosts)
	if err == nil {
		a.log.Info("self-signed certificate made; clients must trust its CA", "ca", ca)
	}
	return &cert, err
}
