package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/openapi"
	"github.com/tallygate/tallygate/internal/price"
)

// PriceControl looks at the price list and changes what of it is stored. What its
// functions refuse they say by a *tallygate.Error. A change counts for the next request; what
// earlier requests cost is changed by Reprice only.
type PriceControl struct {
	// List returns the prices in use and the lists that are stored, the one that counts
	// first last.
	List func(context.Context) (*price.Book, []api.StoredPrices, error)
	// Models returns the models that deployments serve; it may be nil.
	Models func() []string
	// Put stores a price file when version is 0, and otherwise replaces the one of that
	// version. It returns the prices in use before and after. With dry it changes
	// nothing.
	Put func(ctx context.Context, id string, file []byte, version int64, dry bool) (was, is *price.Book, err error)
	// Delete removes the price file of a version.
	Delete func(ctx context.Context, id string, version int64) error
	// Reprice works out anew what requests cost. With dry it changes nothing.
	Reprice func(ctx context.Context, q ledger.RepriceQuery, dry bool) (ledger.Repriced, error)
}

func (c *PriceControl) routes() []route {
	return []route{
		{openapi.Operation{Method: "GET", Path: "/admin/v1/prices", ID: "listPrices", Summary: "The prices in use; all of them as a price file for who accepts YAML.",
			Query:  []openapi.Parameter{{Name: "model", Means: "Only prices of this model; * stands for any text.", Of: ""}},
			Answer: api.PriceList{}, AnswerTypes: []string{"application/json", "application/yaml"}}, c.get},
		{openapi.Operation{Method: "PUT", Path: "/admin/v1/prices/{id}", ID: "putPrices", Summary: "Store a price file, and tell what the prices in use become by it.",
			Query:   []openapi.Parameter{{Name: "dry_run", Means: "Change nothing.", Of: false}},
			IfMatch: true, Body: "", BodyType: "application/yaml", Answer: api.PriceChanges{}, Made: true}, handle(c.put)},
		{deletion("/admin/v1/prices/{id}", "deletePrices", "Delete a stored price file."), handle(remove(c.Delete))},
		{openapi.Operation{Method: "POST", Path: "/admin/v1/prices/reprice", ID: "reprice", Summary: "Work out anew what past requests cost; answered when all is done.",
			Body: api.RepriceRequest{}, Answer: api.RepriceReport{}}, handle(c.reprice)},
	}
}

// get answers with the prices in use: as a price file for who accepts YAML, else as
// JSON.
func (c *PriceControl) get(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "yaml") {
		handle(c.list)(w, r)
		return
	}
	book, _, err := c.List(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Write(book.Marshal())
}

func (c *PriceControl) list(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	q, err := query(r, "model")
	if err != nil {
		return 0, nil, err
	}
	book, stored, err := c.List(r.Context())
	if err != nil {
		return 0, nil, err
	}
	out := Prices(book, q["model"])
	out.Stored = append(out.Stored, stored...)
	if c.Models != nil {
		out.Models = c.Models()
	}
	return http.StatusOK, out, nil
}

// Prices shows the prices of a book: all of them, or those of a model, which may be a
// glob. A name that has no price of its own gets those it is priced by.
func Prices(b *price.Book, model string) api.PriceList {
	out := api.PriceList{Currency: b.Currency(), Prices: []api.Price{}, Stored: []api.StoredPrices{}}
	all := b.All()
	about := func(name string) bool { return model == "" || tallygate.Match(model, name) }
	if !slices.ContainsFunc(all, func(p price.Price) bool { return about(p.Model) }) {
		about = func(name string) bool {
			ok, _ := path.Match(strings.ToLower(name), strings.ToLower(model))
			return ok
		}
		if p, ok := b.Find(model, "", "", time.Now()); ok {
			about = func(name string) bool { return strings.EqualFold(name, p.Model) }
		}
	}
	for i := range all {
		if about(all[i].Model) {
			out.Prices = append(out.Prices, showPrice(&all[i]))
		}
	}
	return out
}

func (c *PriceControl) put(w http.ResponseWriter, r *http.Request) (int, any, error) {
	q, err := query(r, "dry_run")
	if err != nil {
		return 0, nil, err
	}
	dry, err := truth(q, "dry_run")
	if err != nil {
		return 0, nil, err
	}
	p, err := readPut(w, r)
	if err != nil {
		return 0, nil, err
	}
	was, is, err := c.Put(r.Context(), p.id, p.data, p.version, dry)
	if err != nil {
		return 0, nil, err
	}
	status := p.status()
	if dry {
		status = http.StatusOK // nothing was made
	}
	return status, api.PriceChanges{Currency: is.Currency(), DryRun: dry, Changes: changes(was, is)}, nil
}

// reprice answers when all is done; who goes away ends it, and what was done stays.
func (c *PriceControl) reprice(w http.ResponseWriter, r *http.Request) (int, any, error) {
	data, err := body(w, r)
	if err != nil {
		return 0, nil, err
	}
	var q api.RepriceRequest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		return 0, nil, bad("InvalidBody", "The body is not a repricing: %v.", err)
	}
	if q.From.IsZero() {
		return 0, nil, bad("InvalidBody", "from is missing: the time from which on requests are repriced, such as 2026-11-01T00:00:00Z.")
	}
	if q.To.IsZero() {
		q.To = time.Now()
	}
	done, err := c.Reprice(r.Context(), ledger.RepriceQuery{From: q.From, To: q.To, Where: q.Where}, q.DryRun)
	if err != nil {
		return 0, nil, err
	}
	book, _, err := c.List(r.Context())
	if err != nil {
		return 0, nil, err
	}
	money := func(m tallygate.Money) api.Figure { return api.Figure(m.String()) }
	return http.StatusOK, api.RepriceReport{
		Entries: done.Entries, Changed: done.Changed, Before: money(done.Before), After: money(done.After),
		Currency: book.Currency(), DryRun: q.DryRun,
	}, nil
}

// changes tells how two books differ, in the order of models.
func changes(was, is *price.Book) []api.PriceChange {
	key := func(p *api.Price) string {
		return strings.Join([]string{p.Model, p.SKU, p.Region, p.From, p.To}, "\x00")
	}
	all := make(map[string]api.PriceChange)
	for _, p := range Prices(was, "").Prices {
		all[key(&p)] = api.PriceChange{Was: &p}
	}
	for _, p := range Prices(is, "").Prices {
		c := all[key(&p)]
		c.Is = &p
		all[key(&p)] = c
	}
	maps.DeleteFunc(all, func(_ string, c api.PriceChange) bool { return c.Was != nil && c.Is != nil && c.Was.Costs(c.Is) })
	out := []api.PriceChange{}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[k])
	}
	return out
}

func showPrice(p *price.Price) api.Price {
	out := api.Price{
		Model: p.Model, SKU: p.SKU, Region: p.Region, From: showTime(p.From), To: showTime(p.To),
		Rates: showRates(&p.Rates), Origin: p.Origin,
	}
	for _, t := range p.Tiers {
		out.Tiers = append(out.Tiers, api.PriceTier{Above: t.Above, Rates: showRates(&t.Rates)})
	}
	for _, c := range p.Pictures {
		out.Pictures = append(out.Pictures, api.PricePicture{Quality: c.Quality, Size: c.Size, Price: perPiece(c.Rate)})
	}
	if len(p.Pictures) > 0 && p.Rates == (price.Rates{}) {
		clear(out.Rates) // tokens are no matter
	}
	return out
}

// showRates writes the rates that say something: those of a part that costs what the
// whole does are left out, and tokens where only calls, seconds or characters cost.
func showRates(r *price.Rates) map[string]string {
	out := make(map[string]string)
	tokens := true
	for _, rate := range r[price.Call:] {
		tokens = tokens && rate == 0
	}
	for _, rate := range r[:price.Call] {
		tokens = tokens || rate != 0
	}
	for c := range price.Classes {
		switch {
		case c == price.Prompt, c == price.Completion:
			if tokens {
				out[c.String()] = r[c].String()
			}
		case c < price.Completion && r[c] != r[price.Prompt], c > price.Completion && c < price.Call && r[c] != r[price.Completion]:
			out[c.String()] = r[c].String()
		case c >= price.Call && r[c] != 0:
			out[c.String()] = perPiece(r[c])
		}
	}
	return out
}

// perPiece writes what one call, second, character or picture costs, of which the rate is that of a
// million, with two decimals or as many as it needs.
func perPiece(rate tallygate.Money) string {
	const million = tallygate.Money(tallygate.Unit)
	fine := (rate % million).String() // 0.dddddd of a millionth
	digits := strings.TrimRight(strings.TrimPrefix(fine, "0."), "0")
	whole := (rate / million).String()
	if digits == "" {
		return whole
	}
	units, decimals, _ := strings.Cut(whole, ".")
	return units + "." + decimals + strings.Repeat("0", 6-len(decimals)) + digits
}

// showTime writes a date where the time is one in UTC.
func showTime(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.UTC().Equal(t.UTC().Truncate(24 * time.Hour)):
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339Nano)
}
