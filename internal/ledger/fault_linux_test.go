package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// A real file system that is full, where the test may mount one.
func TestFullFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	m := &storetest.Memory{}
	l := open(t, ledger.Options{Dir: dir, Store: m})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20-64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	var promised []*tallygate.Entry
	var refused error
	for n := 0; refused == nil; n++ {
		e := entry(n)
		e.Agent, e.RequestID = strings.Repeat("x", 500), strings.Repeat("y", 500)
		i, err := l.Intend(e)
		if err == nil {
			err = i.Wait(t.Context())
		}
		if refused = err; err == nil {
			promised = append(promised, e)
		}
		if n > 100_000 {
			t.Fatal("the file system does not fill up")
		}
	}
	if !unavailable(refused) || !errors.Is(refused, syscall.ENOSPC) {
		t.Fatalf("the full disk gives %v, want Unavailable for ENOSPC", refused)
	}
	for _, e := range promised {
		l.Record(settle(e))
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := stored(t, m)
	for _, e := range promised {
		wantSettled(t, got, e)
	}
	t.Logf("%d promises were kept on a full disk", len(promised))
}

// A folder that may not be written is an error that says so.
func TestReadOnlyFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("cannot mount a read-only file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	_, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: &storetest.Memory{}})
	if !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Open = %v, want EROFS and the folder", err)
	}
}
