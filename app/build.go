package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/keyfile"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/upstream"
	"github.com/tallygate/tallygate/internal/upstream/h1"
	"github.com/tallygate/tallygate/internal/world"
	"github.com/tallygate/tallygate/policy"
)

// build makes the world of a configuration and of what the tables hold. It touches
// nothing that lives: what it returns is swapped in whole or not at all. was is nil at
// start.
func (a *App) build(ctx context.Context, in world.Inputs, was *world.World) (*world.World, error) {
	next, err := a.room.Build(ctx, in, was)
	if err != nil {
		return nil, err
	}
	cert, err := a.certificate(in.Config)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	if cert == nil && was != nil {
		cert = made(was).cert // the listener goes on as it began
	}
	next.Made = &live{World: next, cert: cert}
	a.finish(next)
	return next, nil
}

// finish makes of a world what the app serves it by, with the certificate that it has.
func (a *App) finish(next *world.World) {
	l := &live{World: next, cert: made(next).cert, pages: pagesOf(&next.Config.CORS)}
	l.proxy = a.line(l)
	next.Made = l
	if len(next.Events) > 0 {
		a.pulse.Want()
	}
}

// line makes the line of its parts.
func (a *App) line(l *live) *proxy.Proxy {
	cfg := l.Config
	return &proxy.Proxy{
		Callers: l.Callers, Operations: a.operations,
		Policies: append(policy.List{policy.Routes{NoPassthrough: cfg.Passthrough.Off}}, a.opts.Policies...),
		Limits:   l.Limits,
		Pool:     l.Pool,
		Upstream: upstream.New(append(resources(cfg), tableResources(l.Tables)...), a.transport, cfg.UpstreamHeaders...),
		Meter:    a.meter, Ledger: a.ledger,
		Models: a.lineModels(cfg, l.Models), Tariff: world.Tariff(cfg, l.Book), Aliases: world.Aliases(cfg), QueryKeys: cfg.QueryKeys, StandIn: a.standIn, Counted: a.metrics.Counted,
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

func resources(cfg *config.Config) []*upstream.Resource {
	out := make([]*upstream.Resource, len(cfg.Resources))
	for i, r := range cfg.Resources {
		out[i] = &upstream.Resource{Name: r.Name, Base: r.Endpoint, Credential: upstream.Key(r.Key.Reveal())}
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
	cert, ca, err := keyfile.SelfSigned(cfg.Data+"/tls", hosts)
	if err == nil {
		a.log.Info("self-signed certificate made; clients must trust its CA", "ca", ca)
	}
	return &cert, err
}
