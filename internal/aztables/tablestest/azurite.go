// Package tablestest starts Microsoft's storage emulator for tests of Azure Tables.
package tablestest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
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
	for range 5 {
		if s := start(t, program, freePort(t)); s != nil {
			t.Cleanup(s.Stop)
			return s
		}
	}
	t.Fatal("azurite did not begin to listen, on five ports")
	return nil
}

// freePort returns a port that nobody listens on now. Somebody else may take it before
// it is used: the emulator does not say which one it got when it is asked for any.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs the emulator on a port; nil when it ended before it listened there. That
// somebody answers on the port is no proof that it is the emulator, so its own words
// count.
func start(t *testing.T, program string, port int) *Storage {
	t.Helper()
	s := &Storage{process: exec.Command(program, "--tableHost", "127.0.0.1", "--tablePort", fmt.Sprint(port),
		"--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry")}
	words, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(60*time.Second, func() { _ = s.process.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(words); lines.Scan(); {
		if strings.Contains(lines.Text(), "successfully started") {
			go func() { _, _ = io.Copy(io.Discard, words) }() // until it ends: it must not wait for a reader
			s.Connection = fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="+
				"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"+
				"TableEndpoint=http://127.0.0.1:%d/devstoreaccount1;", port)
			return s
		}
	}
	s.Stop()
	return nil
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
