package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// place is where a walk over entries in the order they began has got to.
type place struct{ began, seq int64 }

// start is the place before the first entry of a time; of none, before all.
func start(from time.Time) place {
	if from.IsZero() {
		return place{math.MinInt64, 0}
	}
	return place{from.UnixMicro(), 0}
}

// inOrder returns the first entries of a plan behind a place, at their corrected
// cost, in the order they began, and the place behind them.
func (s *Store) inOrder(ctx context.Context, p *ledger.Plan, at place, limit int) ([]stored, place, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opt.QueryTimeout)
	defer cancel()
	args := []any{at.began, at.seq}
	// The joins are forced into this order, so that the index on began is used.
	where := "LEFT JOIN traits t ON t.id = u.traits CROSS JOIN series s ON s.id = u.series WHERE (u.began, u.seq) > (?, ?)"
	if !p.To.IsZero() {
		where += " AND u.began < ?"
		args = append(args, p.To.UnixMicro())
	}
	where += " AND " + whereSQL(p, pricingSQL, &args) + " ORDER BY u.began, u.seq LIMIT ?"
	var out []stored
	err := s.scan(ctx, storedSQL(where), append(args, limit), func(r *stored, err error) error {
		if err == nil {
			err = r.correct()
		}
		out = append(out, *r)
		at = place{r.e.Began.UnixMicro(), r.seq}
		return err
	})
	return out, at, err
}

// Since implements ledger.Reader. It asks for a page of entries at a time, so that
// each may take its time.
func (s *Store) Since(ctx context.Context, from time.Time, each func(*tallygate.Entry) error) error {
	p, err := ledger.Query{From: from, Counted: true}.Plan()
	if err != nil {
		return err
	}
	for at, more := start(from), true; more; {
		var page []stored
		page, at, err = s.inOrder(ctx, p, at, sincePage)
		if err != nil {
			return fmt.Errorf("read what counts since %s: %w", from.Format(time.RFC3339), err)
		}
		for i := range page {
			if err := each(&page[i].e); err != nil {
				return err
			}
		}
		more = len(page) == sincePage
	}
	return nil
}

const sincePage = 1000
