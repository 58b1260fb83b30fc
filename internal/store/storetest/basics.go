package storetest

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// start is when the entries of most tests begin.
func start() time.Time { return time.Date(2026, 3, 28, 20, 15, 0, 0, time.UTC) }

func compareAddr() cmp.Option { return cmp.Comparer(func(a, b netip.Addr) bool { return a == b }) }

func mustAppend(t *testing.T, s ledger.Store, batches ...ledger.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Append(t.Context(), b); err != nil {
			t.Fatalf("Append(%d entries after %d): %v", len(b.Entries), b.After, err)
		}
	}
}

// readAll reads everything in pages.
func readAll(t *testing.T, s ledger.Reader, page int) (out []ledger.Numbered) {
	t.Helper()
	for after := int64(0); ; {
		got, err := s.Read(t.Context(), after, page)
		if err != nil {
			t.Fatalf("Read(after %d): %v", after, err)
		}
		if len(got) == 0 {
			return out
		}
		out = append(out, got...)
		after = got[len(got)-1].Seq
	}
}

func numbered(batches ...ledger.Batch) (out []ledger.Numbered) {
	for _, b := range batches {
		for _, c := range b.Entries {
			out = append(out, ledger.Numbered{Seq: int64(len(out)) + 1, Entry: c.Entry})
		}
	}
	return out
}

func everyField(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	full := Full()
	bare := tallygate.Entry{ID: tallygate.NewID(start()), Began: start()}
	same := Full()
	same.RequestID = same.ID.String()
	zone := Full()
	zone.IP = netip.MustParseAddr("fe80::1%eth0")
	odd := Full()
	odd.Ask.User, odd.Agent, odd.Deployment = "a\x00b", "\xff\xfe", &tallygate.Deployment{}
	b := ledger.Batch{Journal: ledger.JournalID{1}, Upto: 9}
	for _, e := range []tallygate.Entry{full, bare, same, zone, odd} {
		b.Entries = append(b.Entries, Canonical(e))
	}
	if d := cmp.Diff(full, b.Entries[0].Entry, compareAddr()); d != "" {
		t.Fatalf("the canonical form changes a clean entry (-want +got):\n%s", d)
	}
	mustAppend(t, s, b)
	if d := cmp.Diff(numbered(b), readAll(t, s, 100), compareAddr()); d != "" {
		t.Errorf("entries differ (-want +got):\n%s", d)
	}
}

func pages(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	bs := Batches(1, 250, 70, start(), time.Hour)
	mustAppend(t, s, bs...)
	want := numbered(bs...)
	for _, page := range []int{1, 7, 1000} {
		if d := cmp.Diff(want, readAll(t, s, page), compareAddr()); d != "" {
			t.Errorf("in pages of %d entries differ (-want +got):\n%s", page, d)
		}
	}
	got, err := s.Read(t.Context(), int64(len(want)), 10)
	if err != nil || len(got) > 0 {
		t.Errorf("Read behind the end = %d entries, %v; want none", len(got), err)
	}
}

func places(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	is := func(want int64, got int64, err error) {
		t.Helper()
		if got != want || err != nil {
			t.Errorf("%d, %v; want %d", got, err, want)
		}
	}
	ask := func(from time.Time) (int64, error) { return s.NumberBefore(t.Context(), from) }
	n, err := s.Last(t.Context())
	is(0, n, err)
	n, err = ask(start())
	is(0, n, err)
	b := Batches(6, 5, 5, start(), time.Hour)[0]
	for i, minute := range []int{0, 10, 5, 20, 7} { // the third began before the second, and took longer
		b.Entries[i].Began = start().Add(time.Duration(minute) * time.Minute)
		b.Entries[i] = Canonical(b.Entries[i].Entry)
	}
	mustAppend(t, s, b)
	n, err = s.Last(t.Context())
	is(5, n, err)
	for minute, want := range map[int]int64{-60: 0, 0: 0, 1: 1, 6: 1, 10: 1, 11: 3, 20: 3, 21: 5} {
		n, err = ask(start().Add(time.Duration(minute) * time.Minute))
		is(want, n, err)
	}
	n, err = ask(time.Time{})
	is(0, n, err)
}

func cursor(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	at := func(want int64) {
		t.Helper()
		got, err := s.Cursor(t.Context(), ledger.JournalID{1})
		if err != nil || got != want {
			t.Fatalf("Cursor = %d, %v; want %d", got, err, want)
		}
	}
	at(0)
	bs := Batches(2, 20, 10, start(), time.Hour)
	mustAppend(t, s, bs[0])
	at(bs[0].Upto)
	if err := s.Append(t.Context(), bs[0]); !errors.Is(err, ledger.ErrOutOfStep) {
		t.Errorf("the same batch again: %v; want ErrOutOfStep", err)
	}
	ahead := bs[1]
	ahead.After++
	if err := s.Append(t.Context(), ahead); !errors.Is(err, ledger.ErrOutOfStep) {
		t.Errorf("a batch that leaves a hole: %v; want ErrOutOfStep", err)
	}
	at(bs[0].Upto)
	mustAppend(t, s, ledger.Batch{Journal: ledger.JournalID{1}, After: bs[0].Upto, Upto: bs[0].Upto + 5})
	at(bs[0].Upto + 5)
	bs[1].After += 5
	bs[1].Upto += 5
	mustAppend(t, s, bs[1])
	if d := cmp.Diff(numbered(bs...), readAll(t, s, 100), compareAddr()); d != "" {
		t.Errorf("entries differ (-want +got):\n%s", d)
	}
}

func journals(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	a, b := Batches(3, 10, 10, start(), time.Hour)[0], Batches(4, 10, 10, start(), time.Hour)[0]
	b.Journal = ledger.JournalID{2}
	mustAppend(t, s, a, b)
	if got := readAll(t, s, 100); len(got) != 20 || got[19].Seq != 20 {
		t.Errorf("read %d entries, want 20 with one numbering", len(got))
	}
	if n, err := s.Cursor(t.Context(), ledger.JournalID{2}); n != b.Upto || err != nil {
		t.Errorf("Cursor of the second journal = %d, %v; want %d", n, err, b.Upto)
	}
}

func reopen(t *testing.T, p Place) {
	s := p.Open(t)
	bs := Batches(5, 100, 30, start(), 48*time.Hour)
	mustAppend(t, s, bs[:2]...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = p.Open(t)
	defer s.Close()
	mustAppend(t, s, bs[2:]...)
	if d := cmp.Diff(numbered(bs...), readAll(t, s, 100), compareAddr()); d != "" {
		t.Errorf("entries differ (-want +got):\n%s", d)
	}
	isSound(t, s)
}

func cancelled(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := Batches(6, 10, 10, start(), time.Hour)[0]
	if err := s.Append(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("Append = %v, want context.Canceled", err)
	}
	if _, err := s.Usage(ctx, ledger.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Usage = %v, want context.Canceled", err)
	}
	if got := readAll(t, s, 10); len(got) > 0 {
		t.Errorf("%d entries were added", len(got))
	}
	mustAppend(t, s, b)
}

// beside reads and sums up while batches come in: every number it sees is that of
// a whole batch, and what it read does not change.
func beside(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	const size = 20
	bs := Batches(7, 600, size, start(), time.Hour)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for done := false; !done; {
				select {
				case <-stop:
					done = true
				default:
				}
				table, err := s.Usage(t.Context(), ledger.Query{By: []string{"caller"}})
				if err != nil || table.Total.Requests%size != 0 {
					t.Errorf("Usage beside the writer = %v, %v", table, err)
					return
				}
				got, err := s.Read(t.Context(), 0, 1000)
				if err != nil || len(got)%size != 0 || len(got) > 0 && got[len(got)-1].Seq != int64(len(got)) {
					t.Errorf("Read beside the writer = %d entries, %v", len(got), err)
					return
				}
			}
		})
	}
	mustAppend(t, s, bs...)
	close(stop)
	wg.Wait()
	if d := cmp.Diff(numbered(bs...), readAll(t, s, 1000), compareAddr()); d != "" {
		t.Errorf("entries differ (-want +got):\n%s", d)
	}
}
