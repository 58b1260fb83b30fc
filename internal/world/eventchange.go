package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
)

// PutEvent makes an event when version is 0, else replaces the one of that version. What
// it refuses it says by a *tallygate.Error.
func (r *Room) PutEvent(ctx context.Context, id string, data []byte, version int64) error {
	if !event.ValidID(id) {
		return invalid("InvalidEvent", "The event cannot be used.", errors.New("its id has other than lower-case letters, digits and dashes between them, or more than 64"))
	}
	if err := r.storeEvent(ctx, id, data, version); err != nil {
		return err
	}
	if e, ok := r.Event(id); ok {
		r.Fill(ctx, e) // it may have more seats now
	}
	return nil
}

// storeEvent makes or changes an event. Another one of its id has nothing to do with it.
func (r *Room) storeEvent(ctx context.Context, id string, data []byte, version int64) error {
	return r.Alone(func() error { return r.storeEventAlone(ctx, id, data, version) })
}

func (r *Room) storeEventAlone(ctx context.Context, id string, data []byte, version int64) error {
	if err := r.eventNotOfFile(id); err != nil {
		return err
	}
	nonce := newNonce(time.Now())
	switch was, err := r.Objects.Get(ctx, EventKind, id); {
	case err == nil:
		nonce = nonceOf(&was)
	case !errors.Is(err, object.ErrNotFound):
		return err
	}
	c := control.Change{Object: object.Object{ID: id, Data: withNonce(data, nonce), By: administrator}, Want: version}
	return r.ApplyAlone(ctx, r.eventKind(), c, func(next *World) error {
		if err := next.badEvents[id]; err != nil {
			return invalid("InvalidEvent", "The event cannot be used.", err)
		}
		if err := confusable(next.Events, id); err != nil {
			return err
		}
		return r.blockedLogo(next.Events, id)
	})
}

// blockedLogo refuses a new logo that no browser shows. One from when they were taken may
// stay.
func (r *Room) blockedLogo(events []*event.Event, id string) error {
	was, found := r.Event(id)
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

// DeleteEvent removes the stored event of a version, and who signed up for it.
func (r *Room) DeleteEvent(ctx context.Context, id string, version int64) error {
	e, err := r.dropEvent(ctx, id, version)
	if err != nil || e == nil {
		return err
	}
	return r.People.Erase(ctx, e)
}

// dropEvent deletes an event, and returns what it was; nil if it was not in use.
func (r *Room) dropEvent(ctx context.Context, id string, version int64) (e *event.Event, err error) {
	err = r.Alone(func() error {
		if err := r.eventNotOfFile(id); err != nil {
			return err
		}
		e, _ = r.Event(id)
		return r.ApplyAlone(ctx, r.eventKind(), control.Change{Object: object.Object{ID: id}, Want: version}, nil)
	})
	return e, err
}

// eventNotOfFile refuses to change an event that is not stored.
func (r *Room) eventNotOfFile(id string) error {
	if e, ok := r.Event(id); ok && e.Origin != "stored" {
		return &tallygate.Error{Kind: tallygate.Conflict, Code: "EventOf" + e.Origin, Message: fmt.Sprintf("The event %q is from elsewhere (%s); change it there.", id, e.Origin)}
	}
	return nil
}

// Fill gives free seats to those who wait. A failure is put right within the hour.
func (r *Room) Fill(ctx context.Context, e *event.Event) {
	if err := r.People.Fill(ctx, e); err != nil && ctx.Err() == nil {
		r.Log.Error("free seats could not be given to who waits; it is tried again in an hour", "event", e.ID, "err", err)
	}
}
