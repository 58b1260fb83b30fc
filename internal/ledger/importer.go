package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// importer moves entries from the journal into the store and removes segments
// that have served.
type importer struct {
	j     *journal
	store Store
	opt   *Options
	log   *slog.Logger

	kick    chan struct{} // more is durable, or somebody waits; holds one
	closing chan struct{} // closed: the journal is final; import it and return
	stopped chan struct{} // closed: run has returned
	ctx     context.Context
	cancel  context.CancelFunc

	seen        atomic.Int64 // all records up to this number are in the store
	want        atomic.Int64 // somebody waits for this number
	behindSince atomic.Int64 // since when there are records beyond seen; 0: there are none

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when seen has moved

	// Owned by run.
	tail    tail
	cursor  int64 // the store's
	batch   []Canonical
	failing bool
	last    time.Time // when the importer last ran
	beside  bool      // requests are served meanwhile: not at the start, not at the end
}

func newImporter(j *journal, opt *Options) *importer {
	i := &importer{
		j: j, store: opt.Store, opt: opt, log: opt.Log,
		kick: make(chan struct{}, 1), closing: make(chan struct{}), stopped: make(chan struct{}),
		changed: make(chan struct{}),
	}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	i.tail.j = j
	return i
}

// durable is told that the journal has grown.
func (i *importer) durable() {
	i.behindSince.CompareAndSwap(0, time.Now().UnixNano())
	i.wake()
}

func (i *importer) wake() {
	select {
	case i.kick <- struct{}{}:
	default:
	}
}

func (i *importer) run() {
	defer close(i.stopped)
	defer i.tail.close()
	i.beside = true
	for {
		closing := false
		select {
		case <-i.kick:
			i.pace()
		case <-i.closing:
			closing, i.beside = true, false
		}
		i.last = time.Now()
		i.drain()
		if closing || i.ctx.Err() != nil {
			return
		}
		i.retire()
	}
}

// pace lets entries gather, unless somebody waits for them.
func (i *importer) pace() {
	t := time.NewTimer(time.Until(i.last.Add(i.opt.ImportEvery)))
	defer t.Stop()
	for i.seen.Load() >= i.want.Load() {
		select {
		case <-t.C:
			return
		case <-i.closing:
			return
		case <-i.kick:
		}
	}
}

// wait returns when the records up to a number are in the store.
func (i *importer) wait(ctx context.Context, upto int64) error {
	for w := i.want.Load(); w < upto && !i.want.CompareAndSwap(w, upto); w = i.want.Load() {
	}
	i.wake() // what comes later is imported at once because of want
	for {
		i.mu.Lock()
		changed := i.changed
		i.mu.Unlock()
		if i.seen.Load() >= upto {
			return nil
		}
		select {
		case <-changed:
		case <-i.stopped:
			if i.seen.Load() >= upto {
				return nil
			}
			return errClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// drain imports all that is durable.
func (i *importer) drain() {
	for {
		more := i.fill()
		if !i.deliver() {
			return
		}
		i.advance()
		if !more {
			return
		}
	}
}

// rest is what a gentle import leaves to others after every restRows entries. It
// must be a sleep: on a single processor, the network is looked at only when
// nothing else is ready to run, and a goroutine that merely yields is ready.
const (
	rest     = 200 * time.Microsecond
	restRows = 32
)

// fill reads records into the batch, and reports whether there may be more.
func (i *importer) fill() (more bool) {
	i.batch = i.batch[:0]
	for len(i.batch) < i.opt.ImportRows {
		f, ok := i.tail.next()
		if !ok {
			return false
		}
		if f.kind == entryKind {
			i.take(f)
		}
		if len(i.batch)%restRows == restRows-1 && i.gently() {
			time.Sleep(rest)
		}
	}
	return true
}

// far is how many batches the importer may be behind before it hurries. What a load
// that fills the processor leaves behind within some ten seconds is less: it is caught
// up with between the requests that come after, as all is that nobody waits for.
const far = 64

// gently reports whether there is time: nobody waits, and the importer is not so far
// behind that it might never catch up.
func (i *importer) gently() bool {
	if !i.beside || i.seen.Load() < i.want.Load() {
		return false
	}
	i.j.mu.Lock()
	defer i.j.mu.Unlock()
	return i.j.next-i.tail.number < far*int64(i.opt.ImportRows)
}

// take decodes an entry into the batch. A record that is whole but cannot be read
// comes from a newer version; it is damage as far as this one can tell.
func (i *importer) take(f frame) {
	if n := len(i.batch); n < cap(i.batch) {
		i.batch = i.batch[:n+1]
	} else {
		i.batch = append(i.batch, Canonical{})
	}
	if err := i.tail.dec.decode(f.payload, &i.batch[len(i.batch)-1]); err != nil {
		i.batch = i.batch[:len(i.batch)-1]
		i.tail.damage(damage{from: f.number, to: f.number, promised: true, why: err.Error()})
	}
}

// deliver puts the batch into the store, however long that takes; false means
// that the ledger had to close first.
func (i *importer) deliver() bool {
	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		err := i.deliverOnce(i.ctx)
		if err == nil {
			break
		}
		i.note(err)
		t := time.NewTimer(delay)
		select {
		case <-t.C:
		case <-i.ctx.Done():
			t.Stop()
			return false
		}
	}
	if i.failing {
		i.failing = false
		i.log.Info("The store takes entries again.")
	}
	return true
}

func (i *importer) note(err error) {
	i.j.mu.Lock()
	i.j.stats.ImportErrors++
	i.j.stats.LastError = err
	i.j.mu.Unlock()
	if !i.failing && i.ctx.Err() == nil {
		i.failing = true
		i.log.Error("The store does not take entries. They stay in the journal, which grows until it can or is full.", "error", err)
	}
}

// deliverOnce puts the batch into the store, if there is anything in it.
func (i *importer) deliverOnce(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	return i.commit(ctx, Batch{
		Journal: i.j.id, After: i.cursor, Upto: i.tail.number, Entries: i.batch, Gently: i.gently(),
	})
}

// commit appends to the store. When it fails the store is asked how far it got,
// because a commit can succeed and its answer be lost.
func (i *importer) commit(ctx context.Context, b Batch) error {
	err := i.store.Append(ctx, b)
	if err != nil {
		at, askErr := i.store.Cursor(ctx, b.Journal)
		switch {
		case askErr != nil:
			return fmt.Errorf("append %d entries to the store: %w", len(b.Entries), errors.Join(err, askErr))
		case at != b.Upto:
			return fmt.Errorf("append %d entries to the store (at record %d, expected %d): %w", len(b.Entries), at, b.After, err)
		}
	}
	i.cursor = b.Upto
	i.j.mu.Lock()
	i.j.stats.Imported += int64(len(b.Entries))
	i.j.mu.Unlock()
	return nil
}

// advance tells everyone how far the store is.
func (i *importer) advance() {
	if i.seen.Swap(i.tail.number) == i.tail.number {
		return
	}
	i.j.mu.Lock()
	caughtUp := i.tail.number >= i.j.next-1
	i.j.mu.Unlock()
	if caughtUp {
		i.behindSince.Store(0)
	} else {
		i.behindSince.Store(time.Now().UnixNano())
	}
	i.mu.Lock()
	close(i.changed)
	i.changed = make(chan struct{})
	i.mu.Unlock()
}
