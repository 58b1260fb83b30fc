// Package signup serves the pages of events, below /event/: the one on which people
// sign up and find their keys, the organiser's live view, the code cards and the
// report. It also answers what the event proxy's own page asked, below
// /api/v1/attendee/.
//
// Everything works without a script but what the organiser sees: its secret stands in
// the link's fragment, which browsers send nowhere, so that it is in no log; only a
// script can read it there. No page holds a script or a style of its own, and none is
// loaded from elsewhere.
package signup

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
)

// Options are what the handlers ask. The functions are called for each request and
// must be safe for concurrent use; what they return is not changed.
type Options struct {
	// Event returns the event of an ID, open or not.
	Event func(id string) (*event.Event, bool)
	// People are those who signed up.
	People *event.People
	// Find recognises a credential from an address, and refuses who guesses:
	// event.Registry's Find. Codes and keys that people type go through it, so that a
	// guess here counts like one anywhere else.
	Find func(credential string, from netip.Addr) (*tallygate.Identity, error)
	// Identify recognises any credential, as the line does.
	Identify func(http.Header, netip.Addr) (*tallygate.Identity, error)
	// Portal is what the door tells everybody.
	Portal func() api.Portal
	// Secret is what cookies and the organisers' links follow from: 32 random bytes
	// that never change.
	Secret []byte
	// Providers are where people may sign in, besides by the event's code.
	Providers []Provider
	// Base is the address under which the gateway is reached from outside, without a
	// path or a slash at its end. With https cookies travel over https only.
	Base func(*http.Request) string
	// Models are the names of those that an event offers and that are there, the one
	// to show in samples first.
	Models func(*event.Event) []string
	// Limits are what bounds the use of an event, a sentence each; may be nil.
	Limits func(*event.Event) []string
	// Live tells how an event goes, and Report what became of it.
	Live   func(ctx context.Context, eventID string) (Live, error)
	Report func(ctx context.Context, eventID string) (Report, error)
	// Source tells where a request truly came from.
	Source func(*http.Request) netip.Addr
	// Client speaks to providers; nil is one that waits ten seconds at most.
	Client *http.Client
	Log    *slog.Logger
}

// site is the pages of all events.
type site struct {
	Options
	sessions
	live, signin []byte // keys
	pages        *template.Template
	assets       map[string]asset
	providers    map[string]*provider
}

// Handler serves everything below /event/. It expects paths as they came in, cleaned
// by nobody. The event IDs "assets" and "callback" are taken.
func Handler(o Options) http.Handler {
	o.Client = cmp.Or(o.Client, &http.Client{Timeout: providerTime})
	s := &site{
		Options: o, sessions: newSessions(o),
		live: subkey(o.Secret, "live"), signin: subkey(o.Secret, "signin"),
		assets: loadAssets(), providers: make(map[string]*provider),
	}
	s.pages = loadPages(s.assets)
	for _, p := range o.Providers {
		s.providers[p.Name] = &provider{Provider: p, client: o.Client}
	}
	return s
}

// subkey derives a key for one use.
func subkey(secret []byte, use string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("signup/" + use))
	return m.Sum(nil)
}

// LiveSecret returns what an organiser's link ends in, behind the #: it opens the live
// view, the cards and the report of one event, and nothing else.
func LiveSecret(secret []byte, e *event.Event) string {
	return liveSecret(subkey(secret, "live"), e)
}

func liveSecret(key []byte, e *event.Event) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(e.Scope()))
	if e.Link > 0 {
		m.Write(binary.BigEndian.AppendUint64([]byte{0}, uint64(e.Link)))
	}
	return hex.EncodeToString(m.Sum(nil)[:20])
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	path, ok := strings.CutPrefix(r.URL.Path, "/event/")
	first, rest, _ := strings.Cut(strings.TrimSuffix(path, "/"), "/")
	switch {
	case !ok:
		s.unknown(w)
	case first == "assets" && rest != "":
		s.asset(w, r, rest)
	case first == "callback" && rest != "":
		s.allow(w, r, "GET", func() { s.callback(w, r, rest) })
	default:
		e, ok := s.find(first)
		if !ok {
			s.unknown(w)
			return
		}
		s.serveEvent(w, r, e, rest)
	}
}

// find returns an event. An ID that cannot be one is not looked up.
func (s *site) find(id string) (*event.Event, bool) {
	if !event.ValidID(id) {
		return nil, false
	}
	return s.Event(id)
}

// serveEvent serves what is below an event's own page.
func (s *site) serveEvent(w http.ResponseWriter, r *http.Request, e *event.Event, rest string) {
	get := func(serve func(http.ResponseWriter, *http.Request, *event.Event)) {
		s.allow(w, r, "GET", func() { serve(w, r, e) })
	}
	post := func(serve func(http.ResponseWriter, *http.Request, *event.Event)) {
		s.allow(w, r, "POST", func() { s.form(w, r, e, serve) })
	}
	provider, signin := strings.CutPrefix(rest, "signin/")
	switch {
	case rest == "":
		get(s.page)
	case rest == "logo":
		get(s.logo)
	case rest == "signup":
		post(s.signup)
	case rest == "leave":
		post(s.leave)
	case rest == "renew":
		post(s.renew)
	case rest == "signout":
		post(s.signout)
	case signin:
		s.allow(w, r, "GET", func() { s.begin(w, r, e, provider) })
	case rest == "live" || rest == "cards" || rest == "report":
		get(func(w http.ResponseWriter, r *http.Request, e *event.Event) { s.organiser(w, r, e, rest) })
	case rest == "live.json":
		get(s.held(s.liveJSON))
	case rest == "cards.json":
		get(s.held(s.cardsJSON))
	case rest == "report.json":
		get(s.held(s.reportJSON))
	case rest == "report.csv":
		get(s.held(s.reportCSV))
	default:
		s.unknown(w)
	}
}

// allow holds a route to its method; HEAD goes where GET does.
func (s *site) allow(w http.ResponseWriter, r *http.Request, method string, serve func()) {
	if r.Method != method && (r.Method != http.MethodHead || method != http.MethodGet) {
		w.Header().Set("Allow", strings.Replace(method, "GET", "GET, HEAD", 1))
		s.message(w, http.StatusMethodNotAllowed, notice{Title: "Not like this", Text: "This address does not take requests of this kind."})
		return
	}
	serve()
}
