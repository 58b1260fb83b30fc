package eventapi

import (
	"net/http"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
)

// session answers GET …/session for any key.
func (a *handler) session(w http.ResponseWriter, r *http.Request) {
	who, err := a.Identify(r.Header, a.Source(r))
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	out := api.Session{
		Caller: who.ID, Attendee: who.Attendee, Models: []api.Model{}, Limits: a.left(who), Allow: allowed(who),
		Server: api.Server{Name: "Tallygate", Version: a.Version, Endpoint: a.endpoint(r)},
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

func about(e *event.Event) *api.SessionEvent {
	zone := "UTC"
	if e.Zone != nil {
		zone = e.Zone.String()
	}
	out := &api.SessionEvent{
		ID: e.ID, Name: e.Name, URL: e.URL, URLText: e.URLText, Image: e.LogoURL(),
		Start: in(e, e.Start), End: in(e, e.End), Zone: zone,
		OrganizerName: e.Organiser.Name, OrganizerEmail: e.Organiser.Email,
		Prompts: []api.Prompt{}, SystemMessage: e.SystemMessage,
	}
	for _, p := range e.Prompts {
		out.Prompts = append(out.Prompts, api.Prompt(p))
	}
	return out
}

// endpoint is the address the request came to. A proxy in front that ends TLS says so;
// whoever claims that falsely misleads only itself, since the answer is its own.
func (a *handler) endpoint(r *http.Request) string {
	if a.Endpoint != nil {
		return a.Endpoint(r)
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
