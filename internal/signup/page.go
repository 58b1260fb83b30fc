package signup

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/event"
)

// page is what the event's page is made of.
type page struct {
	Event *event.Event
	// URL is the page's own address, Base the gateway's.
	URL, Base string
	State     string // as event.State spells it
	// Joinable says that people may sign up now, Full that they wait for a seat then.
	// Shut says that there is no way to: who signed up before, when there was one,
	// still has a key.
	Joinable, Full, Shut bool
	Start, End           moment
	From, Until          moment        // the same, to be read together
	Text                 template.HTML // the event's Markdown
	Logo                 string
	Models, Limits       []string
	Free                 int // seats
	Providers            []Provider
	// Ask is what the field for the name says, Mail that it takes addresses alone.
	Ask     string
	Mail    bool
	QR      template.URL
	Fault   fault
	Me      *me
	Samples []sample
}

// moment is an instant as the event's own clock shows it, and for programs.
type moment struct{ Machine, Human string }

// me is the person who looks at the page.
type me struct {
	*event.Attendee
	Key, Masked string
	Place       int // on the waiting list
	// Crowded says that seats are free, and not for who comes from the same address as
	// many who have one.
	Crowded bool
}

// fault is what was wrong with a form, and what stood in it.
type fault struct{ Message, Param, Name, Code string }

// page serves the event's page.
func (s *site) page(w http.ResponseWriter, r *http.Request, e *event.Event) {
	s.show(w, r, e, http.StatusOK, fault{})
}

// show serves the event's page as whoever asks may see it.
func (s *site) show(w http.ResponseWriter, r *http.Request, e *event.Event, status int, f fault) {
	base := s.Base(r)
	p := &page{
		Event: e, Base: base, URL: base + "/event/" + e.ID,
		State: e.At(time.Now()).String(), Joinable: joinable(e),
		Start: in(e, e.Start), End: in(e, e.End),
		Text: markdown(e.Markdown), Logo: e.LogoURL(), Models: s.Models(e),
		Providers: s.Providers, Fault: f,
		Ask: ask(e), Mail: len(e.Domains) > 0 && len(e.Roster) == 0,
		Shut: e.Code == "" && len(s.Providers) == 0,
	}
	p.From, p.Until = span(e)
	if s.Limits != nil {
		p.Limits = s.Limits(e)
	}
	p.QR = qrImage(p.URL)
	people := s.People.List(e)
	if e.Seats > 0 {
		p.Free = max(0, e.Seats-seated(people))
		p.Full = p.Free == 0
	}
	if a, turn := s.who(r, e); a != nil {
		p.Me = &me{Attendee: a, Key: s.People.Key(a), Place: place(people, a), Crowded: s.People.Crowded(e, a)}
		p.Me.Masked = mask(p.Me.Key)
		p.Samples = samples(base, model(e, p.Models))
		if status == http.StatusOK {
			s.open(w, r, e, a, turn) // the event may end later than when the cookie was made
		}
	}
	s.render(w, status, "page", p)
}

// fullTime is how pages write an instant, with its day, time and zone.
const fullTime = "Monday, 2 January 2006, 15:04 MST"

// in tells a time on the event's own clock.
func in(e *event.Event, t time.Time) moment { return written(e, t, fullTime) }

func written(e *event.Event, t time.Time, layout string) moment {
	zone := e.Zone
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	return moment{t.Format(time.RFC3339), t.Format(layout)}
}

// span tells an event's begin and end so that one reads on from the other: what both
// have in common stands once.
func span(e *event.Event) (from, until moment) {
	const day = "2006-01-02 MST"
	if written(e, e.Start, day).Human != written(e, e.End, day).Human {
		return in(e, e.Start), in(e, e.End)
	}
	return written(e, e.Start, "Monday, 2 January 2006, 15:04"), written(e, e.End, "15:04 MST")
}

// seated counts those who have a seat.
func seated(people []*event.Attendee) int {
	n := 0
	for _, a := range people {
		if a.Seated() {
			n++
		}
	}
	return n
}

// place is the number of somebody who waits for a seat, from 1.
func place(people []*event.Attendee, me *event.Attendee) int {
	n := 0
	for _, a := range people {
		if a.Waiting && !a.Revoked {
			n++
		}
		if a.ID == me.ID {
			break
		}
	}
	return n
}

// mask shows of a key as much as tells it from another.
func mask(key string) string {
	if len(key) < 12 {
		return ""
	}
	return key[:len(event.KeyPrefix)] + strings.Repeat("•", 12) + key[len(key)-4:]
}

// model is the one that samples use.
func model(e *event.Event, models []string) string {
	switch {
	case e.Chat != "":
		return e.Chat
	case len(models) > 0:
		return models[0]
	}
	return "gpt-4o"
}
