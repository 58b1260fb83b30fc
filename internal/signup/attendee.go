package signup

import (
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

// attendees answers what the event proxy's registration page asked.
type attendees struct {
	Options
	sessions
}

// Attendee serves what the event proxy's registration page asked: POST and DELETE
// /api/v1/attendee/event/{id}/register, and GET /api/v1/attendee/event/{id}. Who asks
// must have signed up on the event's page in the same browser; no header that anybody
// can write is believed.
func Attendee(o Options) http.Handler {
	return &attendees{o, newSessions(o)}
}

// ServeHTTP implements http.Handler.
func (s *attendees) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	path, ok := strings.CutPrefix(r.URL.Path, "/api/v1/attendee/event/")
	id, rest, _ := strings.Cut(strings.TrimSuffix(path, "/"), "/")
	e, found := (*event.Event)(nil), false
	if event.ValidID(id) {
		e, found = s.Event(id)
	}
	switch {
	case !ok || rest != "" && rest != "register":
		refusal(w, http.StatusNotFound, "NotFound", "There is nothing at this address.")
	case !found:
		reply(w, http.StatusNotFound, "Event not found.")
	case rest == "register":
		s.register(w, r, e)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		s.show(w, r, e)
	default:
		method(w, "GET")
	}
}

func method(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	refusal(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "This address does not take requests of this kind.")
}

// show tells somebody the own key.
func (s *attendees) show(w http.ResponseWriter, r *http.Request, e *event.Event) {
	a, _ := s.who(r, e)
	if a == nil {
		reply(w, http.StatusNotFound, "Attendee not found.")
		return
	}
	reply(w, http.StatusOK, struct {
		Key    string `json:"apiKey"`
		Active bool   `json:"active"`
	}{s.People.Key(a), !a.Revoked && !a.Waiting && e.At(time.Now()) == event.Open})
}

// register answers the key of who signed up, or unregisters.
func (s *attendees) register(w http.ResponseWriter, r *http.Request, e *event.Event) {
	if r.Method != http.MethodPost && r.Method != http.MethodDelete {
		method(w, "POST, DELETE")
		return
	}
	if s.foreign(r) {
		refusal(w, http.StatusForbidden, "CrossOrigin", "This request came from another site.")
		return
	}
	a, _ := s.who(r, e)
	switch {
	case a == nil:
		refusal(w, http.StatusUnauthorized, "Unauthorized", "Sign up on the event's page first: /event/"+e.ID)
	case r.Method == http.MethodPost:
		reply(w, http.StatusCreated, struct {
			Key string `json:"api_key"`
		}{s.People.Key(a)})
	case a.Revoked:
		refusal(w, http.StatusForbidden, "EventKeyRevoked", "This key has been taken back. Ask the event's organiser.")
	default:
		s.remove(w, r, e, a)
	}
}

func (s *attendees) remove(w http.ResponseWriter, r *http.Request, e *event.Event, a *event.Attendee) {
	err := s.People.Leave(r.Context(), e, a.ID)
	if why := tallygate.AsError(err); err != nil && why.Kind == tallygate.Unavailable {
		w.Header().Set("Retry-After", retryStored)
		refusal(w, http.StatusServiceUnavailable, why.Code, why.Message)
		return
	}
	if err != nil {
		s.Log.Error("an attendee could not be removed", "event", e.ID, "err", err)
		refusal(w, http.StatusInternalServerError, "InternalError", "Something went wrong on our side. Try again in a moment.")
		return
	}
	s.close(w, r, e)
	w.WriteHeader(http.StatusNoContent)
}
