package api

import (
	"encoding/json"
	"time"
)

// EventList is the answer that lists events.
type EventList struct {
	Events []Event `json:"events"`
}

// Event is an event as the API shows it.
type Event struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Origin string `json:"origin"`
	// Version is the stored object's, 0 for one from elsewhere, and Definition its data.
	Version    int64           `json:"version,omitempty"`
	Definition json.RawMessage `json:"definition,omitempty"`
	Problem    string          `json:"problem,omitempty"`
	// Code is what attendees share: the operator may see it.
	Code string `json:"code,omitempty"`
	// State is "open", "not started", "ended" or "inactive".
	State  string    `json:"state,omitempty"`
	Start  time.Time `json:"start,omitzero"`
	End    time.Time `json:"end,omitzero"`
	Zone   string    `json:"zone,omitempty"`
	Models []string  `json:"models,omitempty"`
	// Chat is the model of requests that name none.
	Chat      string `json:"chat,omitempty"`
	MaxTokens int64  `json:"max_tokens,omitempty"`
	// MaxTokensReject refuses a request for more, which is clamped otherwise.
	MaxTokensReject bool `json:"max_tokens_reject,omitempty"`
	// Allow is what requests of attendees may reach beyond their prompts.
	Allow []string `json:"allow,omitempty"`
	Seats int      `json:"seats,omitempty"`
	// PerAddress is how many names one address may bring in an hour, and seats it may
	// take; 0 is the usual bound.
	PerAddress int       `json:"per_address,omitempty"`
	Domains    []string  `json:"domains,omitempty"`
	Roster     []string  `json:"roster,omitempty"`
	Markdown   string    `json:"markdown,omitempty"`
	Logo       string    `json:"logo,omitempty"`
	URL        string    `json:"url,omitempty"`
	URLText    string    `json:"url_text,omitempty"`
	Organiser  Organiser `json:"organizer,omitzero"`
	// Prompts are suggestions in the playground, SystemMessage what a chat begins with.
	Prompts       []Prompt `json:"prompts,omitempty"`
	SystemMessage string   `json:"system_message,omitempty"`
	// ForgetAfter is in days after its end; 0 is never.
	ForgetAfter int `json:"forget_after,omitempty"`
	// Attendees is how many have signed up, Waiting how many of them have no seat.
	Attendees int `json:"attendees"`
	Waiting   int `json:"waiting"`
	// ByCode is how many others have asked by the shared code alone, each under the name
	// that was typed behind it; all who typed none are one, the guest.
	ByCode int `json:"by_code"`
	// SignUpOnly says that the code opens the sign-up page alone: there are seats, or
	// people who are invited.
	SignUpOnly bool `json:"sign_up_only,omitempty"`
	// Notes are what its organiser should know of it, such as limits that do not hold
	// everybody.
	Notes []string `json:"notes,omitempty"`
	// Base is the address of the data side, Page the path there of the sign-up page
	// and Live that of the organiser's view.
	Base string `json:"base,omitempty"`
	Page string `json:"page,omitempty"`
	Live string `json:"live,omitempty"`
}

// Organiser is whom attendees ask.
type Organiser struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// Prompt is a suggestion: what its button says, and what it writes.
type Prompt struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Attendee is somebody who signed up for an event, without the key.
type Attendee struct {
	// Event is the event's ID; ID names the person within it, for ever.
	Event string `json:"event"`
	ID    string `json:"id"`
	// Of is the event's nonce: who came to another event of this ID is not there.
	Of string `json:"of,omitempty"`
	// Name is how the person is called; empty of one who was anonymised.
	Name string `json:"name"`
	// Via tells how it signed up: "code", the name of the identity provider, or "typed".
	Via      string    `json:"via"`
	SignedUp time.Time `json:"signed_up"`
	// Waiting says that there was no seat, Revoked that the organiser took the key back.
	Waiting bool `json:"waiting,omitempty"`
	Revoked bool `json:"revoked,omitempty"`
	// Turn counts the keys that the person has had.
	Turn int `json:"turn,omitempty"`
	// From tells apart the networks that people signed up from, without naming them.
	From string `json:"from,omitempty"`
}

// AttendeeList is the answer that lists attendees.
type AttendeeList struct {
	Attendees []*Attendee `json:"attendees"`
}
