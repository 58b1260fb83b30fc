package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/sqlite"
)

// childDir tells the test binary to be the child of TestKilled.
const childDir = "TALLYGATE_LEDGER_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child answers requests until it is killed. It writes a line for each: "i id hold"
// when the intent is durable, which is when an answer may leave, and "f id" for
// those that were flushed.
func child(dir string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "tallygate.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, ledger.Options{Dir: dir, Store: s, SegmentBytes: 64 << 10, ImportEvery: 5 * time.Millisecond})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), uint64(g)))
			for n := 0; ; n++ {
				if err := answer(ctx, l, r, n); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return nil
}

func answer(ctx context.Context, l *ledger.Ledger, r *rand.Rand, n int) error {
	e := tallygate.Entry{Began: time.Now(), Caller: "c", Agent: strings.Repeat("x", r.IntN(300)), Hold: tallygate.Bound{Prompt: 1 + r.Int64N(1000)}}
	e.ID = tallygate.NewID(e.Began)
	i, err := l.Intend(&e)
	if err != nil {
		return err
	}
	if err := i.Wait(ctx); err != nil {
		return err
	}
	fmt.Printf("i %s %d\n", e.ID, e.Hold.Tokens())
	if r.IntN(4) == 0 {
		time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond) // the upstream at work
	}
	e.Outcome, e.Status = tallygate.Answered, 200
	e.Usage = tallygate.Usage{Source: tallygate.Exact, Total: e.Hold.Tokens() + 1_000_000}
	l.Record(&e)
	if n%50 == 49 {
		if err := l.Flush(ctx); err != nil {
			return err
		}
		fmt.Printf("f %s\n", e.ID)
	}
	return nil
}

// A gateway killed at any instant, again and again: every request that could have
// been answered is in the store once, settled exactly or at its hold, and those
// that were flushed exactly.
func TestKilled(t *testing.T) {
	rounds := 25
	if testing.Short() || racing {
		rounds = 3
	}
	dir := t.TempDir()
	promised := make(map[string]string) // id → hold
	flushed := make(map[string]bool)
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for n := range rounds {
		if n%4 == 3 { // in the middle of opening, too
			runChild(t, dir, -time.Duration(r.IntN(60))*time.Millisecond, promised, flushed)
		} else {
			runChild(t, dir, time.Duration(r.IntN(150))*time.Millisecond, promised, flushed)
		}
	}
	s := open(t, filepath.Join(dir, "tallygate.db"), sqlite.Options{})
	l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	if st := l.Stats(); st.Damaged != 0 {
		t.Errorf("%d records are damaged", st.Damaged)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled, unsettled := checkKilled(t, s, promised, flushed)
	t.Logf("%d rounds, %d promised, %d settled, %d unsettled, %d flushed", rounds, len(promised), settled, unsettled, len(flushed))
	report, err := s.Verify(t.Context(), nil)
	if err != nil || !report.OK() {
		t.Errorf("Verify = %+v, %v", report, err)
	}
}

func checkKilled(t *testing.T, s ledger.Reader, promised map[string]string, flushed map[string]bool) (settled, unsettled int) {
	t.Helper()
	seen := make(map[string]bool)
	for after := int64(0); ; {
		page, err := s.Read(t.Context(), after, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].Seq
		for i := range page {
			e := &page[i].Entry
			id := e.ID.String()
			exact := tallygate.Usage{Source: tallygate.Exact, Total: e.Hold.Tokens() + 1_000_000}
			held := tallygate.Usage{Source: tallygate.Held, Prompt: e.Hold.Prompt, Completion: e.Hold.Completion, Total: e.Hold.Tokens()}
			switch {
			case seen[id]:
				t.Errorf("entry %s is there twice", id)
			case promised[id] != "" && promised[id] != fmt.Sprint(e.Hold.Tokens()):
				t.Errorf("entry %s holds %d, want %s", id, e.Hold.Tokens(), promised[id])
			case e.Outcome == tallygate.Answered && e.Usage == exact:
				settled++
			case e.Outcome == tallygate.Unsettled && e.Usage == held && !flushed[id]:
				unsettled++
			default:
				t.Errorf("entry %s (flushed: %t) is %s with %+v", id, flushed[id], e.Outcome, e.Usage)
			}
			seen[id] = true
		}
	}
	for id := range promised {
		if !seen[id] {
			t.Errorf("request %s was answered and is not in the store", id)
		}
	}
	return settled, unsettled
}

// runChild lets a child work for a while, kills it, and notes what it said. The
// while begins when the child is ready, or, if it is negative, when it is born.
func runChild(t *testing.T, dir string, life time.Duration, promised map[string]string, flushed map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if life < 0 {
		timer := time.AfterFunc(-life, func() { cmd.Process.Kill() })
		defer timer.Stop()
	} else {
		if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
			cmd.Process.Kill()
			cmd.Wait()
			t.Fatalf("the child said %q, %v, %s", line, err, complaints.String())
		}
		// Another process meets the lock.
		_, err = ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: nil})
		if !errors.Is(err, ledger.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(cmd.Process.Pid)) {
			t.Errorf("Open beside the child = %v, want ErrLocked and its process number", err)
		}
		timer := time.AfterFunc(life, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // a line without its end was not said
			if err != io.EOF {
				t.Error(err)
			}
			break
		}
		var id, hold string
		if n, _ := fmt.Sscanf(line, "i %s %s", &id, &hold); n == 2 {
			promised[id] = hold
		} else if n, _ := fmt.Sscanf(line, "f %s", &id); n == 1 {
			flushed[id] = true
		} else if line != "ready\n" {
			t.Errorf("the child said %q", line)
		}
	}
	cmd.Wait() // killed
	if complaints.Len() > 0 {
		t.Error(complaints.String())
	}
}
