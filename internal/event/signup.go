package event

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"github.com/tallygate/tallygate"
)

// Applicant is somebody who wants to sign up.
type Applicant struct {
	// Name is an e-mail address or a user name, Via how it was proved: "code", which is
	// not at all, or an identity provider's name.
	Name, Via string
	// From is the address of who came by the code alone: one address takes a share of the
	// seats. Not valid for everybody else.
	From netip.Addr
	// Same decides whether who has that name already is the one that asks; an error says
	// why not. nil is yes.
	Same func(*Attendee) error
}

// SignUp signs somebody up for an event, or returns who it is already. When all seats
// are taken, or all that may be from one address, the attendee waits for one. The error
// is a *tallygate.Error of kind Forbidden when the event is not for this person,
// BadRequest for a name that is none, Throttled when too many new names came from the
// address, or the store's, or that of Same.
func (p *People) SignUp(ctx context.Context, e *Event, who Applicant) (*Attendee, error) {
	name, ok := cleanName(who.Name)
	if !ok {
		return nil, &tallygate.Error{Kind: tallygate.BadRequest, Code: CodeName, Param: "name",
			Message: "Give a name or an e-mail address of 1 to 80 characters that can be seen, without a slash."}
	}
	if !e.Admits(name) {
		return nil, &tallygate.Error{Kind: tallygate.Forbidden, Code: "NotInvited",
			Message: fmt.Sprintf("The event %q is for invited people, and %s is not among them. Ask its organiser.", e.Name, name)}
	}
	one := &person{Attendee: &Attendee{
		Event: e.ID, ID: p.Pseudonym(e, name), Of: e.Nonce, Name: name, Via: who.Via, SignedUp: time.Now().UTC(), From: p.origin(e, who.From),
	}, coming: make(chan struct{})}
	if who.From.IsValid() && p.person(e.Scope(), one.ID) == nil {
		if wait, full := p.registry.crowd.full(e, who.From, likeness(name), time.Now()); full {
			return nil, tooManyNames(e, wait)
		}
	}
	known, err := p.take(ctx, e, one)
	switch {
	case err != nil:
		return nil, err
	case known == nil:
		return p.arrive(ctx, e, one)
	case who.Same != nil:
		if err := who.Same(known); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// origin tells networks apart that people of an event come from; empty for none.
func (p *People) origin(e *Event, from netip.Addr) string {
	if !from.IsValid() {
		return ""
	}
	m := hmac.New(sha256.New, p.secret)
	m.Write([]byte("from\x00" + e.Scope() + "\x00" + Network(from).String()))
	return hex.EncodeToString(m.Sum(nil)[:6])
}

// take holds a name and a seat, if there is one, for somebody who is not known; of two
// with one name the second waits to see what becomes of the first. It returns who has
// the name already.
func (p *People) take(ctx context.Context, e *Event, one *person) (*Attendee, error) {
	for {
		p.mu.Lock()
		known := p.known[e.Scope()][one.ID]
		if known == nil {
			one.Waiting = p.full(e, one.Attendee)
			p.hold(one)
			p.mu.Unlock()
			return nil, nil
		}
		p.mu.Unlock()
		if known.coming == nil {
			return known.Attendee, nil
		}
		select {
		case <-known.coming:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// arrive stores somebody for whom a name and a seat are held, and frees them when that
// fails. Nobody else waits for it but who has the same name.
func (p *People) arrive(ctx context.Context, e *Event, one *person) (*Attendee, error) {
	o, err := p.write(ctx, one.Attendee, 0)
	p.mu.Lock()
	if err != nil {
		delete(p.known[e.Scope()], one.ID)
	} else {
		p.remember(one.Attendee, o.Version)
	}
	spare := err == nil && one.Waiting && !p.full(e, one.Attendee)
	p.mu.Unlock()
	close(one.coming)
	if err != nil {
		return nil, err
	}
	if spare { // it became free meanwhile, when nobody could give it to who was about to wait
		if err := p.Fill(ctx, e); err != nil {
			return nil, err
		}
		if now, ok := p.Find(e, one.ID); ok {
			return now, nil
		}
	}
	return one.Attendee, nil
}

// full reports whether the event has no seat for somebody. Called with mu held.
func (p *People) full(e *Event, a *Attendee) bool {
	if e.Seats <= 0 {
		return false
	}
	seats, near := 0, 0
	for _, other := range p.known[e.Scope()] {
		if other.seated() && other.ID != a.ID {
			seats++
			if other.From == a.From {
				near++
			}
		}
	}
	return seats >= e.Seats || a.From != "" && near >= e.share()
}

// Crowded reports whether somebody waits although seats are free, because those are
// taken that one address may have.
func (p *People) Crowded(e *Event, a *Attendee) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	anywhere := *a
	anywhere.From = ""
	return a.Waiting && !a.Revoked && p.full(e, a) && !p.full(e, &anywhere)
}
