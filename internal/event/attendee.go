package event

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"
)

// KeyPrefix begins the keys of attendees.
const KeyPrefix = "tge-"

// Attendee is somebody who signed up for an event.
type Attendee struct {
	// Event is the event's ID; ID names the person within it, for ever: what it
	// signed up with, in lower case.
	Event string `json:"event"`
	ID    string `json:"id"`
	// Of is the event's nonce: who came to another event of this ID is not there.
	Of string `json:"of,omitempty"`
	// Name is how the person is called; anonymised some time after the event.
	Name string `json:"name"`
	// Via tells how it signed up: "code", the name of the identity provider, or Typed.
	Via      string    `json:"via"`
	SignedUp time.Time `json:"signed_up"`
	// Waiting says that there was no seat: the key does not work yet.
	Waiting bool `json:"waiting,omitempty"`
	// Revoked says that the organiser took the key back.
	Revoked bool `json:"revoked,omitempty"`
	// Turn counts the keys that the person has had.
	Turn int `json:"turn,omitempty"`
	// From tells apart the networks that people signed up from by the code alone,
	// without naming them.
	From string `json:"from,omitempty"`
}

// Seated reports whether the attendee has one of the event's seats.
func (a *Attendee) Seated() bool { return !a.Waiting && !a.Revoked && a.Via != Typed }

// Key returns the attendee's key. It follows from the secret, so that a person who
// comes back sees the same one although it is kept nowhere; somebody who leaves and
// signs up again gets another.
func (a *Attendee) Key(secret []byte) string {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(strings.Join([]string{scope(a.Event, a.Of), a.ID, strconv.FormatInt(a.SignedUp.UnixNano(), 10), strconv.Itoa(a.Turn)}, "\x00")))
	return KeyPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil)[:25]))
}

// Admit makes the keys of attendees lead to them. Those who wait for a seat have
// none.
func (r *Registry) Admit(secret []byte, attendees ...*Attendee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range attendees {
		if key := sum(a.Key(secret)); a.Waiting {
			delete(r.byKey, key)
		} else {
			r.byKey[key] = a
		}
	}
}

// Dismiss makes the keys of attendees lead nowhere.
func (r *Registry) Dismiss(secret []byte, attendees ...*Attendee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range attendees {
		delete(r.byKey, sum(a.Key(secret)))
	}
}
