package api

import (
	"time"
)

// Kind is what a model does.
type Kind string

// The kinds.
const (
	KindChat          Kind = "chat"
	KindCompletion    Kind = "completion"
	KindEmbedding     Kind = "embedding"
	KindImage         Kind = "image"
	KindSpeech        Kind = "speech"
	KindTranscription Kind = "transcription"
	KindRealtime      Kind = "realtime"
	KindVideo         Kind = "video"
)

// Words are all kinds.
func (Kind) Words() []string {
	return []string{string(KindChat), string(KindCompletion), string(KindEmbedding), string(KindImage), string(KindSpeech), string(KindTranscription), string(KindRealtime), string(KindVideo)}
}

// Model is a model as a playground wants to know it.
type Model struct {
	Name string `json:"name"`
	// Kind is empty when nobody knows; it then counts as Chat.
	Kind Kind `json:"kind"`
	// Base is the underlying model, where its name is another; what a request may hold
	// follows from it.
	Base string `json:"base,omitempty"`
	// Capabilities are of "vision", "audio", "tools", "json", "reasoning" and "stream".
	Capabilities []string `json:"capabilities"`
	// Context and MaxOutput are in tokens; 0 when not known.
	Context   int64 `json:"context"`
	MaxOutput int64 `json:"max_output"`
	// Regions are where its deployments stand.
	Regions []string `json:"regions"`
}

// Left is how one limit stands for one caller.
type Left struct {
	Name     string `json:"name"`
	Quantity string `json:"quantity"` // as tallygate.Quantity spells it
	// Amount and Left are in Unit: requests, tokens, or whole units of the currency.
	Amount float64 `json:"amount"`
	Left   float64 `json:"left"`
	Period string  `json:"period"` // as tallygate.Period spells it
	// Resets is when the period ends; zero, and not told, when it slides or has no end.
	Resets time.Time `json:"resets,omitzero"`
	Unit   string    `json:"unit"`
}

// Session is what a playground is told about the key it was given.
type Session struct {
	Caller    string        `json:"caller"`
	Attendee  string        `json:"attendee"`
	Name      string        `json:"name"` // the attendee's own
	Event     *SessionEvent `json:"event"`
	MaxTokens *int64        `json:"max_tokens"`
	// Allow is what its requests may reach beyond their prompts, as tallygate.Reach
	// spells it.
	Allow  []string `json:"allow"`
	Models []Model  `json:"models"`
	Limits []Left   `json:"limits"`
	Server Server   `json:"server"`
}

// SessionEvent is the event a key belongs to.
type SessionEvent struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	URL            string    `json:"url"`
	URLText        string    `json:"url_text"`
	Image          string    `json:"image"`
	Start          time.Time `json:"start"`
	End            time.Time `json:"end"`
	Zone           string    `json:"zone"`
	OrganizerName  string    `json:"organizer_name"`
	OrganizerEmail string    `json:"organizer_email"`
	// Prompts are suggestions, SystemMessage what a new chat begins with.
	Prompts       []Prompt `json:"prompts"`
	SystemMessage string   `json:"system_message"`
}

// Server is the gateway itself.
type Server struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Endpoint string `json:"endpoint"`
}
