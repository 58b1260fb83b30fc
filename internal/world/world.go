// Package world is what requests meet as one value, and what changes it: [World] is made
// of the configuration, of what is stored and of what Azure's tables hold; it never
// changes. [Room] holds the one that lives, makes the next beside it, and swaps it in by
// one pointer. Each kind of stored objects has a file here, with what the admin side does
// to it; the rules of all kinds are those of package control.
package world

import (
	"context"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/caller"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/event"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/price"
)

// Inputs are what a world is made of, beside what is stored.
type Inputs struct {
	Config *config.Config
	// Tables is what Azure's tables hold; nil is nothing.
	Tables *aztables.Content
}

// World is what one configuration made, together with what is stored. It never changes:
// what changes is swapped in whole.
type World struct {
	Inputs
	Loaded  time.Time         // when the configuration was read
	Callers *caller.Keys      // those of the configuration, and of events through Door
	Models  []pool.Model      // with their deployments
	Pool    *pool.Pool        // of Models
	All     []tallygate.Limit // what Limits is made of
	Limits  *limit.Limits
	Book    *price.Book // the prices in use: with what is stored over the listed ones
	Events  []*event.Event
	Door    *event.Door // to the events
	// Made is what Room.Finish made of the rest.
	Made any

	own         *caller.Keys      // those of the configuration
	listed      *price.Book       // the prices of the configuration alone
	eventLimits []tallygate.Limit // those of the stored events
	// These are the stored objects that are left out, by id, and why.
	badEvents, badLimits, badPrices map[string]error
}

// Room holds the world that lives. Set its fields, and those of the control.Room, before
// use. Safe for concurrent use.
type Room struct {
	control.Room[World]
	// Past is what limits begin with, and Notice hears of those nearly used up.
	Past   limit.Past
	Notice func(limit.Notice)
	// Health hears of deployments that are left alone, or no longer.
	Health func(pool.Change)
	// Registry knows who comes in to events, and People who signed up.
	Registry *event.Registry
	People   *event.People
}

// Event returns the event of an ID that lives, open or not.
func (r *Room) Event(id string) (*event.Event, bool) { return r.Load().Door.Event(id) }

// Build makes a world, with all that is stored, that still is to be finished. It touches
// nothing that lives. was is what lives before it, nil at the start.
func (r *Room) Build(ctx context.Context, in Inputs, was *World) (*World, error) {
	next := &World{Inputs: in, Loaded: time.Now()}
	var err error
	if next.own, err = callers(in.Config); err != nil {
		return nil, err
	}
	if next.Models, err = pools(in.Config); err != nil {
		return nil, err
	}
	next.Models = append(next.Models, tableModels(in.Tables)...)
	if next.listed, err = r.listed(in.Config); err != nil {
		return nil, err
	}
	if err := r.Furnish(ctx, next, was, r.kinds()...); err != nil {
		return nil, err
	}
	if was != nil {
		next.Pool = was.Pool.Next(next.Models)
		return next, nil
	}
	rest := pool.Cooldown{Default: in.Config.Cooldown.Default, Max: in.Config.Cooldown.Max}
	next.Pool = pool.New(next.Models, pool.Options{Cooldown: rest, Changed: r.Health})
	return next, nil
}

// kinds are all kinds of stored objects, in the order in which they build on each other.
func (r *Room) kinds() []control.Kind[World] {
	return []control.Kind[World]{r.eventKind(), r.limitKind(), priceKind()}
}

// administrator is who changes objects with the admin key.
const administrator = "admin"
