package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
)

// Two demos run in one process, on free ports and with ledgers of their own, and
// leave nothing behind.
func TestDemosLeaveNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var demos sync.WaitGroup
	outs := make([]io.ReadCloser, 2)
	for i := range outs {
		r, w := io.Pipe()
		outs[i] = r
		demos.Go(func() {
			var words bytes.Buffer
			code := run(ctx, []string{"demo", "--listen", "127.0.0.1:0", "--admin", "localhost:0"}, strings.NewReader(""), w, &words)
			if code != exitOK || words.String() != "stopping\n" {
				t.Errorf("exit %d: %s", code, words.String())
			}
			w.CloseWithError(errors.New("the demo ended"))
		})
	}
	for _, out := range outs {
		var said []byte
		for b := make([]byte, 4096); !bytes.Contains(said, []byte("Ctrl-C stops it.")); {
			n, err := out.Read(b)
			if said = append(said, b[:n]...); err != nil {
				t.Fatalf("%v after %q", err, said)
			}
		}
		if want := "\n  " + shellWord(os.Args[0]) + " usage --by "; !bytes.Contains(said, []byte(want)) {
			t.Errorf("no command as this program was called, %q:\n%s", want, said)
		}
		if bytes.Contains(said, []byte(":0\n")) {
			t.Errorf("the addresses are not those it listens on:\n%s", said)
		}
	}
	cancel()
	demos.Wait()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
