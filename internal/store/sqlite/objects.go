package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tallygate/tallygate/internal/object"
)

// objects is the store's side that keeps objects.
type objects struct{ s *Store }

// Objects returns the objects in the file. They share its one writing connection with
// the entries: a change may wait for the batch of entries under way. It is closed
// with the store.
func (s *Store) Objects() object.Store { return objects{s} }

const objectColumns = "kind, id, tenant, data, version, updated, changed_by"

// List implements object.Store.
func (v objects) List(ctx context.Context, kind string) ([]object.Object, error) {
	return v.find(ctx, "kind = ? AND data IS NOT NULL ORDER BY id", kind)
}

// Changes implements object.Store.
func (v objects) Changes(ctx context.Context, since int64) ([]object.Object, error) {
	return v.find(ctx, "version > ? ORDER BY version LIMIT ?", since, object.MaxChanges)
}

// Get implements object.Store.
func (v objects) Get(ctx context.Context, kind, id string) (object.Object, error) {
	found, err := v.find(ctx, "kind = ? AND id = ? AND data IS NOT NULL", kind, id)
	if err != nil {
		return object.Object{}, err
	}
	if len(found) == 0 {
		return object.Object{}, fmt.Errorf("%s %q: %w", kind, id, object.ErrNotFound)
	}
	return found[0], nil
}

func (v objects) find(ctx context.Context, where string, args ...any) (out []object.Object, err error) {
	ctx, cancel := context.WithTimeout(ctx, v.s.opt.QueryTimeout)
	defer cancel()
	rows, err := v.s.readers.QueryContext(ctx, "SELECT "+objectColumns+" FROM objects WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read objects: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		o, err := scanObject(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read objects: %w", err)
		}
		out = append(out, o)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read objects: %w", err)
	}
	return out, nil
}

// scanObject reads a row of the object columns.
func scanObject(scan func(...any) error) (o object.Object, err error) {
	var updated int64
	err = scan(&o.Kind, &o.ID, &o.Tenant, &o.Data, &o.Version, &updated, &o.By)
	o.Updated = time.UnixMicro(updated).UTC()
	return o, err
}

// Put implements object.Store.
func (v objects) Put(ctx context.Context, o object.Object) (object.Object, error) {
	if err := o.Check(); err != nil {
		return object.Object{}, err
	}
	return v.change(ctx, o)
}

// Delete implements object.Store.
func (v objects) Delete(ctx context.Context, kind, id string, version int64) error {
	_, err := v.change(ctx, object.Object{Kind: kind, ID: id, Version: version})
	return err
}

// change puts an object or a tombstone over what is there.
func (v objects) change(ctx context.Context, o object.Object) (next object.Object, err error) {
	v.s.urgent.Add(1) // somebody sits and waits
	defer v.s.urgent.Add(-1)
	err = v.s.change(ctx, func(ctx context.Context, w *appender) error {
		next, err = w.putObject(ctx, o)
		return err
	})
	if err != nil {
		return object.Object{}, fmt.Errorf("change object: %w", err)
	}
	return next, nil
}

func (w *appender) putObject(ctx context.Context, o object.Object) (object.Object, error) {
	now, err := scanObject(w.conn.QueryRowContext(ctx,
		"SELECT "+objectColumns+" FROM objects WHERE kind = ? AND id = ?", o.Kind, o.ID).Scan)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, err
	}
	var last int64
	if err := w.conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM objects").Scan(&last); err != nil {
		return o, err
	}
	next, err := object.Next(now, o, last, time.Now())
	if err != nil {
		return o, err
	}
	data := sql.NullString{String: string(next.Data), Valid: !next.Deleted()}
	_, err = w.conn.ExecContext(ctx, insertSQL("objects", objectColumns, 1)+` ON CONFLICT (kind, id) DO UPDATE SET
		tenant = excluded.tenant, data = excluded.data, version = excluded.version,
		updated = excluded.updated, changed_by = excluded.changed_by`,
		next.Kind, next.ID, next.Tenant, data, next.Version, next.Updated.UnixMicro(), next.By)
	return next, err
}
