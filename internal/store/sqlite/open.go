package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Options say how a store behaves. The zero Options suit a gateway.
type Options struct {
	// ReadOnly opens an existing file without ever writing to it; Append fails.
	ReadOnly bool
	// QueryTimeout bounds each question asked of the store. Default 30 s.
	QueryTimeout time.Duration
	// Readers is how many questions are answered at the same time; more wait.
	// Default 4.
	Readers int
}

// Store is a ledger.Store in a SQLite file. Its methods are safe for concurrent
// use.
type Store struct {
	path    string
	opt     Options
	readers *sql.DB
	known   commons // what reading remembers
	write   *sql.DB // nil when read-only

	mu     sync.Mutex // held while appending
	w      *appender  // nil when read-only
	closed bool

	urgent    atomic.Int32 // how many wait for mu who make a gentle batch hurry
	repricing sync.Mutex   // held while repricing: what a step read must still hold when it writes
}

var _ ledger.Store = (*Store)(nil)

// Open opens the store in the file at path, makes it when it does not exist, and
// brings its schema up to date. It refuses a file whose schema is newer than this
// program knows.
func Open(ctx context.Context, path string, opt Options) (*Store, error) {
	if opt.QueryTimeout <= 0 {
		opt.QueryTimeout = 30 * time.Second
	}
	if opt.Readers <= 0 {
		opt.Readers = 4
	}
	s := &Store{path: path, opt: opt}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.opt.ReadOnly {
		return s.openReaders(ctx)
	}
	if err := createPrivate(s.path); err != nil {
		return err
	}
	s.write, err = sql.Open("sqlite", dsn(s.path, "_txlock=immediate",
		"_pragma=busy_timeout(10000)", "_pragma=journal_mode(wal)", "_pragma=synchronous(full)", "_pragma=cache_size(-8192)", "_pragma=secure_delete(1)"))
	if err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.write); err != nil {
		return err
	}
	if s.w, err = newAppender(ctx, s.write, &s.urgent); err != nil {
		return err
	}
	return s.openReaders(ctx)
}

// idleReader is after what time a connection that answered a question is closed, and
// its cache of 4 MB with it.
const idleReader = time.Minute

// openReaders opens the connections that answer questions.
func (s *Store) openReaders(ctx context.Context) error {
	if _, err := os.Stat(s.path); err != nil {
		return err
	}
	params := []string{"mode=ro", "_pragma=busy_timeout(10000)", "_pragma=cache_size(-4096)"}
	err := s.tryReaders(ctx, params)
	if err == nil || !s.opt.ReadOnly {
		return err
	}
	// Without a writer there may be no shared memory beside the file, and without
	// the right to make it the file can be read only as one that never changes.
	// That is true while there is no log beside it either.
	if info, statErr := os.Stat(s.path + "-wal"); statErr == nil && info.Size() > 0 {
		return err
	}
	return s.tryReaders(ctx, append(params, "immutable=1"))
}

func (s *Store) tryReaders(ctx context.Context, params []string) error {
	db, err := sql.Open("sqlite", dsn(s.path, params...))
	if err != nil {
		return err
	}
	if db, err = asBefore(ctx, db, dsn(s.path, params...)); err != nil {
		return err
	}
	db.SetMaxOpenConns(s.opt.Readers)
	db.SetMaxIdleConns(s.opt.Readers)
	db.SetConnMaxIdleTime(idleReader)
	if err := checkVersion(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	s.readers = db
	return nil
}

// createPrivate makes the file if need be, so that nobody but the owner can read
// it: it says who asked what from where.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn names the file as a URI, so that no character of its path means anything.
func dsn(path string, params ...string) string {
	p := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		p = "/" + p
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + strings.Join(params, "&")
}

// Close closes the file. It waits for what is running. Further calls do nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.w != nil {
		errs = append(errs, s.w.close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}
