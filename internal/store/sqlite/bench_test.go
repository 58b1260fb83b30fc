//go:build unix

package sqlite_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/object"
	"github.com/tallygate/tallygate/internal/store/sqlite"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// cpu is what the process has spent, in all its threads.
func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkIntendRecord is the whole price of putting a request on record: its
// intent, waited for, its entry, and the import into SQLite.
func BenchmarkIntendRecord(b *testing.B) {
	dir := b.TempDir()
	s := open(b, filepath.Join(dir, "tallygate.db"), sqlite.Options{})
	l, err := ledger.Open(b.Context(), ledger.Options{Dir: dir, Store: s})
	if err != nil {
		b.Fatal(err)
	}
	deployments := []*tallygate.Deployment{
		{Resource: "sweden-1", Name: "gpt-4o", Model: "gpt-4o", Region: "swedencentral", TPM: 600_000},
		{Resource: "france-2", Name: "gpt-4o", Model: "gpt-4o", Region: "francecentral", TPM: 600_000},
	}
	var caller atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(64 / max(1, numCPU()))
	before := cpu()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		n := caller.Add(1)
		e := storetest.Full()
		e.Caller, e.Key = fmt.Sprintf("caller-%d", n%40), fmt.Sprintf("%012x", n%40)
		e.Usage = tallygate.Usage{}
		e.Cause, e.Retry, e.Attempts, e.Hold.Cost = "", 0, 1, 30_000
		for r := rand.New(rand.NewPCG(uint64(n), 1)); pb.Next(); {
			e.Began = time.Now()
			e.ID = tallygate.NewID(e.Began)
			e.RequestID = ""
			e.Usage, e.Deployment, e.Outcome, e.Cost, e.Pricing = tallygate.Usage{}, nil, 0, 0, tallygate.Free
			intent, err := l.Intend(&e)
			if err != nil {
				b.Error(err)
				return
			}
			if err := intent.Wait(context.Background()); err != nil {
				b.Error(err)
				return
			}
			e.Deployment = deployments[r.IntN(2)]
			e.Outcome, e.Status = tallygate.Answered, 200
			e.Usage = tallygate.Usage{Source: tallygate.Exact, Prompt: r.Int64N(4000), Completion: r.Int64N(800), Cached: 1024}
			e.Usage.Total = e.Usage.Prompt + e.Usage.Completion
			e.Cost, e.Pricing = tallygate.Money(3*e.Usage.Prompt+10*e.Usage.Completion), tallygate.Listed
			e.FirstByte = time.Duration(r.Int64N(int64(time.Second)))
			e.Total = 2 * e.FirstByte
			l.Record(&e)
		}
	})
	if err := l.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	spent := cpu() - before
	st := l.Stats()
	b.ReportMetric(float64(spent.Nanoseconds())/1000/float64(b.N), "cpu-us/op")
	b.ReportMetric(float64(st.Intents+st.Entries)/float64(st.Groups), "records/sync")
	b.ReportMetric(float64(st.Bytes)/float64(b.N), "journal-B/op")
	if err := l.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAppend is the import alone, in batches of 1000: from 40 callers over two
// deployments, and at worst, when no two entries have anything in common.
func BenchmarkAppend(b *testing.B) {
	f := func(name string, change func(e *tallygate.Entry, n int)) {
		b.Run(name, func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "tallygate.db"), sqlite.Options{})
			b.ReportAllocs()
			var spent time.Duration
			n, now := 0, time.Now()
			for b.ResetTimer(); n < b.N; {
				b.StopTimer()
				batch := ledger.Batch{After: int64(n), Upto: int64(n) + 1000}
				for ; int64(n) < batch.Upto; n++ {
					e := storetest.Full()
					e.Began = now.Add(time.Duration(n) * time.Millisecond)
					e.ID, e.RequestID = tallygate.NewID(e.Began), ""
					e.Cause, e.Usage = "", tallygate.Usage{Source: tallygate.Exact, Prompt: 101, Completion: 53, Total: 154, Cached: 11, Reasoning: 21}
					e.Cost, e.Hold.Cost = 4321, 30_000
					change(&e, n)
					batch.Entries = append(batch.Entries, storetest.Canonical(e))
				}
				b.StartTimer()
				before := cpu()
				if err := s.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				spent += cpu() - before
			}
			b.ReportMetric(float64(spent.Nanoseconds())/1000/float64(n), "cpu-us/entry")
		})
	}
	f("40 callers", func(e *tallygate.Entry, n int) {
		e.Caller = fmt.Sprintf("caller-%d", n%40)
		e.Deployment.Resource = fmt.Sprintf("resource-%d", n/40%2)
	})
	f("nothing in common", func(e *tallygate.Entry, n int) {
		e.Ask.User, e.Agent = fmt.Sprintf("user-%d", n), fmt.Sprintf("agent-%d", n)
	})
}

// BenchmarkUsage asks for reports over a store of TALLYGATE_BENCH_ROWS entries
// (100,000 unless set) in 30 days: 100 callers from two addresses each, to two models
// each, on three resources.
func BenchmarkUsage(b *testing.B) {
	rows, err := strconv.Atoi(cmp.Or(os.Getenv("TALLYGATE_BENCH_ROWS"), "100000"))
	if err != nil {
		b.Fatal(err)
	}
	s := open(b, filepath.Join(b.TempDir(), "tallygate.db"), sqlite.Options{})
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	const span = 30 * 24 * time.Hour
	r := rand.New(rand.NewPCG(1, 3))
	for n := 0; n < rows; {
		batch := ledger.Batch{After: int64(n), Upto: int64(min(n+1000, rows))}
		for ; int64(n) < batch.Upto; n++ {
			e := storetest.Full()
			e.Began = from.Add(time.Duration(n) * (span / time.Duration(rows)))
			e.ID, e.RequestID, e.Cause, e.Cost = tallygate.NewID(e.Began), "", "", tallygate.Money(n)
			caller := r.IntN(100)
			e.Caller = fmt.Sprintf("caller-%d", caller)
			e.IP = netip.AddrFrom4([4]byte{10, 0, byte(r.IntN(2)), byte(caller)})
			e.Ask.Model = fmt.Sprintf("model-%d", (caller+r.IntN(2))%4)
			e.Deployment.Resource = fmt.Sprintf("resource-%d", r.IntN(3))
			batch.Entries = append(batch.Entries, storetest.Canonical(e))
		}
		if err := s.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []struct {
		name string
		ledger.Query
	}{
		{"model", ledger.Query{By: []string{"model"}}},
		{"caller", ledger.Query{By: []string{"caller"}}},
		{"ip", ledger.Query{By: []string{"ip"}}},
		{"ip model", ledger.Query{By: []string{"ip", "model"}}},
		{"day", ledger.Query{By: []string{"day"}}},
		{"month", ledger.Query{By: []string{"month"}}},
		{"day in Kolkata", ledger.Query{By: []string{"day"}, Zone: kolkata}},
		{"model with percentiles", ledger.Query{By: []string{"model"}, Percentiles: true}},
		{"hour", ledger.Query{By: []string{"hour"}}},
		{"pricing", ledger.Query{By: []string{"pricing"}}},
		{"last day by caller", ledger.Query{By: []string{"caller"}, From: from.Add(span - 24*time.Hour + time.Minute)}},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Usage(b.Context(), q.Query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("since an hour before the end", func(b *testing.B) {
		for b.Loop() {
			n := 0
			err := s.Since(b.Context(), from.Add(span-time.Hour), func(*tallygate.Entry) error { n++; return nil })
			if err != nil || n < rows/1000 {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if r, err := s.Verify(b.Context(), nil); err != nil || !r.OK() {
				b.Fatal(r, err)
			}
		}
	})
}

func numCPU() int { return runtime.GOMAXPROCS(0) }

// BenchmarkBesideImport is how long others wait while 4000 entries come in every second,
// gently: a change of an object, made now and then, for its turn, and the import itself
// for repricings of twenty thousand entries.
func BenchmarkBesideImport(b *testing.B) {
	f := func(name string, run func(b *testing.B, s *sqlite.Store) error) {
		b.Run(name, func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "tallygate.db"), sqlite.Options{})
			ctx, stop := context.WithCancel(b.Context())
			var slowest atomic.Int64
			ready, ended := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(ended)
				for n := 0; ctx.Err() == nil; n++ {
					if n == 5 {
						close(ready)
					}
					batch := ledger.Batch{After: int64(n), Upto: int64(n + 1), Gently: true}
					for i := range 4000 {
						e := storetest.Full()
						e.Began = e.Began.Add(time.Duration(n*4000+i) * time.Millisecond)
						e.ID, e.Cause, e.Caller = tallygate.NewID(e.Began), "", fmt.Sprintf("caller-%d", i%40)
						e.Usage = tallygate.Usage{Source: tallygate.Exact, Prompt: 101, Completion: 53, Total: 154}
						batch.Entries = append(batch.Entries, storetest.Canonical(e))
					}
					began := time.Now()
					if err := s.Append(ctx, batch); err != nil && ctx.Err() == nil {
						b.Error(err)
					}
					if n > 5 {
						slowest.Store(max(slowest.Load(), int64(time.Since(began))))
						time.Sleep(time.Until(began.Add(time.Second)))
					}
				}
			}()
			<-ready
			var most time.Duration
			for b.Loop() {
				if name == "put" {
					time.Sleep(7 * time.Millisecond)
				}
				began := time.Now()
				if err := run(b, s); err != nil {
					b.Fatal(err)
				}
				most = max(most, time.Since(began))
			}
			stop()
			<-ended
			b.ReportMetric(most.Seconds()*1000, "slowest-ms")
			b.ReportMetric(float64(slowest.Load())/1e6, "slowest-batch-ms")
		})
	}
	o := object.Object{Kind: "limit", ID: "a", Data: []byte("{}")}
	f("put", func(b *testing.B, s *sqlite.Store) error {
		got, err := s.Objects().Get(b.Context(), "limit", "a")
		if err == nil {
			o.Version = got.Version
		} else {
			o.Version = 0
		}
		_, err = s.Objects().Put(b.Context(), o)
		return err
	})
	round := tallygate.Money(0)
	f("reprice", func(b *testing.B, s *sqlite.Store) error {
		round++
		to := storetest.Full().Began.Add(20 * time.Second)
		_, err := s.Reprice(b.Context(), ledger.RepriceQuery{To: to}, func(e *tallygate.Entry) (tallygate.Money, tallygate.Pricing) {
			return e.Cost + round, tallygate.Listed
		})
		return err
	})
}
