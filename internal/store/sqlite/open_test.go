package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// A file of a newer version is refused, for writing and for reading, and left as
// it is.
func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tallygate.db")
	if err := open(t, path, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, `INSERT INTO schema_versions (version, name, applied) VALUES (999, 'from the future', 0)`)
	for _, readOnly := range []bool{false, true} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: readOnly})
		if !errors.Is(err, sqlite.ErrNewer) || !strings.Contains(err.Error(), "999") {
			t.Errorf("Open (read-only: %t) = %v, want ErrNewer", readOnly, err)
		}
	}
}

// A file that is no database is refused and left as it is.
func TestNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tallygate.db")
	text := strings.Repeat("this is no database. ", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil {
		t.Error("Open = nil")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != text {
		t.Errorf("the file was changed: %v", err)
	}
}

// The file is for its owner alone.
func TestPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "tallygate.db")
	open(t, path, sqlite.Options{})
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
}

// A store opened for reading reads beside the writer and writes nothing.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tallygate.db")
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of a file that is not there = %v", err)
	}
	w := open(t, path, sqlite.Options{})
	r := open(t, path, sqlite.Options{ReadOnly: true})
	bs := storetest.Batches(1, 20, 10, time.Now(), time.Hour)
	for _, b := range bs {
		if err := w.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := r.Read(t.Context(), 0, 100); err != nil || len(got) != 20 {
		t.Errorf("Read = %d entries, %v; want 20", len(got), err)
	}
	if err := r.Append(t.Context(), bs[0]); err == nil {
		t.Error("Append to a store opened for reading = nil")
	}
	if _, err := r.Reprice(t.Context(), ledger.RepriceQuery{}, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return e.Cost + 1, e.Pricing
	}); err == nil {
		t.Error("Reprice in a store opened for reading = nil")
	}
	if _, err := r.Objects().Put(t.Context(), object.Object{Kind: "limit", ID: "a", Data: []byte("{}")}); err == nil {
		t.Error("Put in a store opened for reading = nil")
	}
	if _, err := w.Objects().Put(t.Context(), object.Object{Kind: "limit", ID: "a", Data: []byte("{}")}); err != nil {
		t.Error(err)
	}
	if got, err := r.Objects().List(t.Context(), "limit"); err != nil || len(got) != 1 {
		t.Errorf("List = %d objects, %v; want 1", len(got), err)
	}
}

// A report that takes too long is given up, says what to do, and leaves the store
// working.
func TestQueryTimeout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tallygate.db")
	w := open(t, path, sqlite.Options{})
	for _, b := range storetest.Batches(2, 3000, 1000, time.Now(), time.Hour) {
		if err := w.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, path, sqlite.Options{ReadOnly: true, QueryTimeout: time.Microsecond})
	_, err := s.Usage(t.Context(), ledger.Query{By: []string{"ip"}})
	if e, ok := errors.AsType[*tallygate.Error](err); !ok || e.Code != "QueryTimeout" {
		t.Errorf("Usage = %v, want QueryTimeout", err)
	}
	if _, err := w.Usage(t.Context(), ledger.Query{By: []string{"ip"}}); err != nil {
		t.Error(err)
	}
}

// People who open the file with sqlite3 find readable rows.
func TestView(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tallygate.db")
	s := open(t, path, sqlite.Options{})
	full := storetest.Full()
	b := ledger.Batch{Upto: 1, Entries: []ledger.Canonical{storetest.Canonical(full)}}
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = s.Reprice(t.Context(), ledger.RepriceQuery{}, func(*tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return 1_500_000, tallygate.Listed
	})
	if err != nil {
		t.Fatal(err)
	}
	var id, began, caller, outcome, resource, pricing string
	var total int64
	var cost float64
	err = db.QueryRow(`SELECT id, began, caller, outcome, resource, pricing, total, cost FROM usage_entries`).
		Scan(&id, &began, &caller, &outcome, &resource, &pricing, &total, &cost)
	if pricing != "listed" || cost != 1.5 {
		t.Errorf("usage_entries has a cost of %v (%s), not the corrected one", cost, pricing)
	}
	if err != nil || id != full.ID.String() || began != "2026-11-21T15:04:05.679Z" || caller != "search-team" ||
		outcome != "answered" || resource != "sweden-1" || total != 154 {
		t.Errorf("usage_entries has %s %s %s %s %s %d, %v", id, began, caller, outcome, resource, total, err)
	}
}

// opener opens the store of a data folder as the commands do.
func opener(dir string) func(context.Context) (ledger.Store, error) {
	return func(ctx context.Context) (ledger.Store, error) {
		return sqlite.Open(ctx, filepath.Join(dir, "tallygate.db"), sqlite.Options{ReadOnly: true})
	}
}

// startLedger opens a ledger that records n entries and leaves an intent open.
func startLedger(t *testing.T, dir string, n int) (*sqlite.Store, *ledger.Ledger) {
	t.Helper()
	s := open(t, filepath.Join(dir, "tallygate.db"), sqlite.Options{})
	l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		e := storetest.Full()
		e.ID = tallygate.NewID(e.Began)
		l.Record(&e)
	}
	e := storetest.Full()
	e.ID = tallygate.NewID(e.Began)
	i, err := l.Intend(&e)
	if err == nil {
		err = i.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

func requests(t *testing.T, r ledger.Reader) int64 {
	t.Helper()
	table, err := r.Usage(t.Context(), ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return table.Total.Requests
}

// A reader beside a running gateway reads its store, and the journal verifies
// while it is written.
func TestReaderLive(t *testing.T) {
	dir := t.TempDir()
	_, l := startLedger(t, dir, 50)
	defer l.Close(t.Context())
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.OpenReader(t.Context(), dir, opener(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n := requests(t, r); !r.Live || n != 50 {
		t.Errorf("live: %t, %d requests; want 50", r.Live, n)
	}
	report, err := r.Verify(t.Context(), nil)
	if err != nil || !report.OK() {
		t.Errorf("Verify = %+v, %v", report, err)
	}
}

// A reader after the gateway's death reads what is in the store, says how much the
// journal has beyond, and changes nothing.
func TestReaderDead(t *testing.T) {
	dir := t.TempDir()
	s, l := startLedger(t, dir, 50)
	killed, cancel := context.WithCancel(t.Context())
	cancel()
	l.Close(killed) // what is in memory is lost, what the store lacks is in the journal
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	journal := func() string {
		files, err := os.ReadDir(filepath.Join(dir, "journal"))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(files)
	}
	before := journal()
	r, err := ledger.OpenReader(t.Context(), dir, opener(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n := requests(t, r); r.Live || n+r.Pending+r.Open != 51 {
		t.Errorf("live: %t, %d requests, %d pending, %d open; want 51 in all", r.Live, n, r.Pending, r.Open)
	}
	report, err := r.Verify(t.Context(), nil)
	if err != nil || !report.OK() {
		t.Errorf("Verify = %+v, %v", report, err)
	}
	if after := journal(); after != before {
		t.Errorf("the journal was %s and is %s", before, after)
	}
}

// A folder that never had a ledger is an error, and stays empty.
func TestReaderNothing(t *testing.T) {
	dir := t.TempDir()
	if _, err := ledger.OpenReader(t.Context(), dir, opener(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("OpenReader = %v, want os.ErrNotExist", err)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) > 0 {
		t.Errorf("the folder has %v now, %v", found, err)
	}
}
