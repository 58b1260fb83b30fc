//go:build linux

package app_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// While the disk is full requests are refused with 503 and the gateway is not
// ready; with room again it serves, and every answer it gave is in the ledger.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	g := startGateway(t, three(), "")
	g.stop()
	g.configure(dataIn(*g.config.Load(), g.dir, dir))
	g.dir = dir
	g.start()
	served := 0
	ask := func() int {
		a := g.post(chatPath, chat("Hello"))
		if a.status == 200 {
			served++
		} else if a.status != 503 || a.code() != "LedgerUnavailable" {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
		return a.status
	}
	if ask() != 200 {
		t.Fatal("refused with room on the disk")
	}
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 4096); err == nil; {
		_, err = f.Write(chunk)
	}
	f.Close()
	refused := false
	for n := 0; n < 60_000 && !refused; n++ { // until the journal's own room is used up
		refused = ask() == 503
	}
	if !refused || g.app.Ready() == nil {
		t.Errorf("refused %v, ready %v", refused, g.app.Ready())
	}
	os.Remove(filler)
	for limit := time.Now().Add(10 * time.Second); ask() != 200; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("with room again it still refuses")
		}
	}
	whole := 0
	for _, e := range g.entries() {
		if e.Status == 200 {
			whole++
		}
	}
	if whole != served {
		t.Errorf("%d answered, %d of them in the ledger", served, whole)
	}
}
