package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Followers keeps the cursors of those that follow the entries, in the table in which the
// journals' are, by names that no journal has.
type Followers struct{ s *Store }

// Followers returns the cursors of those that follow the entries in the file: they are
// put back together with the entries when a copy of the file is. Moving one costs a sync.
func (s *Store) Followers() Followers { return Followers{s} }

// followerKey is what stands in a journal's place: a journal's ID has 16 bytes.
func followerKey(name string) []byte { return []byte("the follower named " + name) }

// Followed implements follow.Cursors.
func (v Followers) Followed(ctx context.Context, name string) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, v.s.opt.QueryTimeout)
	defer cancel()
	return numberOf(ctx, v.s.readers, followerKey(name))
}

// Move implements follow.Cursors.
func (v Followers) Move(ctx context.Context, name string, from, to int64) error {
	return v.s.change(ctx, func(ctx context.Context, w *appender) error {
		return w.move(ctx, followerKey(name), from, to)
	})
}

// numberOf returns the number of a cursor, 0 for one that never moved.
func numberOf(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, key []byte) (n int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT number FROM cursors WHERE journal = ?", key).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read cursor: %w", err)
	}
	return n, nil
}

// move moves a cursor that is where the move begins.
func (w *appender) move(ctx context.Context, key []byte, from, to int64) error {
	at, err := numberOf(ctx, w.conn, key)
	if err != nil {
		return err
	}
	if at != from {
		return ledger.ErrOutOfStep
	}
	_, err = w.conn.ExecContext(ctx, `INSERT INTO cursors (journal, number) VALUES (?, ?)
		ON CONFLICT (journal) DO UPDATE SET number = excluded.number`, key, to)
	if err != nil {
		return fmt.Errorf("move cursor: %w", err)
	}
	return nil
}
