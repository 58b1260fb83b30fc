package api

import (
	"maps"
	"slices"
	"time"
)

// PriceList is the answer that lists prices.
type PriceList struct {
	Currency string         `json:"currency"`
	Prices   []Price        `json:"prices"`
	Stored   []StoredPrices `json:"stored"`
	// Models are those that deployments serve, with prices or without.
	Models []string `json:"models,omitempty"`
}

// StoredPrices is a price file that was stored.
type StoredPrices struct {
	ID      string    `json:"id"`
	Version int64     `json:"version"`
	Updated time.Time `json:"updated"`
	Prices  int       `json:"prices"` // how many it has
	// Problem says why it is not in use.
	Problem string `json:"problem,omitempty"`
}

// Price is a price as the API shows it.
type Price struct {
	Model  string `json:"model"`
	SKU    string `json:"sku,omitempty"`
	Region string `json:"region,omitempty"`
	// From and To are dates, or RFC 3339 times; empty is no bound.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Rates are decimal text by class, as price files have them.
	Rates map[string]string `json:"rates"`
	Tiers []PriceTier       `json:"tiers,omitempty"`
	// Pictures are those of one picture each, by its kind. The first that fits is what a
	// request means that does not say.
	Pictures []PricePicture `json:"pictures,omitempty"`
	// Origin is where it is from: "built in", a file's path, or "stored:ID".
	Origin string `json:"origin"`
}

// PriceTier is what requests with larger prompts cost.
type PriceTier struct {
	Above int64             `json:"above"`
	Rates map[string]string `json:"rates"`
}

// PricePicture is what one picture of a kind costs; without a size or a quality it is for
// any.
type PricePicture struct {
	Quality string `json:"quality,omitempty"`
	Size    string `json:"size,omitempty"`
	Price   string `json:"price"` // decimal text
}

// PriceChanges is the answer to a price file: what the prices in use become by it.
type PriceChanges struct {
	Currency string        `json:"currency"`
	DryRun   bool          `json:"dry_run"`
	Changes  []PriceChange `json:"changes"`
}

// PriceChange is a price before and after; nil where there is none.
type PriceChange struct {
	Was *Price `json:"was"`
	Is  *Price `json:"is"`
}

// RepriceRequest asks what requests cost now that began at or after From and before
// To, which is now unless said.
type RepriceRequest struct {
	From   time.Time           `json:"from"`
	To     time.Time           `json:"to,omitzero"`
	Where  map[string][]string `json:"where,omitempty"`
	DryRun bool                `json:"dry_run,omitempty"`
}

// RepriceReport is what came of it. Before and After are decimal text.
type RepriceReport struct {
	Entries  int64  `json:"entries"`
	Changed  int64  `json:"changed"`
	Before   Figure `json:"before"`
	After    Figure `json:"after"`
	Currency string `json:"currency"`
	DryRun   bool   `json:"dry_run"`
}

// Costs reports whether two prices are alike, wherever they are from.
func (p *Price) Costs(q *Price) bool {
	return maps.Equal(p.Rates, q.Rates) && slices.Equal(p.Pictures, q.Pictures) &&
		slices.EqualFunc(p.Tiers, q.Tiers, func(a, b PriceTier) bool { return a.Above == b.Above && maps.Equal(a.Rates, b.Rates) })
}
