package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
)

// EventControl looks at the events and changes those that are stored, and their
// attendees. What its functions refuse they say by a *Refusal. A change counts for the
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

// EventInUse is an event and where it is from.
type EventInUse struct {
	// Event has only an ID when the event is not in use, because of a Problem.
	Event   *event.Event
	Problem string
	// Stored is the object it was read from, nil for an event from elsewhere.
	Stored *object.Object
	// Chat is the model of requests that name none; empty when there is none.
	Chat string
	// Attendees is how many have signed up, Waiting how many of them have no seat.
	Attendees, Waiting int
	// Live is the path of the organiser's view, with its secret in the fragment.
	Live string
	// Notes are what its organiser should know of it.
	Notes []string
}

// EventList is the answer that lists events.
type EventList struct {
	Events []Event `json:"events"`
}

// Event is an event as the API shows it.
type Event struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Origin string `json:"origin"`
	// Version is the stored object's, 0 for one from elsewhere, and Definition its data.
	Version    int64           `json:"version,omitempty"`
	Definition json.RawMessage `json:"definition,omitempty"`
	Problem    string          `json:"problem,omitempty"`
	// Code is what attendees share: the operator may see it.
	Code string `json:"code,omitempty"`
	// State is "open", "not started", "ended" or "inactive".
	State  string    `json:"state,omitempty"`
	Start  time.Time `json:"start,omitzero"`
	End    time.Time `json:"end,omitzero"`
	Zone   string    `json:"zone,omitempty"`
	Models []string  `json:"models,omitempty"`
	// Chat is the model of requests that name none.
	Chat      string `json:"chat,omitempty"`
	MaxTokens int64  `json:"max_tokens,omitempty"`
	// MaxTokensReject refuses a request for more, which is clamped otherwise.
	MaxTokensReject bool `json:"max_tokens_reject,omitempty"`
	// Allow is what requests of attendees may reach beyond their prompts.
	Allow []string `json:"allow,omitempty"`
	Seats int      `json:"seats,omitempty"`
	// PerAddress is how many names one address may bring in an hour, and seats it may
	// take; 0 is the usual bound.
	PerAddress int       `json:"per_address,omitempty"`
	Domains    []string  `json:"domains,omitempty"`
	Roster     []string  `json:"roster,omitempty"`
	Markdown   string    `json:"markdown,omitempty"`
	Logo       string    `json:"logo,omitempty"`
	URL        string    `json:"url,omitempty"`
	URLText    string    `json:"url_text,omitempty"`
	Organiser  Organiser `json:"organizer,omitzero"`
	// Prompts are suggestions in the playground, SystemMessage what a chat begins with.
	Prompts       []event.Prompt `json:"prompts,omitempty"`
	SystemMessage string         `json:"system_message,omitempty"`
	// ForgetAfter is in days after its end; 0 is never.
	ForgetAfter int `json:"forget_after,omitempty"`
	// Attendees is how many have signed up, Waiting how many of them have no seat.
	Attendees int `json:"attendees"`
	Waiting   int `json:"waiting"`
	// SignUpOnly says that the code opens the sign-up page alone: there are seats, or
	// people who are invited.
	SignUpOnly bool `json:"sign_up_only,omitempty"`
	// Notes are what its organiser should know of it, such as limits that do not hold
	// everybody.
	Notes []string `json:"notes,omitempty"`
	// Base is the address of the data side, Page the path there of the sign-up page
	// and Live that of the organiser's view.
	Base string `json:"base,omitempty"`
	Page string `json:"page,omitempty"`
	Live string `json:"live,omitempty"`
}

// Organiser is whom attendees ask.
type Organiser struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Attendee is an attendee as the API shows it: without the key.
type Attendee = event.Attendee

// AttendeeList is the answer that lists attendees.
type AttendeeList struct {
	Attendees []*Attendee `json:"attendees"`
}

func (c *EventControl) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /admin/v1/events", handle(c.list))
	mux.HandleFunc("GET /admin/v1/events/{id}", handle(c.get))
	mux.HandleFunc("PUT /admin/v1/events/{id}", handle(c.put))
	mux.HandleFunc("DELETE /admin/v1/events/{id}", handle(remove(c.Delete)))
	mux.HandleFunc("GET /admin/v1/events/{id}/attendees", handle(c.attendees))
	mux.HandleFunc("POST /admin/v1/events/{id}/attendees/{attendee}/revoke", handle(c.revoke(true)))
	mux.HandleFunc("POST /admin/v1/events/{id}/attendees/{attendee}/restore", handle(c.revoke(false)))
	mux.HandleFunc("POST /admin/v1/events/{id}/attendees/{attendee}/renew", handle(c.renew))
}

func (c *EventControl) list(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	all, err := c.List(r.Context())
	if err != nil {
		return 0, nil, err
	}
	out := EventList{Events: []Event{}}
	base := c.Base(r)
	for i := range all {
		out.Events = append(out.Events, all[i].show(base))
	}
	return http.StatusOK, out, nil
}

// find returns one event as the API shows it.
func (c *EventControl) find(r *http.Request, id string) (*Event, error) {
	all, err := c.List(r.Context())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Event.ID == id {
			e := all[i].show(c.Base(r))
			return &e, nil
		}
	}
	return nil, &Refusal{Status: http.StatusNotFound, Code: "NotFound", Message: "There is no event of this id."}
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
	return http.StatusOK, AttendeeList{append([]*Attendee{}, all...)}, nil
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
func (u *EventInUse) show(base string) Event {
	e := u.Event
	out := Event{ID: e.ID, Origin: "stored", Problem: u.Problem}
	if u.Stored != nil {
		out.Version, out.Definition = u.Stored.Version, u.Stored.Data
	}
	if u.Problem != "" {
		return out
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
	out.Prompts, out.SystemMessage = e.Prompts, e.SystemMessage
	out.Organiser, out.ForgetAfter = Organiser(e.Organiser), e.Forget
	out.Base, out.Page, out.Live = base, "/event/"+e.ID, u.Live
	return out
}
