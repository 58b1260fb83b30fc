package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/price"
)

// administrator is who changes objects with the admin key.
const administrator = "admin"

// limitControl lets the admin side at the limits.
func (a *App) limitControl() admin.LimitControl {
	return admin.LimitControl{
		Currency: func() string { return a.live.Load().config.Currency },
		List:     a.listLimits, Put: a.putLimit, Delete: a.deleteLimit,
	}
}

func (a *App) putLimit(ctx context.Context, name string, data []byte, version int64) error {
	if err := a.notOfFile(name); err != nil {
		return err
	}
	c := control.Change{Object: object.Object{ID: name, Data: data, By: administrator}, Want: version}
	return a.live.Apply(ctx, a.limitKind(), c, func(next *live) error {
		if err := next.badLimits[name]; err != nil {
			return invalid("InvalidLimit", "The limit cannot be used.", err)
		}
		return nil
	})
}

func (a *App) deleteLimit(ctx context.Context, name string, version int64) error {
	// What is stored under the name of a limit of the file is not in use, and may go.
	if _, err := a.live.Objects.Get(ctx, LimitKind, name); errors.Is(err, object.ErrNotFound) {
		if err := a.notOfFile(name); err != nil {
			return err
		}
	}
	return a.live.Apply(ctx, a.limitKind(), control.Change{Object: object.Object{ID: name}, Want: version}, nil)
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
	stored, err := a.live.Objects.List(ctx, LimitKind)
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
	stored, err := a.live.Objects.List(ctx, PriceKind)
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
	c := control.Change{Object: object.Object{ID: id, Data: data, By: administrator}, Want: version}
	check := func(next *live) error {
		is = next.book
		if err := next.badPrices[id]; err != nil {
			return invalid("InvalidPrices", "The prices cannot be used.", err)
		}
		return nil
	}
	if dry {
		_, err = a.live.Preview(ctx, a.priceKind(), c, check)
	} else {
		err = a.live.Apply(ctx, a.priceKind(), c, check)
	}
	return was, is, err
}

func (a *App) deletePrices(ctx context.Context, id string, version int64) error {
	return a.live.Apply(ctx, a.priceKind(), control.Change{Object: object.Object{ID: id}, Want: version}, nil)
}

// reprice works out by the prices in use what requests cost that were made before.
// The counters of limits of money follow, so that they stay what the ledger sums up
// to. Limits do not change meanwhile.
func (a *App) reprice(ctx context.Context, q ledger.RepriceQuery, dry bool) (done ledger.Repriced, err error) {
	err = a.live.Alone(func() error {
		done, err = a.repriceAlone(ctx, q, dry)
		return err
	})
	return done, err
}

func (a *App) repriceAlone(ctx context.Context, q ledger.RepriceQuery, dry bool) (ledger.Repriced, error) {
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
