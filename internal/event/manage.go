package event

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tallygate/tallygate"
)

// Revoke takes somebody's key back, or gives it again. A seat that becomes free goes
// to who waits longest; who gets the key again after that waits for a seat.
func (p *People) Revoke(ctx context.Context, e *Event, id string, revoked bool) error {
	done, err := p.turn(ctx, e.Scope())
	if err != nil {
		return err
	}
	defer done()
	if err := p.keyless(e, id); err != nil {
		return err
	}
	err = p.change(ctx, e, id, func(a *Attendee) {
		a.Waiting = a.Waiting || a.Revoked && !revoked && p.full(e, a) // the seat is somebody else's now
		a.Revoked = revoked
	})
	if err != nil {
		return err
	}
	return p.fill(ctx, e)
}

// Renew gives somebody another key; the old one ends at once.
func (p *People) Renew(ctx context.Context, e *Event, id string) error {
	done, err := p.turn(ctx, e.Scope())
	if err != nil {
		return err
	}
	defer done()
	if err := p.keyless(e, id); err != nil {
		return err
	}
	was := p.person(e.Scope(), id)
	if err := p.change(ctx, e, id, func(a *Attendee) { a.Turn++ }); err != nil {
		return err // and the key of before goes on
	}
	p.registry.Dismiss(p.secret, was.Attendee)
	return nil
}

// Leave unregisters somebody, whose seat goes to who waits longest. Whose key was
// revoked stays registered: leaving must not undo that.
func (p *People) Leave(ctx context.Context, e *Event, id string) error {
	done, err := p.turn(ctx, e.Scope())
	if err != nil {
		return err
	}
	defer done()
	known := p.person(e.Scope(), id)
	switch {
	case known == nil || known.coming != nil:
		return nil
	case known.Revoked:
		return &tallygate.Error{Kind: tallygate.Forbidden, Code: CodeRevoked, Message: "This key has been taken back. Ask the event's organiser."}
	}
	if err := p.remove(ctx, e.Scope(), known); err != nil {
		return err
	}
	return p.fill(ctx, e)
}

// remove forgets somebody, in the store first.
func (p *People) remove(ctx context.Context, scope string, one *person) error {
	if one.version > 0 { // else a typed name that is not stored yet
		if err := p.store.Delete(ctx, AttendeeKind, one.Event+"/"+one.ID, one.version); err != nil {
			return fmt.Errorf("remove attendee: %w", err)
		}
	}
	p.registry.Dismiss(p.secret, one.Attendee)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known[scope], one.ID)
	return nil
}

// Fill gives free seats to those who wait, longest first; more seats than before are
// free after a change of the event.
func (p *People) Fill(ctx context.Context, e *Event) error {
	done, err := p.turn(ctx, e.Scope())
	if err != nil {
		return err
	}
	defer done()
	return p.fill(ctx, e)
}

func (p *People) fill(ctx context.Context, e *Event) error {
	var waiting []*Attendee
	p.mu.RLock()
	for _, a := range p.known[e.Scope()] {
		if a.Waiting && !a.Revoked && a.coming == nil {
			waiting = append(waiting, a.Attendee)
		}
	}
	p.mu.RUnlock()
	slices.SortFunc(waiting, func(a, b *Attendee) int { return a.SignedUp.Compare(b.SignedUp) })
	for _, a := range waiting {
		if err := p.change(ctx, e, a.ID, func(a *Attendee) { a.Waiting = p.full(e, a) }); err != nil {
			return err
		}
	}
	return nil
}

// Forget anonymises the attendees of an event whose time for that has come, and
// returns how many it were. Their keys end with their names.
func (p *People) Forget(ctx context.Context, e *Event, now time.Time) (int, error) {
	if e.Forget <= 0 || now.Before(e.End.AddDate(0, 0, e.Forget)) {
		return 0, nil
	}
	done, err := p.turn(ctx, e.Scope())
	if err != nil {
		return 0, err
	}
	defer done()
	n := 0
	for _, a := range p.List(e) {
		if a.Name == "" {
			continue
		}
		if err := p.change(ctx, e, a.ID, func(a *Attendee) { a.Name, a.From, a.Revoked = "", "", true }); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Erase removes all attendees of an event that is gone. What they used stays in the
// ledger, under their pseudonyms.
func (p *People) Erase(ctx context.Context, e *Event) error {
	done, err := p.turn(ctx, e.Scope())
	if err != nil {
		return err
	}
	defer done()
	for {
		one := p.anybody(e)
		switch {
		case one == nil:
			return nil
		case one.coming != nil:
			select {
			case <-one.coming:
			case <-ctx.Done():
				return ctx.Err()
			}
		default:
			if err := p.remove(ctx, e.Scope(), one); err != nil {
				return err
			}
		}
	}
}

// anybody is one of the people of an event; nil when there is nobody.
func (p *People) anybody(e *Event) *person {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, one := range p.known[e.Scope()] {
		return one
	}
	return nil
}
