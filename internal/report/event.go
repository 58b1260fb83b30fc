package report

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Event is the event that somebody looks at.
type Event struct {
	ID string
	// Made is when it was: what happened before was in another event that had the ID.
	// Zero is not known.
	Made time.Time
	// Models are the names of those that it offers. Callers may ask for any name: shown
	// by name are these and those that were served.
	Models []string
}

// Live is how an event goes.
type Live struct {
	// Active are the IDs of those who asked a model in the last hour, each once.
	Active []string
	// Requests and Tokens are by minute, the latest last, of which it is not over. What
	// was turned down is not among them.
	Requests, Tokens []int64
	// Errors are the requests of the last hour that failed, Refused those that a limit or
	// a rule turned down.
	Errors, Refused int64
	// Models are those that were asked most, the first first, and at the end the others,
	// without a name.
	Models []Use
}

// Use is what a model, or somebody, was used for or has used.
type Use struct {
	Name string
	// Requests are those that count, with what they used, in tokens, and cost.
	Requests, Prompt, Completion, Tokens int64
	Cost                                 tallygate.Money
	First, Last                          time.Time
}

// Live tells how an event went in the hour before now.
func (p *Pulse) Live(e Event, now time.Time) Live {
	last := minuteOf(now)
	first := last - Minutes + 1
	models := usesOf(e.Models)
	out := Live{Requests: make([]int64, Minutes), Tokens: make([]int64, Minutes)}
	people := make(map[string]bool)
	from := first
	if !e.Made.IsZero() {
		from = max(from, minuteOf(e.Made))
	}
	p.each(e.ID, from, func(b *beat) {
		if m := b.minute - first; m >= 0 && m < Minutes {
			out.Requests[m], out.Tokens[m] = b.requests, b.tokens
		}
		out.Errors, out.Refused = out.Errors+b.errors, out.Refused+b.refused
		maps.Copy(people, b.people)
		for name, m := range b.models {
			models.add(name, true, m.requests, m.tokens)
		}
	})
	out.Active, out.Models = slices.Sorted(maps.Keys(people)), models.list()
	return out
}

// Summary is what became of an event.
type Summary struct {
	// People are what each attendee used, by ID, and Models what each model was used for,
	// as in Live.
	People, Models []Use
	// Errors are the requests that failed, Refused those that were turned down.
	Errors, Refused int64
}

// Sum sums up an event from a store.
func Sum(ctx context.Context, store ledger.Reader, e Event) (out Summary, err error) {
	of := func(by ...string) (*ledger.Table, error) {
		return store.Usage(ctx, ledger.Query{From: e.Made, By: by, Where: map[string][]string{"event": {e.ID}}, Limit: ledger.MaxLimit})
	}
	people, err := of("attendee")
	if err != nil {
		return out, err
	}
	for _, r := range people.Rows {
		out.People = append(out.People, Use{
			Name: r.By[0], Requests: r.Requests, Prompt: r.Prompt, Completion: r.Completion, Tokens: r.Total,
			Cost: r.Cost, First: r.First, Last: r.Last,
		})
	}
	rows, err := of("model", "outcome")
	if err != nil {
		return out, err
	}
	models := usesOf(e.Models)
	for _, r := range rows.Rows {
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
