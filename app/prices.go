package app

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/price"
	"github.com/tallygate/tallygate/internal/proxy"
)

// PriceKind is the kind of the stored objects that hold price lists.
const PriceKind = "prices"

// book returns the price list in use, in the gateway's currency: the built-in one,
// over it the configuration's file, over it what was stored.
func (a *App) book(ctx context.Context, cfg *config.Config) (*price.Book, error) {
	builtin, err := price.Default()
	if err != nil {
		return nil, err
	}
	books := []*price.Book{builtin}
	if cfg.Prices.File != "" {
		text, err := os.ReadFile(cfg.Prices.File)
		if err != nil {
			return nil, fmt.Errorf("prices.file: %w", err)
		}
		own, err := price.Parse(cfg.Prices.File, text)
		if err != nil {
			return nil, err
		}
		books = append(books, own)
	}
	stored, err := a.objects.List(ctx, PriceKind)
	if err != nil {
		return nil, fmt.Errorf("read stored prices: %w", err)
	}
	for _, o := range stored {
		own, err := price.Parse("stored", o.Data)
		if err != nil {
			return nil, fmt.Errorf("stored prices %q: %w", o.ID, err)
		}
		books = append(books, own)
	}
	return combine(cfg, books, func(b *price.Book, i int) {
		a.log.Warn("these prices are left out: there is no exchange rate; add it under prices.rates",
			"list", b.All()[0].Origin, "from", b.Currency(), "to", cfg.Currency)
	})
}

// combine lays price lists over each other in the gateway's currency. A built-in
// list whose currency has no rate is left out and told of; any other is an error.
func combine(cfg *config.Config, books []*price.Book, leftOut func(*price.Book, int)) (*price.Book, error) {
	all, err := price.New(cfg.Currency, nil, nil)
	if err != nil {
		return nil, err
	}
	for i, b := range books {
		if b.Currency() != cfg.Currency {
			rate, ok := cfg.Prices.Rates[b.Currency()]
			switch {
			case ok:
			case i == 0:
				leftOut(b, i)
				continue
			default:
				return nil, fmt.Errorf("the prices of %s are in %s: say under prices.rates what one %s is in %s",
					b.All()[0].Origin, b.Currency(), b.Currency(), cfg.Currency)
			}
			if b, err = b.Convert(cfg.Currency, rate); err != nil {
				return nil, err
			}
		}
		if i == 0 || len(all.All()) == 0 {
			all = b // it brings the spellings of dated models
			continue
		}
		if all, err = all.With(b); err != nil {
			return nil, err
		}
	}
	return all, nil
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

// prices finds the price of a deployment, and remembers it for a minute: prices
// change at a date, and deployments are few.
func prices(book *price.Book, unknown *price.Price) proxy.Prices {
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
		k = known{how: tallygate.Unpriced, minute: minute}
		if p, ok := book.Find(strings.ToLower(d.Base), d.SKU, d.Region, at); ok {
			k.price, k.how = p, tallygate.Listed
		} else if unknown != nil {
			k.price, k.how = unknown, tallygate.Assumed
		}
		mu.Lock()
		defer mu.Unlock()
		found[d] = k
		return k.price, k.how
	}
}
