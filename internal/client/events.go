package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Events returns all events.
func (a *Client) Events(ctx context.Context) ([]api.Event, error) {
	var list api.EventList
	if err := a.ask(ctx, call{method: http.MethodGet, path: "/events"}, &list); err != nil {
		return nil, err
	}
	for i := range list.Events {
		a.place(&list.Events[i])
	}
	return list.Events, nil
}

// place gives an event the address that attendees use, where a flag said it.
func (a *Client) place(e *api.Event) {
	if a.gateway != "" {
		e.Base = a.gateway
	}
}

// Event returns the event of an id, and of a wrong one says which may have been meant.
func (a *Client) Event(ctx context.Context, id string) (*api.Event, error) {
	all, err := a.Events(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i := range all {
		if ids[i] = all[i].ID; ids[i] == id {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no event %q%s", console.Printable(id, 128), console.DidYouMean(id, ids, ""))
}

// StoredEvent returns an event that can be changed here.
func (a *Client) StoredEvent(ctx context.Context, id string) (*api.Event, error) {
	e, err := a.Event(ctx, id)
	if err != nil {
		return nil, err
	}
	switch e.Origin {
	case "stored":
		return e, nil
	case "file":
		return nil, fmt.Errorf("the event %q is in the gateway's configuration file: change it there, and reload", id)
	case "azure-tables":
		return nil, fmt.Errorf("the event %q is in Azure Tables: change it there, and the gateway follows", id)
	}
	return nil, fmt.Errorf("the event %q is from elsewhere (%s): change it there", id, console.Printable(e.Origin, 64))
}

// PutEvent stores the definition of an event, which becomes JSON: in place of a version,
// or of 0 as a new event.
func (a *Client) PutEvent(ctx context.Context, id string, definition any, version int64) (*api.Event, error) {
	body, err := json.Marshal(definition)
	if err != nil {
		return nil, err
	}
	e := new(api.Event)
	err = a.ask(ctx, call{method: http.MethodPut, path: "/events", name: id, body: body, version: version}, e)
	a.place(e)
	return e, err
}

// DeleteEvent deletes the version of a stored event.
func (a *Client) DeleteEvent(ctx context.Context, id string, version int64) error {
	return a.ask(ctx, call{method: http.MethodDelete, path: "/events", name: id, version: version}, nil)
}
