// Package event knows the events: who may take part in what, from when until when.
// An event is recognised by its shared code, or by the key of somebody who signed up
// for it; either leads to a caller like any other, so that limits, pools, metering
// and ledger need not know what an event is.
package event

import (
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Event is a time in which people may use some models. It does not change after it
// was made: a change makes a new one.
type Event struct {
	// ID names the event for ever: in URLs, limits and the ledger. Lower-case
	// letters, digits and dashes, at most 64.
	ID string
	// Code is what everybody shares; empty when each person signs up. In an event with
	// seats or invited people it is for signing up alone. It has 6 to 20
	// printable characters without / \ # ? (the event proxy's rule), or is a GUID, and
	// counts in upper and lower case alike.
	Code string
	Name string
	// Start and End are the first and the last instant at which the event is open;
	// both belong to it.
	Start, End time.Time
	// Zone is where the event takes place, for people to read its times in.
	Zone *time.Location
	// Inactive closes the event whatever the time is.
	Inactive bool

	// Models are globs over the models it offers; none means all. Chat is the model
	// for those who name none; the first that Models offers when empty.
	Models []string
	Chat   string
	// MaxTokens caps the completion tokens of every request.
	MaxTokens tallygate.Cap
	// Allow is what its attendees' requests may reach beyond their prompts.
	Allow tallygate.Reach
	// Seats bounds the attendees who may sign up; 0 is no bound.
	Seats int
	// PerAddress bounds the names that one address may bring in an hour, and the seats
	// that it may take by the code alone; 0 is 150 names, and nine seats of ten.
	PerAddress int
	// Domains are the e-mail domains, and Roster the e-mail addresses or user names,
	// of those who may sign up; without either anybody may.
	Domains, Roster []string

	// Markdown is the sign-up page's text, Logo the address of a picture on it or a data:
	// address that is one, URL
	// and URLText a link for attendees.
	Markdown, Logo, URL, URLText string
	Organiser                    Organiser
	// Prompts are suggestions in the playground, SystemMessage what a new chat there
	// begins with.
	Prompts       []Prompt
	SystemMessage string
	// Link counts the links to the live view that the organiser has had: another
	// number is another link.
	Link int64
	// Nonce tells an event that is stored from one that had its ID before: what was made
	// for that one does not open this one. Empty for events from elsewhere, and for those
	// that were stored before there were nonces, whose links and keys so go on.
	Nonce string
	// Made is when it was; zero where nobody knows.
	Made time.Time
	// Forget is how many days after its end names of attendees are anonymised; 0 is
	// never.
	Forget int
	// Origin tells where the event is from: "file", "stored" or "azure-tables".
	Origin string
}

// Scope is what links, sessions and pseudonyms of the event are bound to: its ID, and
// its nonce behind an @, which no ID holds.
func (e *Event) Scope() string { return scope(e.ID, e.Nonce) }

func scope(id, nonce string) string {
	if nonce == "" {
		return id
	}
	return id + "@" + nonce
}

// Organiser is whom to ask.
type Organiser struct{ Name, Email string }

// Prompt is a suggestion: what its button says, and what it writes.
type Prompt struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// State is whether an event can be used.
type State uint8

// The states.
const (
	Open State = iota
	NotStarted
	Ended
	Closed // inactive
)

// String returns the state's name.
func (s State) String() string {
	return [...]string{"open", "not started", "ended", "inactive"}[min(s, Closed)]
}

// At returns the event's state at a time.
func (e *Event) At(t time.Time) State {
	switch {
	case e.Inactive:
		return Closed
	case t.Before(e.Start):
		return NotStarted
	case t.After(e.End):
		return Ended
	}
	return Open
}

// SignUpOnly reports whether the event has a door: seats, or people who are invited. The
// shared code is then for signing up only, since nobody could see who is behind it.
func (e *Event) SignUpOnly() bool { return e.Seats > 0 || len(e.Domains) > 0 || len(e.Roster) > 0 }

// MinCode and MaxCode bound the length of a code that people type.
const (
	MinCode = 6
	MaxCode = 20
)

// ValidCode reports whether s can be an event code: one that people type, or a GUID,
// which the event proxy's codes were for a time.
func ValidCode(s string) bool { return Typeable(s) || guid(s) }

// guid reports whether s is a GUID of 36 characters.
func guid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && strings.IndexByte("0123456789abcdefABCDEF", s[i]) < 0 {
			return false
		}
	}
	return true
}

// Typeable reports whether s can be an event code that people type.
func Typeable(s string) bool {
	if len(s) < MinCode || len(s) > MaxCode || strings.ContainsAny(s, `/\#?`) {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// ValidID reports whether s can be an event's ID.
func ValidID(s string) bool {
	if s == "" || len(s) > 64 || s == "assets" || s == "callback" { // these are addresses beside the events'
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-' && s[len(s)-1] != '-'
}

// Caller returns the caller that somebody is in the event. Two calls with the same
// attendee give equal callers, not the same one.
func (e *Event) Caller(attendee string) *tallygate.Caller {
	return &tallygate.Caller{
		ID: "event/" + e.ID + "/" + attendee, Event: e.ID, Attendee: attendee,
		Models: e.Models, MaxTokens: e.MaxTokens, Allow: e.Allow,
	}
}
