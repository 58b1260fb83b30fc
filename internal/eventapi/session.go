package eventapi

import (
	"net/http"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

// session is what a playground is told about the key it was given.
type session struct {
	Caller    string        `json:"caller"`
	Attendee  string        `json:"attendee"`
	Name      string        `json:"name"` // the attendee's own
	Event     *sessionEvent `json:"event"`
	MaxTokens *int64        `json:"max_tokens"`
	// Allow is what its requests may reach beyond their prompts, as tallygate.Reach
	// spells it.
	Allow  []string `json:"allow"`
	Models []Model  `json:"models"`
	Limits []Left   `json:"limits"`
	Server server   `json:"server"`
}

// sessionEvent is the event a key belongs to.
type sessionEvent struct {
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
	Prompts       []event.Prompt `json:"prompts"`
	SystemMessage string         `json:"system_message"`
}

// server is the gateway itself.
type server struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Endpoint string `json:"endpoint"`
}

// session answers GET …/session for any key.
func (a *api) session(w http.ResponseWriter, r *http.Request) {
	who, err := a.Identify(r.Header, a.Source(r))
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	out := session{
		Caller: who.ID, Attendee: who.Attendee, Models: []Model{}, Limits: a.left(who), Allow: allowed(who),
		Server: server{Name: "Tallygate", Version: a.Version, Endpoint: a.endpoint(r)},
	}
	if a.Name != nil {
		out.Name = a.Name(who)
	}
	for _, m := range a.Models(who) {
		m.Capabilities, m.Regions = append([]string{}, m.Capabilities...), append([]string{}, m.Regions...)
		out.Models = append(out.Models, m)
	}
	if n := who.MaxTokens.Tokens; n > 0 {
		out.MaxTokens = &n
	}
	if e, ok := a.Event(who.Event); ok && who.Event != "" {
		out.Event = about(e)
	}
	reply(w, http.StatusOK, &out)
}

// allowed is what somebody's requests may reach beyond their prompts. Nothing bounds
// callers of the configuration.
func allowed(who *tallygate.Identity) []string {
	reach := who.Allow
	if who.Event == "" {
		reach = tallygate.ReachTools | tallygate.ReachImages | tallygate.ReachFiles | tallygate.ReachData
	}
	return append([]string{}, reach.Names()...)
}

func about(e *event.Event) *sessionEvent {
	zone := "UTC"
	if e.Zone != nil {
		zone = e.Zone.String()
	}
	return &sessionEvent{
		ID: e.ID, Name: e.Name, URL: e.URL, URLText: e.URLText, Image: e.Logo,
		Start: in(e, e.Start), End: in(e, e.End), Zone: zone,
		OrganizerName: e.Organiser.Name, OrganizerEmail: e.Organiser.Email,
		Prompts: append([]event.Prompt{}, e.Prompts...), SystemMessage: e.SystemMessage,
	}
}

// endpoint is the address the request came to. A proxy in front that ends TLS says so;
// whoever claims that falsely misleads only itself, since the answer is its own.
func (a *api) endpoint(r *http.Request) string {
	if a.Endpoint != nil {
		return a.Endpoint(r)
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
