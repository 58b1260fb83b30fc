package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/tallygate/tallygate/internal/api"
)

// Prices returns the prices in use: all, or those of a model, which may be a glob.
func (a *Client) Prices(ctx context.Context, model string) (*api.PriceList, error) {
	q := make(url.Values)
	if model != "" {
		q.Set("model", model)
	}
	list := new(api.PriceList)
	return list, a.ask(ctx, call{method: http.MethodGet, path: "/prices", query: q}, list)
}

// PriceFile returns the prices in use as a price file.
func (a *Client) PriceFile(ctx context.Context) ([]byte, error) {
	return a.text(ctx, call{method: http.MethodGet, path: "/prices", accept: "application/yaml"})
}

// DeletePrices deletes what is stored under an id.
func (a *Client) DeletePrices(ctx context.Context, id string) error {
	return a.ask(ctx, call{method: http.MethodDelete, path: "/prices", name: id}, nil)
}

// PriceFile is a price file to be stored.
type PriceFile struct {
	ID      string
	Text    []byte
	Version int64 // of the one it replaces, 0 for none
	DryRun  bool
}

// PutPrices stores a price file, and returns what the prices in use become by it.
func (a *Client) PutPrices(ctx context.Context, p *PriceFile) (*api.PriceChanges, error) {
	c := call{method: http.MethodPut, path: "/prices", name: p.ID, version: p.Version, body: p.Text, query: make(url.Values)}
	if p.DryRun {
		c.query.Set("dry_run", "true")
	}
	changes := new(api.PriceChanges)
	return changes, a.ask(ctx, c, changes)
}

// Reprice works out anew what past requests cost, however long that takes.
func (a *Client) Reprice(ctx context.Context, q *api.RepriceRequest) (*api.RepriceReport, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	r := new(api.RepriceReport)
	return r, a.ask(ctx, call{method: http.MethodPost, path: "/prices/reprice", body: body, slow: true}, r)
}
