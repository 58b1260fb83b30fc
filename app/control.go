package app

import (
	"context"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/world"
)

// limitControl lets the admin side at the limits.
func (a *App) limitControl() admin.LimitControl {
	return admin.LimitControl{
		Currency: func() string { return a.live().Config.Currency },
		List:     a.room.ListLimits, Put: a.room.PutLimit, Delete: a.room.DeleteLimit,
	}
}

// priceControl lets the admin side at the prices.
func (a *App) priceControl() admin.PriceControl {
	return admin.PriceControl{
		List: a.room.ListPrices, Put: a.room.PutPrices, Delete: a.room.DeletePrices, Models: a.room.PricedModels, Reprice: a.reprice,
	}
}

// reprice works out by the prices in use what requests cost that were made before.
// The counters of limits of money follow, so that they stay what the ledger sums up
// to. Limits do not change meanwhile.
func (a *App) reprice(ctx context.Context, q ledger.RepriceQuery, dry bool) (done ledger.Repriced, err error) {
	err = a.room.Alone(func() error {
		done, err = a.repriceAlone(ctx, q, dry)
		return err
	})
	return done, err
}

func (a *App) repriceAlone(ctx context.Context, q ledger.RepriceQuery, dry bool) (ledger.Repriced, error) {
	l := a.room.Load()
	charges := world.Tariff(l.Config, l.Book)
	cost := func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return charges.Again(e, a.operations.Used(e))
	}
	if !dry {
		done, err := a.ledger.Reprice(ctx, q, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
			is, how := cost(e)
			l.Limits.Correct(e, is-e.Cost)
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
