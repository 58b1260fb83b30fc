package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/price"
)

// administrator is who changes objects with the admin key.
const administrator = "admin"

// change puts an object over the one at version want, or deletes that one when o has
// no data, and swaps in what follows from it, which with makes of all objects of the
// kind. What cannot be used is not stored. The configuration is not read again.
func (a *App) change(ctx context.Context, o object.Object, want int64, with func(context.Context, *live, []object.Object) error) error {
	a.reload.Lock()
	defer a.reload.Unlock()
	return a.changeLocked(ctx, o, want, with)
}

// changeLocked is change for who holds a.reload.
func (a *App) changeLocked(ctx context.Context, o object.Object, want int64, with func(context.Context, *live, []object.Object) error) error {
	// Who asks may go away; the change is made or not, but not half.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	next, now, err := a.preview(ctx, o, want, with)
	if err != nil {
		return err
	}
	next.proxy = a.line(next)
	o.Version = now
	if o.Deleted() {
		err = a.objects.Delete(ctx, o.Kind, o.ID, now)
	} else {
		_, err = a.objects.Put(ctx, o)
	}
	if err != nil {
		return err
	}
	a.live.Store(next)
	a.log.Info("a stored object was changed", "kind", o.Kind, "id", o.ID, "deleted", o.Deleted())
	return nil
}

// preview returns what would live after a change, less the proxy, and the version at
// which the object is now.
func (a *App) preview(ctx context.Context, o object.Object, want int64, with func(context.Context, *live, []object.Object) error) (next *live, now int64, err error) {
	all, err := a.objects.List(ctx, o.Kind)
	if err != nil {
		return nil, 0, err
	}
	if i := slices.IndexFunc(all, func(b object.Object) bool { return b.ID == o.ID }); i >= 0 {
		now = all[i].Version
		all = slices.Delete(all, i, i+1)
	}
	if o.Deleted() && now == 0 {
		return nil, 0, &tallygate.Error{Kind: tallygate.NotFound, Code: "NotFound", Message: "Nothing of this name is stored."}
	}
	if err := object.Match(now, want); err != nil {
		return nil, 0, err
	}
	if !o.Deleted() {
		if err := o.Check(); err != nil {
			return nil, 0, err
		}
		for _, other := range all {
			o.Version = max(o.Version, other.Version+1)
		}
		all = append(all, o)
	}
	copied := *a.live.Load()
	next = &copied
	return next, now, with(ctx, next, all)
}

// limitControl lets the admin side at the limits.
func (a *App) limitControl() admin.LimitControl {
	return admin.LimitControl{
		Currency: func() string { return a.live.Load().config.Currency },
		List:     a.listLimits, Put: a.putLimit, Delete: a.deleteLimit,
	}
}

// useLimits is what a change of limits does.
func (a *App) useLimits(ctx context.Context, next *live, all []object.Object) error {
	return a.addLimits(ctx, next, next, all)
}

func (a *App) putLimit(ctx context.Context, name string, data []byte, version int64) error {
	if err := a.notOfFile(name); err != nil {
		return err
	}
	o := object.Object{Kind: LimitKind, ID: name, Data: data, By: administrator}
	return a.change(ctx, o, version, func(ctx context.Context, next *live, all []object.Object) error {
		if _, err := next.config.ParseLimit(name, data); err != nil {
			return invalid("InvalidLimit", "The limit cannot be used.", err)
		}
		return a.useLimits(ctx, next, all)
	})
}

func (a *App) deleteLimit(ctx context.Context, name string, version int64) error {
	// What is stored under the name of a limit of the file is not in use, and may go.
	if _, err := a.objects.Get(ctx, LimitKind, name); errors.Is(err, object.ErrNotFound) {
		if err := a.notOfFile(name); err != nil {
			return err
		}
	}
	return a.change(ctx, object.Object{Kind: LimitKind, ID: name}, version, a.useLimits)
}

// notOfFile refuses to change a limit of the configuration file.
func (a *App) notOfFile(name string) error {
	if slices.ContainsFunc(a.live.Load().config.AllLimits(), func(l tallygate.Limit) bool { return l.Name == name }) {
		return &tallygate.Error{Kind: tallygate.Conflict, Code: "LimitOfFile", Message: fmt.Sprintf("The limit %q is in the configuration file; change it there and reload.", name)}
	}
	return nil
}

// listLimits returns the limits in use, with how they stand, and the stored ones that
// are left out.
func (a *App) listLimits(ctx context.Context) ([]admin.LimitInUse, error) {
	stored, err := a.objects.List(ctx, LimitKind)
	if err != nil {
		return nil, err
	}
	l := a.live.Load()
	objects := make(map[string]*object.Object)
	for i := range stored {
		objects[stored[i].ID] = &stored[i]
	}
	for id := range l.badLimits {
		delete(objects, id) // the file may have a limit of the name
	}
	states := make(map[string][]limit.State)
	for _, s := range l.limits.States() {
		states[s.Limit.Name] = append(states[s.Limit.Name], s)
	}
	var out []admin.LimitInUse
	for _, r := range l.all {
		out = append(out, admin.LimitInUse{Limit: r, States: states[r.Name], Stored: objects[r.Name]})
	}
	for i, o := range stored {
		if err := l.badLimits[o.ID]; err != nil {
			out = append(out, admin.LimitInUse{Limit: tallygate.Limit{Name: o.ID}, Problem: err.Error(), Stored: &stored[i]})
		}
	}
	return out, nil
}

// priceControl lets the admin side at the prices.
func (a *App) priceControl() admin.PriceControl {
	return admin.PriceControl{List: a.listPrices, Put: a.putPrices, Delete: a.deletePrices, Reprice: a.reprice, Models: a.pricedModels}
}

// pricedModels are the names under which the models that are served can have prices.
func (a *App) pricedModels() []string {
	names := make(map[string]bool)
	for _, m := range a.live.Load().models {
		for _, d := range m.Deployments {
			names[d.Model], names[d.Base] = true, true
		}
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

func (a *App) listPrices(ctx context.Context) (*price.Book, []api.StoredPrices, error) {
	stored, err := a.objects.List(ctx, PriceKind)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(stored, func(a, b object.Object) int { return int(a.Version - b.Version) })
	l := a.live.Load()
	var out []api.StoredPrices
	for _, o := range stored {
		s := api.StoredPrices{ID: o.ID, Version: o.Version, Updated: o.Updated}
		if err := l.badPrices[o.ID]; err != nil {
			s.Problem = err.Error()
		} else if book, err := parsePrices(l.config, &o); err == nil {
			s.Prices = len(book.All())
		}
		out = append(out, s)
	}
	return l.book, out, nil
}

func (a *App) putPrices(ctx context.Context, id string, file []byte, version int64, dry bool) (was, is *price.Book, err error) {
	data, err := json.Marshal(priceData{string(file)})
	if err != nil {
		return nil, nil, err
	}
	was = a.live.Load().book
	o := object.Object{Kind: PriceKind, ID: id, Data: data, By: administrator}
	with := func(_ context.Context, next *live, all []object.Object) error {
		if _, err := parsePrices(next.config, &o); err != nil {
			return invalid("InvalidPrices", "The prices cannot be used.", err)
		}
		err := addPrices(next, all)
		is = next.book
		return err
	}
	if dry {
		_, _, err = a.preview(ctx, o, version, with)
	} else {
		err = a.change(ctx, o, version, with)
	}
	return was, is, err
}

func (a *App) deletePrices(ctx context.Context, id string, version int64) error {
	return a.change(ctx, object.Object{Kind: PriceKind, ID: id}, version, func(_ context.Context, next *live, all []object.Object) error {
		return addPrices(next, all)
	})
}

// reprice works out by the prices in use what requests cost that were made before.
// The counters of limits of money follow, so that they stay what the ledger sums up
// to. Limits do not change meanwhile.
func (a *App) reprice(ctx context.Context, q ledger.RepriceQuery, dry bool) (ledger.Repriced, error) {
	a.reload.Lock()
	defer a.reload.Unlock()
	l := a.live.Load()
	charges := tariff(l.config, l.book)
	cost := func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return charges.Again(e, a.operations.Used(e))
	}
	if !dry {
		done, err := a.ledger.Reprice(ctx, q, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
			is, how := cost(e)
			l.limits.Correct(e, is-e.Cost)
			return is, how
		})
		a.log.Info("requests were repriced", "entries", done.Entries, "changed", done.Changed,
			"before", done.Before.String(), "after", done.After.String(), "err", err)
		return done, err
	}
	var would ledger.Repriced
	_, err := a.ledger.Reprice(ctx, q, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		would.Price(e, cost)
		return e.Cost, e.Pricing
	})
	return would, err
}

// invalid refuses what was sent, with everything that is wrong with it.
func invalid(code, message string, err error) error {
	no := &tallygate.Error{Kind: tallygate.BadRequest, Code: code, Message: message}
	if all, ok := errors.AsType[*config.Problems](err); ok {
		for _, p := range *all {
			no.Problems = append(no.Problems, p.String())
		}
		return no
	}
	no.Problems = strings.Split(err.Error(), "\n")
	return no
}
