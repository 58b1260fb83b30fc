package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// Options say where a ledger lives and how patient it is. Dir and Store must be
// given; the zero value of all else means its default.
type Options struct {
	// Dir is the data folder. The journal is in its subfolder "journal".
	Dir string
	// Store receives the finished entries. The ledger does not close it.
	Store Store
	// Log receives what an operator should know; nil discards it.
	Log *slog.Logger

	// SyncEvery is the shortest time between two syncs of the journal under load:
	// what is intended meanwhile shares the next one. Where requests are few there
	// is nothing to share, and each is synced at once. Default 200 µs.
	SyncEvery time.Duration
	// EntryDelay is how long entries alone wait for company before they are
	// written. A crash of the process within it leaves their intents unsettled.
	// Default 10 ms.
	EntryDelay time.Duration
	// ImportEvery is the pace of the importer. A commit stops everything else on a
	// single processor for a moment, so there should be few. Default 1 s.
	ImportEvery time.Duration
	// ImportRows is how many entries go into the store at once, at most. Default
	// 4000.
	ImportRows int

	// SegmentBytes is the size of a journal segment. Default 16 MiB.
	SegmentBytes int64
	// MaxBytes bounds the journal when the store takes nothing: beyond it Intend
	// fails, while entries of running requests are still written. Default 4 GiB.
	MaxBytes int64
	// MaxPending bounds what waits in memory for the disk, in bytes: beyond it
	// Intend fails. Record has another 16 MiB. Default 32 MiB.
	MaxPending int

	// OnDrop is told of an entry that could not be kept, on the goroutine that
	// called Record. The entry is only lent. May be nil.
	OnDrop func(*tallygate.Entry)

	create func(path string) (file, error) // makes segments; tests make it fail
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.SyncEvery, 200*time.Microsecond)
	setDefault(&o.EntryDelay, 10*time.Millisecond)
	setDefault(&o.ImportEvery, time.Second)
	setDefault(&o.ImportRows, 4000)
	setDefault(&o.SegmentBytes, 16<<20)
	setDefault(&o.MaxBytes, 4<<30)
	setDefault(&o.MaxPending, 32<<20)
	if o.create == nil {
		o.create = openNew
	}
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// ErrLocked is what Open returns, wrapped, when another process (or another
// ledger of this one) uses the data folder.
var ErrLocked = errors.New("the data folder is in use")

var errHeld = errors.New("the lock is held")

// Ledger keeps the record of what happened. All methods are safe for concurrent
// use. Close it to stop its two goroutines.
type Ledger struct {
	opt  Options
	lock *os.File
	j    *journal
	imp  *importer

	repricing sync.WaitGroup
}

// Open takes the data folder for this process alone, brings the store up to date
// with what the journal still holds, settles the intents that never will be, and
// returns a ledger that accepts work. ctx bounds only the opening.
func Open(ctx context.Context, opt Options) (*Ledger, error) {
	opt.setDefaults()
	l := &Ledger{opt: opt}
	dir := filepath.Join(opt.Dir, "journal")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	lock, err := takeLock(opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	l.lock = lock
	if err := l.start(ctx, dir); err != nil {
		return nil, fmt.Errorf("open ledger in %s: %w", opt.Dir, errors.Join(err, lock.Close()))
	}
	go l.j.run()
	go l.imp.run()
	return l, nil
}

// lockName is the file whose lock says that a ledger is open on the folder.
const lockName = "ledger.lock"

// takeLock makes this process the folder's only writer until the file is closed.
func takeLock(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := lockFile(path)
	for range 20 { // a reader that looks whether it is held holds it for a moment
		if !errors.Is(err, errHeld) {
			break
		}
		time.Sleep(50 * time.Millisecond)
		f, err = lockFile(path)
	}
	if errors.Is(err, errHeld) {
		who := "another process"
		if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
			who = "process " + strings.TrimSpace(string(b))
		}
		return nil, fmt.Errorf("%w: %s holds %s; one gateway at a time may use a data folder", ErrLocked, who, path)
	}
	if err != nil {
		return nil, err
	}
	// The number is a courtesy to whoever finds the folder taken.
	if err := errors.Join(f.Truncate(0), writeAt0(f, fmt.Sprintf("%d\n", os.Getpid()))); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writeAt0(w io.WriterAt, s string) error {
	_, err := w.WriteAt([]byte(s), 0)
	return err
}

// Intend starts the durable write of an intent: the request e will be answered
// and holds e.Hold. e is encoded before Intend returns and may then be
// changed. It fails at once with a *tallygate.Error of kind Unavailable when the
// journal cannot take it. Whatever becomes of the intent, an entry with the same
// ID is due: give it to Record.
func (l *Ledger) Intend(e *tallygate.Entry) (Intent, error) { return l.j.intend(e) }

// Record hands over the finished entry of a request, once for each request; those
// that never had an intent too. It never waits for a disk. e is encoded before
// Record returns.
//
// While the disk refuses to be written, entries wait in memory. When that is
// full, the entry is dropped, counted in Stats.Dropped and shown to
// Options.OnDrop; if its intent is durable the request still counts, at its hold,
// when the ledger opens next.
func (l *Ledger) Record(e *tallygate.Entry) {
	if !l.j.record(e) && l.opt.OnDrop != nil {
		l.opt.OnDrop(e)
	}
}

// Flush returns when everything recorded before it was called is in the store.
func (l *Ledger) Flush(ctx context.Context) error {
	upto := l.j.flush()
	if err := l.imp.wait(ctx, upto); err != nil {
		return fmt.Errorf("flush ledger: %w", errors.Join(err, l.Stats().LastError))
	}
	return nil
}

// Moved returns a channel that is closed when the store has more entries, or may have,
// than when Moved was called.
func (l *Ledger) Moved() <-chan struct{} {
	l.imp.mu.Lock()
	defer l.imp.mu.Unlock()
	return l.imp.changed
}

// Reprice works out anew what the entries of a query cost, those recorded before it
// was called too; see Store.Reprice. Requests and their entries are not held up. Close
// ends it early.
func (l *Ledger) Reprice(ctx context.Context, q RepriceQuery, price PriceFunc) (Repriced, error) {
	l.j.mu.Lock()
	closed := l.j.closed
	if !closed {
		l.repricing.Add(1)
	}
	l.j.mu.Unlock()
	if closed {
		return Repriced{}, fmt.Errorf("reprice: %w", errClosed)
	}
	defer l.repricing.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.imp.ctx, cancel)()
	if err := l.Flush(ctx); err != nil {
		return Repriced{}, fmt.Errorf("reprice: %w", err)
	}
	return l.opt.Store.Reprice(ctx, q, price)
}

// Close stops the ledger: no new intents, everything recorded goes to the disk
// and into the store. When ctx ends first, what the store has not taken stays in
// the journal for the next Open, and what the disk has not taken is lost; the
// error says so. It returns when both goroutines have. Further calls do nothing.
func (l *Ledger) Close(ctx context.Context) error {
	l.j.mu.Lock()
	again := l.j.closed
	l.j.closed = true
	l.j.wake()
	l.j.mu.Unlock()
	if again {
		<-l.imp.stopped
		return nil
	}
	var err error
	select {
	case <-l.j.stopped:
	case <-ctx.Done():
		err = ctx.Err()
		close(l.j.giveUp)
		<-l.j.stopped
	}
	close(l.imp.closing)
	select {
	case <-l.imp.stopped:
	case <-ctx.Done():
		err = ctx.Err()
		l.imp.cancel()
		<-l.imp.stopped
	}
	l.imp.cancel()
	l.repricing.Wait()
	if err != nil {
		err = fmt.Errorf("close ledger: %w", errors.Join(err, l.Stats().LastError))
	}
	return errors.Join(err, l.lock.Close())
}
