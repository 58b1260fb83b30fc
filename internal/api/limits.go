package api

import (
	"encoding/json"
	"strings"
	"time"
)

// LimitList is the answer that lists limits.
type LimitList struct {
	Currency string  `json:"currency"`
	Limits   []Limit `json:"limits"`
}

// Limit is a limit as the API shows it, with the words of the configuration.
type Limit struct {
	Name string `json:"name"`
	// Origin is "file" or "stored".
	Origin string `json:"origin"`
	// Version is the stored object's, 0 for one of the file, and Definition its data.
	Version    int64           `json:"version,omitempty"`
	Definition json.RawMessage `json:"definition,omitempty"`
	// Problem says why the limit is not in use, although it is stored.
	Problem  string `json:"problem,omitempty"`
	Quantity string `json:"quantity,omitempty"`
	// Amount is what each subject may use in a period.
	Amount      Figure   `json:"amount"`
	Period      string   `json:"period,omitempty"`
	Zone        string   `json:"zone,omitempty"`
	Each        []string `json:"each,omitempty"`
	Callers     []string `json:"callers,omitempty"`
	Groups      []string `json:"groups,omitempty"`
	Models      []string `json:"models,omitempty"`
	Deployments []string `json:"deployments,omitempty"`
	Events      []string `json:"events,omitempty"`
	Warn        int      `json:"warn,omitempty"` // percent
	DryRun      bool     `json:"dry_run"`
	// Answer is the status of a refusal.
	Answer int `json:"answer,omitempty"`
	// Subjects are those that have used something, the most used first; More is how
	// many there are beyond them.
	Subjects []Subject `json:"subjects"`
	More     int       `json:"more_subjects,omitempty"`
}

// Subject is how a limit stands for one of those it counts apart.
type Subject struct {
	Subject string `json:"subject"` // empty when all share one count
	Spent   Figure `json:"spent"`
	Held    Figure `json:"held"`
	Left    Figure `json:"left"`
	// Resets is when the window ends; nil when it does not, or slides.
	Resets *time.Time `json:"resets,omitempty"`
	// Refused counts refusals since the start, and WouldRefuse those of a limit that
	// only counts.
	Refused     int64 `json:"refused"`
	WouldRefuse int64 `json:"would_refuse"`
}

// Figure is an amount of a limit's quantity: a number, or of money the decimal text,
// since money must not pass through a float.
type Figure string

// MarshalJSON writes a number, or the text of an amount of money.
func (f Figure) MarshalJSON() ([]byte, error) {
	switch {
	case f == "":
		return []byte("null"), nil
	case strings.Contains(string(f), "."):
		return json.Marshal(string(f))
	}
	return []byte(f), nil
}

// JSONTypes says what MarshalJSON writes.
func (Figure) JSONTypes() []string { return []string{"number", "string", "null"} }

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if s := string(b); s != "null" {
		*f = Figure(strings.Trim(s, `"`))
	}
	return nil
}
