package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// open opens a ledger with patience to match a test, and closes it at its end.
func open(t testing.TB, opt ledger.Options) *ledger.Ledger {
	t.Helper()
	if opt.SyncEvery == 0 {
		opt.SyncEvery, opt.EntryDelay, opt.ImportEvery = time.Microsecond, time.Microsecond, time.Millisecond
	}
	l, err := ledger.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(canceled()) })
	return l
}

// canceled is a context that has ended: Close with it leaves behind what is not
// done.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func mustClose(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// entry is the n-th request of a test; its hold tells it from others. It counts
// against limits, and it holds what the price list says.
func entry(n int) *tallygate.Entry {
	e := &tallygate.Entry{Began: time.Unix(1_800_000_000+int64(n), 0), Caller: "c", Hold: tallygate.Bound{
		Prompt: int64(1000 + n), Completion: 500, Seconds: int64(n % 2), Characters: int64(n % 3), Images: int64(n % 5), Cost: tallygate.Money(1+n) << 42,
	}}
	e.Counted, e.Pricing = true, tallygate.Assumed
	e.ID = tallygate.NewID(e.Began)
	e.Agent = strings.Repeat("x", n%200)
	return e
}

// settle finishes e as answered, with an exact usage.
func settle(e *tallygate.Entry) *tallygate.Entry {
	e.Outcome, e.Status = tallygate.Answered, 200
	e.Usage = tallygate.Usage{Source: tallygate.Exact, Total: e.Hold.Tokens() / 2}
	return e
}

func intend(t testing.TB, l *ledger.Ledger, e *tallygate.Entry) {
	t.Helper()
	i, err := l.Intend(e)
	if err == nil {
		err = i.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// stored returns what a store holds by id, and fails when an id is there twice.
func stored(t failer, s ledger.Reader) map[tallygate.ID]tallygate.Entry {
	t.Helper()
	all, err := s.Read(context.Background(), 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[tallygate.ID]tallygate.Entry)
	for _, n := range all {
		if _, twice := out[n.ID]; twice {
			t.Errorf("entry %s is in the store twice", n.ID)
		}
		out[n.ID] = n.Entry
	}
	return out
}

func wantSettled(t failer, got map[tallygate.ID]tallygate.Entry, e *tallygate.Entry) {
	t.Helper()
	g, ok := got[e.ID]
	if !ok {
		t.Errorf("entry %s (hold %d) is not in the store", e.ID, e.Hold.Tokens())
	} else if g.Outcome != e.Outcome || g.Usage != e.Usage {
		t.Errorf("entry %s is %s with %+v, want %s with %+v", e.ID, g.Outcome, g.Usage, e.Outcome, e.Usage)
	}
}

func wantUnsettled(t failer, got map[tallygate.ID]tallygate.Entry, e *tallygate.Entry) {
	t.Helper()
	held := tallygate.Usage{
		Source: tallygate.Held, Prompt: e.Hold.Prompt, Completion: e.Hold.Completion, Total: e.Hold.Tokens(),
		Seconds: e.Hold.Seconds, Characters: e.Hold.Characters, Images: e.Hold.Images,
	}
	g, ok := got[e.ID]
	if !ok {
		t.Errorf("entry %s (hold %d) is not in the store", e.ID, e.Hold.Tokens())
	} else if g.Outcome != tallygate.Unsettled || g.Usage != held {
		t.Errorf("entry %s is %s with %+v, want unsettled with %+v", e.ID, g.Outcome, g.Usage, held)
	} else if g.Cost != e.Hold.Cost || g.Counted != e.Counted || g.Pricing != e.Pricing {
		t.Errorf("entry %s costs %s (%s), counted: %t; want %s, as its intent says", e.ID, g.Cost, g.Pricing, g.Counted, e.Hold.Cost)
	}
}

// What is recorded is in the store after Flush, with an intent and without one.
func TestFlush(t *testing.T) { synctest.Test(t, testFlush) }

func testFlush(t *testing.T) {
	m := &storetest.Memory{}
	l := open(t, ledger.Options{Dir: t.TempDir(), Store: m, ImportEvery: time.Hour, SyncEvery: time.Hour, EntryDelay: time.Hour})
	var all []*tallygate.Entry
	for n := range 100 {
		e := entry(n)
		if n%2 == 0 {
			if _, err := l.Intend(e); err != nil {
				t.Fatal(err)
			}
		}
		l.Record(settle(e))
		all = append(all, e)
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := stored(t, m)
	for _, e := range all {
		wantSettled(t, got, e)
	}
	if s := l.Stats(); s.Intents != 50 || s.Entries != 100 || s.Imported != 100 || s.Open != 0 || s.Lag != 0 || s.Dropped != 0 || s.Broken {
		t.Errorf("Stats() = %+v", s)
	}
	mustClose(t, l)
	if len(stored(t, m)) != 100 {
		t.Error("closing added entries")
	}
	if _, err := l.Intend(entry(1)); err == nil {
		t.Error("a closed ledger accepts an intent")
	}
}

// An intent without an entry becomes one at its hold when the ledger opens next,
// once, and before new work.
func TestUnsettled(t *testing.T) { synctest.Test(t, testUnsettled) }

func testUnsettled(t *testing.T) {
	dir, m := t.TempDir(), &storetest.Memory{}
	l := open(t, ledger.Options{Dir: dir, Store: m})
	lost, free, done := entry(1), entry(3), entry(2)
	free.Counted, free.Pricing, free.Hold.Cost = false, tallygate.Unpriced, 0
	intend(t, l, lost)
	intend(t, l, free)
	intend(t, l, done)
	l.Record(settle(done))
	mustClose(t, l)
	for range 3 {
		l := open(t, ledger.Options{Dir: dir, Store: m})
		got := stored(t, m)
		wantUnsettled(t, got, lost)
		wantUnsettled(t, got, free)
		wantSettled(t, got, done)
		if len(got) != 3 {
			t.Errorf("%d entries, want 3", len(got))
		}
		mustClose(t, l)
	}
}

// Repricing reaches what was recorded before, also what the store does not have yet.
func TestReprice(t *testing.T) { synctest.Test(t, testReprice) }

func testReprice(t *testing.T) {
	m := &storetest.Memory{}
	l := open(t, ledger.Options{Dir: t.TempDir(), Store: m, ImportEvery: time.Hour, SyncEvery: time.Hour, EntryDelay: time.Hour})
	for n := range 10 {
		e := settle(entry(n))
		e.Cost = 3
		l.Record(e)
	}
	price := func(*tallygate.Entry) (tallygate.Money, tallygate.Pricing) { return 5, tallygate.Listed }
	got, err := l.Reprice(t.Context(), ledger.RepriceQuery{From: entry(4).Began}, price)
	if want := (ledger.Repriced{Entries: 6, Changed: 6, Before: 18, After: 30}); err != nil || got != want {
		t.Errorf("Reprice = %+v, %v; want %+v", got, err, want)
	}
	table, err := m.Usage(t.Context(), ledger.Query{})
	if err != nil || table.Total.Cost != 4*3+6*5 {
		t.Errorf("in all it costs %d, %v; want 42", table.Total.Cost, err)
	}
	if _, err := l.Reprice(t.Context(), ledger.RepriceQuery{From: entry(4).Began, To: entry(3).Began}, price); err == nil {
		t.Error("a time that ends before it starts is repriced")
	}
	// Closing ends one that is under way, and waits for it.
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		got, err := l.Reprice(t.Context(), ledger.RepriceQuery{}, func(*tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
			time.Sleep(time.Minute)
			return 9, tallygate.Listed
		})
		if !errors.Is(err, context.Canceled) || got.Entries != 3 {
			t.Errorf("Reprice that was ended = %+v, %v; want three entries and context.Canceled", got, err)
		}
	}()
	time.Sleep(150 * time.Second)
	mustClose(t, l)
	select {
	case <-ended:
	case <-time.After(time.Second):
		t.Error("the ledger is closed, and reprices")
	}
	if _, err := l.Reprice(t.Context(), ledger.RepriceQuery{}, price); err == nil {
		t.Error("a closed ledger reprices")
	}
}

// Closing with a context that has ended keeps in the journal what the store has
// not taken.
func TestCloseInHaste(t *testing.T) { synctest.Test(t, testCloseInHaste) }

func testCloseInHaste(t *testing.T) {
	dir := t.TempDir()
	var back atomic.Bool
	m := &storetest.Memory{Before: func(ledger.Batch) error {
		if back.Load() {
			return nil
		}
		return errors.New("no store today")
	}}
	l := open(t, ledger.Options{Dir: dir, Store: m})
	e := entry(1)
	intend(t, l, e)
	l.Record(settle(e))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := l.Flush(ctx); err == nil || !strings.Contains(err.Error(), "no store today") {
		t.Errorf("Flush = %v, want the store's error", err)
	}
	if err := l.Close(ctx); err == nil {
		t.Error("Close = nil, though the store has taken nothing")
	}
	back.Store(true)
	l = open(t, ledger.Options{Dir: dir, Store: m})
	wantSettled(t, stored(t, m), e)
	if s := l.Stats(); s.Recovered != 1 {
		t.Errorf("Recovered = %d, want 1", s.Recovered)
	}
}

// One ledger at a time uses a folder, and the other learns who has it.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	open(t, ledger.Options{Dir: dir, Store: &storetest.Memory{}})
	_, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Store: &storetest.Memory{}})
	if !errors.Is(err, ledger.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("Open = %v, want ErrLocked with the process's number", err)
	}
}

// A folder that cannot be one is an error that names it.
func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Open(t.Context(), ledger.Options{Dir: file, Store: &storetest.Memory{}})
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("Open = %v, want an error that names %s", err, file)
	}
}

// A store that works and whose answer is lost gets nothing twice.
func TestLostAnswer(t *testing.T) { synctest.Test(t, testLostAnswer) }

func testLostAnswer(t *testing.T) {
	n := 0
	m := &storetest.Memory{After: func(ledger.Batch) error {
		if n++; n%2 == 1 {
			return errors.New("connection reset")
		}
		return nil
	}}
	l := open(t, ledger.Options{Dir: t.TempDir(), Store: m})
	for n := range 200 {
		l.Record(settle(entry(n)))
		if n%10 == 0 {
			if err := l.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustClose(t, l)
	if got := len(stored(t, m)); got != 200 {
		t.Errorf("%d entries, want 200", got)
	}
}

// Without its store the journal grows up to its bound; then new requests are
// refused and running ones still recorded. When the store is back, so is the room.
func TestStoreAway(t *testing.T) { synctest.Test(t, testStoreAway) }

func testStoreAway(t *testing.T) {
	var away atomic.Bool
	away.Store(true)
	m := &storetest.Memory{}
	m.Before = func(ledger.Batch) error {
		if away.Load() {
			return errors.New("store away")
		}
		return nil
	}
	l := open(t, ledger.Options{Dir: t.TempDir(), Store: m, SegmentBytes: 4096, MaxBytes: 64 << 10})
	var all []*tallygate.Entry
	var refused error
	for n := 0; refused == nil && n < 10_000; n++ {
		e := entry(n)
		var i ledger.Intent
		if i, refused = l.Intend(e); refused == nil {
			if err := i.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
	}
	te, ok := errors.AsType[*tallygate.Error](refused)
	if !ok || te.Kind != tallygate.Unavailable {
		t.Fatalf("Intend = %v, want Unavailable", refused)
	}
	for _, e := range all {
		l.Record(settle(e))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := l.Flush(ctx); err == nil || !strings.Contains(err.Error(), "store away") {
		t.Errorf("Flush = %v, want the store's error", err)
	}
	s := l.Stats()
	if s.JournalBytes < 64<<10 || s.JournalBytes > 256<<10 || s.Dropped != 0 || s.ImportErrors == 0 || s.LastError == nil || s.Lag == 0 {
		t.Errorf("Stats() = %+v", s)
	}
	away.Store(false)
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := stored(t, m)
	for _, e := range all {
		wantSettled(t, got, e)
	}
	for tries := 0; l.Stats().JournalBytes >= 64<<10; tries++ {
		if tries > 1000 {
			t.Fatalf("the journal still has %d bytes", l.Stats().JournalBytes)
		}
		l.Record(settle(entry(20_000 + tries)))
		if err := l.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	intend(t, l, entry(30_000))
}

// Streams that last hold on to their intents and not to the journal around them.
func TestLongStreams(t *testing.T) { synctest.Test(t, testLongStreams) }

func testLongStreams(t *testing.T) {
	dir, m, d := t.TempDir(), &storetest.Memory{}, newDisk()
	opt := ledger.Options{Dir: dir, Store: m, SegmentBytes: 8 << 10}
	l := open(t, opt.WithFiles(d.create))
	var long []*tallygate.Entry
	var most int64
	for n := range 3000 {
		e := entry(n)
		intend(t, l, e)
		if n%100 == 0 {
			long = append(long, e)
			time.Sleep(20 * time.Millisecond) // virtual: gives the importer its turns
			continue
		}
		l.Record(settle(e))
		most = max(most, l.Stats().JournalBytes)
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Open != int64(len(long)) {
		t.Errorf("%d intents are open, want %d", s.Open, len(long))
	}
	if most > 128<<10 {
		t.Errorf("the journal grew to %d bytes for %d open intents", most, len(long))
	}
	l.Record(settle(long[0]))
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.kill()
	l.Close(canceled())
	open(t, ledger.Options{Dir: dir, Store: m})
	got := stored(t, m)
	if len(got) != 3000 {
		t.Errorf("%d entries, want 3000", len(got))
	}
	wantSettled(t, got, long[0])
	for _, e := range long[1:] {
		wantUnsettled(t, got, e)
	}
}
