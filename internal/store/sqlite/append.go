package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// appender is the writing side. It belongs to one goroutine at a time.
//
// Entries are bound on the driver's own statements: database/sql checks and
// converts every argument once more, which for rows of this width costs as much
// as inserting them.
type appender struct {
	conn   *sql.Conn
	series *dictionary
	traits *dictionary
	link   ledger.Link
	head   head
	known  bool // head is the store's

	one, many, wide driver.StmtExecContext
	addHour, addDay driver.StmtExecContext
	args            []driver.NamedValue
	narrow, rich    []row
	hours, days     map[spanSeries]*ledger.Sums
	summed          map[int64]bool // days; nil: not known
	newest          int64          // hour of an entry, so far
	gently          bool           // what is under way is not urgent
	spent           int            // rows since the last pause
	urgent          *atomic.Int32  // how many wait for the connection who should not
}

// head is where the chain of entries ends.
type head struct {
	seq  int64
	hash [32]byte
}

// row is an entry with what the store adds to it.
type row struct {
	e              *tallygate.Entry
	seq            int64
	series, traits int64
	checksum       uint32
}

// spanSeries is the key of sums: a day or an hour, and a series.
type spanSeries struct{ span, series int64 }

// manyRows is how many entries one statement inserts: more gain little, and each
// statement holds the processor for about 10 µs an entry.
const manyRows = 8

const (
	narrowColumns = `seq, id, began, series, traits, request_id, trace, upstream_id, affinity, body_bytes,
		prompt, completion, total, cached, reasoning, cost, hold_prompt, hold_completion, hold_cost, answer_bytes, upstream_us, first_byte_us, total_us, checksum`
	richColumns = narrowColumns + `, cache_write, audio_in, image_in, audio_out, accepted, rejected, seconds, cause,
		image_out, characters, images, hold_seconds, hold_characters, hold_images`
	sumColumns = `series, requests, prompt, completion, total, cached, reasoning, seconds, characters, images, cost, unpriced, first, last,
		timed, latency_us, first_bytes, first_byte_us, ` + bucketColumns
	bucketColumns = `le_50ms, le_100ms, le_200ms, le_400ms, le_800ms, le_1600ms, le_3200ms, le_6400ms,
		le_12800ms, le_25600ms, le_51200ms, le_102400ms, le_inf`
)

func columnList(columns string) []string {
	list := strings.Split(columns, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func insertSQL(table, columns string, rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columnList(columns))), ",") + ")"
	return "INSERT INTO " + table + " (" + columns + ") VALUES " + strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}

// upsertSQL adds to the sums of a table whose key is a span and the series.
func upsertSQL(table, span string) string {
	var set []string
	for _, c := range columnList(sumColumns)[1:] {
		switch c {
		case "first":
			set = append(set, "first = min(first, excluded.first)")
		case "last":
			set = append(set, "last = max(last, excluded.last)")
		case "cost":
			set = append(set, fmt.Sprintf("cost = min(cost + excluded.cost, %d)", tallygate.MaxMoney))
		default:
			set = append(set, c+" = "+c+" + excluded."+c)
		}
	}
	return insertSQL(table, span+", "+sumColumns, 1) + " ON CONFLICT (" + span + ", series) DO UPDATE SET " + strings.Join(set, ", ")
}

func newAppender(ctx context.Context, db *sql.DB, urgent *atomic.Int32) (*appender, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &appender{conn: conn, urgent: urgent, hours: make(map[spanSeries]*ledger.Sums), days: make(map[spanSeries]*ledger.Sums)}
	if w.series, err = newDictionary(ctx, conn, "series", seriesColumns()); err != nil {
		return nil, fmt.Errorf("prepare statements: %w", errors.Join(err, conn.Close()))
	}
	if w.traits, err = newDictionary(ctx, conn, "traits", traitsColumns()); err != nil {
		return nil, fmt.Errorf("prepare statements: %w", errors.Join(err, w.series.close(), conn.Close()))
	}
	err = conn.Raw(func(dc any) (err error) {
		prepare := func(query string) (s driver.StmtExecContext) {
			if err == nil {
				var stmt driver.Stmt
				if stmt, err = dc.(driver.Conn).Prepare(query); err == nil {
					s = stmt.(driver.StmtExecContext)
				}
			}
			return s
		}
		w.one = prepare(insertSQL("entries", narrowColumns, 1))
		w.many = prepare(insertSQL("entries", narrowColumns, manyRows))
		w.wide = prepare(insertSQL("entries", richColumns, 1))
		w.addHour = prepare(upsertSQL("usage_hours", "hour"))
		w.addDay = prepare(upsertSQL("usage_days", "day"))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prepare statements: %w", errors.Join(err, w.series.close(), w.traits.close(), conn.Close()))
	}
	return w, nil
}

func (w *appender) close() error {
	err := w.conn.Raw(func(any) error {
		var errs []error
		for _, s := range []driver.StmtExecContext{w.one, w.many, w.wide, w.addHour, w.addDay} {
			errs = append(errs, s.(driver.Stmt).Close())
		}
		return errors.Join(errs...)
	})
	return errors.Join(err, w.series.close(), w.traits.close(), w.conn.Close())
}

// Cursor implements ledger.Store.
func (s *Store) Cursor(ctx context.Context, journal ledger.JournalID) (n int64, err error) {
	return numberOf(ctx, s.readers, journal[:])
}

// Append implements ledger.Store. ctx is looked at before the work begins and not
// during it, which takes milliseconds.
func (s *Store) Append(ctx context.Context, b ledger.Batch) error {
	return s.change(ctx, func(ctx context.Context, w *appender) error {
		w.gently = b.Gently
		if err := w.move(ctx, b.Journal[:], b.After, b.Upto); err != nil {
			return err
		}
		return w.add(ctx, b.Entries)
	})
}

// change runs f in a transaction of the one connection that writes. ctx is looked at
// before it begins and not during it.
func (s *Store) change(ctx context.Context, f func(context.Context, *appender) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w == nil || s.closed {
		return errors.New("the store is not open for writing")
	}
	ctx = context.WithoutCancel(ctx)
	err := s.w.transact(ctx, f)
	if err != nil {
		s.w.abandon(ctx)
	}
	return err
}

func (w *appender) transact(ctx context.Context, f func(context.Context, *appender) error) error {
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(ctx, w); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// abandon rolls back, and forgets what only the transaction knew.
func (w *appender) abandon(ctx context.Context) {
	w.conn.ExecContext(ctx, "ROLLBACK") // fails when there is no transaction, which is as good
	w.series.forget()
	w.traits.forget()
	w.known, w.summed, w.newest = false, nil, 0
}

// add inserts entries, their sums and their link of the chain, and moves head.
func (w *appender) add(ctx context.Context, entries []ledger.Canonical) error {
	if err := w.loadHead(ctx); err != nil || len(entries) == 0 {
		return err
	}
	next := w.head
	w.link.Begin(w.head.hash, next.seq+1)
	w.narrow, w.rich = w.narrow[:0], w.rich[:0]
	clear(w.hours)
	clear(w.days)
	if err := w.loadSummed(ctx); err != nil {
		return err
	}
	for i := range entries {
		next.seq++
		if i%(4*manyRows) == 4*manyRows-1 {
			w.spend(manyRows)
		}
		r := row{e: &entries[i].Entry, seq: next.seq, checksum: w.link.Add(entries[i].Encoding)}
		var err error
		if r.series, err = w.series.number(ctx, r.e); err != nil {
			return err
		}
		if r.traits, err = w.traits.number(ctx, r.e); err != nil {
			return err
		}
		w.sort(r)
	}
	next.hash = w.link.Sum()
	if err := w.conn.Raw(func(any) error { return w.insert(ctx) }); err != nil {
		return err
	}
	_, err := w.conn.ExecContext(ctx, "INSERT INTO chain (last, first, hash) VALUES (?, ?, ?)",
		next.seq, w.head.seq+1, next.hash[:])
	if err != nil {
		return fmt.Errorf("add to chain: %w", err)
	}
	w.head = next
	return w.sumDay(ctx)
}

// sort puts the row where it will be inserted from, and counts it.
func (w *appender) sort(r row) {
	if u, h := &r.e.Usage, &r.e.Hold; u.CacheWrite|u.AudioIn|u.ImageIn|u.AudioOut|u.AcceptedPrediction|u.RejectedPrediction|
		u.Seconds|u.ImageOut|u.Characters|u.Images|h.Seconds|h.Characters|h.Images != 0 || r.e.Cause != "" {
		w.rich = append(w.rich, r)
	} else {
		w.narrow = append(w.narrow, r)
	}
	k := spanSeries{ledger.Hour(r.e.Began), r.series}
	s := w.hours[k]
	if s == nil {
		s = &ledger.Sums{}
		w.hours[k] = s
	}
	s.Count(r.e)
}

func (w *appender) loadHead(ctx context.Context) error {
	if w.known {
		return nil
	}
	var h head
	var hash []byte
	err := w.conn.QueryRowContext(ctx, "SELECT last, hash FROM chain ORDER BY last DESC LIMIT 1").Scan(&h.seq, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the chain's end: %w", err)
	}
	copy(h.hash[:], hash)
	w.head, w.known = h, true
	return nil
}

// insert writes the sorted rows and sums.
func (w *appender) insert(ctx context.Context) error {
	rows := w.narrow
	for ; len(rows) >= manyRows; rows = rows[manyRows:] {
		w.args = w.args[:0]
		for i := range rows[:manyRows] {
			w.bindNarrow(&rows[i])
		}
		if err := w.exec(ctx, w.many, manyRows); err != nil {
			return fmt.Errorf("insert entries: %w", err)
		}
	}
	for i := range rows {
		w.args = w.args[:0]
		w.bindNarrow(&rows[i])
		if err := w.exec(ctx, w.one, 1); err != nil {
			return fmt.Errorf("insert entry: %w", err)
		}
	}
	for i := range w.rich {
		w.args = w.args[:0]
		w.bindNarrow(&w.rich[i])
		w.bindRich(&w.rich[i])
		if err := w.exec(ctx, w.wide, 1); err != nil {
			return fmt.Errorf("insert entry: %w", err)
		}
	}
	for k, s := range w.hours {
		w.bindSums(k, s)
		if err := w.exec(ctx, w.addHour, 1); err != nil {
			return fmt.Errorf("add to the hour's sums: %w", err)
		}
		day := spanSeries{ledger.DayOfHour(k.span), k.series}
		if !w.summed[day.span] {
			continue
		}
		if w.days[day] == nil {
			w.days[day] = &ledger.Sums{}
		}
		w.days[day].Add(s)
	}
	for k, s := range w.days {
		w.bindSums(k, s)
		if err := w.exec(ctx, w.addDay, 1); err != nil {
			return fmt.Errorf("add to the day's sums: %w", err)
		}
	}
	return nil
}
