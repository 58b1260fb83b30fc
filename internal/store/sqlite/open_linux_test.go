package sqlite_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// A reader that may not write reads what is in the store, and says how much is
// not.
func TestReaderReadOnly(t *testing.T) {
	dir := t.TempDir()
	s, l := startLedger(t, dir, 50)
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The store goes first, so that what follows stays in the journal.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 7 {
		e := storetest.Full()
		e.ID = tallygate.NewID(e.Began)
		l.Record(&e)
	}
	hasty, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	l.Close(hasty)

	place := t.TempDir()
	if err := syscall.Mount(dir, place, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(place, syscall.MNT_DETACH) })
	if err := syscall.Mount("", place, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("cannot mount read-only: %v", err)
	}
	r, err := ledger.OpenReader(t.Context(), place, opener(place))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n := requests(t, r); r.Live || n != 50 || r.Pending != 7 {
		t.Errorf("live: %t, %d requests, %d pending; want 50 and 7", r.Live, n, r.Pending)
	}
}
