package signup

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
)

// Live is how an event goes.
type Live struct {
	// Active are the IDs of those who asked a model in the last hour, each once.
	Active []string
	// Requests and Tokens are by minute, the latest last: up to the 60 minutes before
	// now, of which the last is not over. What was turned down is not among them.
	Requests, Tokens []int64
	// Errors are the requests of the last hour that failed, Refused those that a limit
	// or a rule turned down.
	Errors, Refused int64
	// Room is what is left of the event's limits.
	Room []api.Room
	// Models are those that were asked most in the last hour, the first first, and
	// what is left under OtherModels.
	Models []api.ModelUse
}

// OtherModels is the name under which requests stand together that named no model, or
// one that nobody was ever given.
const OtherModels = "other"

// organiser serves a page whose data its script asks for. What it holds itself
// everybody may see: no code, and nobody's name.
func (s *site) organiser(w http.ResponseWriter, r *http.Request, e *event.Event, page string) {
	url := s.Base(r) + "/event/" + e.ID
	s.render(w, http.StatusOK, page, struct {
		*event.Event
		Address string
		QR      template.URL
	}{e, url, qrImage(url)})
}

// held lets only those through who hold the organiser's link.
func (s *site) held(serve func(http.ResponseWriter, *http.Request, *event.Event)) func(http.ResponseWriter, *http.Request, *event.Event) {
	return func(w http.ResponseWriter, r *http.Request, e *event.Event) {
		shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !equal(shown, liveSecret(s.live, e)) {
			w.Header().Set("Www-Authenticate", "Bearer")
			refusal(w, http.StatusUnauthorized, "Unauthorized", "This link does not open the organiser's pages of the event. Ask for it again.")
			return
		}
		serve(w, r, e)
	}
}

func (s *site) about(r *http.Request, e *event.Event) api.Gathering {
	now := time.Now()
	out := api.Gathering{
		ID: e.ID, Name: e.Name, Organiser: e.Organiser.Name, State: e.At(now).String(),
		Start: e.Start, End: e.End,
		URL: s.Base(r) + "/event/" + e.ID, Seats: e.Seats, Now: now,
	}
	from, until := span(e)
	out.When = from.Human + " – " + until.Human
	for _, a := range s.People.List(e) {
		switch {
		case a.Via == event.Typed:
			continue
		case a.Revoked:
			out.Revoked++
		case a.Waiting:
			out.Waiting++
		default:
			out.Seated++
		}
		out.SignedUp++
	}
	return out
}

// liveJSON answers what the live view shows.
func (s *site) liveJSON(w http.ResponseWriter, r *http.Request, e *event.Event) {
	live, err := s.Live(r.Context(), e.ID)
	if err != nil {
		s.failed(w, e, err)
		return
	}
	out := api.LiveView{
		Event: s.about(r, e), Active: len(live.Active), Requests: live.Requests, Tokens: live.Tokens,
		Errors: live.Errors, Refused: live.Refused, Room: live.Room, Models: live.Models,
	}
	for _, id := range live.Active {
		if s.came(e, id).Via == event.Typed {
			out.Typed++
		}
	}
	reply(w, http.StatusOK, &out)
}

// cardsJSON answers what is printed on the code cards. The picture's address carries
// the code in its fragment, where only the page's script sees it.
func (s *site) cardsJSON(w http.ResponseWriter, r *http.Request, e *event.Event) {
	out := api.Cards{Event: s.about(r, e), Code: e.Code}
	target := out.Event.URL
	if e.Code != "" {
		target += "#code=" + fragment(e.Code)
	}
	out.QR = string(qrImage(target))
	reply(w, http.StatusOK, &out)
}

// failed tells that the figures cannot be had now.
func (s *site) failed(w http.ResponseWriter, e *event.Event, err error) {
	s.Log.Error("an event's figures could not be read", "event", e.ID, "err", err)
	refusal(w, http.StatusServiceUnavailable, "Unavailable", "The figures cannot be read at the moment.")
}
