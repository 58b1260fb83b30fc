package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/signup"
)

// signupOptions are what the pages of events ask.
func (a *App) signupOptions(cfg *config.Config, secret []byte) signup.Options {
	o := signup.Options{
		Event: a.event, People: a.people, Secret: secret,
		Find: func(credential string, from netip.Addr) (*tallygate.Identity, error) {
			return a.live.Load().door.Find(credential, from)
		},
		Base: a.publicAddress, Models: a.modelsOfEvent, Limits: a.limitsOfEvent,
		Live: a.liveOf, Report: a.reportOf, Source: a.source, Log: a.log.With("component", "signup"),
	}
	for _, p := range cfg.SignIn {
		o.Providers = append(o.Providers, signup.Provider{
			Name: p.Name, Title: cmp.Or(p.Title, p.Name), Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret.Reveal(),
			GitHub: p.GitHub, Trusted: p.Trusted,
		})
	}
	return o
}

// publicAddress is the address under which clients reach the data side: the
// configured one, or that of the request.
func (a *App) publicAddress(r *http.Request) string {
	if u := a.live.Load().config.PublicURL; u != "" {
		return u
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// nameOf is what somebody of an event is called: by itself, when signing up or typed
// behind the code.
func (a *App) nameOf(who *tallygate.Identity) string {
	e, ok := a.event(who.Event)
	if !ok {
		return ""
	}
	if p, ok := a.people.Find(e, who.Attendee); ok {
		return p.Name
	}
	return ""
}

// modelsOfEvent are the names of the models that an event offers, chat models first.
func (a *App) modelsOfEvent(e *event.Event) []string {
	models := a.modelsOf(&tallygate.Identity{Caller: e.Caller(event.Guest)})
	slices.SortStableFunc(models, func(x, y api.Model) int {
		return cmp.Compare(truth(x.Kind != api.KindChat), truth(y.Kind != api.KindChat))
	})
	var names []string
	for _, m := range models {
		names = append(names, m.Name)
	}
	return names
}

// ofEvent reports whether a limit is about one event alone.
func ofEvent(l *tallygate.Limit, id string) bool {
	return len(l.Match[tallygate.ByEvent]) == 1 && l.Match[tallygate.ByEvent][0] == id
}

// limitsOfEvent says in a sentence each what bounds an event's use.
func (a *App) limitsOfEvent(e *event.Event) []string {
	l := a.live.Load()
	var out []string
	for i := range l.all {
		limit := &l.all[i]
		if !ofEvent(limit, e.ID) || limit.DryRun {
			continue
		}
		said := limit.String()
		if limit.Quantity == tallygate.Cost {
			amount := tallygate.Money(limit.Amount).String()
			said = amount + " " + l.config.Currency + said[len(amount):]
		}
		said = signup.Grouped(said)
		whom := "All together"
		if slices.Contains(limit.Each, tallygate.ByAttendee) {
			whom = "Each attendee"
		}
		out = append(out, fmt.Sprintf("%s: %s", whom, said))
	}
	return out
}

// liveOf is how an event goes, of the last hour.
func (a *App) liveOf(_ context.Context, id string) (signup.Live, error) {
	now := minuteOf(time.Now())
	first, models := now-pulseMinutes+1, a.modelUsesOf(id)
	out := signup.Live{Requests: make([]int64, pulseMinutes), Tokens: make([]int64, pulseMinutes)}
	if e, ok := a.event(id); ok && !e.Made.IsZero() { // not of an event that had the id before
		first = max(first, minuteOf(e.Made))
	}
	people := make(map[string]bool)
	a.pulse.each(id, first, func(b *beat) {
		if m := b.minute - (now - pulseMinutes + 1); m >= 0 && m < pulseMinutes {
			out.Requests[m], out.Tokens[m] = b.requests, b.tokens
		}
		out.Errors, out.Refused = out.Errors+b.errors, out.Refused+b.refused
		maps.Copy(people, b.people)
		for name, m := range b.models {
			models.add(name, true, m.requests, m.tokens)
		}
	})
	out.Active = slices.Sorted(maps.Keys(people))
	out.Models = models.list()
	l := a.live.Load()
	shared := func(l *tallygate.Limit) bool { return ofEvent(l, id) && len(l.Each) == 0 }
	for _, s := range l.limits.StatesOf(shared) {
		r := roomOf(&s, l.config.Currency)
		r.Name = strings.TrimPrefix(r.Name, "event "+id+": ") // as limits without a name are called
		out.Room = append(out.Room, r)
	}
	return out, nil
}

func roomOf(s *limit.State, currency string) api.Room {
	r := api.Room{Name: s.Limit.Name, Left: float64(s.Left()), Amount: float64(s.Limit.Amount), Unit: unitOf(s.Limit.Quantity)}
	if s.Limit.Quantity == tallygate.Cost {
		r.Unit, r.Left, r.Amount = currency, r.Left/float64(tallygate.Unit), r.Amount/float64(tallygate.Unit)
	}
	return r
}

// reportOf sums up an event from the ledger.
func (a *App) reportOf(ctx context.Context, id string) (signup.Report, error) {
	out := signup.Report{Currency: a.live.Load().config.Currency}
	if err := a.past.ledger.Flush(ctx); err != nil {
		return out, err
	}
	from := time.Time{} // an event that had the id before is nobody's business
	if e, ok := a.event(id); ok {
		from = e.Made
	}
	of := func(by ...string) (*ledger.Table, error) {
		return a.past.store.Usage(ctx, ledger.Query{From: from, By: by, Where: map[string][]string{"event": {id}}, Limit: ledger.MaxLimit})
	}
	people, err := of("attendee")
	if err != nil {
		return out, err
	}
	for _, r := range people.Rows {
		out.People = append(out.People, signup.PersonUse{
			Attendee: r.By[0], Requests: r.Requests, PromptTokens: r.Prompt, CompletionTokens: r.Completion, Tokens: r.Total,
			Cost: r.Cost, First: r.First, Last: r.Last,
		})
	}
	uses, err := of("model", "outcome")
	if err != nil {
		return out, err
	}
	models := a.modelUsesOf(id)
	for _, r := range uses.Rows {
		served := r.By[1] == tallygate.Answered.String() || r.By[1] == tallygate.Failed.String()
		models.add(r.By[0], served, r.Requests, r.Total)
		switch r.By[1] {
		case tallygate.Failed.String():
			out.Errors += r.Requests
		case tallygate.Refused.String():
			out.Refused += r.Requests
		}
	}
	out.Models = models.list()
	return out, nil
}

// modelUses sum up what models were used for. The names come from callers, who may ask
// for anything: shown are those that the event offers and those that were served.
type modelUses struct {
	known map[string]bool
	uses  map[string]*api.ModelUse
}

func (a *App) modelUsesOf(id string) *modelUses {
	m := &modelUses{make(map[string]bool), make(map[string]*api.ModelUse)}
	if e, ok := a.event(id); ok {
		for _, name := range a.modelsOfEvent(e) {
			m.known[name] = true
		}
	}
	return m
}

// add counts requests for a name. Served says that a deployment was asked for it.
func (m *modelUses) add(name string, served bool, requests, tokens int64) {
	if served && name != "" {
		m.known[name] = true
	}
	if m.uses[name] == nil {
		m.uses[name] = &api.ModelUse{Name: name}
	}
	m.uses[name].Requests += requests
	m.uses[name].Tokens += tokens
}

// list returns those with most requests first, and the others at the end.
func (m *modelUses) list() []api.ModelUse {
	var out []api.ModelUse
	others := api.ModelUse{Name: signup.OtherModels}
	for name, use := range m.uses {
		if m.known[name] {
			out = append(out, *use)
			continue
		}
		others.Requests += use.Requests
		others.Tokens += use.Tokens
	}
	slices.SortFunc(out, func(x, y api.ModelUse) int {
		return cmp.Or(cmp.Compare(y.Requests, x.Requests), cmp.Compare(x.Name, y.Name))
	})
	if others.Requests > 0 {
		out = append(out, others)
	}
	return out
}
