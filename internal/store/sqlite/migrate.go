package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// Migrations are numbered without holes, only ever add, and are never changed once
// released: version N of the program runs on schema N and, for reading, on N-1.
//
//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer is wrapped by the error of Open for a file whose schema is newer than
// this program.
var ErrNewer = errors.New("the file was written by a newer version of the program")

// newest returns the version of the schema this program works with.
func newest() (int, error) {
	found, err := fs.Glob(migrations, "migrations/*.sql")
	return len(found), err
}

// checkVersion refuses a schema that is newer or that is none.
func checkVersion(ctx context.Context, db *sql.DB) error {
	var have int
	if err := db.QueryRowContext(ctx, "SELECT max(version) FROM schema_versions").Scan(&have); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	return compareVersion(have)
}

func compareVersion(have int) error {
	know, err := newest()
	if err != nil {
		return err
	}
	if have > know {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d", ErrNewer, have, know)
	}
	return nil
}

// migrate brings the schema up to date, each step in a transaction of its own
// together with the note that it was made.
func migrate(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_versions (
		version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT`)
	if err != nil {
		return fmt.Errorf("create schema_versions: %w", err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	for n, name := range names {
		if err := apply(ctx, db, n+1, name); err != nil {
			return fmt.Errorf("migrate schema, %s: %w", path.Base(name), err)
		}
	}
	return nil
}

func apply(ctx context.Context, db *sql.DB, version int, name string) error {
	number, _, _ := strings.Cut(path.Base(name), "_")
	if n, err := strconv.Atoi(number); err != nil || n != version {
		return fmt.Errorf("the file should be number %d", version)
	}
	script, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	var have int
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM schema_versions").Scan(&have); err != nil {
		return err
	}
	if err := compareVersion(have); err != nil || have >= version {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO schema_versions (version, name, applied) VALUES (?, ?, ?)",
		version, path.Base(name), time.Now().UnixMicro())
	if err != nil {
		return err
	}
	return tx.Commit()
}
