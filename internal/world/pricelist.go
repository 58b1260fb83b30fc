package world

import (
	"cmp"
	"fmt"
	"os"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/cost"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/price"
)

// PriceList returns the prices of a configuration by itself, in its currency: the
// built-in list, and over it the configuration's file. Without an exchange rate the
// built-in list is left out, and leftOut says so.
func PriceList(cfg *config.Config) (book *price.Book, leftOut, err error) {
	builtin, err := price.Default()
	if err != nil {
		return nil, nil, err
	}
	if book, leftOut = inCurrency(cfg, builtin); leftOut != nil {
		if book, err = price.New(cfg.Currency, nil, nil); err != nil {
			return nil, nil, err
		}
	}
	if cfg.Prices.File == "" {
		return book, leftOut, nil
	}
	text, err := os.ReadFile(cfg.Prices.File)
	if err != nil {
		return nil, nil, fmt.Errorf("prices.file: %w", err)
	}
	own, err := price.Parse(cfg.Prices.File, text)
	if err != nil {
		return nil, nil, err
	}
	if own, err = inCurrency(cfg, own); err != nil {
		return nil, nil, err
	}
	book, err = book.With(own)
	return book, leftOut, err
}

// listed is PriceList with a word about what is left out.
func (r *Room) listed(cfg *config.Config) (*price.Book, error) {
	book, leftOut, err := PriceList(cfg)
	if leftOut != nil {
		r.Log.Warn("prices are left out", "err", leftOut)
	}
	return book, err
}

// inCurrency returns a list in the gateway's currency.
func inCurrency(cfg *config.Config, b *price.Book) (*price.Book, error) {
	if b.Currency() == cfg.Currency {
		return b, nil
	}
	rate, ok := cfg.Prices.Rates[b.Currency()]
	if !ok {
		return nil, fmt.Errorf("the prices of %s are in %s: say under prices.rates what one %s is in %s",
			b.All()[0].Origin, b.Currency(), b.Currency(), cfg.Currency)
	}
	return b.Convert(cfg.Currency, rate)
}

// Tariff is what a configuration charges, with a list that is in use.
func Tariff(cfg *config.Config, list *price.Book) *cost.Tariff {
	o := cost.Options{List: list, Nominal: make(map[string]*price.Price)}
	if u := cfg.Prices.Unknown; u != nil {
		o.Unknown = cost.Assumed(u.Prompt, u.Completion)
	}
	for i := range cfg.Resources {
		r := &cfg.Resources[i]
		for j := range r.Deployments {
			m := &r.Deployments[j]
			if hour := cmp.Or(m.PTUPrice, cfg.Prices.PTU); hour > 0 && m.PTU > 0 {
				serves := pool.DrainOf(m.Base)
				id := (&tallygate.Deployment{Resource: r.Name, Name: m.Name}).ID()
				o.Nominal[id] = price.Nominal(hour, serves.Input, serves.Output)
			}
		}
	}
	return cost.New(o)
}
