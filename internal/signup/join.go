package signup

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/slow"
)

const (
	// maxForm bounds a form in bytes, and formTime the time in which it must have come.
	maxForm  = 16 << 10
	formTime = 10 * time.Second
	// retryStored is after how many seconds to try again what could not be stored.
	retryStored = "10"
	// byCode is how an attendee signed up who showed the event's code.
	byCode = "code"
)

// form reads a form that this site's own page sent, and no other's.
func (s *site) form(w http.ResponseWriter, r *http.Request, e *event.Event, serve func(http.ResponseWriter, *http.Request, *event.Event)) {
	if s.foreign(r) {
		s.message(w, http.StatusForbidden, notice{Title: "Not from here", Back: e, Text: "This request came from another site. Use the event's own page."})
		return
	}
	slow.Deadline(w, r, formTime)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			status = http.StatusRequestEntityTooLarge
		}
		s.message(w, status, notice{Title: "That could not be read", Back: e, Text: "The form that was sent is broken or too long. Go back to the event's page and try again."})
		return
	}
	serve(w, r, e)
}

// signup lets somebody in, by the event's code and a name, or back in by a key.
func (s *site) signup(w http.ResponseWriter, r *http.Request, e *event.Event) {
	f := r.PostForm
	a, turn, err := (*event.Attendee)(nil), anyTurn, error(nil)
	switch {
	case !joinable(e):
	case f.Has("key"):
		if a, err = s.byKey(r, e, strings.TrimSpace(f.Get("key"))); a != nil {
			turn = a.Turn
		}
	default:
		a, err = s.byCode(r, e, f.Get("code"), f.Get("name"))
	}
	switch {
	case err != nil:
		s.refuse(w, r, e, fault{Name: f.Get("name"), Code: f.Get("code")}, err)
		return
	case a != nil:
		s.open(w, r, e, a, turn)
	}
	s.toPage(w, r, e)
}

// joinable reports whether people may sign up now: also before it begins.
func joinable(e *event.Event) bool {
	state := e.At(time.Now())
	return state == event.Open || state == event.NotStarted
}

// toPage sends the browser on to the event's page.
func (s *site) toPage(w http.ResponseWriter, r *http.Request, e *event.Event) {
	http.Redirect(w, r, "/event/"+e.ID, http.StatusSeeOther)
}

// byCode signs somebody up who knows the code. A name proves nothing, so one that is
// taken leads nowhere, unless this very browser took it.
func (s *site) byCode(r *http.Request, e *event.Event, code, name string) (*event.Attendee, error) {
	if e.Code == "" && len(s.Providers) == 0 {
		return nil, &tallygate.Error{Kind: tallygate.Forbidden, Message: "Nobody new can sign up for this event."}
	}
	if e.Code == "" {
		return nil, &tallygate.Error{Kind: tallygate.Forbidden, Message: "This event has no code. Sign in in one of the ways below."}
	}
	shown := strings.TrimSpace(code)
	if e.Opens(code) {
		shown = e.Code
	}
	if err := s.guess(r, shown); err != nil {
		return nil, err
	}
	if !e.Opens(code) {
		return nil, &tallygate.Error{Kind: tallygate.Forbidden, Param: "code", Message: "That is not the event's code. Check each letter, or ask the organiser."}
	}
	return s.People.SignUp(r.Context(), e, event.Applicant{Name: name, Via: byCode, From: s.Source(r), Same: s.mine(r, e)})
}

// byKey finds who has a key. Every key is looked at, so that the time tells nothing.
func (s *site) byKey(r *http.Request, e *event.Event, key string) (*event.Attendee, error) {
	if err := s.guess(r, key); err != nil {
		return nil, err
	}
	var found *event.Attendee
	for _, a := range s.People.List(e) {
		if k := s.People.Key(a); k != "" && equal(key, k) {
			found = a
		}
	}
	if found == nil {
		return nil, &tallygate.Error{Kind: tallygate.Forbidden, Param: "key", Message: "That is nobody's key for this event."}
	}
	return found, nil
}

// guess counts a credential that may be a guess. It fails for who must wait; whether
// the credential is right is for the caller to see.
func (s *site) guess(r *http.Request, credential string) error {
	_, err := s.Find(credential, s.Source(r))
	err = event.Throttled(err)
	why := tallygate.AsError(err)
	switch {
	case why == nil:
		return nil
	case why.Code == event.CodeRevoked:
		return &tallygate.Error{Kind: tallygate.Forbidden, Code: why.Code, Message: why.Message}
	case why.Kind == tallygate.Unauthenticated:
		return nil // right, but its event is not open now
	}
	return err
}

// equal compares in a time that does not depend on where two texts differ, nor on
// their lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// leave unregisters somebody. Who lost the key keeps the place: leaving and signing up
// again would give it back.
func (s *site) leave(w http.ResponseWriter, r *http.Request, e *event.Event) {
	if a, _ := s.who(r, e); a != nil && !a.Revoked {
		if err := s.People.Leave(r.Context(), e, a.ID); err != nil {
			s.refuse(w, r, e, fault{}, err)
			return
		}
		s.close(w, r, e)
	}
	s.toPage(w, r, e)
}

// renew gives somebody another key.
func (s *site) renew(w http.ResponseWriter, r *http.Request, e *event.Event) {
	a, turn := s.who(r, e)
	if a == nil || s.People.Key(a) == "" {
		s.toPage(w, r, e)
		return
	}
	if err := s.People.Renew(r.Context(), e, a.ID); err != nil {
		s.refuse(w, r, e, fault{}, err)
		return
	}
	if next, ok := s.People.Find(e, a.ID); ok && turn != anyTurn {
		s.open(w, r, e, next, next.Turn)
	}
	s.toPage(w, r, e)
}

// signout makes the browser forget the person, who stays signed up.
func (s *site) signout(w http.ResponseWriter, r *http.Request, e *event.Event) {
	s.close(w, r, e)
	s.toPage(w, r, e)
}

// refuse shows the event's page with what was wrong, and what was typed.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, e *event.Event, typed fault, err error) {
	why := tallygate.AsError(err)
	status := why.Kind.Status()
	wait(w, why)
	if status == http.StatusInternalServerError {
		s.Log.Error("an event's page failed", "event", e.ID, "err", err)
		why = &tallygate.Error{Message: "Something went wrong on our side. Try again in a moment."}
	}
	typed.Message, typed.Param = why.Message, why.Param
	s.show(w, r, e, status, typed)
}
