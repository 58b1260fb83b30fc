package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/listen"
	"github.com/tallygate/tallygate/internal/slow"
	"github.com/tallygate/tallygate/internal/world"
)

// Start listens and serves. It returns once both listeners are open.
func (a *App) Start() error {
	cfg := a.live().Config
	o := listen.Options{Header: cfg.Timeouts.Header, Unread: cfg.Timeouts.Body, MaxHeader: mostHeader}
	data := o
	if cfg.TLS != nil {
		data.TLS = &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.live().cert, nil },
		}
	}
	if err := a.listen.Listen(cfg.Listen, http.HandlerFunc(a.serveData), data); err != nil {
		return err
	}
	if cfg.Admin.Listen == "" {
		return nil
	}
	control := admin.Handler(admin.Options{
		Key: cfg.Admin.Key.Reveal(), Version: a.opts.Version, Ready: a.Ready, Reload: a.Reload, Metrics: a.metrics, Status: a.status,
		Limits: a.limitControl(), Prices: a.priceControl(), Events: a.eventControl(),
	})
	return a.listen.Listen(cfg.Admin.Listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if turnAway(w, r) {
			return
		}
		slow.Hurry(w, r, cfg.Timeouts.Body)
		control.ServeHTTP(w, r)
	}), o)
}

// Addr returns the data listener's address, and AdminAddr the admin listener's,
// nil when it is off. They are known after Start.
func (a *App) Addr() net.Addr { return a.listen.Addr(0) }

// AdminAddr returns the admin listener's address, nil when it is off.
func (a *App) AdminAddr() net.Addr { return a.listen.Addr(1) }

// Reload loads the configuration anew and swaps it in. When anything is wrong with
// it the running one stays, and the error says what.
func (a *App) Reload() error { return a.room.Alone(a.reloadAlone) }

func (a *App) reloadAlone() error {
	was := a.room.Load()
	next, err := a.next(was)
	a.metrics.Reloaded(err == nil)
	if err != nil {
		a.log.Error("the configuration was not reloaded; the running one stays", "err", err)
		return err
	}
	a.mended(made(a.room.Swap(next)), made(next))
	a.hook(next.Config, was.Config)
	if a.opts.Level != nil {
		_ = a.opts.Level.UnmarshalText([]byte(next.Config.Log.Level)) // checked with the configuration
	}
	a.log.Info("configuration reloaded", "resources", len(next.Config.Resources), "callers", len(next.Config.Callers))
	return nil
}

func (a *App) next(was *world.World) (*world.World, error) {
	cfg, err := a.opts.Load()
	if err != nil {
		return nil, err
	}
	then, now := a.started.Timeouts, cfg.Timeouts
	for _, fixed := range []struct {
		key     string
		was, is any
	}{
		{"listen", a.started.Listen, cfg.Listen},
		{"tls", a.started.TLS != nil, cfg.TLS != nil},
		{"admin.listen", a.started.Admin.Listen, cfg.Admin.Listen},
		{"admin.key", a.started.Admin.Key.Reveal(), cfg.Admin.Key.Reveal()},
		{"data", a.started.Data, cfg.Data},
		{"body_memory", a.started.BodyMemory, cfg.BodyMemory},
		{"spill", a.started.Spill, cfg.Spill},
		{"timeouts.connect", then.Connect, now.Connect},
		{"timeouts.first_byte", then.FirstByte, now.FirstByte},
		{"timeouts.idle", then.Idle, now.Idle},
		{"timeouts.header", then.Header, now.Header},
		{"cooldown", a.started.Cooldown, cfg.Cooldown},
		{"currency", a.started.Currency, cfg.Currency},
		{"log.format", a.started.Log.Format, cfg.Log.Format},
		{"sign_in", true, slices.Equal(a.started.SignIn, cfg.SignIn)},
		{"azure_tables", a.started.AzureTables, cfg.AzureTables},
	} {
		if fixed.was != fixed.is {
			a.log.Warn("this setting changes only with a restart", "key", fixed.key)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return a.build(ctx, world.Inputs{Config: cfg, Tables: was.Tables}, was)
}

// observe hears of every finished entry.
func (a *App) observe(e *tallygate.Entry) {
	model := ""
	if a.live().proxy.Pool.Has(e.Ask.Model) {
		model = e.Ask.Model
	}
	a.metrics.Observe(e, strings.ToLower(model))
	level := slog.LevelDebug
	if e.Outcome == tallygate.Failed {
		level = slog.LevelWarn
	}
	if !a.log.Enabled(context.Background(), level) {
		return
	}
	deployment := ""
	if e.Deployment != nil {
		deployment = e.Deployment.ID()
	}
	a.log.LogAttrs(context.Background(), level, "request", slog.String("id", e.ID.String()), slog.String("request_id", e.RequestID),
		slog.String("trace_id", e.Trace), slog.String("caller", e.Caller), slog.String("ip", e.IP.String()),
		slog.String("operation", string(e.Ask.Operation)), slog.String("model", e.Ask.Model), slog.String("deployment", deployment),
		slog.Int("attempts", e.Attempts), slog.Int("status", e.Status), slog.String("outcome", e.Outcome.String()),
		slog.String("code", e.Code), slog.Int64("tokens", e.Usage.Total), slog.Float64("seconds", e.Total.Seconds()), slog.String("cause", e.Cause))
}
