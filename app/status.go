package app

import (
	"time"

	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
)

// status is how the gateway is now.
func (a *App) status() api.Status {
	l := a.live.Load()
	s := admin.StatusOf(l.pool, a.ledger.Stats(), time.Now())
	s.Version, s.Started, s.Loaded = a.opts.Version, a.began, l.loaded
	if err := a.Ready(); err != nil {
		s.NotReady = err.Error()
	}
	return s
}
