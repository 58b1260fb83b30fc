// Package tablestest starts Microsoft's storage emulator for tests of Azure Tables.
package tablestest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Storage is a running emulator.
type Storage struct {
	// Connection is its connection string. The account and the key in it are the
	// emulator's own, and published.
	Connection string
	process    *exec.Cmd
}

// Azurite starts the emulator, empty, and stops it with the test. The test is skipped
// where scripts/setup has not installed it.
func Azurite(t *testing.T) *Storage {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	program := filepath.Join(filepath.Dir(here), "../../../test/azurite/node_modules/.bin/azurite-table")
	if _, err := os.Stat(program); err != nil {
		t.Skip("azurite is not installed: scripts/setup does that")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	s := &Storage{process: exec.Command(program, "--tableHost", "127.0.0.1", "--tablePort", fmt.Sprint(port),
		"--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry")}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if nc, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			nc.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("azurite did not begin to listen")
		}
	}
	s.Connection = fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="+
		"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"+
		"TableEndpoint=http://127.0.0.1:%d/devstoreaccount1;", port)
	return s
}

// Stop ends the emulator. Further calls do nothing.
func (s *Storage) Stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}
