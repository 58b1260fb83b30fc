package app

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/price"
	"github.com/tallygate/tallygate/internal/proxy"
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
func (a *App) listed(cfg *config.Config) (*price.Book, error) {
	book, leftOut, err := PriceList(cfg)
	if leftOut != nil {
		a.log.Warn("prices are left out", "err", leftOut)
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

// assumed is the configured price of models without one.
func assumed(cfg *config.Config) *price.Price {
	u := cfg.Prices.Unknown
	if u == nil {
		return nil
	}
	p := &price.Price{Model: "*"}
	for c := range price.Classes {
		switch {
		case c < price.Completion:
			p.Rates[c] = u.Prompt
		case c < price.Call:
			p.Rates[c] = u.Completion
		}
	}
	return p
}

// tariff says what tokens cost: by the list, by an hour of provisioned throughput where
// that has a price, and else as the configuration assumes.
type tariff struct {
	book *price.Book
	// nominal are the prices of provisioned throughput, by the deployment's id.
	nominal map[string]*price.Price
	unknown *price.Price // nil is not known
}

// newTariff is the tariff of a configuration with a list that is in use.
func newTariff(cfg *config.Config, book *price.Book) *tariff {
	t := &tariff{book: book, nominal: make(map[string]*price.Price), unknown: assumed(cfg)}
	for i := range cfg.Resources {
		r := &cfg.Resources[i]
		for j := range r.Deployments {
			m := &r.Deployments[j]
			if hour := cmp.Or(m.PTUPrice, cfg.Prices.PTU); hour > 0 && m.PTU > 0 {
				serves := pool.DrainOf(m.Base)
				id := (&tallygate.Deployment{Resource: r.Name, Name: m.Name}).ID()
				t.nominal[id] = price.Nominal(hour, serves.Input, serves.Output)
			}
		}
	}
	return t
}

// charged is what a deployment's tokens cost at a time, nil when nobody knows.
func (t *tariff) charged(d *tallygate.Deployment, at time.Time) (*price.Price, tallygate.Pricing) {
	if len(t.nominal) > 0 {
		if p := t.nominal[d.ID()]; p != nil {
			return p, tallygate.Nominal
		}
	}
	if p, ok := t.book.Find(strings.ToLower(d.Base), d.SKU, d.Region, at); ok {
		return p, tallygate.Listed
	}
	if t.unknown != nil {
		return t.unknown, tallygate.Assumed
	}
	return nil, tallygate.Unpriced
}

// prices finds the price of a deployment, and remembers it for a minute: prices
// change at a date, and deployments are few.
func prices(t *tariff) proxy.Prices {
	type known struct {
		price  proxy.Price
		how    tallygate.Pricing
		minute int64
	}
	var mu sync.RWMutex
	found := make(map[*tallygate.Deployment]known)
	return func(d *tallygate.Deployment, at time.Time) (proxy.Price, tallygate.Pricing) {
		minute := at.Unix() / 60
		mu.RLock()
		k, ok := found[d]
		mu.RUnlock()
		if ok && k.minute == minute {
			return k.price, k.how
		}
		k = known{minute: minute}
		p, how := t.charged(d, at)
		if k.how = how; p != nil {
			k.price = p // a nil *price.Price would not be a nil Price
		}
		mu.Lock()
		defer mu.Unlock()
		found[d] = k
		return k.price, k.how
	}
}
