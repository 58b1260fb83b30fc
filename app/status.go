package app

import (
	"context"
	"time"

	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/pool"
)

// status is how the gateway is now.
func (a *App) status() api.Status {
	l := a.live()
	s := admin.StatusOf(l.Pool, a.ledger.Stats(), time.Now())
	s.Version, s.Started, s.Loaded = a.opts.Version, a.began, l.Loaded
	if err := a.Ready(); err != nil {
		s.NotReady = err.Error()
	}
	lags := a.lags()
	for _, is := range a.services.States() {
		one := api.ServiceStatus{Name: is.Name, Started: is.Started, Running: is.Running, Lag: lags[is.Name]}
		if !is.Last.IsZero() {
			one.Last = &is.Last
		}
		if is.Err != nil {
			one.Error = is.Err.Error()
		}
		s.Services = append(s.Services, one)
	}
	return s
}

// collector is what each scrape looks at.
func (a *App) collector() admin.Collector {
	return admin.Collector{
		Pool:   func() *pool.Pool { return a.live().proxy.Pool },
		Limits: func() *limit.Limits { return a.live().proxy.Limits },
		Ledger: a.ledger.Stats, Followers: a.lags, Draining: a.drains.Now, Bodies: a.bodies.InUse,
	}
}

// lags are how many entries each follower of the ledger has still to take; of none when
// the database does not say.
func (a *App) lags() map[string]int64 {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	lags, err := a.followers.Lags(ctx)
	if err != nil {
		a.log.Warn("how far the ledger's followers are could not be read", "err", err)
	}
	return lags
}
