package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/follow"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

var _ follow.Cursors = sqlite.Followers{}

// A follower's cursor is kept, moves from where it is and from nowhere else, and is no
// other follower's and no journal's.
func TestFollowers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	move := func(name string, from, to int64, want error) {
		t.Helper()
		if err := s.Followers().Move(t.Context(), name, from, to); !errors.Is(err, want) {
			t.Errorf("%s from %d to %d: %v, want %v", name, from, to, err, want)
		}
	}
	move("sink", 0, 7, nil)
	move("other", 0, 3, nil)
	move("sink", 0, 9, ledger.ErrOutOfStep)
	move("sink", 7, 9, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	for name, want := range map[string]int64{"sink": 9, "other": 3, "nobody": 0} {
		if n, err := s.Followers().Followed(t.Context(), name); n != want || err != nil {
			t.Errorf("%s is at %d, %v; want %d", name, n, err, want)
		}
	}
	if n, err := s.Cursor(t.Context(), ledger.JournalID([]byte("the follower nam"))); n != 0 || err != nil {
		t.Errorf("a journal is at %d, %v", n, err)
	}
}

// BenchmarkRead is what it costs to give an entry to who follows.
func BenchmarkRead(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "tallygate.db"), sqlite.Options{})
	defer s.Close()
	for _, batch := range storetest.Batches(1, 4096, 4096, time.Now(), time.Minute) {
		if err := s.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	const page = 128
	b.ReportAllocs()
	before := cpu()
	for at := int64(0); b.Loop(); at = (at + page) % 4096 {
		if got, err := s.Read(b.Context(), at, page); len(got) != page || err != nil {
			b.Fatal(len(got), err)
		}
	}
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N)/page, "cpu-ns/entry")
}
