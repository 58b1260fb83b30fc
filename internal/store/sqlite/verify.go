package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Verify implements ledger.Reader. It checks the file itself, the numbering and
// the hash chain of the entries, and the sums by the hour. Entries added
// meanwhile are left for the next time.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (*ledger.Report, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	report := &ledger.Report{}
	for _, check := range []func(context.Context, *ledger.Report, func(done, total int64)) error{
		s.verifyFile, s.verifyChain, s.verifySums,
	} {
		if err := check(ctx, report, progress); err != nil {
			return nil, fmt.Errorf("verify store %s: %w", s.path, err)
		}
	}
	return report, nil
}

// verifyFile lets SQLite check its own structures.
func (s *Store) verifyFile(ctx context.Context, report *ledger.Report, _ func(done, total int64)) error {
	c := ledger.Check{Name: "the database file is sound", Unit: "pages"}
	if err := s.readers.QueryRowContext(ctx, "PRAGMA page_count").Scan(&c.Count); err != nil {
		return err
	}
	rows, err := s.readers.QueryContext(ctx, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if text != "ok" {
			c.Problem(text)
		}
	}
	report.Checks = append(report.Checks, c)
	return rows.Err()
}

// verifySums compares the sums by the hour with those of the entries.
func (s *Store) verifySums(ctx context.Context, report *ledger.Report, _ func(done, total int64)) error {
	c := ledger.Check{Name: "sums by the hour equal their entries", Unit: "hours"}
	query := compareSQL()
	const hour = int64(time.Hour / time.Microsecond)
	from := sql.NullInt64{Int64: -1 << 28} // hours; long before any entry
	for {
		err := s.readers.QueryRowContext(ctx, `SELECT min(h) FROM (SELECT min(hour) AS h FROM usage_hours WHERE hour >= ?1
			UNION ALL SELECT (SELECT began FROM entries WHERE began >= ?2 ORDER BY began LIMIT 1) / ?3)`,
			from.Int64, from.Int64*hour, hour).Scan(&from)
		if err != nil {
			return err
		}
		if !from.Valid {
			break
		}
		at := time.Unix(from.Int64*3600, 0).UTC().Format(time.RFC3339)
		wrong, err := s.column(ctx, query, from.Int64, from.Int64*hour, (from.Int64+1)*hour)
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			c.Problem(fmt.Sprintf("the hour of %s: the sums of series %s differ from their entries", at, strings.Join(wrong, ", ")))
		}
		c.Count++
		from.Int64++
	}
	report.Checks = append(report.Checks, c)
	return nil
}

// compareSQL asks for the series whose sums of an hour differ. One statement, so
// that both sides are of the same moment.
func compareSQL() string {
	var buckets strings.Builder
	below := int64(0)
	for _, bound := range ledger.LatencyBounds() {
		fmt.Fprintf(&buckets, ", sum(e.total_us > %d AND e.total_us <= %d)", below, bound.Microseconds())
		below = bound.Microseconds()
	}
	fmt.Fprintf(&buckets, ", sum(e.total_us > %d)", below)
	return `WITH a AS (SELECT ` + strings.TrimPrefix(sumColumns, "hour, ") + ` FROM usage_hours WHERE hour = ?1),
		b AS (SELECT e.series, ` + rowMeasures + buckets.String() + ` FROM entries e WHERE e.began >= ?2 AND e.began < ?3 GROUP BY e.series)
		SELECT DISTINCT series FROM (SELECT * FROM (SELECT * FROM a EXCEPT SELECT * FROM b)
			UNION ALL SELECT * FROM (SELECT * FROM b EXCEPT SELECT * FROM a)) ORDER BY series LIMIT 10`
}

// column returns the first column of a query's rows as text.
func (s *Store) column(ctx context.Context, query string, args ...any) (out []string, err error) {
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
