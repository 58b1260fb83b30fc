package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/price"
)

// The kinds of stored objects.
const (
	// LimitKind is a limit: its id is the limit's name, its data what an entry of
	// limits is in the configuration.
	LimitKind = "limit"
	// PriceKind is a price file: its data is a JSON object with the file's text as
	// "list".
	PriceKind = "prices"
	// EventKind is an event: its id is the event's, its data what an entry of events is
	// in the configuration.
	EventKind = "event"
)

// kinds are all of them, in the order in which they build on each other.
func (a *App) kinds() []control.Kind[live] {
	return []control.Kind[live]{a.eventKind(), a.limitKind(), a.priceKind()}
}

func (a *App) limitKind() control.Kind[live] {
	return control.Kind[live]{
		Name: LimitKind, Use: a.addLimits,
		Left: func(next *live) map[string]error { return next.badLimits },
	}
}

func (a *App) priceKind() control.Kind[live] {
	return control.Kind[live]{
		Name: PriceKind, Use: addPrices,
		Left: func(next *live) map[string]error { return next.badPrices },
	}
}

// eventKind is that of events, whose limits change with them.
func (a *App) eventKind() control.Kind[live] {
	return control.Kind[live]{
		Name: EventKind, Use: a.addEvents,
		Left: func(next *live) map[string]error { return next.badEvents },
		Then: []control.Kind[live]{a.limitKind()},
	}
}

// addLimits sets the limits of next: those of its configuration and the stored ones.
func (a *App) addLimits(ctx context.Context, next, was *live, stored []object.Object) (err error) {
	all := append(next.config.AllLimits(), next.eventLimits...)
	next.badLimits = make(map[string]error)
	for _, o := range stored {
		l, err := next.config.ParseLimit(o.ID, o.Data)
		if err != nil {
			next.badLimits[o.ID] = err
			continue
		}
		all = append(all, l)
	}
	next.all = all
	next.limits, err = a.limits(ctx, all, next.config, was)
	return err
}

// addEvents sets the events of next: those of its configuration and the stored ones,
// with the limits that come with these. What two of them share leaves a stored one out.
func (a *App) addEvents(_ context.Context, next, _ *live, stored []object.Object) error {
	next.events, next.eventLimits, next.badEvents = fileEvents(next.config), nil, make(map[string]error)
	if next.tables != nil {
		next.events = append(next.events, next.tables.Events...)
	}
	for _, o := range stored {
		e, limits, err := next.config.ParseEvent(o.ID, o.Data)
		if err == nil {
			_, err = event.NewSet(append(slices.Clone(next.events), eventOf(e, "stored")))
		}
		if err != nil {
			next.badEvents[o.ID] = err
			continue
		}
		next.events = append(next.events, eventOf(e, "stored"))
		next.eventLimits = append(next.eventLimits, limits...)
	}
	return a.openDoor(next)
}

// addPrices sets the price list of next: that of its configuration, and over it the
// stored ones, of which the one changed last counts first.
func addPrices(_ context.Context, next, _ *live, stored []object.Object) (err error) {
	stored = slices.Clone(stored)
	slices.SortFunc(stored, func(a, b object.Object) int { return cmp.Compare(a.Version, b.Version) })
	next.book, next.badPrices = next.listed, make(map[string]error)
	for _, o := range stored {
		own, err := parsePrices(next.config, &o)
		if err != nil {
			next.badPrices[o.ID] = err
			continue
		}
		if next.book, err = next.book.With(own); err != nil {
			return fmt.Errorf("stored prices %q: %w", o.ID, err)
		}
	}
	return nil
}

// priceData is the data of a stored price file.
type priceData struct {
	List string `json:"list"`
}

// parsePrices reads a stored price file, in the gateway's currency.
func parsePrices(cfg *config.Config, o *object.Object) (*price.Book, error) {
	var data priceData
	if err := json.Unmarshal(o.Data, &data); err != nil {
		return nil, err
	}
	own, err := price.Parse("stored:"+o.ID, []byte(data.List))
	if err != nil {
		return nil, err
	}
	return inCurrency(cfg, own)
}
