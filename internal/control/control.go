// Package control changes what requests meet, which is one value, the world: made whole
// beside the one that lives, then swapped in by one pointer, so that nobody meets half of
// a change. What a world is, its owner says (W); this package knows only that it never
// changes once it lives.
//
// A world is made of the configuration and of stored objects. A [Kind] of objects is a
// value: its name, how all of it becomes part of a world, and which of it could not. Who
// adds a kind writes that value, in a file of its own.
package control

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/object"
)

// Kind is a kind of stored objects.
type Kind[W any] struct {
	// Name is that of the objects' kind in the store.
	Name string
	// Use puts all stored objects of the kind into next, in place of those it had. was is
	// what lives before it, nil at the start. It leaves out what does not go with the rest,
	// and fails only where nothing can be used. It touches nothing but next: a preview is
	// thrown away.
	Use func(ctx context.Context, next, was *W, stored []object.Object) error
	// Left are the objects that next leaves out, by ID, and why.
	Left func(next *W) map[string]error
	// Then are the kinds that build on this one, and are used anew when it changes.
	Then []Kind[W]
}

// Change is what is to become of an object.
type Change struct {
	object.Object // one without Data is to be deleted; Version is not looked at
	// Want is the version that it is expected at: 0 for none, or object.Any.
	Want int64
}

// Room holds the world and lets one change of it be made at a time. Set its fields before
// use. Safe for concurrent use.
type Room[W any] struct {
	// Objects is where the objects are stored.
	Objects object.Store
	// Finish makes, before a world lives, what needs all of it.
	Finish func(next *W)
	Log    *slog.Logger

	changing sync.Mutex
	live     atomic.Pointer[W]
}

// Load returns the world that lives; nil before the first.
func (r *Room[W]) Load() *W { return r.live.Load() }

// Alone runs do while nothing else changes the world.
func (r *Room[W]) Alone(do func() error) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	return do()
}

// Swap lets next live and returns what lived before. It belongs into Alone, save for the
// first world.
func (r *Room[W]) Swap(next *W) (was *W) { return r.live.Swap(next) }

// Furnish puts the stored objects of kinds into next, in their order. What is left out is
// logged: it must not keep the gateway from starting, since who changes the configuration
// need not know of it.
func (r *Room[W]) Furnish(ctx context.Context, next, was *W, kinds ...Kind[W]) error {
	for _, k := range kinds {
		stored, err := r.Objects.List(ctx, k.Name)
		if err != nil {
			return fmt.Errorf("read the stored objects of kind %s: %w", k.Name, err)
		}
		if err := k.Use(ctx, next, was, stored); err != nil {
			return fmt.Errorf("use the stored objects of kind %s: %w", k.Name, err)
		}
	}
	for _, k := range kinds {
		left := k.Left(next)
		for _, id := range slices.Sorted(maps.Keys(left)) {
			r.Log.Error("a stored object is not in use: it does not go with the configuration; change or delete it",
				"kind", k.Name, "id", id, "err", left[id])
		}
	}
	return nil
}

// Apply makes a change and lets what follows from it live. What check refuses, of the
// world that would follow, changes nothing; nil checks nothing. The error is a
// *tallygate.Error of kind NotFound, Conflict or Stale where the object is not what was
// expected, or the store's. The configuration is not read again.
func (r *Room[W]) Apply(ctx context.Context, k Kind[W], c Change, check func(next *W) error) error {
	return r.Alone(func() error { return r.ApplyAlone(ctx, k, c, check) })
}

// ApplyAlone is Apply for who is in Alone.
func (r *Room[W]) ApplyAlone(ctx context.Context, k Kind[W], c Change, check func(next *W) error) error {
	// Who asks may go away; the change is made or not, but not half.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	next, now, err := r.preview(ctx, k, c, check)
	if err != nil {
		return err
	}
	r.Finish(next)
	c.Kind, c.Version = k.Name, now
	if c.Deleted() {
		err = r.Objects.Delete(ctx, k.Name, c.ID, now)
	} else {
		_, err = r.Objects.Put(ctx, c.Object)
	}
	if err != nil {
		return err
	}
	r.Swap(next)
	r.Log.Info("a stored object was changed", "kind", k.Name, "id", c.ID, "deleted", c.Deleted())
	return nil
}

// Preview returns the world that would follow from a change, not finished. Nothing is
// changed by it.
func (r *Room[W]) Preview(ctx context.Context, k Kind[W], c Change, check func(next *W) error) (*W, error) {
	next, _, err := r.preview(ctx, k, c, check)
	return next, err
}

// preview also returns the version at which the object is now.
func (r *Room[W]) preview(ctx context.Context, k Kind[W], c Change, check func(next *W) error) (next *W, now int64, err error) {
	c.Kind = k.Name
	all, err := r.Objects.List(ctx, k.Name)
	if err != nil {
		return nil, 0, err
	}
	if i := slices.IndexFunc(all, func(b object.Object) bool { return b.ID == c.ID }); i >= 0 {
		now = all[i].Version
		all = slices.Delete(all, i, i+1)
	}
	if c.Deleted() && now == 0 {
		return nil, 0, &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: "Nothing of this name is stored."}
	}
	if err := object.Match(now, c.Want); err != nil {
		return nil, 0, err
	}
	if !c.Deleted() {
		if err := c.Check(); err != nil {
			return nil, 0, err
		}
		for _, other := range all {
			c.Version = max(c.Version, other.Version+1)
		}
		all = append(all, c.Object)
	}
	was := r.Load()
	copied := *was
	next = &copied
	if err := r.use(ctx, k, next, was, all); err != nil {
		return nil, 0, err
	}
	if check != nil {
		err = check(next)
	}
	return next, now, err
}

// use puts the objects of a kind into next, and those of the kinds that build on it anew.
func (r *Room[W]) use(ctx context.Context, k Kind[W], next, was *W, stored []object.Object) error {
	if err := k.Use(ctx, next, was, stored); err != nil {
		return err
	}
	for _, then := range k.Then {
		stored, err := r.Objects.List(ctx, then.Name)
		if err != nil {
			return err
		}
		if err := r.use(ctx, then, next, was, stored); err != nil {
			return err
		}
	}
	return nil
}
