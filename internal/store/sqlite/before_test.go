package sqlite_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// before unpacks a data folder that was written before pictures and characters were
// counted: 150 entries in the database, 20 in the journal only, and 3 answers owed.
func before(t *testing.T) string {
	t.Helper()
	f, err := os.Open("testdata/before-pieces.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.FileInfo().IsDir() {
			err = os.MkdirAll(path, 0o700)
		} else if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			var b []byte
			if b, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, b, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sound fails the test when a verification finds something.
func sound(t *testing.T, r ledger.Reader) {
	t.Helper()
	report, err := r.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Checks {
		for _, p := range c.Problems {
			t.Errorf("%s: %s", c.Name, p)
		}
	}
}

// all compares what a store sums up with what its entries do.
func all(t *testing.T, s ledger.Reader, requests, seconds int64) {
	t.Helper()
	entries, err := s.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	b := ledger.Batch{Journal: ledger.JournalID{1}, Upto: 1}
	for _, e := range entries {
		b.Entries = append(b.Entries, storetest.Canonical(e.Entry))
	}
	m := &storetest.Memory{}
	if err := m.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for _, by := range [][]string{nil, {"day"}, {"hour", "operation"}, {"model", "caller"}} {
		q := ledger.Query{By: by, Percentiles: true}
		want, err := m.Usage(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Usage(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %q (-entries +sums):\n%s", by, diff)
		}
		if got.Total.Requests != requests || got.Total.Seconds != seconds {
			t.Errorf("by %q: %d requests, %d seconds; want %d and %d", by, got.Total.Requests, got.Total.Seconds, requests, seconds)
		}
	}
}

// A data folder of before is brought up to date with all that was in it, the journal's
// entries and what was owed as well, and then counts what it did not know of.
func TestMigratesWhatWasBefore(t *testing.T) {
	dir := before(t)
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "tallygate.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all(t, s, 150, 10_093)
	sound(t, s)
	l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	if stats := l.Stats(); stats.Recovered != 20 || stats.Unsettled != 3 || stats.Damaged != 0 {
		t.Errorf("%+v", stats)
	}
	all(t, s, 173, 17_124)
	e := storetest.Full()
	e.Began = time.Date(2026, 10, 25, 7, 0, 0, 0, time.UTC) // a day that is summed up
	l.Record(&e)
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	all(t, s, 174, 17_124+e.Usage.Seconds)
	table, err := s.Usage(t.Context(), ledger.Query{})
	if err != nil || table.Total.Images != e.Usage.Images || table.Total.Characters != e.Usage.Characters {
		t.Errorf("%+v, %v", table.Total, err)
	}
	sound(t, s)
}

// A folder of before can be looked at as it is: who asks a copy changes nothing in it.
func TestReadsWhatWasBefore(t *testing.T) {
	path := filepath.Join(before(t), "tallygate.db")
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all(t, s, 150, 10_093)
	sound(t, s)
	n := 0
	err = s.Since(t.Context(), time.Time{}, func(*tallygate.Entry) error { n++; return nil })
	if err != nil || n != 118 {
		t.Errorf("%d entries count, %v", n, err)
	}
	if is, err := os.ReadFile(path); err != nil || string(is) != string(was) {
		t.Errorf("the file has changed, %v", err)
	}
}
