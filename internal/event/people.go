package event

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// AttendeeKind is the kind of the stored objects that are attendees.
const AttendeeKind = "attendee"

// People are those who signed up for events, and the typed names that are to be
// forgotten. What they do acts at once: on the
// registry, and in the store. Safe for concurrent use by one gateway.
type People struct {
	store    object.Store
	registry *Registry
	secret   []byte

	mu sync.Mutex
	// known are all attendees by event and ID, each with its object's version.
	known map[string]map[string]*person
	// unsaved are typed names that are not stored yet; met tells of them.
	unsaved []*Attendee
	met     chan struct{}
}

type person struct {
	*Attendee
	version int64
}

// NewPeople returns the people of a store, and makes their keys known to the
// registry. The secret is what their keys follow from: 32 random bytes that never
// change.
func NewPeople(ctx context.Context, store object.Store, registry *Registry, secret []byte) (*People, error) {
	p := &People{
		store: store, registry: registry, secret: secret,
		known: make(map[string]map[string]*person), met: make(chan struct{}, 1),
	}
	all, err := store.List(ctx, AttendeeKind)
	if err != nil {
		return nil, fmt.Errorf("read attendees: %w", err)
	}
	for _, o := range all {
		a := new(Attendee)
		if err := json.Unmarshal(o.Data, a); err != nil {
			return nil, fmt.Errorf("read attendee %s: %w", o.ID, err)
		}
		p.remember(a, o.Version)
	}
	registry.alias = p.meet
	return p, nil
}

// remember keeps an attendee, and its key where it has one. Called with mu held, or
// before anyone else knows p.
func (p *People) remember(a *Attendee, version int64) {
	if p.known[a.Event] == nil {
		p.known[a.Event] = make(map[string]*person)
	}
	p.known[a.Event][a.ID] = &person{a, version}
	if a.Via != Typed {
		p.registry.Admit(p.secret, a)
	}
}

// Pseudonym returns the ID of whoever signs up for an event with a name: it tells
// nothing about the name to who does not know the secret.
func (p *People) Pseudonym(eventID, name string) string {
	m := hmac.New(sha256.New, p.secret)
	m.Write([]byte("person\x00" + eventID + "\x00" + strings.ToLower(strings.TrimSpace(name))))
	return "p-" + hex.EncodeToString(m.Sum(nil)[:8])
}

// Key returns an attendee's key; empty for who has none: who waits for a seat, or
// whose key was revoked.
func (p *People) Key(a *Attendee) string {
	if a.Waiting || a.Revoked || a.Via == Typed {
		return ""
	}
	return a.Key(p.secret)
}

// SignUp signs somebody up for an event, or returns who it is already. name is an
// e-mail address or a user name, via how it was proved: "code" or an identity
// provider's name. When all seats are taken the attendee waits for one. The error is
// a *tallygate.Error of kind Forbidden when the event is not for this person,
// BadRequest for a name that is none, or the store's.
func (p *People) SignUp(ctx context.Context, e *Event, name, via string) (*Attendee, error) {
	name = strings.TrimSpace(name)
	if !validUser(name) {
		return nil, &tallygate.Error{Kind: tallygate.BadRequest, Code: "NameInvalid", Param: "name",
			Message: "Give a name or an e-mail address of 1 to 80 characters, without a slash."}
	}
	if !e.Admits(name) {
		return nil, &tallygate.Error{Kind: tallygate.Forbidden, Code: "NotInvited",
			Message: fmt.Sprintf("The event %q is for invited people, and %s is not among them. Ask its organiser.", e.Name, name)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	id := p.Pseudonym(e.ID, name)
	if known := p.known[e.ID][id]; known != nil {
		return known.Attendee, nil
	}
	a := &Attendee{Event: e.ID, ID: id, Name: name, Via: via, SignedUp: time.Now().UTC()}
	a.Waiting = e.Seats > 0 && p.seated(e.ID) >= e.Seats
	return a, p.put(ctx, a, 0)
}

// Admits reports whether the event is for somebody of this name.
func (e *Event) Admits(name string) bool {
	if len(e.Domains) == 0 && len(e.Roster) == 0 {
		return true
	}
	for _, n := range e.Roster {
		if strings.EqualFold(strings.TrimSpace(n), name) {
			return true
		}
	}
	_, domain, ok := strings.Cut(name, "@")
	return ok && slices.ContainsFunc(e.Domains, func(d string) bool { return strings.EqualFold(strings.TrimPrefix(d, "@"), domain) })
}

// seated counts those who have a seat.
func (p *People) seated(eventID string) int {
	n := 0
	for _, a := range p.known[eventID] {
		if a.Seated() {
			n++
		}
	}
	return n
}

// put stores an attendee and lets it act.
func (p *People) put(ctx context.Context, a *Attendee, version int64) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	o, err := p.store.Put(ctx, object.Object{Kind: AttendeeKind, ID: a.Event + "/" + a.ID, Data: data, Version: version})
	if err != nil {
		return fmt.Errorf("keep attendee: %w", err)
	}
	p.remember(a, o.Version)
	return nil
}

// Find returns an attendee of an event.
func (p *People) Find(eventID, id string) (*Attendee, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.known[eventID][id]
	if a == nil {
		return nil, false
	}
	return a.Attendee, true
}

// List returns the attendees of an event in the order they signed up.
func (p *People) List(eventID string) []*Attendee {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*Attendee
	for _, a := range p.known[eventID] {
		out = append(out, a.Attendee)
	}
	slices.SortFunc(out, func(a, b *Attendee) int {
		return cmp.Or(a.SignedUp.Compare(b.SignedUp), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// change replaces an attendee by a changed copy.
func (p *People) change(ctx context.Context, eventID, id string, change func(*Attendee)) error {
	known := p.known[eventID][id]
	if known == nil {
		return &tallygate.Error{Kind: tallygate.NotFound, Code: "AttendeeNotFound", Message: "The event has no such attendee."}
	}
	next := *known.Attendee
	change(&next)
	return p.put(ctx, &next, known.version)
}

// Revoke takes somebody's key back, or gives it again. A seat that becomes free goes
// to who waits longest; who gets the key again after that waits for a seat.
func (p *People) Revoke(ctx context.Context, e *Event, id string, revoked bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.keyless(e.ID, id); err != nil {
		return err
	}
	full := e.Seats > 0 && p.seated(e.ID) >= e.Seats
	err := p.change(ctx, e.ID, id, func(a *Attendee) {
		a.Waiting = a.Waiting || a.Revoked && !revoked && full // the seat is somebody else's now
		a.Revoked = revoked
	})
	if err != nil {
		return err
	}
	return p.fill(ctx, e)
}

// Renew gives somebody another key; the old one ends at once.
func (p *People) Renew(ctx context.Context, e *Event, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.keyless(e.ID, id); err != nil {
		return err
	}
	was := p.known[e.ID][id]
	if err := p.change(ctx, e.ID, id, func(a *Attendee) { a.Turn++ }); err != nil {
		return err // and the key of before goes on
	}
	p.registry.Dismiss(p.secret, was.Attendee)
	return nil
}

// Leave unregisters somebody, whose seat goes to who waits longest. Whose key was
// revoked stays registered: leaving must not undo that.
func (p *People) Leave(ctx context.Context, e *Event, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.known[e.ID][id]
	switch {
	case known == nil:
		return nil
	case known.Revoked:
		return &tallygate.Error{Kind: tallygate.Forbidden, Code: CodeRevoked, Message: "This key has been taken back. Ask the event's organiser."}
	}
	if err := p.store.Delete(ctx, AttendeeKind, e.ID+"/"+id, known.version); err != nil {
		return fmt.Errorf("remove attendee: %w", err)
	}
	p.registry.Dismiss(p.secret, known.Attendee)
	delete(p.known[e.ID], id)
	return p.fill(ctx, e)
}

// Fill gives free seats to those who wait, longest first; more seats than before are
// free after a change of the event.
func (p *People) Fill(ctx context.Context, e *Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fill(ctx, e)
}

func (p *People) fill(ctx context.Context, e *Event) error {
	free := len(p.known[e.ID])
	if e.Seats > 0 {
		free = e.Seats - p.seated(e.ID)
	}
	var waiting []*Attendee
	for _, a := range p.known[e.ID] {
		if a.Waiting && !a.Revoked {
			waiting = append(waiting, a.Attendee)
		}
	}
	slices.SortFunc(waiting, func(a, b *Attendee) int { return a.SignedUp.Compare(b.SignedUp) })
	for _, a := range waiting[:min(max(free, 0), len(waiting))] {
		if err := p.change(ctx, e.ID, a.ID, func(a *Attendee) { a.Waiting = false }); err != nil {
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
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for id, a := range p.known[e.ID] {
		if a.Name == "" {
			continue
		}
		if err := p.change(ctx, e.ID, id, func(a *Attendee) { a.Name, a.Revoked = "", true }); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Erase removes all attendees of an event that is gone. What they used stays in the
// ledger, under their pseudonyms.
func (p *People) Erase(ctx context.Context, eventID string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, a := range p.known[eventID] {
		if a.version > 0 { // else a typed name that is not stored yet
			if err := p.store.Delete(ctx, AttendeeKind, eventID+"/"+id, a.version); err != nil {
				return fmt.Errorf("remove attendee: %w", err)
			}
		}
		p.registry.Dismiss(p.secret, a.Attendee)
		delete(p.known[eventID], id)
	}
	return nil
}
