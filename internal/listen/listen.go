// Package listen keeps the listeners of a gateway, and the requests on their way, from
// the first connection to the last: it opens, waits and gives up; what is served is
// others' part.
package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tallygate/tallygate/internal/slow"
)

// ErrDraining is the cause of requests that are given up, and why a gateway that is being
// stopped is not ready.
var ErrDraining = errors.New("draining: the gateway is being stopped")

// Group is several listeners that stop together. Use New. Safe for concurrent use, but
// for Listen.
type Group struct {
	// Requests is done when requests on their way are given up.
	Requests context.Context
	giveUp   context.CancelCauseFunc
	log      *slog.Logger

	servers   []*http.Server
	listeners []net.Listener
	serving   sync.WaitGroup
	failed    chan error
	handling  atomic.Int64
	draining  atomic.Bool
}

// New returns a group without listeners.
func New(log *slog.Logger) *Group {
	g := &Group{log: log, failed: make(chan error, 2)}
	g.Requests, g.giveUp = context.WithCancelCause(context.Background())
	return g
}

// Options say how a listener serves.
type Options struct {
	// Header is the longest time a request's header may take, and Unread that in which
	// nothing of an HTTP/2 connection is read.
	Header, Unread time.Duration
	// MaxHeader is the most bytes of a header that are read.
	MaxHeader int
	// TLS is the server's side; nil is plain HTTP.
	TLS *tls.Config
}

// Listen opens a listener and serves h on it, until Stop.
func (g *Group) Listen(addr string, h http.Handler, o Options) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("open a listener: %w", err)
	}
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: o.Header, IdleTimeout: 3 * time.Minute, MaxHeaderBytes: o.MaxHeader, TLSConfig: o.TLS,
		// Streams have their own deadlines, but not while nothing of the connection is read.
		HTTP2:       &http.HTTP2Config{WriteByteTimeout: o.Unread},
		ErrorLog:    slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return g.Requests },
	}
	new(slow.Unused).Watch(s)
	g.servers, g.listeners = append(g.servers, s), append(g.listeners, l)
	g.serving.Go(func() {
		err := error(nil)
		if s.TLSConfig != nil {
			err = s.ServeTLS(l, "", "")
		} else {
			err = s.Serve(l)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			g.failed <- fmt.Errorf("the listener on %s stopped: %w", addr, err)
		}
	})
	return nil
}

// Addr returns the address of the listener that was opened as number i, from 0; nil
// when there are fewer.
func (g *Group) Addr(i int) net.Addr {
	if i >= len(g.listeners) {
		return nil
	}
	return g.listeners[i].Addr()
}

// Failed tells when a listener stopped by itself.
func (g *Group) Failed() <-chan error { return g.failed }

// Handle counts a request until done is called. Its connection may be gone before.
func (g *Group) Handle() (done func()) {
	g.handling.Add(1)
	return func() { g.handling.Add(-1) }
}

// Beside runs something that Stop waits for.
func (g *Group) Beside(run func()) { g.serving.Go(run) }

// Draining reports whether the group is being stopped.
func (g *Group) Draining() bool { return g.draining.Load() }

// Stop ends the group: Draining at once, then, after the delay, no new connections,
// requests on their way up to the deadline or ctx's, whichever is earlier; those left are
// given up.
func (g *Group) Stop(ctx context.Context, delay, deadline time.Duration) {
	g.draining.Store(true)
	select {
	case <-time.After(delay):
	case <-ctx.Done():
	}
	graceful, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	for _, s := range g.servers {
		if s.Shutdown(graceful) != nil {
			g.giveUp(ErrDraining)
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			if s.Shutdown(last) != nil {
				s.Close()
			}
			cancel()
		}
	}
	g.handled(graceful) // those whose clients have left, too
	g.giveUp(ErrDraining)
	g.serving.Wait()
	// Requests that were given up still have their entries to record.
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	g.handled(last)
}

// handled waits until no request is on its way, or ctx ends.
func (g *Group) handled(ctx context.Context) {
	for g.handling.Load() > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
}
