package ledger_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/storetest"
)

// What a burst leaves behind is imported beside the requests that follow, however many
// batches it takes. Only when it becomes so much that the importer might never catch up,
// when somebody waits, or when nothing is served, does it take the processor for itself.
func TestCatchingUpIsGentle(t *testing.T) {
	f := func(entries int, flush bool, hurried func(batches int) int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			batches, hurries := 0, 0
			m := &storetest.Memory{Before: func(b ledger.Batch) error {
				mu.Lock()
				defer mu.Unlock()
				if batches++; !b.Gently {
					hurries++
				}
				return nil
			}}
			l := open(t, ledger.Options{Dir: t.TempDir(), Store: m, ImportRows: 4})
			for i := range entries {
				l.Record(settle(entry(i)))
			}
			if flush {
				if err := l.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute)
			mu.Lock()
			got, all := hurries, batches
			mu.Unlock()
			if n := len(stored(t, m)); n != entries {
				t.Errorf("%d of %d entries are in the store", n, entries)
			}
			if want := hurried(all); got != want || all < entries/4 {
				t.Errorf("%d entries: %d of %d batches hurried, want %d", entries, got, all, want)
			}
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
	none := func(int) int { return 0 }
	f(3, false, none)
	f(200, false, none)
	f(200, true, func(all int) int { return all })
	f(4*64+40, false, func(int) int { return 10 }) // until it is 64 batches behind
}
