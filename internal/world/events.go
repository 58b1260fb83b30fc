package world

import (
	"context"
	"slices"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
)

// EventKind is the kind of stored events: an object's id is the event's, its data what an
// entry of events is in the configuration.
const EventKind = "event"

// EventInUse is an event and where it is from.
type EventInUse struct {
	// Event has only an ID when the event is not in use, because of a Problem.
	Event   *event.Event
	Problem string
	// Stored is the object it was read from, nil for an event from elsewhere.
	Stored *object.Object
	// Attendees is how many have signed up, Waiting how many of them have no seat.
	Attendees, Waiting int
	// Notes are what its organiser should know of it.
	Notes []string
}

// eventKind is that of events, whose limits change with them.
func (r *Room) eventKind() control.Kind[World] {
	return control.Kind[World]{
		Name: EventKind, Use: r.addEvents,
		Left: func(next *World) map[string]error { return next.badEvents },
		Then: []control.Kind[World]{r.limitKind()},
	}
}

// addEvents sets the events of next: those of its configuration and the stored ones,
// with the limits that come with these. What two of them share leaves a stored one out.
func (r *Room) addEvents(_ context.Context, next, _ *World, stored []object.Object) error {
	next.Events, next.eventLimits, next.badEvents = fileEvents(next.Config), nil, make(map[string]error)
	if next.Tables != nil {
		next.Events = append(next.Events, next.Tables.Events...)
	}
	for _, o := range stored {
		e, limits, err := next.Config.ParseEvent(o.ID, o.Data)
		if err == nil {
			_, err = event.NewSet(append(slices.Clone(next.Events), eventOf(e, "stored")))
		}
		if err != nil {
			next.badEvents[o.ID] = err
			continue
		}
		next.Events = append(next.Events, eventOf(e, "stored"))
		next.eventLimits = append(next.eventLimits, limits...)
	}
	return r.openDoor(next)
}

// openDoor lets people in to the events of next, and to no others.
func (r *Room) openDoor(next *World) error {
	set, err := event.NewSet(next.Events)
	if err != nil {
		return err
	}
	next.Door = r.Registry.Door(set)
	next.Callers = next.own.With(next.Door)
	return nil
}

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

// ListEvents returns the events in use and the stored ones that are left out.
func (r *Room) ListEvents(ctx context.Context) ([]EventInUse, error) {
	stored, err := r.Objects.List(ctx, EventKind)
	if err != nil {
		return nil, err
	}
	objects := make(map[string]*object.Object)
	for i := range stored {
		objects[stored[i].ID] = &stored[i]
	}
	l := r.Load()
	var out []EventInUse
	for _, e := range l.Events {
		u := EventInUse{Event: e, Notes: notesOf(e, l.All)}
		if e.Origin == "stored" {
			u.Stored = objects[e.ID]
		}
		for _, p := range r.People.List(e) {
			if p.Via != event.Typed {
				u.Attendees++
			}
			if p.Waiting && !p.Revoked {
				u.Waiting++
			}
		}
		out = append(out, u)
	}
	for i, o := range stored {
		if err := l.badEvents[o.ID]; err != nil {
			out = append(out, EventInUse{Event: &event.Event{ID: o.ID}, Problem: err.Error(), Stored: &stored[i]})
		}
	}
	return out, nil
}

// notesOf is what the organiser of an event should know of it.
func notesOf(e *event.Event, limits []tallygate.Limit) (notes []string) {
	about := func(l *tallygate.Limit) bool {
		of := l.Match[tallygate.ByEvent]
		return OfEvent(l, e.ID) && config.PerName(l) || slices.Contains(l.Each, tallygate.ByAttendee) && len(l.Match[tallygate.ByCaller]) == 0 &&
			(len(of) == 0 || slices.ContainsFunc(of, func(glob string) bool { return tallygate.Match(glob, e.ID) }))
	}
	if e.Code != "" && !e.SignUpOnly() && slices.ContainsFunc(limits, func(l tallygate.Limit) bool { return !l.DryRun && about(&l) }) {
		notes = append(notes, config.UnprovenNames+": "+config.UnprovenHint)
	}
	if e.Code != "" && e.Seats > 1 && e.PerAddress == 0 {
		notes = append(notes, config.SeatsOfAnAddress)
	}
	return notes
}

// OfEvent reports whether a limit is about one event alone.
func OfEvent(l *tallygate.Limit, id string) bool {
	return len(l.Match[tallygate.ByEvent]) == 1 && l.Match[tallygate.ByEvent][0] == id
}
