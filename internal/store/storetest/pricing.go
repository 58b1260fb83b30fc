package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// sinceOf collects what Since calls, by id.
func sinceOf(t *testing.T, s ledger.Reader, from time.Time) []tallygate.Entry {
	t.Helper()
	var out []tallygate.Entry
	err := s.Since(t.Context(), from, func(e *tallygate.Entry) error {
		if n := len(out); n > 0 && e.Began.Before(out[n-1].Began) {
			t.Fatalf("%s comes after %s", e.Began, out[n-1].Began)
		}
		out = append(out, *e)
		return nil
	})
	if err != nil {
		t.Fatalf("Since(%s): %v", from, err)
	}
	slices.SortFunc(out, func(a, b tallygate.Entry) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return out
}

func sameSince(t *testing.T, s ledger.Reader, m *Memory, from time.Time) {
	t.Helper()
	if d := cmp.Diff(sinceOf(t, m, from), sinceOf(t, s, from), compareAddr()); d != "" {
		t.Errorf("Since(%s) differs (-want +got):\n%s", from, d)
	}
}

func since(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	if got := sinceOf(t, s, time.Time{}); len(got) > 0 {
		t.Errorf("an empty store has %d entries", len(got))
	}
	m := both(t, s, Batches(15, 300, 70, start(), 3*time.Hour))
	all := sinceOf(t, m, time.Time{})
	if len(all) == 0 || len(all) == 300 {
		t.Fatalf("%d of 300 entries count, not some", len(all))
	}
	edge := all[7].Began
	for _, from := range []time.Time{{}, start(), start().Add(time.Hour), edge, edge.Add(time.Microsecond), start().Add(3 * time.Hour)} {
		sameSince(t, s, m, from)
	}
	stop, calls := errors.New("enough"), 0
	err := s.Since(t.Context(), start(), func(*tallygate.Entry) error {
		if calls++; calls == 3 {
			return stop
		}
		return nil
	})
	if err != stop || calls != 3 {
		t.Errorf("Since = %v after %d calls, want what the third returned", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Since(ctx, start(), func(*tallygate.Entry) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Since = %v, want context.Canceled", err)
	}
}

// sinceAtOnce has more entries in one microsecond than any page has.
func sinceAtOnce(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	b := ledger.Batch{Journal: ledger.JournalID{1}, Upto: 1}
	for n := range 2100 {
		e := Full()
		e.ID[14], e.ID[15] = byte(n>>8), byte(n)
		b.Entries = append(b.Entries, Canonical(e))
	}
	mustAppend(t, s, b)
	got := sinceOf(t, s, Full().Began)
	if len(got) != len(b.Entries) {
		t.Fatalf("%d entries, want %d", len(got), len(b.Entries))
	}
	for n := 1; n < len(got); n++ {
		if got[n].ID == got[n-1].ID {
			t.Fatalf("entry %s comes twice", got[n].ID)
		}
	}
}

// byID prices an entry by its ID, so that every store finds the same, whatever it
// cost before.
func byID(round byte) ledger.PriceFunc {
	return func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		n := e.ID[15] ^ round
		if n%4 == 3 {
			return e.Cost, e.Pricing // as it was
		}
		return tallygate.Money(n) * 1000, tallygate.Pricing(n % 4)
	}
}

// sameReprice reprices the store and the reference.
func sameReprice(t *testing.T, s ledger.Store, m *Memory, q ledger.RepriceQuery, price ledger.PriceFunc) ledger.Repriced {
	t.Helper()
	want, err := m.Reprice(t.Context(), q, price)
	if err != nil {
		t.Fatalf("the reference refuses %+v: %v", q, err)
	}
	got, err := s.Reprice(t.Context(), q, price)
	if err != nil {
		t.Fatalf("Reprice(%+v): %v", q, err)
	}
	if got != want {
		t.Errorf("Reprice(%+v) = %+v, want %+v", q, got, want)
	}
	return got
}

// sameEntries compares all that the store and the reference show.
func sameEntries(t *testing.T, s ledger.Store, m *Memory) {
	t.Helper()
	if d := cmp.Diff(readAll(t, m, 1000), readAll(t, s, 1000), compareAddr()); d != "" {
		t.Errorf("entries differ (-want +got):\n%s", d)
	}
	sameSince(t, s, m, time.Time{})
	for _, q := range []ledger.Query{
		{By: []string{"pricing"}}, {By: []string{"caller"}, Sort: "cost"}, {By: []string{"model"}, Sort: "unpriced", Limit: 2},
		{By: []string{"day"}}, {By: []string{"hour"}, Counted: true}, {Where: map[string][]string{"pricing": {"unpriced", "free"}}},
		{By: []string{"model"}, From: start().Add(90 * time.Minute), To: start().Add(27*time.Hour + time.Second)},
	} {
		sameUsage(t, s, m, q)
	}
	isSound(t, s)
}

func reprice(t *testing.T, p Place) {
	s := p.Open(t)
	// Two days, of which the first is summed up when it is repriced; and more of its
	// entries than one step takes.
	bs := Batches(16, 600, 150, start(), 30*time.Hour)
	later := Batches(17, 50, 50, start().Add(31*time.Hour), time.Hour)
	later[0].After, later[0].Upto = bs[len(bs)-1].Upto, bs[len(bs)-1].Upto+100
	m := both(t, s, append(bs, later...))
	before, err := m.Usage(t.Context(), ledger.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if got := sameReprice(t, s, m, ledger.RepriceQuery{}, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return e.Cost, e.Pricing
	}); got.Entries != 650 || got.Changed != 0 || got.Before != before.Total.Cost || got.After != got.Before {
		t.Errorf("repricing by the same prices = %+v", got)
	}
	sameEntries(t, s, m)
	if got := sameReprice(t, s, m, ledger.RepriceQuery{}, byID(0)); got.Changed < 300 {
		t.Errorf("Reprice = %+v, which tests little", got)
	}
	sameEntries(t, s, m)
	// A part of them again.
	sameReprice(t, s, m, ledger.RepriceQuery{
		From: start().Add(time.Hour), To: start().Add(26 * time.Hour),
		Where: map[string][]string{"model": {"gpt-4o"}, "status": {"2xx"}, "pricing": {"listed", "unpriced"}},
	}, byID(7))
	sameEntries(t, s, m)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = p.Open(t)
	defer s.Close()
	sameEntries(t, s, m)
	// Late entries of days that have been repriced.
	late := Batches(18, 100, 50, start(), 30*time.Hour)
	for i := range late {
		late[i].After += later[0].Upto
		late[i].Upto += later[0].Upto
	}
	mustAppend(t, s, late...)
	mustAppend(t, m, late...)
	sameReprice(t, s, m, ledger.RepriceQuery{Where: map[string][]string{"caller": {"nobody"}}}, byID(1))
	sameEntries(t, s, m)
}

func anyReprice(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	m := both(t, s, Batches(19, 100, 50, start(), 40*time.Hour))
	rapid.Check(t, func(r *rapid.T) {
		q := ledger.RepriceQuery{Where: map[string][]string{}}
		if rapid.Bool().Draw(r, "from") {
			q.From = start().Add(time.Duration(rapid.Int64Range(0, 40*3600*1e6).Draw(r, "fromAt")) * time.Microsecond)
		}
		if rapid.Bool().Draw(r, "to") {
			q.To = start().Add(time.Duration(rapid.Int64Range(40*3600*1e6, 41*3600*1e6).Draw(r, "toAt")) * time.Microsecond)
		}
		if rapid.Bool().Draw(r, "where") {
			q.Where["pricing"] = []string{rapid.SampledFrom([]string{"free", "listed", "assumed", "unpriced"}).Draw(r, "pricing")}
		}
		round := rapid.Byte().Draw(r, "round")
		sameReprice(t, s, m, q, byID(round))
		for _, q := range []ledger.Query{{By: []string{"model"}}, {By: []string{"pricing", "day"}}} {
			sameUsage(r, s, m, q)
		}
	})
	sameEntries(t, s, m)
}

// repriceOdd answers what no price list does.
func repriceOdd(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	// All of one series, a few in each hour of four days, of which three are summed up.
	var bs []ledger.Batch
	for n := range int64(20) {
		b := ledger.Batch{Journal: ledger.JournalID{1}, After: n, Upto: n + 1}
		for i := range 15 {
			e := Full()
			e.Began = start().Add(time.Duration(n)*5*time.Hour + time.Duration(i)*time.Minute)
			e.ID[14], e.ID[15] = byte(n), byte(i)
			b.Entries = append(b.Entries, Canonical(e))
		}
		bs = append(bs, b)
	}
	m := both(t, s, bs)
	fixed := func(cost tallygate.Money, pricing tallygate.Pricing) ledger.PriceFunc {
		return func(*tallygate.Entry) (tallygate.Money, tallygate.Pricing) { return cost, pricing }
	}
	// Sums stop at MaxMoney, and are right again when there is room again.
	for _, price := range []ledger.PriceFunc{
		fixed(1<<63-1, tallygate.Listed), fixed(tallygate.MaxMoney/3, tallygate.Assumed), fixed(tallygate.MaxMoney/40, tallygate.Assumed),
		byID(3), fixed(1<<63-1, tallygate.Listed), fixed(-5, 200), fixed(7, tallygate.Listed),
	} {
		sameReprice(t, s, m, ledger.RepriceQuery{}, price)
		sameEntries(t, s, m)
	}
	_, err := s.Reprice(t.Context(), ledger.RepriceQuery{Where: map[string][]string{"modle": {"x"}}}, byID(0))
	if e, ok := errors.AsType[*tallygate.Error](err); !ok || e.Kind != tallygate.BadRequest || e.Param != "where" {
		t.Errorf("Reprice with a filter that is none = %v, want BadRequest", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Reprice(ctx, ledger.RepriceQuery{}, byID(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("Reprice = %v, want context.Canceled", err)
	}
	sameEntries(t, s, m)
}

// repriceBeside reprices, twice at once, while batches come in and reports are made.
func repriceBeside(t *testing.T, p Place) {
	s := p.Open(t)
	defer s.Close()
	bs := Batches(21, 800, 20, start(), 30*time.Hour)
	mustAppend(t, s, bs[:20]...)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for round := range byte(4) {
				if _, err := s.Reprice(context.Background(), ledger.RepriceQuery{}, byID(round*8)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 3 {
			r, err := s.Verify(context.Background(), nil)
			if err != nil || !r.OK() {
				t.Errorf("Verify beside a repricing: %v, %v", err, problems(r))
				return
			}
		}
	})
	mustAppend(t, s, bs[20:]...)
	wg.Wait()
	m := &Memory{}
	mustAppend(t, m, bs...)
	all := ledger.PriceFunc(func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return tallygate.Money(e.ID[15]), tallygate.Listed
	})
	for _, s := range []ledger.Store{s, m} {
		if got, err := s.Reprice(t.Context(), ledger.RepriceQuery{}, all); err != nil || got.Entries != 800 {
			t.Errorf("Reprice = %+v, %v", got, err)
		}
	}
	sameEntries(t, s, m)
}

// tamperedPrices changes corrections behind the store's back.
func tamperedPrices(t *testing.T, p Place) {
	if p.Exec == nil {
		t.Skip("the store has no tables")
	}
	s := p.Open(t)
	m := both(t, s, Batches(22, 60, 10, start(), 3*time.Hour))
	sameReprice(t, s, m, ledger.RepriceQuery{}, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
		return e.Cost + 1000, tallygate.Listed
	})
	isSound(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p.Exec(t, `CREATE TABLE kept AS SELECT * FROM corrections`)
	const restore = `DELETE FROM corrections; INSERT INTO corrections SELECT * FROM kept`
	for _, f := range []struct{ do, undo, says string }{
		{`UPDATE corrections SET cost = cost + 1 WHERE seq = 17`, restore, "the sums of series"},
		{`UPDATE corrections SET pricing = 'unpriced' WHERE seq = 17`, restore, "the sums of series"},
		{`DELETE FROM corrections WHERE seq = 17`, restore, "the sums of series"},
		{`UPDATE corrections SET pricing = 'gratis' WHERE seq = 17`, restore, "entry 17 has a cost or a pricing that cannot be"},
		{`UPDATE corrections SET cost = -1 WHERE seq = 17`, restore, "entry 17 has a cost or a pricing that cannot be"},
		{`INSERT INTO corrections (seq, cost, pricing, corrected) VALUES (61, 0, 'free', 0)`, restore, "entry 61 is corrected, but missing"},
		{`UPDATE usage_hours SET cost = cost + 1`, `UPDATE usage_hours SET cost = cost - 1`, "the sums of series"},
		{`UPDATE usage_hours SET unpriced = unpriced + 1`, `UPDATE usage_hours SET unpriced = unpriced - 1`, "the sums of series"},
		{`UPDATE entries SET cost = cost + 1 WHERE seq = 17`, `UPDATE entries SET cost = cost - 1 WHERE seq = 17`, "entry 17 ("},
	} {
		p.Exec(t, f.do)
		s := p.Open(t)
		r, err := s.Verify(t.Context(), nil)
		if err != nil {
			t.Fatalf("Verify after %q: %v", f.do, err)
		}
		if found := problems(r); !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, f.says) }) {
			t.Errorf("after %q Verify should say %q; it found %s", f.do, f.says, fmt.Sprint(found))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		p.Exec(t, f.undo)
	}
	s = p.Open(t)
	defer s.Close()
	isSound(t, s)
}
