package price

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Book is a price list in one currency. For each model, SKU and region it has at most
// one price at any time. A Book never changes after it was made; safe for concurrent
// use.
type Book struct {
	currency string
	suffixes []string
	prices   []Price // in order of model, SKU, region, time

	// For Find.
	names   map[string]*shelf     // by plain name, in lower case
	heads   map[string][]*pattern // by the text they begin with
	lengths []int                 // of the heads, the shortest first
	endings []glob                // the suffixes
}

// New makes a Book of prices in a currency (ISO 4217). A plain name among the models
// may continue with one of the suffixes, which are globs of path.Match. The error
// tells everything that is wrong: names and globs that are none, rates below zero or
// absurd, prices that count at the same time.
func New(currency string, suffixes []string, prices []Price) (*Book, error) {
	errs := []error{checkCurrency(currency)}
	for _, s := range suffixes {
		errs = append(errs, checkGlob(s))
	}
	for i := range prices {
		if err := prices[i].check(); err != nil {
			errs = append(errs, fmt.Errorf("price of %q: %w", prices[i].Model, err))
		}
	}
	b := build(currency, suffixes, prices)
	for _, pair := range b.overlaps() {
		errs = append(errs, fmt.Errorf("price of %q: two count at the same time", pair[0].Model))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return b, nil
}

// check tells what is wrong with a price by itself.
func (p *Price) check() error {
	if err := cmp.Or(checkName(p.Model), checkGlob(p.Model)); err != nil {
		return err
	}
	for _, s := range []string{p.SKU, p.Region} {
		if s != "" && checkName(s) != nil {
			return fmt.Errorf("%q: %w", s, checkName(s))
		}
	}
	if !p.From.IsZero() && !sane(p.From) || !p.To.IsZero() && !sane(p.To) || !p.To.IsZero() && !p.From.Before(p.To) {
		return errors.New("to must be after from")
	}
	if err := p.Rates.check(); err != nil {
		return err
	}
	above := int64(0)
	for _, t := range p.Tiers {
		if t.Above <= above {
			return errors.New("tiers must be above more and more tokens")
		}
		if t.Rates[Call] != p.Rates[Call] || t.Rates[Second] != p.Rates[Second] || t.Rates[Character] != p.Rates[Character] {
			return errors.New("call, second and character must be alike in all tiers")
		}
		if err := t.Rates.check(); err != nil {
			return err
		}
		above = t.Above
	}
	for i := range p.Pictures {
		if err := p.Pictures[i].check(p.Pictures[:i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rates) check() error {
	for c := range Classes {
		if r[c] < 0 || r[c] >= c.ceiling() {
			return fmt.Errorf("%s is negative or absurdly large", c)
		}
	}
	return nil
}

// build makes a book of what was checked.
func build(currency string, suffixes []string, prices []Price) *Book {
	b := &Book{currency: currency, suffixes: slices.Clone(suffixes), prices: make([]Price, len(prices)), endings: newGlobs(suffixes)}
	for i, p := range prices {
		p.Tiers, p.Pictures = slices.Clone(p.Tiers), slices.Clone(p.Pictures)
		b.prices[i] = p
	}
	slices.SortStableFunc(b.prices, func(x, y Price) int {
		return cmp.Or(x.compareKey(&y), x.From.Compare(y.From))
	})
	b.index()
	return b
}

// compareKey orders prices by what they are for, but not when.
func (p *Price) compareKey(q *Price) int {
	return cmp.Or(
		strings.Compare(strings.ToLower(p.Model), strings.ToLower(q.Model)),
		strings.Compare(strings.ToLower(p.SKU), strings.ToLower(q.SKU)),
		strings.Compare(strings.ToLower(p.Region), strings.ToLower(q.Region)))
}

// overlaps returns the pairs of prices for the same that count at the same time.
func (b *Book) overlaps() [][2]*Price {
	var pairs [][2]*Price
	for i := 1; i < len(b.prices); i++ {
		p, q := &b.prices[i-1], &b.prices[i]
		if p.compareKey(q) == 0 && (p.To.IsZero() || q.From.Before(p.To)) {
			pairs = append(pairs, [2]*Price{p, q})
		}
	}
	return pairs
}

// Currency returns the code of the currency that all prices are in.
func (b *Book) Currency() string { return b.currency }

// All returns the prices in order of model, SKU, region and time.
func (b *Book) All() []Price {
	all := slices.Clone(b.prices)
	for i := range all {
		all[i].Tiers, all[i].Pictures = slices.Clone(all[i].Tiers), slices.Clone(all[i].Pictures)
	}
	return all
}

// With returns a book in which the overrides count in place of b where they have a
// price for the same model (in the same spelling), SKU, region and time, the later
// ones in place of the earlier. Prices that are for something else stay, and Find
// decides between them. Books in different currencies do not go together: Convert
// them first.
func (b *Book) With(overrides ...*Book) (*Book, error) {
	prices, suffixes := b.prices, slices.Clone(b.suffixes)
	for _, o := range overrides {
		if o.currency != b.currency {
			return nil, fmt.Errorf("prices in %s cannot override prices in %s: convert them first", o.currency, b.currency)
		}
		prices = over(prices, o.prices)
		for _, s := range o.suffixes {
			if !slices.Contains(suffixes, s) {
				suffixes = append(suffixes, s)
			}
		}
	}
	return build(b.currency, suffixes, prices), nil
}

// over lays prices over others: what is below counts only when nothing above does.
func over(below, above []Price) []Price {
	covers := make(map[string][]Price)
	key := func(p *Price) string { return strings.ToLower(p.Model + "\x00" + p.SKU + "\x00" + p.Region) }
	for i := range above {
		covers[key(&above[i])] = append(covers[key(&above[i])], above[i])
	}
	all := slices.Clone(above)
	for i := range below {
		pieces := []Price{below[i]}
		for _, cover := range covers[key(&below[i])] {
			var left []Price
			for _, p := range pieces {
				left = append(left, p.without(cover.From, cover.To)...)
			}
			pieces = left
		}
		all = append(all, pieces...)
	}
	return all
}

// without returns the price for the time before from and the time since to.
func (p Price) without(from, to time.Time) []Price {
	var left []Price
	if before := p; !from.IsZero() && (p.From.IsZero() || p.From.Before(from)) {
		if p.To.IsZero() || from.Before(p.To) {
			before.To = from
		}
		left = append(left, before)
	}
	if after := p; !to.IsZero() && (p.To.IsZero() || to.Before(p.To)) {
		if to.After(p.From) {
			after.From = to
		}
		left = append(left, after)
	}
	return left
}

// Convert returns the book in another currency, of which one unit of the book's own
// is worth rate, a decimal number such as "0.92". Each price is rounded to the nearest
// millionth, halves up; what has a price keeps one.
func (b *Book) Convert(to, rate string) (*Book, error) {
	if err := checkCurrency(to); err != nil {
		return nil, err
	}
	factor, err := exact(rate)
	if err != nil || factor.Sign() <= 0 {
		return nil, fmt.Errorf("exchange rate from %s to %s: %q is not a number above 0 such as 0.92", b.currency, to, rate)
	}
	prices := b.All()
	for i := range prices {
		p := &prices[i]
		errs := []error{p.Rates.times(factor)}
		for j := range p.Tiers {
			errs = append(errs, p.Tiers[j].Rates.times(factor))
		}
		for j := range p.Pictures {
			errs = append(errs, times(&p.Pictures[j].Rate, Call, factor))
		}
		if err := errors.Join(errs...); err != nil {
			return nil, fmt.Errorf("price of %q from %s to %s: %w", p.Model, b.currency, to, err)
		}
	}
	return build(to, b.suffixes, prices), nil
}

func (r *Rates) times(factor *big.Rat) error {
	for c := range Classes {
		if err := times(&r[c], c, factor); err != nil {
			return err
		}
	}
	return nil
}

func times(rate *tallygate.Money, c Class, factor *big.Rat) error {
	exact := new(big.Rat).SetInt64(int64(*rate))
	product, err := rounded(c, exact.Mul(exact, factor))
	if err != nil {
		return fmt.Errorf("%s %w", c, err)
	}
	*rate = product
	return nil
}
