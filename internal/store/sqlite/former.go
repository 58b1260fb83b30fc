package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// A file is read as it is, also one of the schema before: whoever looks at a copy must not
// change it. What that schema lacks stands in temporary views of the connection, by the
// names of the tables that lack it.

// formerViews show schema 1 as schema 2. Sums by the hour had no seconds, but entries did.
const formerViews = `
CREATE TEMP VIEW entries AS SELECT *, 0 AS image_out, 0 AS characters, 0 AS images,
  0 AS hold_seconds, 0 AS hold_characters, 0 AS hold_images FROM main.entries;
CREATE TEMP VIEW traits AS SELECT *, '' AS picture FROM main.traits;
CREATE TEMP VIEW usage_hours AS SELECT h.*, 0 AS characters, 0 AS images, CASE WHEN h.series IN (SELECT series FROM main.entries WHERE seconds > 0)
  THEN (SELECT coalesce(sum(e.seconds), 0) FROM main.entries e
    WHERE e.began >= h.hour * 3600000000 AND e.began < (h.hour + 1) * 3600000000 AND e.series = h.series)
  ELSE 0 END AS seconds FROM main.usage_hours h;
CREATE TEMP VIEW usage_days AS SELECT d.*, 0 AS characters, 0 AS images, CASE WHEN d.series IN (SELECT series FROM main.entries WHERE seconds > 0)
  THEN (SELECT coalesce(sum(e.seconds), 0) FROM main.entries e
    WHERE e.began >= d.day * 86400000000 AND e.began < (d.day + 1) * 86400000000 AND e.series = d.series)
  ELSE 0 END AS seconds FROM main.usage_days d;`

// connector opens connections that read, on which a script was run.
type connector struct {
	driver      driver.Driver
	dsn, script string
}

// asBefore returns a pool of connections that read a file of this schema, or of the one
// before as if it were. It takes the place of db, which is closed on error.
func asBefore(ctx context.Context, db *sql.DB, dsn string) (*sql.DB, error) {
	var have int
	err := db.QueryRowContext(ctx, "SELECT max(version) FROM schema_versions").Scan(&have)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read schema version: %w", err), db.Close())
	}
	know, err := newest()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	c := connector{driver: db.Driver(), dsn: dsn}
	switch {
	case have < know-1:
		err = fmt.Errorf("its schema is version %d, and this program reads %d and %d: start the gateway on it, which brings it up to date", have, know-1, know)
		return nil, errors.Join(err, db.Close())
	case have < know:
		c.script = formerViews
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, c.script+"; PRAGMA query_only = 1", nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return c.driver }
