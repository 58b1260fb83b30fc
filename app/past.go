package app

import (
	"context"
	"fmt"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
)

// past tells the limits what the ledger knows.
type past struct {
	ledger *ledger.Ledger
	store  ledger.Reader
}

// Sums implements limit.Past.
func (p past) Sums(ctx context.Context, from time.Time, by []tallygate.Dimension) ([]limit.Sum, error) {
	if err := p.ledger.Flush(ctx); err != nil {
		return nil, err
	}
	q := ledger.Query{From: from, Counted: true, Limit: ledger.MaxLimit}
	for _, d := range by {
		q.By = append(q.By, d.String())
	}
	t, err := p.store.Usage(ctx, q)
	if err != nil {
		return nil, err
	}
	if t.More {
		return nil, fmt.Errorf("there are more than %d of %v", ledger.MaxLimit, q.By)
	}
	sums := make([]limit.Sum, len(t.Rows))
	for i, r := range t.Rows {
		s := &sums[i]
		s.Requests, s.Cost = r.Counted, r.Cost
		s.Usage = tallygate.Usage{
			Prompt: r.Prompt, Completion: r.Completion, Total: r.Total,
			Seconds: r.Seconds, Characters: r.Characters, Images: r.Images,
		}
		for j, d := range by {
			s.Values[d] = r.By[j]
		}
	}
	return sums, nil
}

// Since implements limit.Past.
func (p past) Since(ctx context.Context, from time.Time, each func(*tallygate.Entry) error) error {
	if err := p.ledger.Flush(ctx); err != nil {
		return err
	}
	return p.store.Since(ctx, from, each)
}
