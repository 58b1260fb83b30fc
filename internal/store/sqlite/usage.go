package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Usage implements ledger.Reader.
func (s *Store) Usage(ctx context.Context, q ledger.Query) (*ledger.Table, error) {
	p, err := q.Plan()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, s.opt.QueryTimeout)
	defer cancel()
	t, err := s.usage(limited, p)
	switch {
	case err == nil:
		return t, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, &tallygate.Error{Kind: tallygate.Unavailable, Code: "QueryTimeout", Err: err, Message: fmt.Sprintf(
			"The report was given up after %s. Ask for a shorter time, fewer dimensions, or narrower filters.", s.opt.QueryTimeout)}
	}
	return nil, fmt.Errorf("sum up usage: %w", err)
}

func (s *Store) usage(ctx context.Context, p *ledger.Plan) (*ledger.Table, error) {
	// One transaction: everything below sees the same entries.
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // nothing was written
	t := &ledger.Table{By: p.By, Percentiles: p.Percentiles}
	var first, last sql.NullInt64
	err = tx.QueryRowContext(ctx, "SELECT (SELECT min(began) FROM entries), (SELECT max(began) FROM entries)").Scan(&first, &last)
	if err != nil || !first.Valid {
		return t, err
	}
	summed, err := summedDays(ctx, tx)
	if err != nil {
		return nil, err
	}
	cut := withoutDays(p.Cut(time.UnixMicro(first.Int64), time.UnixMicro(last.Int64)), summed)
	if usesPricing(p) {
		cut = ledger.Cut{Whole: cut.Whole, Rows: []ledger.Range{cut.Whole}}
	}
	if cut.Whole.From == cut.Whole.To {
		return t, nil
	}
	lines, err := sums(ctx, tx, p, cut)
	if err != nil {
		return nil, err
	}
	if len(lines) > p.Limit {
		t.More = true
		lines = lines[:p.Limit]
		whole := *p
		whole.By, whole.Span, whole.Sort = nil, "", "total"
		all, err := sums(ctx, tx, &whole, cut)
		if err != nil {
			return nil, err
		}
		for i := range all { // one
			t.Total = all[i].sums.Row(nil, p.Percentiles)
		}
	} else {
		var all ledger.Sums
		for i := range lines {
			all.Add(&lines[i].sums)
		}
		t.Total = all.Row(nil, p.Percentiles)
	}
	for i := range lines {
		t.Rows = append(t.Rows, lines[i].sums.Row(lines[i].by, p.Percentiles))
	}
	return t, nil
}

// line is one row of an answer.
type line struct {
	by   []string
	sums ledger.Sums
}

// sums asks for the lines of a plan, and one more than its limit if there is.
func sums(ctx context.Context, tx *sql.Tx, p *ledger.Plan, cut ledger.Cut) (lines []line, err error) {
	query, args := usageSQL(p, cut)
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		l := line{by: make([]string, len(p.By))}
		var span int64
		n := &l.sums
		into := []any{&span, &n.Requests, &n.Errors, &n.Prompt, &n.Completion, &n.Total, &n.Cached, &n.Reasoning,
			&n.Seconds, &n.Characters, &n.Images, &n.Cost, &n.Unpriced, &n.Counted, &n.First, &n.Last, &n.Timed, &n.LatencyUS, &n.FirstBytes, &n.FirstByteUS}
		for i := range n.Latencies {
			if p.Percentiles {
				into = append(into, &n.Latencies[i])
			}
		}
		for i := range l.by {
			into = append(into, &l.by[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, d := range p.By {
			if d == p.Span {
				l.by[i] = p.Label(span)
			}
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}
