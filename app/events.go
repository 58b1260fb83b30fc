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

// fileEvents are the events of the configuration file.
func fileEvents(cfg *config.Config) []*event.Event {
	var out []*event.Event
	for i := range cfg.Events {
		out = append(out, eventOf(&cfg.Events[i], "file"))
	}
	return out
}

// promptsOf are an event's suggestions.
func promptsOf(all []config.Prompt) (out []event.Prompt) {
	for _, p := range all {
		out = append(out, event.Prompt(p))
	}
	return out
}

// eventOf is an event as the rest of the gateway knows it.
func eventOf(e *config.Event, origin string) *event.Event {
	return &event.Event{
		ID: e.ID, Code: e.Code.Reveal(), Name: e.Name, Start: e.Start, End: e.End, Zone: e.Zone, Inactive: !e.Active,
		Models: e.Models, Chat: e.Chat, MaxTokens: e.MaxTokens, Allow: e.Allow,
		Seats: int(e.Seats), PerAddress: int(e.PerAddress), Domains: e.Domains, Roster: e.Roster,
		Markdown: e.Markdown, Logo: e.Logo, URL: e.URL, URLText: e.URLText,
		Prompts: promptsOf(e.Prompts), SystemMessage: e.SystemMessage,
		Organiser: event.Organiser(e.Organiser), Link: e.Link, Nonce: e.Nonce, Made: madeAt(e.Nonce), Forget: int(e.Forget), Origin: origin,
	}
}

// openEvents makes the registry of events and the people who signed up for them.
func (a *App) openEvents(ctx context.Context, cfg *config.Config) error {
	secret, err := keyfile.Secret(filepath.Join(cfg.Data, "event.secret"))
	if err != nil {
		return fmt.Errorf("the secret of attendees' keys: %w", err)
	}
	a.events = event.NewRegistry()
	a.events.Shut = func(who event.Guesses) {
		from := "everywhere"
		if who.From.IsValid() {
			from = who.From.String()
		}
		a.log.Warn("too many wrong event codes: new ones are refused for a while", "from", from, "alike", who.Begin != "")
	}
	if a.people, err = event.NewPeople(ctx, a.live.Objects, a.events, secret); err != nil {
		return err
	}
	o := a.signupOptions(cfg, secret)
	a.signup, a.attendees, a.entrance = signup.Handler(o), signup.Attendee(o), signup.Door(o)
	a.liveLink = func(e *event.Event) string { return "/event/" + e.ID + "/live#" + signup.LiveSecret(secret, e) }
	return nil
}

// event returns the event of an ID, open or not.
func (a *App) event(id string) (*event.Event, bool) { return a.live.Load().door.Event(id) }

// openDoor lets people in to the events of next, and to no others.
func (a *App) openDoor(next *live) error {
	set, err := event.NewSet(next.events)
	if err != nil {
		return err
	}
	next.door = a.events.Door(set)
	next.callers = next.own.With(next.door)
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

// fill gives free seats to those who wait. A failure is put right within the hour.
func (a *App) fill(ctx context.Context, e *event.Event) {
	if err := a.people.Fill(ctx, e); err != nil && ctx.Err() == nil {
		a.log.Error("free seats could not be given to who waits; it is tried again in an hour", "event", e.ID, "err", err)
	}
}

// keepNames stores the names that people type behind shared codes, until the app stops.
func (a *App) keepNames() {
	a.onStop("keeping names", a.people.Save) // what came last
	a.meanwhile("keeping names", func(ctx context.Context, did func(error)) {
		for ctx.Err() == nil {
			var again <-chan time.Time
			err := a.people.Save(ctx)
			did(err)
			if err != nil && ctx.Err() == nil {
				a.log.Error("names of attendees could not be stored; it is tried again", "in", saveAgain.String(), "err", err)
				again = time.After(saveAgain)
			}
			select {
			case <-ctx.Done():
			case <-a.people.Met():
			case <-again:
			}
		}
	})
}

// saveAgain is how long a store that failed is left alone.
const saveAgain = 10 * time.Second

// forgetOnce looks once, and returns what went wrong with any.
func (a *App) forgetOnce(ctx context.Context, now time.Time) (failed error) {
	for _, e := range a.live.Load().events {
		a.fill(ctx, e) // where that failed before
		n, err := a.people.Forget(ctx, e, now)
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
