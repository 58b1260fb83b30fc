package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Verify implements ledger.Reader. It checks the file itself, the numbering and
// the hash chain of the entries, their corrections, and the sums. Entries added
// meanwhile are left for the next time.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (*ledger.Report, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	report := &ledger.Report{}
	for _, check := range []func(context.Context, *ledger.Report, func(done, total int64)) error{
		s.verifyFile, s.verifyChain, s.verifyCorrections, s.verifySums,
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

// verifyCorrections looks for corrections that repricing did not make. Whether the
// sums agree with them is a matter of verifySums.
func (s *Store) verifyCorrections(ctx context.Context, report *ledger.Report, _ func(done, total int64)) error {
	c := ledger.Check{Name: "corrections belong to entries", Unit: "corrections"}
	if err := s.readers.QueryRowContext(ctx, "SELECT count(*) FROM corrections").Scan(&c.Count); err != nil {
		return err
	}
	var known []string
	for p := tallygate.Free; p <= tallygate.Nominal; p++ {
		known = append(known, "'"+p.String()+"'")
	}
	wrong, err := texts(s.readers.QueryContext(ctx, `SELECT 'entry ' || c.seq || CASE WHEN e.seq IS NULL THEN ' is corrected, but missing'
		ELSE ' has a cost or a pricing that cannot be' END
		FROM corrections c LEFT JOIN entries e ON e.seq = c.seq
		WHERE e.seq IS NULL OR c.cost NOT BETWEEN 0 AND ? OR c.pricing NOT IN (`+strings.Join(known, ", ")+`) ORDER BY c.seq`,
		int64(tallygate.MaxMoney)))
	for _, text := range wrong {
		c.Problem(text)
	}
	report.Checks = append(report.Checks, c)
	return err
}

// verifySums compares the sums by the hour with those of the entries at their
// corrected cost, and the sums by the day with those by the hour.
func (s *Store) verifySums(ctx context.Context, report *ledger.Report, _ func(done, total int64)) error {
	// The additions make divisions round down, also before 1970.
	hours, err := s.verifySpan(ctx, ledger.Check{Name: "sums by the hour equal their entries", Unit: "hours"}, time.Hour,
		`SELECT min(n) FROM (SELECT min(hour) AS n FROM usage_hours WHERE hour >= ?1 UNION ALL
			SELECT ((SELECT began FROM entries WHERE began >= ?1 * 3600000000 ORDER BY began LIMIT 1) + 360000000000000000) / 3600000000 - 100000000)`,
		compareSQL("SELECT "+sumColumns+" FROM usage_hours WHERE hour = ?1",
			"SELECT u.series, "+rowMeasures()+rowBuckets()+" FROM entries u "+joinPrices+`
				WHERE u.began >= ?1 * 3600000000 AND u.began < (?1 + 1) * 3600000000 GROUP BY u.series`))
	if err != nil {
		return err
	}
	days, err := s.verifySpan(ctx, ledger.Check{Name: "sums by the day equal those by the hour", Unit: "days"}, 24*time.Hour,
		`SELECT min(n) FROM (SELECT min(day) AS n FROM usage_days WHERE day >= ?1 UNION ALL
			SELECT min(day) FROM summed_days WHERE day >= ?1)`,
		compareSQL("SELECT "+sumColumns+" FROM usage_days WHERE day = ?1",
			"SELECT u.series, "+sumMeasures()+sumBuckets()+` FROM usage_hours u
				WHERE u.hour >= ?1 * 24 AND u.hour < (?1 + 1) * 24 GROUP BY u.series`))
	if err != nil {
		return err
	}
	report.Checks = append(report.Checks, hours, days)
	return nil
}

// verifySpan compares span by span: next asks for the first one from a number on
// that is on either side, compare for the series whose sums differ in one.
func (s *Store) verifySpan(ctx context.Context, c ledger.Check, span time.Duration, next, compare string) (ledger.Check, error) {
	find, err := s.readers.PrepareContext(ctx, next)
	if err != nil {
		return c, err
	}
	defer find.Close()
	hold, err := s.readers.PrepareContext(ctx, compare)
	if err != nil {
		return c, err
	}
	defer hold.Close()
	for from := int64(-50_000_000); ; from++ {
		var n sql.NullInt64
		if err := find.QueryRowContext(ctx, from).Scan(&n); err != nil || !n.Valid {
			return c, err
		}
		from = n.Int64
		wrong, err := texts(hold.QueryContext(ctx, from))
		if err != nil {
			return c, err
		}
		if len(wrong) > 0 {
			at := time.Unix(from*int64(span/time.Second), 0).UTC().Format(time.RFC3339)
			c.Problem(fmt.Sprintf("from %s: the sums of series %s differ", at, strings.Join(wrong, ", ")))
		}
		c.Count++
	}
}

// compareSQL asks for the series of which one side has what the other has not. It
// is one statement, so that both sides are of the same moment.
func compareSQL(a, b string) string {
	return "WITH a AS (" + a + "), b AS (" + b + ") SELECT DISTINCT series FROM (" +
		"SELECT * FROM (SELECT * FROM a EXCEPT SELECT * FROM b) UNION ALL SELECT * FROM (SELECT * FROM b EXCEPT SELECT * FROM a))" +
		" ORDER BY series LIMIT 10"
}

// texts returns the first column of a query's rows as text.
func texts(rows *sql.Rows, err error) (out []string, _ error) {
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
