package event

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// Registry keeps what outlives a change of the events: the keys of attendees, and who
// guesses. Doors made of it find the caller behind a credential of an event. Codes and
// keys are looked up by their digests, so that timing tells nothing about them. Safe
// for concurrent use.
type Registry struct {
	// Shut, set before the registry is used, hears of somebody who sent too many wrong
	// codes and is shut out for a while.
	Shut func(Guesses)

	guard guard
	crowd crowd
	// alias is the pseudonym of a typed name that is to be forgotten, and meet keeps the
	// name until it is.
	alias func(e *Event, name string) string
	meet  func(e *Event, name string)

	mu    sync.RWMutex
	byKey map[digest]*Attendee
}

type digest [sha256.Size]byte

func sum(s string) digest { return sha256.Sum256([]byte(s)) }

// Guest is the attendee that everybody is who shows a shared code and no name.
const Guest = "guest"

// NewRegistry returns a registry without keys.
func NewRegistry() *Registry { return &Registry{byKey: make(map[digest]*Attendee)} }

// attendee returns whom a key leads to.
func (r *Registry) attendee(key string) *Attendee {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byKey[sum(key)]
}

// Door is the way into the events of a set. Safe for concurrent use.
type Door struct {
	*Registry
	*Set
}

// Door returns the way into the events of a set. Doors share the registry's keys, and
// what it knows of who guesses.
func (r *Registry) Door(s *Set) *Door { return &Door{r, s} }

// Find returns who shows the credential from an address, while the event is open: the
// shared code alone, CODE/USER, EVENT@CODE/EMAIL, or the key of an attendee. It returns
// neither when the credential leads to no event. The error is a *tallygate.Error:
// Unauthenticated with a code of its own for an event that has not started, has ended
// or is inactive, for a key that was revoked, and for an address that has guessed too
// often. A new name is let in by the identity's Enter, whose error is Throttled for an
// address that brought too many.
func (d *Door) Find(credential string, from netip.Addr) (*tallygate.Identity, error) {
	form, ok := parse(credential)
	if !ok || len(d.byID) == 0 {
		return nil, nil
	}
	now := time.Now()
	e, a := d.behind(credential, &form)
	if form.guessable {
		switch {
		case d.guard.shut(from, form.shown(e), now):
			return nil, tooManyGuesses()
		case e == nil:
			if who, shut := d.guard.wrong(from, fold(form.code), now); shut && d.Shut != nil {
				d.Shut(who)
			}
		default: // whoever of the room comes next shows the same code
			d.guard.right(from, e.Code, now)
		}
	}
	switch {
	case e == nil:
		return nil, nil
	case a != nil && a.Revoked:
		return nil, revoked()
	}
	if err := e.closed(now); err != nil {
		return nil, err
	}
	if a == nil && e.SignUpOnly() {
		return nil, signUpFirst(e)
	}
	return d.person(credential, &form, e, a, from)
}

// Behind returns the event that a credential leads to, whether it is open or not. It
// is for telling somebody who was refused why; it does not count guesses, so it must
// follow a Find.
func (d *Door) Behind(credential string) (*Event, bool) {
	f, ok := parse(credential)
	if !ok {
		return nil, false
	}
	e, _ := d.behind(credential, &f)
	return e, e != nil
}

// behind finds the event, whether it is open or not, and whose key it is if it is one.
func (d *Door) behind(credential string, f *form) (*Event, *Attendee) {
	if f.key {
		a := d.attendee(credential)
		if a == nil {
			return nil, nil
		}
		if e := d.byID[a.Event]; e != nil && e.Nonce == a.Of {
			return e, a
		}
		return nil, nil // an event that is gone, whatever has its id now
	}
	e := d.byCode.find(f.code)
	if e == nil && f.event != "" {
		if e = d.byCode.find(f.after); e != nil && e.ID != f.event {
			e = nil // the code of another event
		}
	}
	return e, nil
}

// person is who shows a credential that leads to an open event.
func (d *Door) person(credential string, f *form, e *Event, a *Attendee, from netip.Addr) (*tallygate.Identity, error) {
	if known := d.known(credential); known != nil {
		return known, nil
	}
	user, shown := f.user, sum(e.Code) // however the code was spelt
	switch {
	case a != nil:
		user, shown = a.ID, sum(credential)
	case user != Guest:
		shown = sum(e.Code + "/" + user)
		if e.Forget > 0 && d.alias != nil {
			user = d.alias(e, user)
			shown = sum(user) // the digest of a name could be tried out
		}
	}
	typed := ""
	if user != f.user && a == nil {
		typed = f.user
	}
	who := &tallygate.Identity{Caller: e.Caller(user), Key: hex.EncodeToString(shown[:6])}
	if a != nil || f.user == Guest {
		return d.remember(credential, who), nil
	}
	return &tallygate.Identity{Caller: who.Caller, Key: who.Key, Typed: typed, Enter: func() error {
		if d.known(credential) != nil {
			return nil
		}
		if wait, full := d.crowd.full(e, from, f.user, time.Now()); full {
			return tooManyNames(e, wait)
		}
		if e.Forget > 0 && d.alias != nil {
			d.meet(e, f.user)
		}
		d.remember(credential, who)
		return nil
	}}, nil
}

// form is a credential taken apart: CODE, CODE/USER, or EVENT@CODE/USER, whose first
// part is also read as a code by itself, since codes may hold an @. A key is its own
// code.
type form struct {
	code         string
	event, after string // before and behind the @
	user         string
	// key says that it is the key of an attendee, guessable that somebody could find it
	// by trying: a key, or a GUID, nobody does.
	key, guessable bool
}

// shown is the code that was shown: the event's, if it led to one.
func (f *form) shown(e *Event) string {
	if e != nil {
		return e.Code
	}
	return fold(f.code)
}

// parse reads a credential. ok is false for what leads to no event.
func parse(credential string) (f form, ok bool) {
	if strings.HasPrefix(credential, KeyPrefix) {
		return form{code: credential, key: true}, len(credential) < 100
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
	f.guessable = Typeable(f.code) || f.event != "" && Typeable(f.after)
	return f, f.guessable || ValidCode(f.code) || f.event != "" && ValidCode(f.after)
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
