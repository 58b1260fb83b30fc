package ledger_test

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

func sameAddr() cmp.Option { return cmp.Comparer(func(a, b netip.Addr) bool { return a == b }) }

// An entry comes back from its encoding, and its encoding from the entry.
func TestEncoding(t *testing.T) {
	f := func(name string, e, want tallygate.Entry) {
		t.Helper()
		p := ledger.AppendEntry(nil, &e)
		got, err := ledger.DecodeEntry(p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got.Entry, sameAddr()); d != "" {
			t.Errorf("%s: (-want +got):\n%s", name, d)
		}
		if again := ledger.AppendEntry(nil, &got.Entry); string(again) != string(p) || got.Encoding != string(p) {
			t.Errorf("%s: the encoding is not canonical", name)
		}
	}
	full := storetest.Full()
	f("every field", full, full)
	zero := tallygate.Entry{Began: time.Time{}}
	f("no field", zero, zero)

	odd, want := full, full
	odd.IP = netip.MustParseAddr("::ffff:192.0.2.1")
	want.IP = netip.MustParseAddr("192.0.2.1")
	odd.Began = full.Began.Add(999).In(time.FixedZone("", 3600))
	odd.Caller, want.Caller = "a\x00b\xffc", "a\uFFFDb\uFFFDc"
	odd.Agent, want.Agent = strings.Repeat("x", 511)+"é", strings.Repeat("x", 511)
	odd.Cause, want.Cause = strings.Repeat("é", 9000), strings.Repeat("é", 2048)
	odd.Usage.Total, want.Usage.Total = math.MaxInt64, 1<<40
	odd.Usage.Prompt, want.Usage.Prompt = -5, 0
	odd.Cost, want.Cost = -1, 0
	odd.Hold.Cost, want.Hold.Cost = math.MaxInt64, tallygate.MaxMoney
	odd.Hold.Completion, want.Hold.Completion = math.MaxInt64, 1<<40
	odd.Pricing, want.Pricing = 77, tallygate.Unpriced
	odd.Outcome, want.Outcome = 77, tallygate.Aborted
	odd.Ask.Dialect, want.Ask.Dialect = 77, 0
	odd.Total, want.Total = 1500*time.Nanosecond, time.Microsecond
	f("what needs cleaning", odd, want)

	odd.IP = netip.MustParseAddr("fe80::1").WithZone("\xff%")
	want.IP = netip.MustParseAddr("fe80::1")
	f("a zone that is none", odd, want)
}

// A text is cut and cleaned into valid UTF-8 within its limit, wherever the cut
// falls.
func TestEncodingTexts(t *testing.T) {
	for pad := range 8 {
		for _, tail := range []string{"é", "€", "🙂", "\xff", "\x00", "\xf0\x9f", ""} {
			e := tallygate.Entry{Caller: strings.Repeat("x", 505+pad) + strings.Repeat(tail, 5)}
			got, err := ledger.DecodeEntry(ledger.AppendEntry(nil, &e))
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.ValidString(got.Caller) || strings.Contains(got.Caller, "\x00") || len(got.Caller) > 512 || len(got.Caller) < min(505+pad, 509) {
				t.Errorf("%d and %q: %d bytes %q", pad, tail, len(got.Caller), got.Caller[500:])
			}
		}
	}
}

// Every prefix of an encoding is refused, and so is a byte too many.
func TestEncodingTruncated(t *testing.T) {
	e := storetest.Full()
	p := ledger.AppendEntry(nil, &e)
	for n := range p {
		if _, err := ledger.DecodeEntry(p[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for an entry", n, len(p))
		}
	}
	if _, err := ledger.DecodeEntry(append(p, 0)); err == nil {
		t.Error("a byte too many is taken for a part of the entry")
	}
	p[0] = 99
	if _, err := ledger.DecodeEntry(p); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("a newer encoding: %v", err)
	}
}

// What needs no piece is encoded as it was before there were any, to the byte; each piece
// alone comes back, and an encoding that is newer than its entry needs is none.
func TestEncodingOfPieces(t *testing.T) {
	plain := storetest.Full()
	plain.Usage.ImageOut, plain.Usage.Characters, plain.Usage.Images = 0, 0, 0
	plain.Hold.Seconds, plain.Hold.Characters, plain.Hold.Images, plain.Ask.Picture = 0, 0, 0, ""
	was := ledger.AppendEntry(nil, &plain)
	if was[0] != 1 {
		t.Errorf("an entry without pieces has encoding version %d", was[0])
	}
	for n, set := range []func(*tallygate.Entry){
		func(e *tallygate.Entry) { e.Usage.ImageOut = 1 }, func(e *tallygate.Entry) { e.Usage.Characters = 1 },
		func(e *tallygate.Entry) { e.Usage.Images = 1 }, func(e *tallygate.Entry) { e.Hold.Seconds = 1 },
		func(e *tallygate.Entry) { e.Hold.Characters = 1 }, func(e *tallygate.Entry) { e.Hold.Images = 1 },
		func(e *tallygate.Entry) { e.Ask.Picture = "hd/" },
	} {
		e := plain
		set(&e)
		p := ledger.AppendEntry(nil, &e)
		got, err := ledger.DecodeEntry(p)
		if d := cmp.Diff(e, got.Entry, sameAddr()); err != nil || d != "" || p[0] != 2 {
			t.Errorf("piece %d: version %d, %v (-want +got):\n%s", n, p[0], err, d)
		}
	}
	was[0] = 2
	if _, err := ledger.DecodeEntry(append(was, 0, 0, 0, 0, 0, 0, 0)); err == nil {
		t.Error("an entry without pieces is taken in an encoding that has them")
	}
	was[0] = 0
	if _, err := ledger.DecodeEntry(was); err == nil {
		t.Error("version 0 is taken")
	}
}

// FuzzDecodeEntry: foreign bytes give an error or an entry whose encoding is
// canonical from then on, never a panic.
func FuzzDecodeEntry(f *testing.F) {
	full, zero := storetest.Full(), tallygate.Entry{}
	f.Add(ledger.AppendEntry(nil, &full))
	f.Add(ledger.AppendEntry(nil, &zero))
	f.Add([]byte{})
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, p []byte) {
		e, err := ledger.DecodeEntry(p)
		if err != nil {
			return
		}
		once := ledger.AppendEntry(nil, &e.Entry)
		again, err := ledger.DecodeEntry(once)
		if err != nil {
			t.Fatalf("its own encoding is refused: %v", err)
		}
		if twice := ledger.AppendEntry(nil, &again.Entry); string(once) != string(twice) {
			t.Fatalf("the encoding does not settle:\n%x\n%x", once, twice)
		}
	})
}

func BenchmarkAppendEntry(b *testing.B) {
	e := storetest.Full()
	buf := ledger.AppendEntry(nil, &e)
	b.ReportAllocs()
	for b.Loop() {
		buf = ledger.AppendEntry(buf[:0], &e)
	}
	b.SetBytes(int64(len(buf)))
}

func TestEncodingAllocates(t *testing.T) {
	e := storetest.Full()
	e.Agent, e.Ask.User = "plain", "plain"
	buf := ledger.AppendEntry(nil, &e)
	if n := testing.AllocsPerRun(100, func() { buf = ledger.AppendEntry(buf[:0], &e) }); n != 0 {
		t.Errorf("AppendEntry allocates %v times, want 0", n)
	}
}
