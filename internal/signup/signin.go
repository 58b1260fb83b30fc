package signup

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

// ticketTime is how long somebody may take to sign in at a provider.
const ticketTime = 10 * time.Minute

// ticket is what a browser carries while its person is at a provider. It is signed, and
// only this browser can come back with it.
type ticket struct {
	Event, Of, State, Nonce, Verifier string
	Until                             time.Time
}

// ticketCookie is the cookie of a sign-in at one provider. A second sign-in there takes
// the place of the first.
func (s *site) ticketCookie(r *http.Request, p *provider, value string, age time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: "tallygate-signin", Value: value, Path: "/event/callback/" + p.Name, MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	}
}

// begin sends somebody to a provider who pressed the button. Whom another site sends
// here finds the button first: nobody is signed up without wanting it.
func (s *site) begin(w http.ResponseWriter, r *http.Request, e *event.Event, name string) {
	p := s.providers[name]
	switch {
	case p == nil:
		s.unknown(w)
		return
	case !joinable(e) || r.Header.Get("Sec-Fetch-Site") == "cross-site":
		s.toPage(w, r, e)
		return
	}
	c, err := p.config(r.Context(), s.callbackURL(r, p))
	if err != nil {
		s.providerFailed(w, e, p, err)
		return
	}
	t := &ticket{e.ID, e.Nonce, rand.Text(), rand.Text(), oauth2.GenerateVerifier(), time.Now().Add(ticketTime)}
	text, err := json.Marshal(t)
	if err != nil { // none of it can fail
		s.providerFailed(w, e, p, err)
		return
	}
	http.SetCookie(w, s.ticketCookie(r, p, seal(s.signin, p.Name, string(text)), ticketTime))
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(t.Verifier)}
	if !p.GitHub {
		options = append(options, oauth2.SetAuthURLParam("nonce", t.Nonce))
	}
	http.Redirect(w, r, c.AuthCodeURL(t.State, options...), http.StatusSeeOther)
}

func (s *site) callbackURL(r *http.Request, p *provider) string {
	return s.Base(r) + "/event/callback/" + p.Name
}

// callback is where people come back from a provider.
func (s *site) callback(w http.ResponseWriter, r *http.Request, name string) {
	p := s.providers[name]
	if p == nil {
		s.unknown(w)
		return
	}
	t := s.ticket(r, p)
	http.SetCookie(w, s.ticketCookie(r, p, "", -time.Second)) // a ticket is for one journey
	if t == nil || !equal(t.State, r.FormValue("state")) {
		s.message(w, http.StatusBadRequest, notice{Title: "That took too long",
			Text: "This sign-in was begun elsewhere, or too long ago. Open the event's page and sign in again."})
		return
	}
	e, ok := s.find(t.Event)
	switch code := r.FormValue("code"); {
	case !ok || e.Nonce != t.Of: // the event went, and another has its ID
		s.unknown(w)
	case !joinable(e):
		s.toPage(w, r, e)
	case code == "":
		s.message(w, http.StatusForbidden, notice{Title: "You are not signed in", Back: e,
			Text: p.Title + " did not confirm who you are. You can try again, or sign in in another way."})
	default:
		s.arrive(w, r, e, p, t, code)
	}
}

// arrive signs up whom a provider proved.
func (s *site) arrive(w http.ResponseWriter, r *http.Request, e *event.Event, p *provider, t *ticket, code string) {
	c, err := p.config(r.Context(), s.callbackURL(r, p))
	who := person{}
	if err == nil {
		who, err = p.prove(r.Context(), c, code, t)
	}
	if err != nil {
		s.providerFailed(w, e, p, err)
		return
	}
	a, err := s.admit(r, e, p, who)
	if err != nil {
		s.refuse(w, r, e, fault{}, err)
		return
	}
	s.open(w, r, e, a, anyTurn)
	s.toPage(w, r, e)
}

// admit signs somebody up under the verified e-mail address, else under the provider's
// name for it; a roster may have either. A name that was proved elsewhere is another
// person's, unless it is an e-mail address that both have verified.
func (s *site) admit(r *http.Request, e *event.Event, p *provider, who person) (*event.Attendee, error) {
	name := who.Email
	if name == "" || !e.Admits(name) && e.Admits(who.Login) {
		name = who.Login
	}
	same := func(known *event.Attendee) error {
		if known.Via == p.Name || name == who.Email && known.Via != byCode && strings.Contains(name, "@") {
			return nil
		}
		return &tallygate.Error{Kind: tallygate.Forbidden,
			Message: fmt.Sprintf("%q is signed up already, in another way. If it was you, come back in that way; if not, ask the organiser.", name)}
	}
	return s.People.SignUp(r.Context(), e, event.Applicant{Name: name, Via: p.Name, Same: same})
}

// ticket returns what the browser carries for a provider; nil when it is not ours or
// too old.
func (s *site) ticket(r *http.Request, p *provider) *ticket {
	c, err := r.Cookie("tallygate-signin")
	if err != nil {
		return nil
	}
	text, ok := unseal(s.signin, p.Name, c.Value)
	t := new(ticket)
	if !ok || json.Unmarshal([]byte(text), t) != nil || time.Now().After(t.Until) {
		return nil
	}
	return t
}

// providerFailed tells that a provider does not work. Why is for the log.
func (s *site) providerFailed(w http.ResponseWriter, e *event.Event, p *provider, err error) {
	s.Log.Warn("signing in at a provider failed", "provider", p.Name, "event", e.ID, "err", err)
	s.message(w, http.StatusBadGateway, notice{Title: "Signing in did not work", Back: e,
		Text: p.Title + " could not confirm who you are. Try again in a moment, or sign in in another way."})
}
