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

// recallPulse recalls, beside the requests, the hour before the start for the live views
// of events. Without events nobody looks.
func (a *App) recallPulse(started time.Time) {
	if len(a.live().Events) == 0 {
		return
	}
	a.meanwhile("figures of events", func(ctx context.Context, did func(error)) {
		err := a.past.ledger.Flush(ctx)
		if err == nil {
			err = a.pulse.Recall(ctx, a.past.store, started)
		}
		did(err)
		if err != nil && ctx.Err() == nil {
			a.log.Error("the figures of events for the hour before the start could not be read; their live views begin with it", "err", err)
		}
	})
}
