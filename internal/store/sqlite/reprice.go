package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// repriceRows is how many entries are repriced at once: they hold the processor, and an
// import up, for some milliseconds.
const repriceRows = 200

// correction is what an entry costs from now on.
type correction struct {
	seq     int64
	cost    tallygate.Money
	pricing tallygate.Pricing
}

// delta is what corrections do to the sums of a span and a series. Both amounts
// stop at MaxMoney.
type delta struct {
	less, more tallygate.Money
	unpriced   int64
}

// Reprice implements ledger.Store. One goes on at a time; others wait.
func (s *Store) Reprice(ctx context.Context, q ledger.RepriceQuery, price ledger.PriceFunc) (done ledger.Repriced, err error) {
	p, err := q.Plan()
	if err != nil {
		return done, err
	}
	s.repricing.Lock()
	defer s.repricing.Unlock()
	for at, more := start(q.From), true; more; {
		var page []stored
		page, at, err = s.inOrder(ctx, p, at, repriceRows)
		if err != nil {
			return done, fmt.Errorf("reprice, after %d entries: %w", done.Entries, err)
		}
		next := done
		if err := s.reprice(ctx, page, &next, price); err != nil {
			return done, fmt.Errorf("reprice, after %d entries: %w", done.Entries, err)
		}
		done = next
		if more = len(page) == repriceRows; more {
			time.Sleep(rest) // see spend
		}
	}
	return done, nil
}

// reprice does one step, in one transaction.
func (s *Store) reprice(ctx context.Context, page []stored, done *ledger.Repriced, price ledger.PriceFunc) error {
	var corrections []correction
	hours := make(map[spanSeries]delta)
	for i := range page {
		r := &page[i]
		cost, pricing, changed := done.Price(&r.e, price)
		if !changed {
			continue
		}
		corrections = append(corrections, correction{r.seq, cost, pricing})
		k := spanSeries{ledger.Hour(r.e.Began), r.series}
		c := hours[k]
		c.less, c.more = ledger.AddMoney(c.less, r.e.Cost), ledger.AddMoney(c.more, cost)
		c.unpriced += boolean(pricing == tallygate.Unpriced) - boolean(r.e.Pricing == tallygate.Unpriced)
		hours[k] = c
	}
	if len(corrections) == 0 {
		return ctx.Err()
	}
	return s.change(ctx, func(ctx context.Context, w *appender) error {
		if err := w.correct(ctx, corrections); err != nil {
			return fmt.Errorf("correct entries: %w", err)
		}
		if err := w.correctSums(ctx, hours); err != nil {
			return fmt.Errorf("correct sums: %w", err)
		}
		return nil
	})
}

func (w *appender) correct(ctx context.Context, corrections []correction) error {
	insert, err := w.conn.PrepareContext(ctx, `INSERT INTO corrections (seq, cost, pricing, corrected) VALUES (?, ?, ?, ?)
		ON CONFLICT (seq) DO UPDATE SET cost = excluded.cost, pricing = excluded.pricing, corrected = excluded.corrected`)
	if err != nil {
		return err
	}
	defer insert.Close()
	now := time.Now().UnixMicro()
	for _, c := range corrections {
		if _, err := insert.ExecContext(ctx, c.seq, int64(c.cost), c.pricing.String(), now); err != nil {
			return err
		}
	}
	return nil
}

// correctSums changes the sums of hours, and then those of their days, which are
// there only once a day has been summed up.
func (w *appender) correctSums(ctx context.Context, hours map[spanSeries]delta) error {
	hour := correctSQL("usage_hours", "hour", "SELECT "+sumMoney(costSQL)+" FROM entries u "+joinPrices+`
		WHERE u.began >= ?1 * 3600000000 AND u.began < (?1 + 1) * 3600000000 AND u.series = ?2`)
	day := correctSQL("usage_days", "day", "SELECT "+sumMoney("u.cost")+` FROM usage_hours u
		WHERE u.hour >= ?1 * 24 AND u.hour < (?1 + 1) * 24 AND u.series = ?2`)
	days := make(map[spanSeries]delta)
	for k, c := range hours {
		k.span = ledger.DayOfHour(k.span)
		d := days[k]
		days[k] = delta{ledger.AddMoney(d.less, c.less), ledger.AddMoney(d.more, c.more), d.unpriced + c.unpriced}
	}
	if err := w.correctSpans(ctx, hour, hours); err != nil {
		return err
	}
	return w.correctSpans(ctx, day, days)
}

func (w *appender) correctSpans(ctx context.Context, query string, deltas map[spanSeries]delta) error {
	update, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer update.Close()
	for k, c := range deltas {
		if _, err := update.ExecContext(ctx, k.span, k.series, c.unpriced, int64(c.less), int64(c.more)); err != nil {
			return err
		}
	}
	return nil
}

// correctSQL changes the sums of a span and a series. A sum that has stopped at
// MaxMoney does not say what it is the sum of, and is added up anew.
func correctSQL(table, span, anew string) string {
	return fmt.Sprintf(`UPDATE %s SET unpriced = unpriced + ?3,
		cost = CASE WHEN cost < %[3]d THEN min(cost - ?4 + ?5, %[3]d) ELSE (%[4]s) END
		WHERE %[2]s = ?1 AND series = ?2`, table, span, tallygate.MaxMoney, anew)
}
