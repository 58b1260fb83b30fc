package app

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/eventapi"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/proxy"
	"github.com/tallygate/tallygate/internal/remark"
	"github.com/tallygate/tallygate/internal/signup"
	"github.com/tallygate/tallygate/internal/slow"
)

// nosniff is on every answer of the data side: the playground lives on the same origin,
// and no browser may take an answer for what it does not call itself.
var nosniff = [...]string{"nosniff"}

// serveData is the data side: health probes, what belongs to events, the playground,
// and else the line. There is no mux: a mux would clean paths and redirect, and no
// client may be redirected.
func (a *App) serveData(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor > 1 {
		stream, end := slow.Patient(w, r, a.live().Config.Timeouts.Body)
		defer end()
		w = stream
	}
	w.Header()["X-Content-Type-Options"] = nosniff[:1:1]
	if turnAway(w, r) {
		return
	}
	if admin.Probe(w, r, a.Ready) {
		a.hasten(w, r)
		return
	}
	defer a.listen.Handle()()
	path := r.URL.Path
	if r.URL.RawPath != "" {
		path = r.URL.EscapedPath()
	}
	w, answered := a.crossOrigin(w, r, path)
	switch {
	case answered:
		a.hasten(w, r)
	case strings.HasPrefix(path, "/api/projects/"):
		a.serveLine(w, r)
	case strings.HasPrefix(path, signupPages):
		a.servePage(w, r, a.signup)
	case strings.HasPrefix(path, attendeePages):
		a.servePage(w, r, a.attendees)
	case atDoor(path):
		a.servePage(w, r, a.entrance)
	case ofEvents(path):
		a.hasten(w, r)
		a.eventAPI.ServeHTTP(w, r)
	case a.playground.Has(r.URL.Path):
		a.servePage(w, r, a.playground)
	default:
		a.serveLine(w, r)
	}
}

// Where the pages of events are, and what those pages ask.
const (
	signupPages   = "/event/"
	attendeePages = "/api/v1/attendee/"
)

// atDoor reports whether a path is one of the playground's door.
func atDoor(path string) bool {
	return path == signup.DoorPath || strings.HasPrefix(path, signup.DoorPath+"/")
}

// ofEvents reports whether a path is one of the event proxy's.
func ofEvents(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/v1/api/") || strings.HasPrefix(path, "/engines/")
}

// servePage serves what is no part of the line and needs no key: whoever sends slowly,
// or does not read, is not waited for.
func (a *App) servePage(w http.ResponseWriter, r *http.Request, h http.Handler) {
	a.hasten(w, r)
	if r.ProtoMajor == 1 {
		page, end := slow.Patient(w, r, a.live().Config.Timeouts.Body)
		defer end()
		w = page
	}
	h.ServeHTTP(w, r)
}

func (a *App) serveLine(w http.ResponseWriter, r *http.Request) {
	a.live().proxy.ServeHTTP(w, r)
}

// newEventAPI makes the routes of events. They ask whatever configuration lives.
func (a *App) newEventAPI() http.Handler {
	return eventapi.Handler(eventapi.Options{
		Line: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.live().proxy.Bridge(w, r) }),
		Identify: func(h http.Header, from netip.Addr) (*tallygate.Identity, error) {
			return a.live().Callers.Identify(h, "", from)
		},
		Source: a.source, Endpoint: a.publicAddress, Name: a.nameOf,
		Event:  a.room.Event,
		Behind: func(credential string) (*event.Event, bool) { return a.live().Door.Behind(credential) },
		Refused: func(r *http.Request, who *tallygate.Identity, began time.Time, status int) {
			a.live().proxy.Refused(r, who, tallygate.ChatCompletions, began, status)
		},
		Models: a.modelsOf, Left: a.leftOf, Version: a.opts.Version,
	})
}

// standIn is the event's model of the class that somebody asks for by a name that is not
// here: the event proxy ignored names, and its clients have made them up.
func (a *App) standIn(who *tallygate.Identity, ask *tallygate.Ask) string {
	e, found := a.room.Event(who.Event)
	unit := a.operations.Named(ask.Operation)
	if unit == nil || unit.Class == "" || !found {
		return ""
	}
	class := api.Kind(unit.Class)
	if class == api.KindChat && e.Chat != "" {
		return e.Chat
	}
	for _, m := range a.modelsOf(who) {
		if m.Kind == class || m.Kind == "" && class == api.KindChat { // nobody knows the kind: a chat
			return m.Name
		}
	}
	return ""
}

// source is the address a request truly came from.
func (a *App) source(r *http.Request) netip.Addr {
	return proxy.Proxies(a.live().Config.TrustedProxies).Source(r)
}

// modelsOf are the models somebody may use, those an event prefers first.
func (a *App) modelsOf(who *tallygate.Identity) []api.Model {
	var out []api.Model
	l := a.live()
	for _, m := range l.Models {
		if m.Name == "" || len(m.Deployments) == 0 || !l.proxy.Policies.Lists(a.listen.Requests, who, m.Name) {
			continue
		}
		out = append(out, a.modelOf(m))
	}
	slices.SortStableFunc(out, func(x, y api.Model) int { return rank(who.Models, x.Name) - rank(who.Models, y.Name) })
	return out
}

// rank is the place of the first glob that matches.
func rank(globs []string, model string) int {
	i := slices.IndexFunc(globs, func(g string) bool { return tallygate.Match(g, model) })
	if i < 0 {
		return len(globs)
	}
	return i
}

func (a *App) modelOf(m pool.Model) api.Model {
	base := m.Deployments[0].Base
	known, _ := a.catalog.Lookup(base)
	kind := api.Kind(remark.KindOf(a.live().Config, a.catalog, m.Name, base))
	out := api.Model{Name: m.Name, Kind: kind, Context: known.Context, MaxOutput: known.MaxOutput}
	if !strings.EqualFold(base, m.Name) {
		out.Base = base
	}
	for _, d := range m.Deployments {
		if d.Region != "" && !slices.Contains(out.Regions, d.Region) {
			out.Regions = append(out.Regions, d.Region)
		}
	}
	switch out.Kind {
	case api.KindChat:
		out.Capabilities = []string{"stream", "tools", "json"}
		if known.Image != nil {
			out.Capabilities = append(out.Capabilities, "vision")
		}
		if known.Audio {
			out.Capabilities = append(out.Capabilities, "audio")
		}
		if known.Reasoning {
			out.Capabilities = append(out.Capabilities, "reasoning")
		}
	case api.KindCompletion:
		out.Capabilities = []string{"stream"}
	}
	return out
}

// leftOf is what somebody has left of its own limits.
func (a *App) leftOf(who *tallygate.Identity) []api.Left {
	l := a.live()
	var out []api.Left
	for _, s := range l.Limits.Of(who) {
		t := api.Left{
			Name: s.Limit.Name, Quantity: s.Limit.Quantity.String(), Period: s.Limit.Period.String(), Resets: s.Resets,
			Amount: float64(s.Limit.Amount), Left: float64(s.Left()), Unit: unitOf(s.Limit.Quantity),
		}
		if s.Limit.Quantity == tallygate.Cost {
			t.Unit, t.Amount, t.Left = l.Config.Currency, t.Amount/float64(tallygate.Unit), t.Left/float64(tallygate.Unit)
		}
		out = append(out, t)
	}
	return out
}

func unitOf(q tallygate.Quantity) string {
	switch q {
	case tallygate.PromptTokens, tallygate.CompletionTokens:
		return "tokens"
	}
	return q.Unit()
}
