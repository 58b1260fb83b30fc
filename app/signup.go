package app

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/report"
	"github.com/tallygate/tallygate/internal/signup"
	"github.com/tallygate/tallygate/internal/world"
)

// signupOptions are what the pages of events ask.
func (a *App) signupOptions(cfg *config.Config, secret []byte) signup.Options {
	o := signup.Options{
		Event: a.room.Event, People: a.room.People, Secret: secret,
		Find: func(credential string, from netip.Addr) (*tallygate.Identity, error) {
			return a.live().Door.Find(credential, from)
		},
		Identify: func(h http.Header, from netip.Addr) (*tallygate.Identity, error) {
			return a.live().Callers.Identify(h, "", from)
		},
		Portal: func() api.Portal { return api.Portal(a.live().Config.Portal) },
		Base:   a.publicAddress, Models: a.modelsOfEvent, Limits: a.limitsOfEvent,
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
	if u := a.live().Config.PublicURL; u != "" {
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
	if who.Typed != "" {
		return who.Typed
	}
	e, ok := a.room.Event(who.Event)
	if !ok {
		return ""
	}
	if p, ok := a.room.People.Find(e, who.Attendee); ok {
		return p.Name
	}
	return ""
}

// modelsOfEvent are the names of the models that an event offers, chat models first.
func (a *App) modelsOfEvent(e *event.Event) []string {
	models := a.modelsOf(&tallygate.Identity{Caller: e.Caller(event.Guest)})
	var chats, others []string
	for _, m := range models {
		if m.Kind == api.KindChat {
			chats = append(chats, m.Name)
		} else {
			others = append(others, m.Name)
		}
	}
	return append(chats, others...)
}

// limitsOfEvent says in a sentence each what bounds an event's use.
func (a *App) limitsOfEvent(e *event.Event) []string {
	l := a.live()
	var out []string
	for i := range l.All {
		limit := &l.All[i]
		if !world.OfEvent(limit, e.ID) || limit.DryRun {
			continue
		}
		said := limit.String()
		if limit.Quantity == tallygate.Cost {
			amount := tallygate.Money(limit.Amount).String()
			said = amount + " " + l.Config.Currency + said[len(amount):]
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

// lookedAt is an event as reports know it.
func (a *App) lookedAt(id string) report.Event {
	out := report.Event{ID: id}
	if e, ok := a.room.Event(id); ok {
		out.Made, out.Models = e.Made, a.modelsOfEvent(e)
	}
	return out
}

// liveOf is how an event goes, of the last hour.
func (a *App) liveOf(_ context.Context, id string) (signup.Live, error) {
	p := a.pulse.Live(a.lookedAt(id), time.Now())
	out := signup.Live{
		Active: p.Active, Requests: p.Requests, Tokens: p.Tokens, Errors: p.Errors, Refused: p.Refused, Models: modelUses(p.Models),
	}
	l := a.live()
	shared := func(l *tallygate.Limit) bool { return world.OfEvent(l, id) && len(l.Each) == 0 }
	for _, s := range l.Limits.StatesOf(shared) {
		r := roomOf(&s, l.Config.Currency)
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
	out := signup.Report{Currency: a.live().Config.Currency}
	if err := a.past.ledger.Flush(ctx); err != nil {
		return out, err
	}
	sum, err := report.Sum(ctx, a.past.store, a.lookedAt(id))
	if err != nil {
		return out, err
	}
	for _, u := range sum.People {
		out.People = append(out.People, signup.PersonUse{
			Attendee: u.Name, Requests: u.Requests, PromptTokens: u.Prompt, CompletionTokens: u.Completion, Tokens: u.Tokens,
			Cost: u.Cost, First: u.First, Last: u.Last,
		})
	}
	out.Errors, out.Refused, out.Models = sum.Errors, sum.Refused, modelUses(sum.Models)
	return out, nil
}

// modelUses are the uses of models as pages have them.
func modelUses(all []report.Use) []api.ModelUse {
	var out []api.ModelUse
	for _, u := range all {
		out = append(out, api.ModelUse{Name: cmp.Or(u.Name, signup.OtherModels), Requests: u.Requests, Tokens: u.Tokens})
	}
	return out
}
