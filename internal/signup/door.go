package signup

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/slow"
)

// DoorPath is where Door is served, itself and what is below it.
const DoorPath = "/api/v1/door"

// door is how people come into the playground.
type door struct {
	Options
	sessions
	tickets
}

// Door serves what the playground asks before anybody is let in, below DoorPath: whose it
// is, a key for who has an event's shared code and a name, and the tickets by which a key
// moves to another device. It is for pages of its own origin alone.
func Door(o Options) http.Handler {
	return &door{Options: o, sessions: newSessions(o)}
}

// ServeHTTP implements http.Handler.
func (s *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	switch rest := strings.TrimPrefix(r.URL.Path, DoorPath); {
	case rest == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		reply(w, http.StatusOK, s.Portal())
	case rest == "":
		s.post(w, r, "GET, HEAD, POST", s.arrive)
	case rest == "/ticket":
		s.post(w, r, "POST", s.issue)
	case rest == "/key":
		s.post(w, r, "POST", s.redeem)
	default:
		refusal(w, http.StatusNotFound, "NotFound", "There is nothing at this address.")
	}
}

// post holds a route to its methods and to this site's own pages.
func (s *door) post(w http.ResponseWriter, r *http.Request, allow string, serve func(http.ResponseWriter, *http.Request) error) {
	if r.Method != http.MethodPost {
		method(w, allow)
		return
	}
	if s.foreign(r) {
		refusal(w, http.StatusForbidden, "CrossOrigin", "This request came from another site.")
		return
	}
	slow.Deadline(w, r, formTime)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := serve(w, r); err != nil {
		s.refuse(w, err)
	}
}

// read reads the JSON that a page of ours sends.
func read(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &tallygate.Error{Kind: tallygate.TooLarge, Code: "TooLarge", Message: "That is too long."}
	}
	if err != nil {
		return &tallygate.Error{Kind: tallygate.BadRequest, Code: "BadRequest", Message: "The body is not the JSON that is expected here."}
	}
	return nil
}

// arrive gives a key to who shows the shared code of an event and a name that nobody has
// there, or that this browser has had.
func (s *door) arrive(w http.ResponseWriter, r *http.Request) error {
	var in api.Arrival
	if err := read(r, &in); err != nil {
		return err
	}
	e, err := s.opened(r, in.Code)
	if err != nil {
		return err
	}
	a, err := s.People.SignUp(r.Context(), e, event.Applicant{Name: in.Name, Via: byCode, From: s.Source(r), Same: s.mine(r, e)})
	if err != nil {
		return err
	}
	if a.Revoked {
		return &tallygate.Error{Kind: tallygate.Forbidden, Code: event.CodeRevoked, Message: "This key has been taken back. Ask the event's organiser."}
	}
	if in.Remember {
		s.open(w, r, e, a, anyTurn)
	}
	reply(w, http.StatusOK, api.Admission{Key: s.People.Key(a)})
	return nil
}

// opened returns the event that a bare code opens.
func (s *door) opened(r *http.Request, code string) (*event.Event, error) {
	code = strings.TrimSpace(code)
	who, err := s.Find(code, s.Source(r))
	if err != nil {
		return nil, event.Throttled(err)
	}
	if who != nil {
		if e, ok := s.Event(who.Event); ok && who.Attendee == event.Guest && e.Opens(code) {
			return e, nil
		}
	}
	return nil, &tallygate.Error{Kind: tallygate.Unauthenticated, Code: "CodeUnknown", Param: "code", Message: "That is the code of no event here."}
}

// mine tells somebody who has signed up from somebody else of that name: by the browser
// that it was in.
func (s *sessions) mine(r *http.Request, e *event.Event) func(*event.Attendee) error {
	return func(known *event.Attendee) error {
		if me, _ := s.who(r, e); me != nil && me.ID == known.ID {
			return nil
		}
		return &tallygate.Error{Kind: tallygate.BadRequest, Code: event.CodeTaken, Param: "name",
			Message: fmt.Sprintf("Somebody signed up as %q already. If it was you, come back with your key; if not, take another name.", known.Name)}
	}
}

// refuse answers with why nobody is let in.
func (s *door) refuse(w http.ResponseWriter, err error) {
	why := tallygate.AsError(err)
	status := why.Kind.Status()
	switch {
	case why.Kind == tallygate.Unauthenticated:
		status = http.StatusUnauthorized
	case why.Kind == tallygate.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case why.Code == event.CodeTaken:
		status = http.StatusConflict
	case status == http.StatusInternalServerError:
		s.Log.Error("the door failed", "err", err)
		why = &tallygate.Error{Code: "InternalError", Message: "Something went wrong on our side. Try again in a moment."}
	}
	wait(w, why)
	refusal(w, status, why.Code, why.Message)
}

// wait tells when to try again.
func wait(w http.ResponseWriter, why *tallygate.Error) {
	switch why.Kind {
	case tallygate.Throttled:
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(why.RetryAfter/time.Second))))
	case tallygate.Unavailable:
		w.Header().Set("Retry-After", retryStored)
	}
}
