package world

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/object"
)

// LimitKind is the kind of stored limits: an object's id is the limit's name, its data
// what an entry of limits is in the configuration.
const LimitKind = "limit"

// LimitInUse is a limit and how it stands.
type LimitInUse struct {
	// Limit has only a name when the limit is not in use, because of a Problem.
	Limit   tallygate.Limit
	Problem string
	// Stored is the object it was read from, nil for a limit of the file.
	Stored *object.Object
	// States are those of its subjects, in any order.
	States []limit.State
}

func (r *Room) limitKind() control.Kind[World] {
	return control.Kind[World]{
		Name: LimitKind, Use: r.addLimits,
		Left: func(next *World) map[string]error { return next.badLimits },
	}
}

// addLimits sets the limits of next: those of its configuration and the stored ones.
func (r *Room) addLimits(ctx context.Context, next, was *World, stored []object.Object) (err error) {
	all := append(next.Config.AllLimits(), next.eventLimits...)
	next.badLimits = make(map[string]error)
	for _, o := range stored {
		l, err := next.Config.ParseLimit(o.ID, o.Data)
		if err != nil {
			next.badLimits[o.ID] = err
			continue
		}
		all = append(all, l)
	}
	next.All = all
	next.Limits, err = r.limits(ctx, all, next.Config, was)
	return err
}

// limits makes limits, which go on from those there are.
func (r *Room) limits(ctx context.Context, all []tallygate.Limit, cfg *config.Config, was *World) (*limit.Limits, error) {
	if was != nil {
		return was.Limits.Next(ctx, all)
	}
	return limit.New(ctx, all, limit.Options{Past: r.Past, Notify: r.Notice, Currency: cfg.Currency})
}

// PutLimit makes a limit when version is 0, else replaces the one of that version. What
// it refuses it says by a *tallygate.Error.
func (r *Room) PutLimit(ctx context.Context, name string, data []byte, version int64) error {
	if err := r.notOfFile(name); err != nil {
		return err
	}
	c := control.Change{Object: object.Object{ID: name, Data: data, By: administrator}, Want: version}
	return r.Apply(ctx, r.limitKind(), c, func(next *World) error {
		if err := next.badLimits[name]; err != nil {
			return invalid("InvalidLimit", "The limit cannot be used.", err)
		}
		return nil
	})
}

// DeleteLimit removes the stored limit of a version.
func (r *Room) DeleteLimit(ctx context.Context, name string, version int64) error {
	// What is stored under the name of a limit of the file is not in use, and may go.
	if _, err := r.Objects.Get(ctx, LimitKind, name); errors.Is(err, object.ErrNotFound) {
		if err := r.notOfFile(name); err != nil {
			return err
		}
	}
	return r.Apply(ctx, r.limitKind(), control.Change{Object: object.Object{ID: name}, Want: version}, nil)
}

// notOfFile refuses to change a limit of the configuration file.
func (r *Room) notOfFile(name string) error {
	if slices.ContainsFunc(r.Load().Config.AllLimits(), func(l tallygate.Limit) bool { return l.Name == name }) {
		return &tallygate.Error{Kind: tallygate.Conflict, Code: "LimitOfFile", Message: fmt.Sprintf("The limit %q is in the configuration file; change it there and reload.", name)}
	}
	return nil
}

// ListLimits returns the limits in use, with how they stand, and the stored ones that
// are left out.
func (r *Room) ListLimits(ctx context.Context) ([]LimitInUse, error) {
	stored, err := r.Objects.List(ctx, LimitKind)
	if err != nil {
		return nil, err
	}
	l := r.Load()
	objects := make(map[string]*object.Object)
	for i := range stored {
		objects[stored[i].ID] = &stored[i]
	}
	for id := range l.badLimits {
		delete(objects, id) // the file may have a limit of the name
	}
	states := make(map[string][]limit.State)
	for _, s := range l.Limits.States() {
		states[s.Limit.Name] = append(states[s.Limit.Name], s)
	}
	var out []LimitInUse
	for _, r := range l.All {
		out = append(out, LimitInUse{Limit: r, States: states[r.Name], Stored: objects[r.Name]})
	}
	for i, o := range stored {
		if err := l.badLimits[o.ID]; err != nil {
			out = append(out, LimitInUse{Limit: tallygate.Limit{Name: o.ID}, Problem: err.Error(), Stored: &stored[i]})
		}
	}
	return out, nil
}
