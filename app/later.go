package app

import (
	"context"
	"time"
)

// keepLater records what goes on in the background when nobody asks for its end, and
// what is left of it when the app stops, before the ledger is closed.
func (a *App) keepLater() {
	a.onStop("background responses", func(context.Context) error { a.later.Close(); return nil })
	a.meanwhile("expiring background responses", func(ctx context.Context, did func(error)) {
		every := time.NewTicker(time.Minute)
		defer every.Stop()
		for {
			select {
			case now := <-every.C:
				a.later.Expire(now)
				did(nil)
			case <-ctx.Done():
				return
			}
		}
	})
}
