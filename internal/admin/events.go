package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/openapi"
	"github.com/tallygate/tallygate/internal/world"
)

// EventControl looks at the events and changes those that are stored, and their
// attendees. What its functions refuse they say by a *tallygate.Error. A change counts for the
// next request.
type EventControl struct {
	// Base returns the address of the data side as whoever sent the request reaches
	// it, without a slash at its end, as far as the gateway can tell.
	Base func(*http.Request) string
	// List returns all events: those in use, then those that cannot be.
	List func(context.Context) ([]EventInUse, error)
	// Put makes the event when version is 0, and otherwise replaces the one of that
	// version. data is JSON as an entry of events in the configuration.
	Put func(ctx context.Context, id string, data []byte, version int64) error
	// Delete removes the event of a version.
	Delete func(ctx context.Context, id string, version int64) error
	// Attendees returns who signed up for an event.
	Attendees func(ctx context.Context, id string) ([]*event.Attendee, error)
	// Revoke takes an attendee's key back or gives it again, Renew gives it another one.
	Revoke func(ctx context.Context, id, attendee string, revoked bool) error
	Renew  func(ctx context.Context, id, attendee string) error
}

// EventInUse is an event and what only who serves it knows of it.
type EventInUse struct {
	world.EventInUse
	// Chat is the model of requests that name none; empty when there is none.
	Chat string
	// ByCode returns how many others have asked by the shared code alone.
	ByCode func(context.Context) (int, error)
	// Live is the path of the organiser's view, with its secret in the fragment.
	Live string
}

func (c *EventControl) routes() []route {
	const one, attendee = "/admin/v1/events/{id}", "/admin/v1/events/{id}/attendees/{attendee}"
	return []route{
		{openapi.Operation{Method: "GET", Path: "/admin/v1/events", ID: "listEvents", Summary: "All events: those in use, then those that cannot be.", Answer: api.EventList{}}, handle(c.list)},
		{openapi.Operation{Method: "GET", Path: one, ID: "getEvent", Summary: "An event, with its code and the organiser's link.", Answer: api.Event{}}, handle(c.get)},
		{openapi.Operation{Method: "PUT", Path: one, ID: "putEvent", Summary: "Make an event, or replace it, by an entry of events in the configuration, as JSON.",
			IfMatch: true, Body: anObject, Answer: api.Event{}, Made: true}, handle(c.put)},
		{deletion(one, "deleteEvent", "Delete a stored event."), handle(remove(c.Delete))},
		{openapi.Operation{Method: "GET", Path: one + "/attendees", ID: "listAttendees", Summary: "Who signed up for an event, in that order; no keys.", Answer: api.AttendeeList{}}, handle(c.attendees)},
		{openapi.Operation{Method: "POST", Path: attendee + "/revoke", ID: "revokeAttendee", Summary: "Take an attendee's key back.", Status: http.StatusNoContent}, handle(c.revoke(true))},
		{openapi.Operation{Method: "POST", Path: attendee + "/restore", ID: "restoreAttendee", Summary: "Give an attendee the key again.", Status: http.StatusNoContent}, handle(c.revoke(false))},
		{openapi.Operation{Method: "POST", Path: attendee + "/renew", ID: "renewAttendee", Summary: "Give an attendee another key.", Status: http.StatusNoContent}, handle(c.renew)},
	}
}

func (c *EventControl) list(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	all, err := c.List(r.Context())
	if err != nil {
		return 0, nil, err
	}
	out := api.EventList{Events: []api.Event{}}
	base := c.Base(r)
	for i := range all {
		e, err := all[i].show(r.Context(), base)
		if err != nil {
			return 0, nil, err
		}
		out.Events = append(out.Events, e)
	}
	return http.StatusOK, out, nil
}

// find returns one event as the API shows it.
func (c *EventControl) find(r *http.Request, id string) (*api.Event, error) {
	all, err := c.List(r.Context())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Event.ID == id {
			e, err := all[i].show(r.Context(), c.Base(r))
			return &e, err
		}
	}
	return nil, &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: "There is no event of this id."}
}

func (c *EventControl) get(w http.ResponseWriter, r *http.Request) (int, any, error) {
	e, err := c.find(r, r.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	if e.Version > 0 {
		w.Header().Set("ETag", etag(e.Version))
	}
	return http.StatusOK, e, nil
}

func (c *EventControl) put(w http.ResponseWriter, r *http.Request) (int, any, error) {
	p, err := readPut(w, r)
	if err != nil {
		return 0, nil, err
	}
	if err := c.Put(r.Context(), p.id, p.data, p.version); err != nil {
		return 0, nil, err
	}
	e, err := c.find(r, p.id)
	if err != nil {
		return 0, nil, err
	}
	w.Header().Set("ETag", etag(e.Version))
	return p.status(), e, nil
}

func (c *EventControl) attendees(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	all, err := c.Attendees(r.Context(), r.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	out := api.AttendeeList{Attendees: make([]*api.Attendee, len(all))}
	for i, a := range all {
		shown := api.Attendee(*a)
		out.Attendees[i] = &shown
	}
	return http.StatusOK, out, nil
}

func (c *EventControl) revoke(revoked bool) action {
	return func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		return http.StatusNoContent, nil, c.Revoke(r.Context(), r.PathValue("id"), r.PathValue("attendee"), revoked)
	}
}

func (c *EventControl) renew(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	return http.StatusNoContent, nil, c.Renew(r.Context(), r.PathValue("id"), r.PathValue("attendee"))
}

// show writes the event; base is the address of the data side.
func (u *EventInUse) show(ctx context.Context, base string) (out api.Event, err error) {
	e := u.Event
	out = api.Event{ID: e.ID, Origin: "stored", Problem: u.Problem}
	if u.Stored != nil {
		out.Version, out.Definition = u.Stored.Version, u.Stored.Data
	}
	if u.Problem != "" {
		return out, nil
	}
	out.Name, out.Origin, out.Code, out.State = e.Name, e.Origin, e.Code, e.At(time.Now()).String()
	out.Start, out.End, out.Models, out.Chat = e.Start, e.End, e.Models, u.Chat
	out.MaxTokens, out.MaxTokensReject = e.MaxTokens.Tokens, e.MaxTokens.Reject
	out.Allow = e.Allow.Names()
	out.Zone = "UTC"
	if e.Zone != nil {
		out.Zone = e.Zone.String()
	}
	out.PerAddress, out.Notes = e.PerAddress, u.Notes
	out.Seats, out.Attendees, out.Waiting = e.Seats, u.Attendees, u.Waiting
	out.SignUpOnly = e.SignUpOnly()
	out.Domains, out.Roster, out.Markdown = e.Domains, e.Roster, e.Markdown
	out.Logo, out.URL, out.URLText = e.Logo, e.URL, e.URLText
	for _, p := range e.Prompts {
		out.Prompts = append(out.Prompts, api.Prompt(p))
	}
	out.SystemMessage = e.SystemMessage
	out.Organiser, out.ForgetAfter = api.Organiser(e.Organiser), e.Forget
	out.Base, out.Page, out.Live = base, "/event/"+e.ID, u.Live
	if u.ByCode != nil {
		out.ByCode, err = u.ByCode(ctx)
	}
	return out, err
}
