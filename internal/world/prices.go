package world

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/control"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/price"
)

// PriceKind is the kind of stored price files: the data is a JSON object with the file's
// text as "list".
const PriceKind = "prices"

func priceKind() control.Kind[World] {
	return control.Kind[World]{
		Name: PriceKind, Use: addPrices,
		Left: func(next *World) map[string]error { return next.badPrices },
	}
}

// addPrices sets the price list of next: that of its configuration, and over it the
// stored ones, of which the one changed last counts first.
func addPrices(_ context.Context, next, _ *World, stored []object.Object) (err error) {
	stored = slices.Clone(stored)
	slices.SortFunc(stored, func(a, b object.Object) int { return cmp.Compare(a.Version, b.Version) })
	next.Book, next.badPrices = next.listed, make(map[string]error)
	for _, o := range stored {
		own, err := parsePrices(next.Config, &o)
		if err != nil {
			next.badPrices[o.ID] = err
			continue
		}
		if next.Book, err = next.Book.With(own); err != nil {
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

// PricedModels are the names under which the models that are served can have prices.
func (r *Room) PricedModels() []string {
	names := make(map[string]bool)
	for _, m := range r.Load().Models {
		for _, d := range m.Deployments {
			names[d.Model], names[d.Base] = true, true
		}
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

// ListPrices returns the prices in use and the lists that are stored, the one that counts
// first last.
func (r *Room) ListPrices(ctx context.Context) (*price.Book, []api.StoredPrices, error) {
	stored, err := r.Objects.List(ctx, PriceKind)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(stored, func(a, b object.Object) int { return int(a.Version - b.Version) })
	l := r.Load()
	var out []api.StoredPrices
	for _, o := range stored {
		s := api.StoredPrices{ID: o.ID, Version: o.Version, Updated: o.Updated}
		if err := l.badPrices[o.ID]; err != nil {
			s.Problem = err.Error()
		} else if book, err := parsePrices(l.Config, &o); err == nil {
			s.Prices = len(book.All())
		}
		out = append(out, s)
	}
	return l.Book, out, nil
}

// PutPrices stores a price file when version is 0, else replaces the one of that version,
// and returns the prices in use before and after. With dry it changes nothing.
func (r *Room) PutPrices(ctx context.Context, id string, file []byte, version int64, dry bool) (was, is *price.Book, err error) {
	data, err := json.Marshal(priceData{string(file)})
	if err != nil {
		return nil, nil, err
	}
	was = r.Load().Book
	c := control.Change{Object: object.Object{ID: id, Data: data, By: administrator}, Want: version}
	check := func(next *World) error {
		is = next.Book
		if err := next.badPrices[id]; err != nil {
			return invalid("InvalidPrices", "The prices cannot be used.", err)
		}
		return nil
	}
	if dry {
		_, err = r.Preview(ctx, priceKind(), c, check)
	} else {
		err = r.Apply(ctx, priceKind(), c, check)
	}
	return was, is, err
}

// DeletePrices removes the price file of a version.
func (r *Room) DeletePrices(ctx context.Context, id string, version int64) error {
	return r.Apply(ctx, priceKind(), control.Change{Object: object.Object{ID: id}, Want: version}, nil)
}
