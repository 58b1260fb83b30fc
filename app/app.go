// Package app builds a gateway from its configuration and runs it. It is the only
// place that knows which store, transport and credential the parts are given. It
// reads no flags, no environment and no signals: that is the command's part. Two
// apps can run in one process.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"
	_ "time/tzdata" // limits and events have zones, also where the system has no data

	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/alert"
	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/follow"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/listen"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/op"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/report"
	"github.com/tallygate/tallygate/internal/service"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/tokenizer"
	"github.com/tallygate/tallygate/internal/upstream/h1"
	"github.com/tallygate/tallygate/internal/web"
	"github.com/tallygate/tallygate/internal/wire"
	"github.com/tallygate/tallygate/internal/world"
	"github.com/tallygate/tallygate/policy"
)

// StoreFile is the name of the database in the data directory.
const StoreFile = "tallygate.db"

// Options are what an App is built from.
type Options struct {
	// Load returns the configuration. It is called once by New and again by each
	// Reload.
	Load func() (*config.Config, error)
	// Version is shown in metrics and logs.
	Version string
	// Policies are asked after the built-in ones.
	Policies []policy.Policy
	// Log is where the app logs; nil discards.
	Log *slog.Logger
	// Level is what Log goes by. It follows log.level at every reload; nil leaves the log
	// as it is.
	Level *slog.LevelVar
	// TLS is the client side's configuration towards resources; nil is Go's own.
	// Private clouds put their CA here.
	TLS *tls.Config
}

// App is a gateway. Use New, Start, then Stop.
type App struct {
	opts Options
	log  *slog.Logger

	// These live as long as the app: a reload passes them on.
	ledger     *ledger.Ledger
	catalog    *catalog.Catalog
	operations *op.Table
	meter      *meter.Meter
	transport  *h1.Transport
	bodies     *wire.Memory
	metrics    *admin.Metrics
	forms      proxy.Forms
	past       past
	followers  *follow.Group // of the ledger
	pulse      *report.Pulse // of the events
	// What the data side serves beside the line.
	eventAPI   http.Handler
	signup     http.Handler
	liveLink   func(*event.Event) string // the organiser's
	attendees  http.Handler
	entrance   http.Handler
	playground *web.Playground
	webhook    atomic.Pointer[alert.Webhook]
	gate       alert.Gate
	services   service.Group
	closers    []closer

	room    world.Room
	listen  *listen.Group
	drains  *proxy.Drains
	later   proxy.Later
	started *config.Config // what listeners and transport were made of
	began   time.Time
}

// live is the world with what the app made of it (see App.finish).
type live struct {
	*world.World
	proxy *proxy.Proxy
	cert  *tls.Certificate
	// pages are the origins whose pages may call.
	pages pages
}

// live returns the world that lives.
func (a *App) live() *live { return made(a.room.Load()) }

// made is what the app made of a world.
func made(w *world.World) *live { return w.Made.(*live) }

type closer struct {
	name  string
	close func(context.Context) error
}

// New builds an app: it reads the configuration, opens the ledger and settles what
// an earlier run left open. Nothing listens yet. On error nothing stays open.
func New(ctx context.Context, o Options) (_ *App, err error) {
	a := &App{opts: o, log: o.Log, began: time.Now()}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.gate.Out = a.alerted
	a.listen = listen.New(a.log)
	a.drains = &proxy.Drains{Base: a.listen.Requests}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close(ctx))
		}
	}()
	cfg, err := o.Load()
	if err != nil {
		return nil, err
	}
	a.operations = op.New()
	if a.catalog, err = catalog.Default(); err != nil {
		return nil, err
	}
	a.meter = meter.New(meter.Options{Catalog: a.catalog, Tokens: new(tokenizer.Set)})
	if err := a.openLedger(ctx, cfg); err != nil {
		return nil, err
	}
	if err := a.openEvents(ctx, cfg); err != nil {
		return nil, err
	}
	if a.playground, err = web.New(); err != nil {
		return nil, fmt.Errorf("the playground: %w", err)
	}
	a.eventAPI = a.newEventAPI()
	a.transport = newTransport(cfg, o.TLS)
	if a.bodies, err = newBodies(cfg); err != nil {
		return nil, err
	}
	a.onStop("connections", func(context.Context) error { a.transport.CloseIdleConnections(); return nil })
	a.metrics = admin.NewMetrics(o.Version)
	if err := a.metrics.Register(a.collector()); err != nil {
		return nil, err
	}
	next, err := a.build(ctx, world.Inputs{Config: cfg}, nil)
	if err != nil {
		return nil, err
	}
	a.room.Swap(next)
	a.hook(cfg, nil)
	a.onStop("alerts", a.closeWebhook)
	a.meanwhile("gathering alerts", func(ctx context.Context, _ func(error)) { a.gate.Run(ctx) })
	if err := a.syncTables(cfg); err != nil {
		return nil, err
	}
	a.meanwhile(a.pulse.Name(), func(ctx context.Context, did func(error)) { a.followers.Run(ctx, a.pulse, did) })
	a.forget()
	a.keepNames()
	a.started = cfg
	a.metrics.Reloaded(true)
	if cfg.Admin.Listen != "" && cfg.Admin.Key.Reveal() == "" {
		a.log.Warn("there is no admin.key: on the admin side only the health probes answer, metrics do not")
	}
	return a, nil
}

func (a *App) openLedger(ctx context.Context, cfg *config.Config) error {
	store, err := sqlite.Open(ctx, filepath.Join(cfg.Data, StoreFile), sqlite.Options{})
	if err != nil {
		return err
	}
	a.onStop("store", func(context.Context) error { return store.Close() })
	a.ledger, err = ledger.Open(ctx, ledger.Options{
		Dir: cfg.Data, Store: store, Log: a.log.With("component", "ledger"),
	})
	if err != nil {
		return fmt.Errorf("open the ledger in %s: %w", cfg.Data, err)
	}
	a.onStop("ledger", a.ledger.Close)
	a.keepLater()
	a.past = past{a.ledger, store}
	a.followers = follow.New(store, a.ledger.Moved, a.log.With("component", "followers"))
	a.pulse = report.NewPulse(store)
	a.room.Objects, a.room.Log, a.room.Finish = control.Kept{Store: store.Objects(), Log: a.log}, a.log, a.finish
	a.room.Past, a.room.Notice, a.room.Health = a.past, a.notice, a.healthChanged
	return nil
}

// onStop puts a closer on the stack; the last one opened is closed first.
func (a *App) onStop(name string, close func(context.Context) error) {
	a.closers = append(a.closers, closer{name, close})
}

// meanwhile runs a service beside the requests until the app stops, which waits for it.
func (a *App) meanwhile(name string, run func(ctx context.Context, did func(error))) {
	a.onStop(name, a.services.Start(name, run).Stop)
}

func (a *App) close(ctx context.Context) error {
	var errs []error
	for len(a.closers) > 0 {
		c := a.closers[len(a.closers)-1]
		a.closers = a.closers[:len(a.closers)-1]
		if err := c.close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

// Ready returns nil when requests can be served, else why not.
func (a *App) Ready() error {
	if a.listen.Draining() {
		return listen.ErrDraining
	}
	if s := a.ledger.Stats(); s.Broken && a.live().Config.Ledger.OnError != "serve" {
		return fmt.Errorf("the ledger cannot write: %w", s.LastError)
	}
	return nil
}

// Failed tells when a listener stopped by itself: the app then serves no more and
// should be stopped.
func (a *App) Failed() <-chan error { return a.listen.Failed() }

// Stop ends the app: not ready at once, then, after the configured delay, no new
// connections, requests on their way up to the configured deadline or ctx's,
// whichever is earlier, then the ledger flushed. It is safe to call once.
func (a *App) Stop(ctx context.Context) error {
	drain := a.live().Config.Timeouts.Drain
	a.log.Info("stopping", "delay", drain.Delay.String(), "deadline", drain.Deadline.String())
	a.listen.Stop(ctx, drain.Delay, drain.Deadline)
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return a.close(flush)
}
