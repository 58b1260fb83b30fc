package api

import (
	"time"

	"github.com/tallygate/tallygate"
)

// Room is how one limit of the event stands, in its unit.
type Room struct {
	Name   string  `json:"name"`
	Left   float64 `json:"left"`
	Amount float64 `json:"amount"`
	Unit   string  `json:"unit"` // such as "tokens a minute"
}

// ModelUse is what a model was used for.
type ModelUse struct {
	Name     string `json:"name"`
	Requests int64  `json:"requests"`
	Tokens   int64  `json:"tokens"`
}

// LiveView is what the organiser's live view shows.
type LiveView struct {
	Event  Gathering `json:"event"`
	Active int       `json:"active"` // attendees who asked a model in the last hour
	Typed  int       `json:"typed"`  // of the active, those who did not sign up
	// Requests and Tokens are by minute, the latest last.
	Requests []int64 `json:"requests"`
	Tokens   []int64 `json:"tokens"`
	// Errors are the requests of the last hour that failed, Refused those that a limit
	// or a rule turned down.
	Errors  int64 `json:"errors"`
	Refused int64 `json:"refused"`
	// Room is what is left of the event's limits, Models those that were asked most.
	Room   []Room     `json:"room"`
	Models []ModelUse `json:"models"`
}

// Cards is what is printed on the code cards.
type Cards struct {
	Event Gathering `json:"event"`
	Code  string    `json:"code"`
	QR    string    `json:"qr"` // a picture as a data: URL
}

// Gathering is what all of the organiser's pages say of their event.
type Gathering struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Organiser string    `json:"organiser"`
	State     string    `json:"state"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	When      string    `json:"when"` // both, in words
	URL       string    `json:"url"`
	// SignedUp are all who signed up, also those who wait for a seat and those whose
	// key was taken back. Seated have one of the seats.
	SignedUp int       `json:"signed_up"`
	Seated   int       `json:"seated"`
	Waiting  int       `json:"waiting"`
	Revoked  int       `json:"revoked"`
	Seats    int       `json:"seats"`
	Now      time.Time `json:"now"`
}

// ReportLine is one attendee in the report.
type ReportLine struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Via        string          `json:"via"`  // event.Attendee's, or left
	Came       string          `json:"came"` // the same in words
	SignedUp   time.Time       `json:"signed_up,omitzero"`
	Requests   int64           `json:"requests"`
	Prompt     int64           `json:"prompt_tokens"`
	Completion int64           `json:"completion_tokens"`
	Tokens     int64           `json:"tokens"`
	Cost       tallygate.Money `json:"cost_micros"`
	CostText   string          `json:"cost"`
	First      time.Time       `json:"first,omitzero"`
	Last       time.Time       `json:"last,omitzero"`
}

// ReportView is what the report's page shows.
type ReportView struct {
	Event    Gathering    `json:"event"`
	Total    ReportLine   `json:"total"`
	Active   int          `json:"active"` // attendees who asked anything
	Typed    int          `json:"typed"`  // of these, those who did not sign up
	Errors   int64        `json:"errors"`
	Refused  int64        `json:"refused"`
	Currency string       `json:"currency"`
	Models   []ModelUse   `json:"models"`
	People   []ReportLine `json:"people"`
}
