package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/tallygate/tallygate"
)

// column is a column of series or traits, and where its value is in an entry.
type column struct {
	name string
	// key appends the value to what the row is remembered by; value is the same
	// for SQL.
	key   func(b []byte, e *tallygate.Entry) []byte
	value func(e *tallygate.Entry) any
}

func text(name string, get func(e *tallygate.Entry) string) column {
	return column{name,
		func(b []byte, e *tallygate.Entry) []byte {
			s := get(e)
			b = binary.AppendUvarint(b, uint64(len(s)))
			return append(b, s...)
		},
		func(e *tallygate.Entry) any { return get(e) },
	}
}

func number(name string, get func(e *tallygate.Entry) int64) column {
	return column{name,
		func(b []byte, e *tallygate.Entry) []byte { return binary.AppendVarint(b, get(e)) },
		func(e *tallygate.Entry) any { return get(e) },
	}
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// dictionary gives numbers to the rows of series or traits.
type dictionary struct {
	table   string
	columns []column
	find    *sql.Stmt
	insert  *sql.Stmt
	known   map[string]int64
	key     []byte
}

// maxKnown bounds what a dictionary remembers: some 20 MB at worst. What it has
// forgotten it asks the table for.
const maxKnown = 50_000

func newDictionary(ctx context.Context, conn *sql.Conn, table string, columns []column) (*dictionary, error) {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	d := &dictionary{table: table, columns: columns, known: make(map[string]int64)}
	var err error
	if d.find, err = conn.PrepareContext(ctx, "SELECT id FROM "+table+" WHERE hash = ?"); err != nil {
		return nil, err
	}
	d.insert, err = conn.PrepareContext(ctx, insertSQL(table, "hash, "+strings.Join(names, ", "), 1))
	if err != nil {
		return nil, errors.Join(err, d.find.Close())
	}
	return d, nil
}

func (d *dictionary) close() error { return errors.Join(d.find.Close(), d.insert.Close()) }

// number returns the row's number, and makes the row if there is none. It is
// called within a transaction; when that is rolled back, forget must be.
func (d *dictionary) number(ctx context.Context, e *tallygate.Entry) (int64, error) {
	d.key = d.key[:0]
	for i := range d.columns {
		d.key = d.columns[i].key(d.key, e)
	}
	if id, ok := d.known[string(d.key)]; ok {
		return id, nil
	}
	id, err := d.row(ctx, e)
	if err != nil {
		return 0, fmt.Errorf("number an entry's %s: %w", d.table, err)
	}
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	d.known[string(d.key)] = id
	return id, nil
}

func (d *dictionary) row(ctx context.Context, e *tallygate.Entry) (id int64, err error) {
	sum := sha256.Sum256(d.key)
	hash := sum[:16] // no two keys that anyone can find share these
	err = d.find.QueryRowContext(ctx, hash).Scan(&id)
	if err != sql.ErrNoRows {
		return id, err
	}
	values := append(make([]any, 0, 1+len(d.columns)), hash)
	for i := range d.columns {
		values = append(values, d.columns[i].value(e))
	}
	r, err := d.insert.ExecContext(ctx, values...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (d *dictionary) forget() { clear(d.known) }

func seriesColumns() []column {
	return append([]column{
		text("caller", func(e *tallygate.Entry) string { return e.Caller }),
		text("caller_group", func(e *tallygate.Entry) string { return e.Group }),
		text("event", func(e *tallygate.Entry) string { return e.Event }),
		text("attendee", func(e *tallygate.Entry) string { return e.Attendee }),
		text("key", func(e *tallygate.Entry) string { return e.Key }),
		{
			"ip",
			func(b []byte, e *tallygate.Entry) []byte {
				if e.IP.IsValid() {
					b = e.IP.AppendTo(b)
				}
				return append(b, 0)
			},
			func(e *tallygate.Entry) any { return address(e) },
		},
		text("user", func(e *tallygate.Entry) string { return e.Ask.User }),
		text("dialect", func(e *tallygate.Entry) string { return e.Ask.Dialect.String() }),
		text("operation", func(e *tallygate.Entry) string { return string(e.Ask.Operation) }),
		text("model", func(e *tallygate.Entry) string { return e.Ask.Model }),
		text("outcome", func(e *tallygate.Entry) string { return e.Outcome.String() }),
		number("status", func(e *tallygate.Entry) int64 { return int64(e.Status) }),
		text("code", func(e *tallygate.Entry) string { return e.Code }),
		text("source", func(e *tallygate.Entry) string { return e.Usage.Source.String() }),
		number("counted", func(e *tallygate.Entry) int64 { return boolean(e.Counted) }),
	}, deploymentColumns()...)
}

func deploymentColumns() []column {
	of := func(e *tallygate.Entry) *tallygate.Deployment {
		if e.Deployment == nil {
			return &tallygate.Deployment{}
		}
		return e.Deployment
	}
	return []column{
		number("deployed", func(e *tallygate.Entry) int64 { return boolean(e.Deployment != nil) }),
		text("resource", func(e *tallygate.Entry) string { return of(e).Resource }),
		text("deployment", func(e *tallygate.Entry) string { return of(e).Name }),
		text("pool", func(e *tallygate.Entry) string { return of(e).Model }),
		text("base", func(e *tallygate.Entry) string { return of(e).Base }),
		text("region", func(e *tallygate.Entry) string { return of(e).Region }),
		text("sku", func(e *tallygate.Entry) string { return of(e).SKU }),
		number("tpm", func(e *tallygate.Entry) int64 { return of(e).TPM }),
		number("rpm", func(e *tallygate.Entry) int64 { return of(e).RPM }),
		number("ptu", func(e *tallygate.Entry) int64 { return of(e).PTU }),
		number("priority", func(e *tallygate.Entry) int64 { return int64(of(e).Priority) }),
		number("weight", func(e *tallygate.Entry) int64 { return int64(of(e).Weight) }),
	}
}

func traitsColumns() []column {
	return []column{
		text("method", func(e *tallygate.Entry) string { return e.Method }),
		text("agent", func(e *tallygate.Entry) string { return e.Agent }),
		text("api_version", func(e *tallygate.Entry) string { return e.Ask.APIVersion }),
		number("stream", func(e *tallygate.Entry) int64 { return boolean(e.Ask.Stream) }),
		number("stream_usage", func(e *tallygate.Entry) int64 { return boolean(e.Ask.StreamUsage) }),
		number("max_tokens", func(e *tallygate.Entry) int64 { return e.Ask.MaxTokens }),
		number("choices", func(e *tallygate.Entry) int64 { return e.Ask.Choices }),
		number("retry", func(e *tallygate.Entry) int64 { return int64(e.Retry) }),
		number("attempts", func(e *tallygate.Entry) int64 { return int64(e.Attempts) }),
		text("answer_model", func(e *tallygate.Entry) string { return e.AnswerModel }),
		text("finish", func(e *tallygate.Entry) string { return e.Finish }),
		text("pricing", func(e *tallygate.Entry) string { return e.Pricing.String() }),
		{
			"picture",
			func(b []byte, e *tallygate.Entry) []byte { // rows of before it was there have none
				if e.Ask.Picture == "" {
					return b
				}
				return append(b, e.Ask.Picture...)
			},
			func(e *tallygate.Entry) any { return e.Ask.Picture },
		},
	}
}

func address(e *tallygate.Entry) string {
	if e.IP.IsValid() {
		return e.IP.String()
	}
	return ""
}
