package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// Registry finds the caller behind a credential of an event: the shared code alone,
// CODE/USER, EVENT@CODE/EMAIL, or the key of an attendee. Codes and keys are looked
// up by their digests, so that timing tells nothing about them. Safe for concurrent
// use.
type Registry struct {
	// Shut, set before the registry is used, hears of somebody who sent too many wrong
	// codes and is shut out for a while.
	Shut func(Guesses)

	guard guard
	alias func(e *Event, name string) string // of a typed name that is to be forgotten

	mu     sync.RWMutex
	byCode map[digest]*Event
	byID   map[string]*Event
	byKey  map[digest]*Attendee
	// people remembers who was recognised, so that a caller stays the same one.
	people map[string]*tallygate.Identity
}

type digest [sha256.Size]byte

func sum(s string) digest { return sha256.Sum256([]byte(s)) }

// maxPeople bounds what people remembers; beyond it all are made anew.
const maxPeople = 20_000

// Guest is the attendee that everybody is who shows a shared code and no name.
const Guest = "guest"

// NewRegistry returns a registry without events.
func NewRegistry() *Registry {
	r := &Registry{byKey: make(map[digest]*Attendee)}
	_ = r.Set(nil)
	return r
}

// Set replaces all events. It fails, and changes nothing, when two have the same ID
// or the same code.
func (r *Registry) Set(events []*Event) error {
	byCode, byID := make(map[digest]*Event), make(map[string]*Event)
	for _, e := range events {
		if other, ok := byID[e.ID]; ok {
			return fmt.Errorf("two events have the id %q: one is from %s, the other from %s", e.ID, other.Origin, e.Origin)
		}
		byID[e.ID] = e
		if e.Code == "" {
			continue
		}
		if other, ok := byCode[sum(e.Code)]; ok {
			return fmt.Errorf("the events %q and %q have the same code", other.ID, e.ID)
		}
		byCode[sum(e.Code)] = e
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byCode, r.byID, r.people = byCode, byID, make(map[string]*tallygate.Identity)
	return nil
}

// Event returns the event of an ID.
func (r *Registry) Event(id string) (*Event, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, ok := r.byID[id]
	return e, ok
}

// Find returns who shows the credential from an address, while the event is open.
// It returns neither when the credential leads to no event. The error is a
// *tallygate.Error: Unauthenticated with a code of its own for an event that has not
// started, has ended or is inactive and for a key that was revoked; Throttled for an
// address that has guessed too often.
func (r *Registry) Find(credential string, from netip.Addr) (*tallygate.Identity, error) {
	form, ok := parse(credential)
	if !ok || r.empty() {
		return nil, nil
	}
	now := time.Now()
	e, who, err := r.look(credential, form, now)
	switch key := strings.HasPrefix(credential, KeyPrefix); {
	case key && e != nil: // nobody guesses a key
	case e != nil && r.guard.shut(from, e.Code, now), e == nil && r.guard.shut(from, form.code, now):
		return nil, tooManyGuesses()
	case e == nil:
		if who, shut := r.guard.wrong(from, form.code, now); shut && r.Shut != nil {
			r.Shut(who)
		}
		return nil, nil
	default: // whoever of the room comes next shows the same code
		r.guard.right(from, e.Code, now)
	}
	if err == nil {
		err = e.closed(now)
	}
	if err != nil {
		return nil, err
	}
	return who, nil
}

// Behind returns the event that a credential leads to, whether it is open or not. It
// is for telling somebody who was refused why; it does not count guesses, so it must
// follow a Find.
func (r *Registry) Behind(credential string) (*Event, bool) {
	f, ok := parse(credential)
	if !ok {
		return nil, false
	}
	e, _, _ := r.look(credential, f, time.Now())
	return e, e != nil
}

// empty reports whether there is no event at all.
func (r *Registry) empty() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.byID) == 0
}

// look finds the event, whether it is open or not, and the person if it is.
func (r *Registry) look(credential string, f form, now time.Time) (*Event, *tallygate.Identity, error) {
	r.mu.RLock()
	e := r.byCode[sum(f.code)]
	if e == nil && f.event != "" {
		if e = r.byCode[sum(f.after)]; e != nil && e.ID != f.event {
			e = nil // the code of another event
		}
	}
	a := r.byKey[sum(credential)]
	if a != nil {
		e, f.user = r.byID[a.Event], a.ID
	}
	known := r.people[credential]
	r.mu.RUnlock()
	switch {
	case e == nil:
		return nil, nil, nil
	case a != nil && a.Revoked:
		return e, nil, revoked()
	case e.At(now) != Open:
		return e, nil, nil
	case a == nil && e.SignUpOnly():
		return e, nil, signUpFirst(e)
	case known != nil:
		return e, known, nil
	}
	d := sum(credential)
	if e.Forget > 0 && a == nil && f.user != Guest && r.alias != nil {
		f.user = r.alias(e, f.user)
		d = sum(f.user) // the digest of a name could be tried out
	}
	who := &tallygate.Identity{Caller: e.Caller(f.user), Key: hex.EncodeToString(d[:6])}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.people) >= maxPeople {
		clear(r.people)
	}
	r.people[credential] = who
	return e, who, nil
}

// form is a credential taken apart: CODE, CODE/USER, or EVENT@CODE/USER, whose first
// part is also read as a code by itself, since codes may hold an @. A key is its own
// code.
type form struct {
	code         string
	event, after string // before and behind the @
	user         string
}

// parse reads a credential. ok is false for what leads to no event.
func parse(credential string) (f form, ok bool) {
	if strings.HasPrefix(credential, KeyPrefix) {
		return form{code: credential}, len(credential) < 100
	}
	code, user, named := strings.Cut(credential, "/")
	f = form{code: code, user: Guest}
	if named {
		if !validUser(user) || IsPseudonym(strings.ToLower(user)) {
			return f, false
		}
		f.user = strings.ToLower(user)
		f.event, f.after, _ = strings.Cut(code, "@")
	}
	return f, ValidCode(f.code) || f.event != "" && ValidCode(f.after)
}

// validUser reports whether s can name a person: 1 to 80 printable characters.
func validUser(s string) bool {
	if s == "" || len(s) > 80 {
		return false
	}
	for _, c := range s {
		if c < ' ' || c == 0x7f || c == '/' {
			return false
		}
	}
	return true
}
