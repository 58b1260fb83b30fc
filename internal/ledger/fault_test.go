package ledger_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// A disk that refuses makes intents fail, at once after the first, and keeps
// entries waiting; when it works again everything is there once.
func TestDiskRefuses(t *testing.T) {
	f := func(name string, breaks, heals func(d *disk)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testDiskRefuses(t, breaks, heals) })
		})
	}
	f("short write, EIO", func(d *disk) { d.writeErr = syscall.EIO }, func(d *disk) { d.writeErr = nil })
	f("disk full", func(d *disk) { d.room = 100 }, func(d *disk) { d.room = -1 })
	f("sync fails", func(d *disk) { d.syncErr = syscall.EIO }, func(d *disk) { d.syncErr = nil })
	f("sync fails, no new file", func(d *disk) { d.syncErr, d.makeErr = syscall.EIO, syscall.EMFILE },
		func(d *disk) { d.syncErr, d.makeErr = nil, nil })
}

func testDiskRefuses(t *testing.T, breaks, heals func(d *disk)) {
	dir, m, d := t.TempDir(), &storetest.Memory{}, newDisk()
	l := open(t, ledger.Options{Dir: dir, Store: m}.WithFiles(d.create))
	before, running := entry(1), entry(2)
	intend(t, l, before)
	intend(t, l, running)
	l.Record(settle(before))

	d.set(breaks)
	first := entry(3)
	i, err := l.Intend(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Wait(t.Context()); !unavailable(err) {
		t.Fatalf("Wait = %v, want Unavailable", err)
	}
	if _, err := l.Intend(entry(4)); !unavailable(err) {
		t.Fatalf("Intend with a broken journal = %v, want Unavailable at once", err)
	}
	if s := l.Stats(); !s.Broken || s.WriteErrors == 0 || s.LastError == nil {
		t.Errorf("Stats() = %+v", s)
	}
	l.Record(settle(running))
	first.Outcome = tallygate.Refused
	l.Record(first)
	time.Sleep(10 * time.Second) // virtual: some attempts fail

	d.set(heals)
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := entry(5)
	intend(t, l, after)
	d.kill()
	l.Close(canceled())
	open(t, ledger.Options{Dir: dir, Store: m})
	got := stored(t, m)
	for _, e := range []*tallygate.Entry{before, running, first} {
		wantSettled(t, got, e)
	}
	wantUnsettled(t, got, after)
	if len(got) != 4 {
		t.Errorf("%d entries, want 4", len(got))
	}
}

func unavailable(err error) bool {
	e, ok := errors.AsType[*tallygate.Error](err)
	return ok && e.Kind == tallygate.Unavailable
}

// What does not fit in memory while the disk refuses is dropped, counted and
// shown; its intent, being durable, still counts at its hold.
func TestDrop(t *testing.T) { synctest.Test(t, testDrop) }

func testDrop(t *testing.T) {
	dir, m, d := t.TempDir(), &storetest.Memory{}, newDisk()
	dropped := make(map[tallygate.ID]bool)
	l := open(t, ledger.Options{Dir: dir, Store: m, MaxPending: 1,
		OnDrop: func(e *tallygate.Entry) { dropped[e.ID] = true }}.WithFiles(d.create))
	var all []*tallygate.Entry
	for n := range 12_000 {
		e := entry(n)
		e.Cause = strings.Repeat("y", 4000) // some 48 MB altogether
		all = append(all, e)
		if n%1000 == 0 {
			intend(t, l, e)
		}
	}
	d.set(func(d *disk) { d.syncErr = syscall.EIO })
	for _, e := range all {
		l.Record(settle(e))
	}
	if s := l.Stats(); s.Dropped == 0 || s.Dropped != int64(len(dropped)) {
		t.Fatalf("%d were dropped and %d shown", s.Dropped, len(dropped))
	}
	d.set(func(d *disk) { d.syncErr = nil })
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	open(t, ledger.Options{Dir: dir, Store: m})
	got := stored(t, m)
	for n, e := range all {
		switch {
		case !dropped[e.ID]:
			wantSettled(t, got, e)
		case n%1000 == 0:
			wantUnsettled(t, got, e)
		}
	}
}

// journalWith writes a journal of settled entries and stops like a killed process
// before any of them is imported. It returns the path of its only segment.
func journalWith(t testing.TB, dir string, entries ...*tallygate.Entry) string {
	t.Helper()
	d := newDisk()
	m := &storetest.Memory{Before: func(ledger.Batch) error { return errors.New("not yet") }}
	l := open(t, ledger.Options{Dir: dir, Store: m}.WithFiles(d.create))
	for _, e := range entries {
		intend(t, l, e)
		l.Record(settle(e))
	}
	intend(t, l, entry(9999)) // what is before it is safe
	d.kill()
	l.Close(canceled())
	found, err := filepath.Glob(filepath.Join(dir, "journal", "*.journal"))
	if err != nil || len(found) != 1 {
		t.Fatalf("segments: %v, %v; want one", found, err)
	}
	return found[0]
}

// recordsEnd returns where the zeros behind the last record of a segment begin.
// The last record itself ends in zeros.
func recordsEnd(t testing.TB, segment []byte) int {
	t.Helper()
	end := ledger.SegmentHead
	for at := end; at+4 < len(segment); {
		size := binary.LittleEndian.Uint32(segment[at:])
		if size == 0 {
			break
		}
		at += ledger.FrameHead + int(size)
		end = at
	}
	return end
}

// A journal cut anywhere within its last records is good up to the cut, and
// everything before it is kept.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	first, second := entry(1), entry(2)
	path := journalWith(t, dir, first, second)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:recordsEnd(t, whole)]
	for cut := len(whole); cut > ledger.SegmentHead; cut-- {
		for _, rest := range [][]byte{nil, make([]byte, 100), bytes.Repeat([]byte{0xA5}, 100)} {
			dir := t.TempDir()
			place := filepath.Join(dir, "journal", filepath.Base(path))
			if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(place, append(whole[:cut:cut], rest...), 0o600); err != nil {
				t.Fatal(err)
			}
			m := &storetest.Memory{}
			l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: m})
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if s := l.Stats(); s.Damaged != 0 {
				t.Errorf("cut at %d: %d records count as damaged, though none behind them proves them", cut, s.Damaged)
			}
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := stored(t, m)
			for id, e := range got {
				if e.Outcome != tallygate.Unsettled && e.Usage.Total != e.Hold.Tokens()/2 || id == (tallygate.ID{}) {
					t.Errorf("cut at %d: entry %+v", cut, e)
				}
			}
			if cut == len(whole) && len(got) != 3 {
				t.Errorf("uncut: %d entries, want 3", len(got))
			}
		}
		if cut < len(whole)-400 {
			break // the last intent and the entry before it were cut through
		}
	}
}

// A flipped bit anywhere costs the one record it is in, which is reported, and
// the segment is kept aside.
func TestFlippedBit(t *testing.T) {
	first, second, third := entry(1), entry(2), entry(3)
	path := journalWith(t, t.TempDir(), first, second, third)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	end := recordsEnd(t, whole)
	whole = whole[:end]
	for at := 0; at < end; at += 3 {
		dir := t.TempDir()
		place := filepath.Join(dir, "journal", filepath.Base(path))
		if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(whole)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(place, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		checks, err := ledger.CheckJournal(dir)
		if err != nil {
			t.Fatalf("bit at %d: check: %v", at, err)
		}
		var log bytes.Buffer
		m := &storetest.Memory{}
		l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: m, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatalf("bit at %d: %v", at, err)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := len(stored(t, m))
		aside, _ := filepath.Glob(filepath.Join(dir, "journal", "quarantine", "*"))
		switch {
		case at < ledger.SegmentHead: // the other copy of the header serves
			if got != 4 || len(aside) != 0 {
				t.Errorf("bit at %d, in the header: %d entries, %d segments aside; want 4 and none", at, got, len(aside))
			}
		default:
			// One record lost: an intent whose entry is there costs nothing, an
			// entry leaves its intent unsettled, and only the last intent is alone.
			if got < 3 || len(aside) != 1 || (&ledger.Report{Checks: checks[:1]}).OK() || log.Len() == 0 {
				t.Errorf("bit at %d: %d entries, %d segments aside, check %+v, log %q", at, got, len(aside), checks[0], log.String())
			}
		}
	}
}

// A header lost altogether loses no silence.
func TestLostHeader(t *testing.T) {
	dir := t.TempDir()
	path := journalWith(t, dir, entry(1))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(b[:ledger.SegmentHead])
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	l := open(t, ledger.Options{Dir: dir, Store: &storetest.Memory{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if s := l.Stats(); s.LastError == nil || !strings.Contains(log.String(), filepath.Base(path)) {
		t.Errorf("Stats() = %+v, log %q", s, log.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "journal", "quarantine", filepath.Base(path))); err != nil {
		t.Errorf("the segment was not kept aside: %v", err)
	}
}

// Segments of two journals in one folder are not mixed.
func TestForeignSegment(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	journalWith(t, dir, entry(1))
	foreign := journalWith(t, other, entry(2))
	b, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "journal", "0000000000000777.journal"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: &storetest.Memory{}})
	if err == nil || !strings.Contains(err.Error(), "777") || !strings.Contains(err.Error(), "another journal") {
		t.Errorf("Open = %v, want an error that names the foreign segment", err)
	}
}

// A segment that somebody removed is noticed by the numbers that are missing.
func TestRemovedSegment(t *testing.T) {
	dir, d := t.TempDir(), newDisk()
	m := &storetest.Memory{Before: func(ledger.Batch) error { return errors.New("not yet") }}
	l := open(t, ledger.Options{Dir: dir, Store: m, SegmentBytes: 2048}.WithFiles(d.create))
	for n := range 50 {
		intend(t, l, entry(n))
	}
	d.kill()
	l.Close(canceled())
	found, err := filepath.Glob(filepath.Join(dir, "journal", "*.journal"))
	if err != nil || len(found) < 3 {
		t.Fatalf("segments: %v, %v", found, err)
	}
	if err := os.Remove(found[1]); err != nil {
		t.Fatal(err)
	}
	m.Before = nil
	l = open(t, ledger.Options{Dir: dir, Store: m})
	lost := 50 - len(stored(t, m))
	if s := l.Stats(); lost == 0 || s.Damaged != int64(lost) {
		t.Errorf("%d entries are lost, and %d records reported as damaged", lost, s.Damaged)
	}
}

// Many goroutines at once, with a disk and a store that fail now and then: each
// request that was let in is in the store once, as it ended.
func TestCrowd(t *testing.T) { synctest.Test(t, testCrowd) }

func testCrowd(t *testing.T) {
	dir, d := t.TempDir(), newDisk()
	batches := 0
	m := &storetest.Memory{Before: func(ledger.Batch) error {
		if batches++; batches%5 == 0 {
			return errors.New("busy")
		}
		return nil
	}}
	l := open(t, ledger.Options{Dir: dir, Store: m, SegmentBytes: 16 << 10}.WithFiles(d.create))
	var mu sync.Mutex
	var all []*tallygate.Entry
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for n := range 100 {
				e := entry(1000*g + n)
				i, err := l.Intend(e)
				if err == nil {
					err = i.Wait(context.Background())
				}
				settle(e)
				if err != nil {
					e.Outcome, e.Status, e.Code, e.Usage = tallygate.Refused, 503, "LedgerUnavailable", tallygate.Usage{}
					time.Sleep(time.Millisecond)
				}
				l.Record(e)
				mu.Lock()
				all = append(all, e)
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		for range 5 {
			time.Sleep(3 * time.Millisecond)
			d.set(func(d *disk) { d.syncErr = syscall.EIO })
			time.Sleep(2 * time.Millisecond)
			d.set(func(d *disk) { d.syncErr = nil })
		}
	})
	wg.Wait()
	mustClose(t, l)
	got := stored(t, m)
	for _, e := range all {
		wantSettled(t, got, e)
	}
	if len(got) != 1600 {
		t.Errorf("%d entries, want 1600", len(got))
	}
	if s := l.Stats(); s.Dropped != 0 || s.Damaged != 0 {
		t.Errorf("Stats() = %+v", s)
	}
	if checks, err := ledger.CheckJournal(dir); err != nil || !(&ledger.Report{Checks: checks}).OK() {
		t.Errorf("the journal does not verify: %v %v", fmt.Sprint(checks), err)
	}
}
