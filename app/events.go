package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/keyfile"
	"github.com/tallygate/tallygate/internal/signup"
)

// openEvents makes the registry of events and the people who signed up for them.
func (a *App) openEvents(ctx context.Context, cfg *config.Config) error {
	secret, err := keyfile.Secret(filepath.Join(cfg.Data, "event.secret"))
	if err != nil {
		return fmt.Errorf("the secret of attendees' keys: %w", err)
	}
	a.room.Registry = event.NewRegistry()
	a.room.Registry.Shut = func(who event.Guesses) {
		from := "everywhere"
		if who.From.IsValid() {
			from = who.From.String()
		}
		a.log.Warn("too many wrong event codes: new ones are refused for a while", "from", from, "alike", who.Begin != "")
	}
	if a.room.People, err = event.NewPeople(ctx, a.room.Objects, a.room.Registry, secret); err != nil {
		return err
	}
	o := a.signupOptions(cfg, secret)
	a.signup, a.attendees, a.entrance = signup.Handler(o), signup.Attendee(o), signup.Door(o)
	a.liveLink = func(e *event.Event) string { return "/event/" + e.ID + "/live#" + signup.LiveSecret(secret, e) }
	return nil
}

// forgetEvery is how often names are looked for whose time to be forgotten has come.
const forgetEvery = time.Hour

// forget anonymises the attendees of events that ended long enough ago, now and every
// hour until the app stops.
func (a *App) forget() {
	a.meanwhile("forgetting", func(ctx context.Context, did func(error)) {
		for ctx.Err() == nil {
			did(a.forgetOnce(ctx, time.Now()))
			select {
			case <-ctx.Done():
			case <-time.After(forgetEvery):
			}
		}
	})
}

// keepNames stores the names that people type behind shared codes, until the app stops.
func (a *App) keepNames() {
	a.onStop("keeping names", a.room.People.Save) // what came last
	a.meanwhile("keeping names", func(ctx context.Context, did func(error)) {
		for ctx.Err() == nil {
			var again <-chan time.Time
			err := a.room.People.Save(ctx)
			did(err)
			if err != nil && ctx.Err() == nil {
				a.log.Error("names of attendees could not be stored; it is tried again", "in", saveAgain.String(), "err", err)
				again = time.After(saveAgain)
			}
			select {
			case <-ctx.Done():
			case <-a.room.People.Met():
			case <-again:
			}
		}
	})
}

// saveAgain is how long a store that failed is left alone.
const saveAgain = 10 * time.Second

// forgetOnce looks once, and returns what went wrong with any.
func (a *App) forgetOnce(ctx context.Context, now time.Time) (failed error) {
	for _, e := range a.live().Events {
		a.room.Fill(ctx, e) // where that failed before
		n, err := a.room.People.Forget(ctx, e, now)
		if err != nil && ctx.Err() == nil {
			failed = fmt.Errorf("attendees of %s could not be anonymised: %w", e.ID, err)
			a.log.Error("attendees could not be anonymised; it is tried again in an hour", "event", e.ID, "err", err)
		}
		if n > 0 {
			a.log.Info("attendees were anonymised", "event", e.ID, "attendees", n)
		}
	}
	return failed
}
