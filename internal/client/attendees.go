package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Attendees returns an event and who signed up for it.
func (a *Client) Attendees(ctx context.Context, id string) (*api.Event, []*api.Attendee, error) {
	e, err := a.Event(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	var list api.AttendeeList
	if err := a.ask(ctx, call{method: http.MethodGet, path: "/events/" + url.PathEscape(id) + "/attendees"}, &list); err != nil {
		return nil, nil, err
	}
	return e, list.Attendees, nil
}

// Tell does something to an attendee of an event: revoke, restore or renew.
func (a *Client) Tell(ctx context.Context, event, attendee, verb string) error {
	path := "/events/" + url.PathEscape(event) + "/attendees/" + url.PathEscape(attendee)
	return a.ask(ctx, call{method: http.MethodPost, path: path, name: verb}, nil)
}

// FindAttendee finds somebody by id or by name, in whatever case.
func FindAttendee(all []*api.Attendee, who string) (*api.Attendee, error) {
	var found []*api.Attendee
	for _, a := range all {
		if a.ID == who {
			return a, nil
		}
		if a.Name != "" && strings.EqualFold(a.Name, strings.TrimSpace(who)) {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("nobody of the id or name %q has signed up for the event; attendees list shows who has", console.Printable(who, 128))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%d attendees are called %q: give the id of one, as attendees list shows it", len(found), console.Printable(who, 128))
}
