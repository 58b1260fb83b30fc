package app

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/ledger"
)

// eventControl lets the admin side at the events.
func (a *App) eventControl() admin.EventControl {
	return admin.EventControl{
		Base: a.dataAddress, List: a.listEvents, Put: a.room.PutEvent, Delete: a.room.DeleteEvent, Attendees: a.listAttendees,
		Revoke: func(ctx context.Context, id, attendee string, revoked bool) error {
			return a.onAttendee(id, func(e *event.Event) error { return a.room.People.Revoke(ctx, e, attendee, revoked) })
		},
		Renew: func(ctx context.Context, id, attendee string) error {
			return a.onAttendee(id, func(e *event.Event) error { return a.room.People.Renew(ctx, e, attendee) })
		},
	}
}

// dataAddress is where the data side is reached by whoever reached the admin side with
// a request: on the machine it named, when the data side listens on all addresses.
func (a *App) dataAddress(r *http.Request) string {
	if u := a.live().Config.PublicURL; u != "" {
		return u
	}
	scheme := "http"
	if a.live().Config.TLS != nil {
		scheme = "https"
	}
	addr := a.Addr().String()
	if at, err := netip.ParseAddrPort(addr); err == nil && at.Addr().IsUnspecified() {
		named := url.URL{Host: r.Host}
		addr = net.JoinHostPort(cmp.Or(named.Hostname(), "127.0.0.1"), strconv.Itoa(int(at.Port())))
	}
	return scheme + "://" + addr
}

// listEvents returns the events in use and the stored ones that are left out.
func (a *App) listEvents(ctx context.Context) ([]admin.EventInUse, error) {
	all, err := a.room.ListEvents(ctx)
	if err != nil {
		return nil, err
	}
	var out []admin.EventInUse
	for _, u := range all {
		shown := admin.EventInUse{EventInUse: u}
		if e := u.Event; u.Problem == "" {
			shown.Live, shown.Chat = a.liveLink(e), a.chatOf(e)
			shown.ByCode = func(ctx context.Context) (int, error) { return a.byCode(ctx, e) }
		}
		out = append(out, shown)
	}
	return out, nil
}

// byCode counts those who have asked in an event by its shared code alone, by the names
// they typed. An event that had the id before is nobody's business.
func (a *App) byCode(ctx context.Context, e *event.Event) (n int, err error) {
	if e.Code == "" || e.SignUpOnly() {
		return 0, nil
	}
	if err := a.past.ledger.Flush(ctx); err != nil {
		return 0, err
	}
	people, err := a.past.store.Usage(ctx, ledger.Query{From: e.Made, By: []string{"attendee"}, Where: map[string][]string{"event": {e.ID}}, Limit: ledger.MaxLimit})
	if err != nil {
		return 0, err
	}
	for _, r := range people.Rows {
		if !event.SignedUp(r.By[0]) {
			n++
		}
	}
	return n, nil
}

// chatOf is the model of requests that name none; empty when the event has none.
func (a *App) chatOf(e *event.Event) string {
	if e.Chat != "" {
		return e.Chat
	}
	for _, m := range a.modelsOf(&tallygate.Identity{Caller: e.Caller(event.Guest)}) {
		if m.Kind == "" || m.Kind == api.KindChat { // nobody knows the kind: a chat
			return m.Name
		}
	}
	return ""
}

func (a *App) listAttendees(_ context.Context, id string) ([]*event.Attendee, error) {
	e, ok := a.room.Event(id)
	if !ok {
		return nil, noEvent()
	}
	return a.room.People.List(e), nil
}

// onAttendee does something to an attendee of an event.
func (a *App) onAttendee(id string, do func(*event.Event) error) error {
	e, ok := a.room.Event(id)
	if !ok {
		return noEvent()
	}
	return do(e)
}

func noEvent() error {
	return &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: "There is no event of this id."}
}
