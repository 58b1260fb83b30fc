package ledger_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// FuzzSegment: any bytes in the place of a segment are read without a panic.
func FuzzSegment(f *testing.F) {
	whole, err := os.ReadFile(journalWith(f, f.TempDir(), entry(1), entry(2)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[:2000])
	f.Add(whole[:700])
	f.Add([]byte("TGJRNL1\n"))
	dir := f.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "journal"), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, "journal", "0000000000000001.journal"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.CheckJournal(dir); err != nil {
			t.Fatal(err)
		}
	})
}

// A ledger opens over whatever became of its journal, keeps what can be read once,
// and works.
func TestMangledSegment(t *testing.T) {
	whole, err := os.ReadFile(journalWith(t, t.TempDir(), entry(1), entry(2), entry(3)))
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:recordsEnd(t, whole)+64]
	rapid.Check(t, func(rt *rapid.T) {
		b := bytes.Clone(whole)
		for range rapid.IntRange(1, 5).Draw(rt, "changes") {
			at := rapid.IntRange(0, len(b)-1).Draw(rt, "at")
			n := min(rapid.IntRange(1, 600).Draw(rt, "n"), len(b)-at)
			switch rapid.SampledFrom([]string{"zero", "flip", "cut out", "double", "move"}).Draw(rt, "change") {
			case "zero":
				clear(b[at : at+n])
			case "flip":
				b[at] ^= byte(n) | 1
			case "cut out":
				b = append(b[:at:at], append(b[at+n:], 0)...)
			case "double":
				b = append(b[:at+n:at+n], b[at:]...)
			case "move":
				b = append(append(bytes.Clone(b[at:at+n]), b[:at]...), b[at+n:]...)
			}
		}
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "journal"), 0o700); err != nil {
			rt.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "journal", "0000000000000001.journal"), b, 0o600); err != nil {
			rt.Fatal(err)
		}
		m := &storetest.Memory{}
		l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: m}.WithFiles(newDisk().create))
		if err != nil {
			rt.Fatal(err)
		}
		e := settle(entry(77))
		l.Record(e)
		if err := l.Close(t.Context()); err != nil {
			rt.Fatal(err)
		}
		got := stored(rt, m)
		wantSettled(rt, got, e)
		for _, g := range got {
			if g.Usage.Total != g.Hold.Tokens() && g.Usage.Total != g.Hold.Tokens()/2 {
				rt.Errorf("an entry that never was: %+v", g)
			}
		}
	})
}

// model is what a test believes of a ledger that lives, dies and is opened again.
type model struct {
	promised map[tallygate.ID]*tallygate.Entry // intents that were durable
	settled  map[tallygate.ID]*tallygate.Entry // entries that were flushed
	maybe    map[tallygate.ID]*tallygate.Entry // recorded, not flushed
}

// Any life of a ledger (intents, entries, flushes, failing syncs, kills, power
// cuts, stores that lose their answer) ends with each promised request in the
// store once, and each flushed one as it ended.
func TestAnyLife(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) { anyLife(t, rt) })
	})
}

func anyLife(t *testing.T, rt *rapid.T) {
	dir, err := os.MkdirTemp("", "life")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	lossy := rapid.Bool().Draw(rt, "lossy store")
	batches := 0
	m := &storetest.Memory{After: func(ledger.Batch) error {
		if batches++; lossy && batches%3 == 0 {
			return errLost
		}
		return nil
	}}
	w := &life{t: t, m: m, dir: dir, n: 0, all: model{
		promised: map[tallygate.ID]*tallygate.Entry{}, settled: map[tallygate.ID]*tallygate.Entry{}, maybe: map[tallygate.ID]*tallygate.Entry{}}}
	w.begin()
	steps := rapid.SliceOfN(rapid.SampledFrom([]string{"intend", "intend", "intend", "record", "record", "record", "refuse",
		"flush", "pass", "sync fails", "heals", "kill", "power cut", "close"}), 1, 60).Draw(rt, "steps")
	for i, s := range steps {
		w.step(s, uint64(i))
	}
	w.d.set(heal)
	w.l.Close(t.Context())
	w.begin()
	w.l.Close(t.Context())
	w.check()
	if t.Failed() {
		rt.Fatalf("after %v", steps)
	}
}

var errLost = os.ErrDeadlineExceeded

func heal(d *disk) { d.syncErr = nil }

type life struct {
	t       *testing.T
	m       *storetest.Memory
	dir     string
	l       *ledger.Ledger
	d       *disk
	n       int
	running []*tallygate.Entry
	all     model
}

func (w *life) begin() {
	w.t.Helper()
	w.d = newDisk()
	var err error
	w.l, err = ledger.Open(w.t.Context(), ledger.Options{Dir: w.dir, Store: w.m, SegmentBytes: 2048}.WithFiles(w.d.create))
	if err != nil {
		// The store lost its answer while the ledger opened. That is refused, and
		// right the next time.
		w.l, err = ledger.Open(w.t.Context(), ledger.Options{Dir: w.dir, Store: w.m, SegmentBytes: 2048}.WithFiles(w.d.create))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.running = nil
}

func (w *life) step(s string, seed uint64) {
	switch s {
	case "intend":
		w.n++
		e := entry(w.n)
		i, err := w.l.Intend(e)
		if err == nil {
			err = i.Wait(w.t.Context())
		}
		if err == nil {
			w.all.promised[e.ID] = e
		}
		w.running = append(w.running, e)
	case "record":
		if len(w.running) == 0 {
			return
		}
		e := w.running[0]
		w.running = w.running[1:]
		w.l.Record(settle(e))
		w.all.maybe[e.ID] = e
	case "refuse":
		w.n++
		e := entry(w.n)
		e.Outcome, e.Status = tallygate.Refused, 429
		w.l.Record(e)
		w.all.maybe[e.ID] = e
	case "flush":
		w.d.set(heal)
		if err := w.l.Flush(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.flushed()
	case "pass":
		time.Sleep(time.Second)
	case "sync fails":
		w.d.set(func(d *disk) { d.syncErr = errLost })
	case "heals":
		w.d.set(heal)
	case "kill", "power cut":
		if s == "kill" {
			w.d.kill()
		} else {
			w.d.powerCut(byChance(seed))
		}
		w.l.Close(canceled())
		clear(w.all.maybe) // in the store or not; those that were promised at least at their hold
		w.begin()
	case "close":
		w.d.set(heal)
		if err := w.l.Close(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.flushed()
		w.begin()
	}
}

// flushed makes certain what was possible.
func (w *life) flushed() {
	for id, e := range w.all.maybe {
		w.all.settled[id] = e
	}
	clear(w.all.maybe)
}

func (w *life) check() {
	got := stored(w.t, w.m)
	for _, e := range w.all.settled {
		wantSettled(w.t, got, e)
	}
	for id, e := range w.all.promised {
		if g, ok := got[id]; !ok {
			w.t.Errorf("entry %s was promised and is not in the store", id)
		} else if g.Outcome == tallygate.Unsettled && g.Usage.Total != e.Hold.Tokens() {
			w.t.Errorf("entry %s is unsettled with %+v, want its hold %d", id, g.Usage, e.Hold.Tokens())
		}
	}
}
