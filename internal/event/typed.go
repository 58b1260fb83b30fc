package event

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Typed is how somebody came in who typed a name behind the shared code of an event
// whose names are to be forgotten. Such people have neither a key nor a seat.
const Typed = "typed"

// maxTyped bounds the typed names that are kept for an event: anybody with the code
// can make up any number of them. The rest have their pseudonyms only.
const maxTyped = 5_000

// typedID returns what makes the pseudonym of a typed name. It is apart from the
// pseudonyms of those who sign up: whoever types another's name must not become that
// person.
func typedID(secret []byte) func(e *Event, name string) string {
	return func(e *Event, name string) string {
		m := hmac.New(sha256.New, secret)
		m.Write([]byte("typed\x00" + e.Scope() + "\x00" + name))
		return "t-" + hex.EncodeToString(m.Sum(nil)[:8])
	}
}

// meet keeps a typed name until it is to be forgotten.
func (p *People) meet(e *Event, name string) {
	id := p.registry.alias(e, name)
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.known[e.Scope()]; known[id] == nil && len(known) < maxTyped {
		a := &Attendee{Event: e.ID, ID: id, Of: e.Nonce, Name: name, Via: Typed, SignedUp: time.Now().UTC()}
		p.remember(a, 0)
		p.unsaved = append(p.unsaved, a)
		select {
		case p.met <- struct{}{}:
		default: // it is known already that there is something to save
		}
	}
}

// IsPseudonym reports whether an attendee's ID is one that was made: nobody may type
// one, and be whom it stands for.
func IsPseudonym(id string) bool {
	if len(id) != 18 {
		return false
	}
	kind := strings.TrimRight(id, "0123456789abcdef")
	return kind == "p-" || kind == "t-"
}

// SignedUp reports whether an attendee's ID is that of somebody who signed up.
func SignedUp(id string) bool { return IsPseudonym(id) && id[0] == 'p' }

// Met tells of names that Save has not stored yet.
func (p *People) Met() <-chan struct{} { return p.met }

// Save stores the typed names that were met since. What it could not store it tries
// again the next time. It must not run beside itself.
func (p *People) Save(ctx context.Context) error {
	for a := p.firstUnsaved(); a != nil; a = p.firstUnsaved() {
		if err := p.save(ctx, a); err != nil {
			return err
		}
		p.mu.Lock()
		p.unsaved = p.unsaved[1:]
		p.mu.Unlock()
	}
	return nil
}

// firstUnsaved is the typed name that waits longest for being stored; nil for none.
func (p *People) firstUnsaved() *Attendee {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.unsaved) == 0 {
		return nil
	}
	return p.unsaved[0]
}

func (p *People) save(ctx context.Context, a *Attendee) error {
	done, err := p.turn(ctx, scope(a.Event, a.Of))
	if err != nil {
		return err
	}
	defer done()
	known := p.person(scope(a.Event, a.Of), a.ID)
	if known == nil || known.version > 0 { // it went, or was changed, meanwhile
		return nil
	}
	return p.put(ctx, known.Attendee, 0)
}

// keyless refuses to do something to the key of somebody who has none.
func (p *People) keyless(e *Event, id string) error {
	if known := p.person(e.Scope(), id); known != nil && known.Via == Typed {
		return &tallygate.Error{Kind: tallygate.BadRequest, Code: "NoKey",
			Message: "This person typed a name behind the shared code and has no key. To shut somebody out, change the event's code."}
	}
	return nil
}
