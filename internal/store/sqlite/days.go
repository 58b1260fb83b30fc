package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Sums by the day make reports over months cheap. Keeping them up to date with
// every batch would cost each request as much as the sums by the hour do, so a day
// is summed up from its hours once, when entries of the day after it arrive. What
// comes late for such a day is added to both.

// loadSummed reads which days have been summed up.
func (w *appender) loadSummed(ctx context.Context) (err error) {
	if w.summed == nil {
		w.summed, err = summedDays(ctx, w.conn)
	}
	return err
}

func summedDays(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) (map[int64]bool, error) {
	rows, err := db.QueryContext(ctx, "SELECT day FROM summed_days")
	if err != nil {
		return nil, fmt.Errorf("read summed days: %w", err)
	}
	defer rows.Close()
	days := make(map[int64]bool)
	for rows.Next() {
		var day int64
		if err := rows.Scan(&day); err != nil {
			return nil, fmt.Errorf("read summed days: %w", err)
		}
		days[day] = true
	}
	return days, rows.Err()
}

// sumDay sums up the oldest day that is over and has not been yet, if there is
// one. It looks when an hour begins, and does one day at a time: that takes as
// long as reading its sums by the hour.
func (w *appender) sumDay(ctx context.Context) error {
	newest := w.newest
	for k := range w.hours {
		newest = max(newest, k.span)
	}
	if newest == w.newest {
		return nil
	}
	var last int64 = -50_000_000
	for day := range w.summed {
		last = max(last, day)
	}
	var hour sql.NullInt64
	if err := w.conn.QueryRowContext(ctx, "SELECT min(hour) FROM usage_hours WHERE hour >= ?", (last+1)*24).Scan(&hour); err != nil {
		return fmt.Errorf("look for a day to sum up: %w", err)
	}
	day := ledger.DayOfHour(hour.Int64)
	if !hour.Valid || newest <= (day+1)*24 {
		w.newest = newest
		return nil
	}
	_, err := w.conn.ExecContext(ctx, "INSERT INTO usage_days (day, "+sumColumns+") SELECT ?1, u.series, "+sumMeasures()+sumBuckets()+
		" FROM usage_hours u WHERE u.hour >= ?1 * 24 AND u.hour < (?1 + 1) * 24 GROUP BY u.series", day)
	if err == nil {
		_, err = w.conn.ExecContext(ctx, "INSERT INTO summed_days (day) VALUES (?)", day)
	}
	if err != nil {
		return fmt.Errorf("sum up a day: %w", err)
	}
	w.summed[day] = true
	return nil
}

// withoutDays reads by the hour what has not been summed up by the day.
func withoutDays(c ledger.Cut, summed map[int64]bool) ledger.Cut {
	days := c.Days
	c.Days = nil
	for _, r := range days {
		for day := r.From; day < r.To; day++ {
			if summed[day] {
				c.Days = ledger.AddRange(c.Days, ledger.Range{From: day, To: day + 1})
			} else {
				c.Hours = ledger.AddRange(c.Hours, ledger.Range{From: day * 24, To: (day + 1) * 24})
			}
		}
	}
	return c
}
