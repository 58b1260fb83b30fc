package wire_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

const mb = 1 << 20

// upload returns a request with a form, a file of so many bytes in it.
func upload(t *testing.T, model string, size int, first bool) (r *http.Request, body string) {
	t.Helper()
	sound := strings.Repeat("0123456789abcde\n", size/16)
	body = form(t, "@file", sound, "model", model)
	if first {
		body = form(t, "model", model, "@file", sound)
	}
	r = request(t, onTranscriptions, body)
	r.Header.Set("Content-Type", formType)
	return r, body
}

// Wherever a body is kept, in memory, on disk, in both, or only in its beginning, it goes
// upstream byte for byte but for the model's name, and all it took is given back.
func TestWhereBodiesAreKept(t *testing.T) {
	for _, c := range []struct {
		name    string
		dir     string // of the spill files; % is a good one
		size    int
		first   bool // the model comes before the file
		onDisk  bool
		again   bool // it can be sent twice
		refused bool
	}{
		{"in one piece", "%", 1000, false, false, true, false},
		{"in one piece of a larger class", "%", 100_000, false, false, true, false},
		{"in pages", "%", 900_000, false, false, true, false},
		{"beyond its share of memory, on disk", "%", 5 * mb, false, true, true, false},
		{"beyond its share of disk, the model last", "%", 18 * mb, false, false, false, true},
		{"beyond its share of disk, the model first", "%", 18 * mb, true, true, false, false},
		{"a disk that takes nothing", "/nowhere", 5 * mb, true, false, false, false},
		{"a disk that takes nothing, the model last", "/nowhere", 5 * mb, false, false, false, true},
		{"no disk", "", 5 * mb, true, false, false, false},
		{"no disk, the model last", "", 5 * mb, false, false, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := strings.Replace(c.dir, "%", t.TempDir(), 1)
			memory := wire.NewMemory(4*mb, dir)
			r, body := upload(t, "whisper", c.size, c.first)
			q, err := wire.Read(r, wire.Options{Table: allRoutes, Memory: memory, Payer: wire.Payer{Name: "p"}})
			why, _ := errors.AsType[*tallygate.Error](err)
			if (err != nil) != c.refused || c.refused && (why.Kind != tallygate.Unavailable || why.RetryAfter <= 0) {
				t.Fatalf("refused: %v", err)
			}
			inMemory, onDisk := memory.InUse()
			if inMemory > mb || err == nil && (onDisk > 0) != c.onDisk {
				t.Errorf("%d bytes in memory, %d on disk", inMemory, onDisk)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, wire.SpillPattern+"*")); len(left) > 0 {
				t.Errorf("files with names: %v", left)
			}
			b := q.Body("a-longer-name", wire.Edits{})
			want := strings.Replace(body, "whisper", "a-longer-name", 1)
			attempts := 0
			for ; err == nil && (attempts == 0 || c.again && attempts < 3); attempts++ {
				reader := b.NewReader()
				var out strings.Builder
				var from io.Reader = reader
				if attempts == 1 {
					from = struct{ io.Reader }{reader} // hides WriterTo
				}
				_, err := io.Copy(&out, from)
				if err != nil || out.String() != want || b.Len() != int64(len(want)) {
					t.Errorf("attempt %d: %d bytes of %d, length %d, %v", attempts, out.Len(), len(want), b.Len(), err)
				}
				reader.Close()
			}
			if err == nil && q.Replayable() != c.again {
				t.Errorf("replayable %v", q.Replayable())
			}
			q.Close()
			if inMemory, onDisk := memory.InUse(); inMemory != 0 || onDisk != 0 {
				t.Errorf("%d bytes in memory, %d on disk are not given back", inMemory, onDisk)
			}
		})
	}
}

// What comes behind a file that could not be kept is still looked at: no field that
// matters slips in, and nothing leaves of a form that breaks.
func TestStreamedFormsAreRead(t *testing.T) {
	for _, c := range []struct{ tail, words string }{
		{form(t, "n", "10"), "Send fields before files"}, {form(t, "model", "other"), "Send fields before files"},
		{"--x-boundary-xyz", "stands inside"}, {"--x-boundary-x--\r\nmore", "follows its closing"}, {"", "before its closing"},
	} {
		_, body := upload(t, "m", 2*mb, true)
		body = strings.TrimSuffix(body, "--x-boundary-x--\r\n") + c.tail
		r := request(t, onTranscriptions, body)
		r.Header.Set("Content-Type", formType)
		q, err := wire.Read(r, wire.Options{Table: allRoutes, Memory: wire.NewMemory(4*mb, "")})
		//lint:ignore SA5001 the request is never nil
		defer q.Close()
		if facts, _ := q.Form(); err != nil || facts.FileBytes < 2*mb {
			t.Fatalf("%+v, %v", facts, err)
		}
		b := q.Body("m", wire.Edits{})
		reader := b.NewReader()
		defer reader.Close()
		_, err = io.Copy(io.Discard, reader)
		if why, ok := errors.AsType[*tallygate.Error](err); !ok || why.Kind != tallygate.BadRequest || !strings.Contains(why.Message, c.words) {
			t.Errorf("%.40q behind the file: %v", c.tail, err)
		}
	}
}

// One payer has a quarter of the memory, large bodies seven eighths of it together, and
// small ones find room when large ones do not.
func TestMemoryIsShared(t *testing.T) {
	memory := wire.NewMemory(16*mb, "")
	hold := func(payer string, size int) error {
		body := `{"model":"m","x":"` + strings.Repeat("x", size) + `"}`
		q, err := wire.Read(request(t, onChat, body), wire.Options{Table: allRoutes, Memory: memory, Payer: wire.Payer{Name: payer}})
		t.Cleanup(q.Close)
		if why, ok := errors.AsType[*tallygate.Error](err); ok && (why.Kind != tallygate.Unavailable || why.Code != "BodyMemoryExhausted" || why.RetryAfter <= 0) {
			t.Errorf("%s is refused with %+v", payer, why)
		}
		return err
	}
	if err := hold("one", 3*mb); err != nil {
		t.Error(err)
	}
	if hold("one", 3*mb) == nil {
		t.Error("one payer has more than a quarter")
	}
	for _, payer := range []string{"two", "three", "four"} {
		if err := hold(payer, 3*mb); err != nil {
			t.Error(payer, err)
		}
	}
	if hold("five", 3*mb) == nil {
		t.Error("large bodies take the room of small ones")
	}
	for i := range 8 {
		if err := hold(fmt.Sprint("small", i), 100_000); err != nil {
			t.Errorf("a small body: %v", err)
		}
	}
	if used, _ := memory.InUse(); used > 16*mb {
		t.Errorf("%d bytes in use", used)
	}
}

// A JSON body is never larger than what one payer may have, and what is only claimed
// costs nothing.
func TestClaimsCostNothing(t *testing.T) {
	memory := wire.NewMemory(16*mb, "")
	r := request(t, onChat, hello)
	r.ContentLength = 5 * mb
	if _, why := refused(t, r, wire.Options{Table: allRoutes, Memory: memory}); why.Kind != tallygate.TooLarge {
		t.Errorf("beyond a share: %d, %s", why.Kind, why.Message)
	}
	pr, pw := io.Pipe()
	r = request(t, onChat, hello)
	r.Body, r.ContentLength = pr, 3*mb
	done := make(chan struct{})
	go func() {
		defer close(done)
		q, _ := wire.Read(r, wire.Options{Table: allRoutes, Memory: memory})
		q.Close()
	}()
	io.WriteString(pw, hello)
	if used, _ := memory.InUse(); used > 64<<10 {
		t.Errorf("%d bytes for a claim", used)
	}
	pw.CloseWithError(io.ErrUnexpectedEOF)
	<-done
	if used, _ := memory.InUse(); used != 0 {
		t.Errorf("%d bytes are not given back", used)
	}
}

// Files of bodies are for this process alone.
func TestSpillFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	r, _ := upload(t, "m", 5*mb, true)
	q, err := wire.Read(r, wire.Options{Table: allRoutes, Memory: wire.NewMemory(4*mb, dir)})
	//lint:ignore SA5001 the request is never nil
	defer q.Close()
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v in the directory, %v", entries, err)
	}
}
