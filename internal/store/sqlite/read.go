package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// maxRead bounds the entries of one Read.
const maxRead = 10_000

// commons remembers the rows of series and traits that reading has met, as entries
// filled as far as those go. Entries of one series share their Deployment.
type commons struct {
	mu     sync.Mutex
	series map[int64]tallygate.Entry
	traits map[int64]tallygate.Entry
}

// stored is a row of entries, and its correction if it has one. e is as it was
// written.
type stored struct {
	seq, series, traits int64
	checksum            int64
	e                   tallygate.Entry
	cost                sql.NullInt64
	pricing             sql.NullString
}

// correct makes e cost what it was repriced to.
func (r *stored) correct() (err error) {
	if !r.cost.Valid {
		return nil
	}
	r.e.Cost = tallygate.Money(r.cost.Int64)
	r.e.Pricing, err = named(r.pricing.String, tallygate.Free, tallygate.Nominal)
	return err
}

// storedSQL asks for entries u and their corrections c, as scan reads them; rest
// says which.
func storedSQL(rest string) string {
	return "SELECT u." + strings.Join(columnList(richColumns), ", u.") +
		", c.cost, c.pricing FROM entries u LEFT JOIN corrections c ON c.seq = u.seq " + rest
}

// afterSQL asks for a number of entries after a number.
func afterSQL() string { return storedSQL("WHERE u.seq > ? ORDER BY u.seq LIMIT ?") }

// Read implements ledger.Reader. It returns at most 10,000 entries at a time.
func (s *Store) Read(ctx context.Context, after int64, limit int) ([]ledger.Numbered, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opt.QueryTimeout)
	defer cancel()
	var out []ledger.Numbered
	err := s.scan(ctx, afterSQL(), []any{after, min(limit, maxRead)}, func(r *stored, err error) error {
		err = cmp.Or(err, r.correct())
		out = append(out, ledger.Numbered{Seq: r.seq, Entry: r.e})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %d entries after %d: %w", limit, after, err)
	}
	return out, nil
}

// Last implements ledger.Reader.
func (s *Store) Last(ctx context.Context) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.opt.QueryTimeout)
	defer cancel()
	if err := s.readers.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM entries").Scan(&n); err != nil {
		return 0, fmt.Errorf("read the last number: %w", err)
	}
	return n, nil
}

// NumberBefore implements ledger.Reader.
func (s *Store) NumberBefore(ctx context.Context, from time.Time) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.opt.QueryTimeout)
	defer cancel()
	err = s.readers.QueryRowContext(ctx, "SELECT coalesce((SELECT min(seq) - 1 FROM entries WHERE began >= ?), (SELECT max(seq) FROM entries), 0)",
		start(from).began).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read the number before %s: %w", from.Format(time.RFC3339), err)
	}
	return n, nil
}

// scan gives visit the entries that a query finds, each with the reason why it could
// not be put together, and stops when visit returns an error. The query is made by
// storedSQL.
func (s *Store) scan(ctx context.Context, query string, args []any, visit func(*stored, error) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing was written
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []stored
	for rows.Next() {
		var r stored
		if err := r.scan(rows); err != nil {
			return err
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i := range found {
		err := s.known.fill(ctx, tx, &found[i])
		if err != nil {
			err = fmt.Errorf("entry %d: %w", found[i].seq, err)
		}
		if err := visit(&found[i], err); err != nil {
			return err
		}
	}
	return nil
}

// scan reads a row of the rich columns.
func (r *stored) scan(rows *sql.Rows) error {
	e, u := &r.e, &r.e.Usage
	var id sql.RawBytes
	var began, affinity, upstream, firstByte, total int64
	var requestID, trace, upstreamID sql.NullString
	err := rows.Scan(&r.seq, &id, &began, &r.series, &r.traits, &requestID, &trace, &upstreamID, &affinity,
		&e.Ask.BodyBytes, &u.Prompt, &u.Completion, &u.Total, &u.Cached, &u.Reasoning,
		&e.Cost, &e.Hold.Prompt, &e.Hold.Completion, &e.Hold.Cost, &e.AnswerBytes,
		&upstream, &firstByte, &total, &r.checksum,
		&u.CacheWrite, &u.AudioIn, &u.ImageIn, &u.AudioOut, &u.AcceptedPrediction, &u.RejectedPrediction, &u.Seconds, &e.Cause,
		&u.ImageOut, &u.Characters, &u.Images, &e.Hold.Seconds, &e.Hold.Characters, &e.Hold.Images,
		&r.cost, &r.pricing)
	if err != nil {
		return err
	}
	if len(id) != len(e.ID) {
		return fmt.Errorf("entry %d: its id has %d bytes, not %d", r.seq, len(id), len(e.ID))
	}
	copy(e.ID[:], id)
	e.Began = time.UnixMicro(began).UTC()
	e.RequestID, e.Trace, e.UpstreamID = requestID.String, trace.String, upstreamID.String
	if !requestID.Valid {
		e.RequestID = e.ID.String()
	}
	e.Ask.Affinity = uint64(affinity)
	e.Upstream = time.Duration(upstream) * time.Microsecond
	e.FirstByte = time.Duration(firstByte) * time.Microsecond
	e.Total = time.Duration(total) * time.Microsecond
	return nil
}

// fill completes an entry with what its series and traits say.
func (c *commons) fill(ctx context.Context, tx *sql.Tx, r *stored) error {
	s, err := c.get(ctx, tx, &c.series, r.series, scanSeries)
	if err != nil {
		return fmt.Errorf("its series %d: %w", r.series, err)
	}
	t, err := c.get(ctx, tx, &c.traits, r.traits, scanTraits)
	if err != nil {
		return fmt.Errorf("its traits %d: %w", r.traits, err)
	}
	e := &r.e
	e.Caller, e.Group, e.Event, e.Attendee = s.Caller, s.Group, s.Event, s.Attendee
	e.Key, e.IP, e.Deployment, e.Counted = s.Key, s.IP, s.Deployment, s.Counted
	e.Outcome, e.Status, e.Code, e.Usage.Source = s.Outcome, s.Status, s.Code, s.Usage.Source
	e.Ask.User, e.Ask.Dialect, e.Ask.Operation, e.Ask.Model = s.Ask.User, s.Ask.Dialect, s.Ask.Operation, s.Ask.Model
	e.Method, e.Agent, e.Retry, e.Attempts = t.Method, t.Agent, t.Retry, t.Attempts
	e.AnswerModel, e.Finish, e.Pricing = t.AnswerModel, t.Finish, t.Pricing
	e.Ask.APIVersion, e.Ask.Stream, e.Ask.StreamUsage = t.Ask.APIVersion, t.Ask.Stream, t.Ask.StreamUsage
	e.Ask.MaxTokens, e.Ask.Choices, e.Ask.Picture = t.Ask.MaxTokens, t.Ask.Choices, t.Ask.Picture
	return nil
}

// get returns a remembered row, or reads and remembers it.
func (c *commons) get(ctx context.Context, tx *sql.Tx, known *map[int64]tallygate.Entry, id int64,
	read func(context.Context, *sql.Tx, int64) (tallygate.Entry, error)) (tallygate.Entry, error) {
	c.mu.Lock()
	e, ok := (*known)[id]
	c.mu.Unlock()
	if ok {
		return e, nil
	}
	e, err := read(ctx, tx, id)
	if err != nil {
		return e, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if *known == nil || len(*known) >= maxKnown {
		*known = make(map[int64]tallygate.Entry)
	}
	(*known)[id] = e
	return e, nil
}

func selectSQL(table string, columns []column) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + table + " WHERE id = ?"
}

func scanSeries(ctx context.Context, tx *sql.Tx, id int64) (e tallygate.Entry, err error) {
	var ip, dialect, operation, outcome, source string
	var deployed bool
	d := &tallygate.Deployment{}
	err = tx.QueryRowContext(ctx, selectSQL("series", seriesColumns()), id).Scan(
		&e.Caller, &e.Group, &e.Event, &e.Attendee, &e.Key, &ip, &e.Ask.User, &dialect, &operation, &e.Ask.Model,
		&outcome, &e.Status, &e.Code, &source, &e.Counted,
		&deployed, &d.Resource, &d.Name, &d.Model, &d.Base, &d.Region, &d.SKU, &d.TPM, &d.RPM, &d.PTU, &d.Priority, &d.Weight)
	if err != nil {
		return e, err
	}
	if deployed {
		e.Deployment = d
	}
	if ip != "" {
		if e.IP, err = netip.ParseAddr(ip); err != nil {
			return e, err
		}
	}
	e.Ask.Operation = tallygate.Operation(operation)
	if e.Ask.Dialect, err = named(dialect, 0, tallygate.Plain); err != nil {
		return e, err
	}
	if e.Outcome, err = named(outcome, tallygate.Unsettled, tallygate.Aborted); err != nil {
		return e, err
	}
	e.Usage.Source, err = named(source, tallygate.None, tallygate.Held)
	return e, err
}

func scanTraits(ctx context.Context, tx *sql.Tx, id int64) (e tallygate.Entry, err error) {
	a := &e.Ask
	var pricing string
	err = tx.QueryRowContext(ctx, selectSQL("traits", traitsColumns()), id).Scan(
		&e.Method, &e.Agent, &a.APIVersion, &a.Stream, &a.StreamUsage, &a.MaxTokens, &a.Choices,
		&e.Retry, &e.Attempts, &e.AnswerModel, &e.Finish, &pricing, &a.Picture)
	if err != nil {
		return e, err
	}
	e.Pricing, err = named(pricing, tallygate.Free, tallygate.Nominal)
	return e, err
}

// named returns the value between first and last that goes by a name.
func named[T interface {
	~uint8
	String() string
}](name string, first, last T) (T, error) {
	for v := first; v <= last; v++ {
		if v.String() == name {
			return v, nil
		}
	}
	return 0, fmt.Errorf("there is no %T called %q", first, name)
}
