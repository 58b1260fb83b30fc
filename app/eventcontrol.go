package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/object"
)

// eventControl lets the admin side at the events.
func (a *App) eventControl() admin.EventControl {
	return admin.EventControl{
		Base: a.dataAddress, List: a.listEvents, Put: a.putEvent, Delete: a.deleteEvent, Attendees: a.listAttendees,
		Revoke: func(ctx context.Context, id, attendee string, revoked bool) error {
			return a.onAttendee(id, func(e *event.Event) error { return a.people.Revoke(ctx, e, attendee, revoked) })
		},
		Renew: func(ctx context.Context, id, attendee string) error {
			return a.onAttendee(id, func(e *event.Event) error { return a.people.Renew(ctx, e, attendee) })
		},
	}
}

// dataAddress is where the data side is reached by whoever reached the admin side with
// a request: on the machine it named, when the data side listens on all addresses.
func (a *App) dataAddress(r *http.Request) string {
	if u := a.live.Load().config.PublicURL; u != "" {
		return u
	}
	scheme := "http"
	if a.live.Load().config.TLS != nil {
		scheme = "https"
	}
	addr := a.Addr().String()
	if at, err := netip.ParseAddrPort(addr); err == nil && at.Addr().IsUnspecified() {
		named := url.URL{Host: r.Host}
		addr = net.JoinHostPort(cmp.Or(named.Hostname(), "127.0.0.1"), strconv.Itoa(int(at.Port())))
	}
	return scheme + "://" + addr
}

func (a *App) putEvent(ctx context.Context, id string, data []byte, version int64) error {
	if !event.ValidID(id) {
		return invalid("InvalidEvent", "The event cannot be used.", errors.New("its id has other than lower-case letters, digits and dashes between them, or more than 64"))
	}
	if err := a.storeEvent(ctx, id, data, version); err != nil {
		return err
	}
	if e, ok := a.event(id); ok {
		a.fill(ctx, e) // it may have more seats now
	}
	return nil
}

// storeEvent makes or changes an event. Another one of its id has nothing to do with it.
func (a *App) storeEvent(ctx context.Context, id string, data []byte, version int64) error {
	return a.live.Alone(func() error { return a.storeEventAlone(ctx, id, data, version) })
}

func (a *App) storeEventAlone(ctx context.Context, id string, data []byte, version int64) error {
	if err := a.eventNotOfFile(id); err != nil {
		return err
	}
	nonce := newNonce(time.Now())
	switch was, err := a.live.Objects.Get(ctx, EventKind, id); {
	case err == nil:
		nonce = nonceOf(&was)
	case !errors.Is(err, object.ErrNotFound):
		return err
	}
	c := control.Change{Object: object.Object{ID: id, Data: withNonce(data, nonce), By: administrator}, Want: version}
	return a.live.ApplyAlone(ctx, a.eventKind(), c, func(next *live) error {
		if err := next.badEvents[id]; err != nil {
			return invalid("InvalidEvent", "The event cannot be used.", err)
		}
		if err := confusable(next.events, id); err != nil {
			return err
		}
		return a.blockedLogo(next.events, id)
	})
}

// blockedLogo refuses a new logo that no browser shows. One from when they were taken may
// stay.
func (a *App) blockedLogo(events []*event.Event, id string) error {
	was, found := a.event(id)
	for _, e := range events {
		if fault := config.LogoFault(e.Logo); e.ID == id && fault != "" && (!found || was.Logo != e.Logo) {
			return invalid("InvalidEvent", "The event cannot be used.", errors.New("logo: "+fault))
		}
	}
	return nil
}

// confusable refuses a code that differs from another event's in case alone: one slip
// of the hand would lead into the other event.
func confusable(events []*event.Event, id string) error {
	i := slices.IndexFunc(events, func(e *event.Event) bool { return e.ID == id })
	for _, other := range events {
		if i >= 0 && other.ID != id && other.Code != "" && strings.EqualFold(other.Code, events[i].Code) {
			return invalid("InvalidEvent", "The event cannot be used.", fmt.Errorf("its code differs from that of %q in case alone: take another", other.ID))
		}
	}
	return nil
}

func (a *App) deleteEvent(ctx context.Context, id string, version int64) error {
	e, err := a.dropEvent(ctx, id, version)
	if err != nil || e == nil {
		return err
	}
	return a.people.Erase(ctx, e)
}

// dropEvent deletes an event, and returns what it was; nil if it was not in use.
func (a *App) dropEvent(ctx context.Context, id string, version int64) (e *event.Event, err error) {
	err = a.live.Alone(func() error {
		if err := a.eventNotOfFile(id); err != nil {
			return err
		}
		e, _ = a.event(id)
		return a.live.ApplyAlone(ctx, a.eventKind(), control.Change{Object: object.Object{ID: id}, Want: version}, nil)
	})
	return e, err
}

// eventNotOfFile refuses to change an event that is not stored.
func (a *App) eventNotOfFile(id string) error {
	if e, ok := a.event(id); ok && e.Origin != "stored" {
		return &tallygate.Error{Kind: tallygate.Conflict, Code: "EventOf" + e.Origin, Message: fmt.Sprintf("The event %q is from elsewhere (%s); change it there.", id, e.Origin)}
	}
	return nil
}

// listEvents returns the events in use and the stored ones that are left out.
func (a *App) listEvents(ctx context.Context) ([]admin.EventInUse, error) {
	stored, err := a.live.Objects.List(ctx, EventKind)
	if err != nil {
		return nil, err
	}
	objects := make(map[string]*object.Object)
	for i := range stored {
		objects[stored[i].ID] = &stored[i]
	}
	l := a.live.Load()
	var out []admin.EventInUse
	for _, e := range l.events {
		u := admin.EventInUse{Event: e, Live: a.liveLink(e), Chat: a.chatOf(e), Notes: notesOf(e, l.all)}
		u.ByCode = func(ctx context.Context) (int, error) { return a.byCode(ctx, e) }
		if e.Origin == "stored" {
			u.Stored = objects[e.ID]
		}
		for _, p := range a.people.List(e) {
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
			out = append(out, admin.EventInUse{Event: &event.Event{ID: o.ID}, Problem: err.Error(), Stored: &stored[i]})
		}
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

// notesOf is what the organiser of an event should know of it.
func notesOf(e *event.Event, limits []tallygate.Limit) (notes []string) {
	about := func(l *tallygate.Limit) bool {
		of := l.Match[tallygate.ByEvent]
		return ofEvent(l, e.ID) && config.PerName(l) || slices.Contains(l.Each, tallygate.ByAttendee) && len(l.Match[tallygate.ByCaller]) == 0 &&
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
	e, ok := a.event(id)
	if !ok {
		return nil, noEvent()
	}
	return a.people.List(e), nil
}

// onAttendee does something to an attendee of an event.
func (a *App) onAttendee(id string, do func(*event.Event) error) error {
	e, ok := a.event(id)
	if !ok {
		return noEvent()
	}
	return do(e)
}

func noEvent() error {
	return &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: "There is no event of this id."}
}
