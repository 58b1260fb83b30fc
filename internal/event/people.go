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

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// AttendeeKind is the kind of the stored objects that are attendees.
const AttendeeKind = "attendee"

// People are those who signed up for events, and the typed names that are to be
// forgotten. What they do acts at once: on the registry, and in the store. Who looks
// waits for no disk; who changes waits for its own, and for the changes before it to
// who came to the same event. Safe for concurrent use by one gateway.
type People struct {
	store    object.Store
	registry *Registry
	secret   []byte

	mu sync.RWMutex // held for moments, never over the store
	// known are all attendees by their events' Scope and their ID, each with its object's
	// version.
	known map[string]map[string]*person
	// turns let one change of an event's attendees be made at a time.
	turns map[string]chan struct{}
	// unsaved are typed names that are not stored yet; met tells of them.
	unsaved []*Attendee
	met     chan struct{}
}

type person struct {
	*Attendee
	version int64
	// coming is closed when it is known whether the person has signed up: until then it
	// holds its name and seat. nil for everybody else.
	coming chan struct{}
	// seat says that a seat is held for who has none yet.
	seat bool
}

func (one *person) seated() bool { return one.Seated() || one.seat }

// NewPeople returns the people of a store, and makes their keys known to the
// registry. The secret is what their keys follow from: 32 random bytes that never
// change.
func NewPeople(ctx context.Context, store object.Store, registry *Registry, secret []byte) (*People, error) {
	p := &People{
		store: store, registry: registry, secret: secret,
		known: make(map[string]map[string]*person), turns: make(map[string]chan struct{}), met: make(chan struct{}, 1),
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
	registry.alias, registry.meet = typedID(p.secret), p.meet
	return p, nil
}

// remember keeps an attendee, and its key where it has one. Called with mu held, or
// before anyone else knows p.
func (p *People) remember(a *Attendee, version int64) {
	p.hold(&person{Attendee: a, version: version})
	if a.Via != Typed {
		p.registry.Admit(p.secret, a)
	}
}

// hold keeps a person. Called as remember is.
func (p *People) hold(one *person) {
	at := scope(one.Event, one.Of)
	if p.known[at] == nil {
		p.known[at] = make(map[string]*person)
	}
	p.known[at][one.ID] = one
}

// turn waits until the changes before are made to the attendees of an event.
func (p *People) turn(ctx context.Context, scope string) (done func(), err error) {
	p.mu.Lock()
	t := p.turns[scope]
	if t == nil {
		t = make(chan struct{}, 1)
		p.turns[scope] = t
	}
	p.mu.Unlock()
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Pseudonym returns the ID of whoever signs up for an event with a name: it tells
// nothing about the name to who does not know the secret.
func (p *People) Pseudonym(e *Event, name string) string {
	m := hmac.New(sha256.New, p.secret)
	m.Write([]byte("person\x00" + e.Scope() + "\x00" + likeness(name)))
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

// put stores an attendee and lets it act. Called in the event's turn.
func (p *People) put(ctx context.Context, a *Attendee, version int64) error {
	o, err := p.write(ctx, a, version)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remember(a, o.Version)
	return nil
}

func (p *People) write(ctx context.Context, a *Attendee, version int64) (object.Object, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return object.Object{}, err
	}
	o, err := p.store.Put(ctx, object.Object{Kind: AttendeeKind, ID: a.Event + "/" + a.ID, Data: data, Version: version})
	if err != nil {
		return o, fmt.Errorf("keep attendee: %w", err)
	}
	return o, nil
}

// person is somebody who is known, also who is about to sign up; nil for nobody.
func (p *People) person(scope, id string) *person {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.known[scope][id]
}

// Find returns an attendee of an event.
func (p *People) Find(e *Event, id string) (*Attendee, bool) {
	a := p.person(e.Scope(), id)
	if a == nil || a.coming != nil {
		return nil, false
	}
	return a.Attendee, true
}

// List returns the attendees of an event in the order they signed up.
func (p *People) List(e *Event) []*Attendee {
	p.mu.RLock()
	var out []*Attendee
	for _, a := range p.known[e.Scope()] {
		if a.coming == nil {
			out = append(out, a.Attendee)
		}
	}
	p.mu.RUnlock()
	slices.SortFunc(out, func(a, b *Attendee) int {
		return cmp.Or(a.SignedUp.Compare(b.SignedUp), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// change replaces an attendee by a changed copy, for which it holds the seat meanwhile
// that it gets by it. change is called with mu held. Called in the event's turn.
func (p *People) change(ctx context.Context, e *Event, id string, change func(*Attendee)) error {
	p.mu.Lock()
	known := p.known[e.Scope()][id]
	if known == nil || known.coming != nil {
		p.mu.Unlock()
		return &tallygate.Error{Kind: tallygate.NotFound, Code: "AttendeeNotFound", Message: "The event has no such attendee."}
	}
	was, next := *known.Attendee, *known.Attendee
	change(&next)
	known.seat = next.Seated()
	p.mu.Unlock()
	if next == was {
		return nil
	}
	err := p.put(ctx, &next, known.version)
	if err != nil {
		p.mu.Lock()
		known.seat = false
		p.mu.Unlock()
	}
	return err
}
