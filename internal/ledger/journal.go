package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// journal gathers records and writes them in groups.
//
// Callers append to the current group under mu, which costs an encoding and no
// I/O. One goroutine (run) takes the group away, writes and syncs it, and puts
// the other of two buffers in its place.
type journal struct {
	dir     string
	id      JournalID
	salt    uint32 // the same in all segments of one run, so that a group can move
	opt     *Options
	log     *slog.Logger
	durable func() // called when more records are safe on disk

	kick    chan struct{} // something for run to look at; holds one
	giveUp  chan struct{} // closed: stop trying to write what the disk refuses
	stopped chan struct{} // closed: run has returned

	w           *writer // the active segment; nil after a failure. Owned by run.
	nextSegment uint64  // owned by run
	lastSync    time.Time
	busy        bool // the last group was shared by several requests

	mu        sync.Mutex
	cur       *group
	spare     []byte
	writing   int // bytes of the group that run is writing
	next      int64
	open      map[tallygate.ID]openIntent
	openBytes int64
	segments  []*segment // oldest first; the last is the active one unless sealed
	fault     error      // why nothing can be written now; nil when all is well
	closed    bool       // no more intents
	finished  bool       // no more records
	stats     Stats
}

// openIntent is an intent whose entry has not come yet.
type openIntent struct {
	number int64 // of its newest record
	size   int32 // of that record, in bytes
}

// group is what is written at once. It is guarded by journal.mu until run takes it
// away.
type group struct {
	buf     []byte
	first   int64 // number of the first record
	n       uint32
	entries int
	born    time.Time
	urgent  bool
	fate    *fate // of those who wait; nil while nobody does
}

// fate is what becomes of a group, for those who wait for it.
type fate struct {
	done chan struct{} // closed when it is known
	err  error         // may be read then
}

// Intent is a promise under way: the caller will be answered. The zero Intent is
// durable at once. It may be copied and waited for more than once.
type Intent struct{ fate *fate }

// Wait returns nil when the intent is safe on disk, and otherwise why it is not
// (yet): a *tallygate.Error of kind Unavailable, or the context's error. After an
// error the request must not be answered as if it were on record; its entry is
// due all the same.
func (i Intent) Wait(ctx context.Context) error {
	if i.fate == nil {
		return nil
	}
	select {
	case <-i.fate.done:
		return i.fate.err
	default:
	}
	select {
	case <-i.fate.done:
		return i.fate.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var (
	errClosed  = errors.New("the ledger is closed")
	errPending = errors.New("the disk cannot keep up: too many records wait in memory")
	errBacklog = errors.New("the journal is full: the store has not taken entries for too long")
)

func unavailable(err error) error {
	return &tallygate.Error{
		Kind: tallygate.Unavailable, Code: "LedgerUnavailable", Err: err,
		Message: "The gateway cannot put requests on record at the moment. Please retry later.",
	}
}

// intend appends an intent to the current group.
func (j *journal) intend(e *tallygate.Entry) (Intent, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	switch {
	case j.closed:
		err = errClosed
	case j.fault != nil:
		err = j.fault
	case j.writing+len(j.cur.buf) >= j.opt.MaxPending:
		err = errPending
	case j.stats.JournalBytes >= j.opt.MaxBytes:
		err = errBacklog
	}
	if err != nil {
		j.stats.Refused++
		return Intent{}, unavailable(err)
	}
	g := j.cur
	j.addIntent(e.ID, frame{kind: intentKind}, e)
	if g.fate == nil {
		g.fate = &fate{done: make(chan struct{})}
		j.wake()
	}
	j.stats.Intents++
	return Intent{g.fate}, nil
}

// addIntent appends an intent and remembers it as open. Called with mu held.
func (j *journal) addIntent(id tallygate.ID, f frame, e *tallygate.Entry) {
	before := len(j.cur.buf)
	old := j.open[id]
	now := openIntent{j.next, 0}
	j.add(f, e)
	now.size = int32(len(j.cur.buf) - before)
	j.open[id] = now
	j.openBytes += int64(now.size - old.size)
}

// record appends an entry, or reports false when there is no room left for it.
func (j *journal) record(e *tallygate.Entry) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.finished || j.writing+len(j.cur.buf) >= j.opt.MaxPending+recordReserve {
		j.stats.Dropped++
		return false
	}
	g := j.cur
	j.add(frame{kind: entryKind}, e)
	g.entries++
	if o, ok := j.open[e.ID]; ok {
		delete(j.open, e.ID)
		j.openBytes -= int64(o.size)
	}
	if g.n == 1 {
		j.wake()
	}
	j.stats.Entries++
	return true
}

// recordReserve is the room in memory that entries have beyond that of intents,
// in bytes: what was let in must be able to get out.
const recordReserve = 16 << 20

// add appends a record to the current group. Called with mu held.
func (j *journal) add(f frame, e *tallygate.Entry) {
	g := j.cur
	f.number, f.index = j.next, g.n
	g.buf = appendFrame(g.buf, j.salt, f, e)
	if g.n == 0 {
		g.born = time.Now()
	}
	g.n++
	j.next++
}

// flush asks that all that was added be written without delay, and returns the
// number of the last record so far.
func (j *journal) flush() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cur.urgent = true
	j.wake()
	return j.next - 1
}

func (j *journal) wake() {
	select {
	case j.kick <- struct{}{}:
	default:
	}
}

// run writes groups until the journal is closed and nothing is left.
func (j *journal) run() {
	defer close(j.stopped)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait, pending, closed := j.due()
		switch {
		case !pending && closed:
			if j.finish() {
				return
			}
		case !pending:
			<-j.kick
		case wait > 0:
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-j.kick:
			}
		default:
			j.commit()
		}
	}
}

// quietRecords is how large a group grows by itself where requests are few: an
// intent or two and the entry of one before.
const quietRecords = 3

// due says how long the current group may still gather.
func (j *journal) due() (wait time.Duration, pending, closed bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	g := j.cur
	if g.n == 0 {
		return 0, false, j.closed
	}
	if g.urgent || j.closed {
		return 0, true, j.closed
	}
	at := g.born
	if g.fate == nil {
		at = at.Add(j.opt.EntryDelay)
	}
	if j.busy {
		if next := j.lastSync.Add(j.opt.SyncEvery); next.After(at) {
			at = next
		}
	}
	return time.Until(at), true, false
}

// commit writes the current group, and keeps trying while the disk refuses it.
func (j *journal) commit() {
	j.mu.Lock()
	g := j.cur
	j.cur = &group{buf: j.spare[:0], first: j.next}
	j.spare = nil
	j.writing = len(g.buf)
	j.mu.Unlock()

	for delay := retryFirst; ; delay = min(2*delay, retryMost) {
		err := j.write(g)
		if err == nil {
			break
		}
		j.broke(g, err)
		if !j.pause(delay) {
			j.lose(g)
			return
		}
	}
	j.wrote(g)
	j.durable()
}

const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

func (j *journal) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-j.giveUp:
		return false
	}
}

// write puts the group into the active segment, or into a new one when that is
// full or has failed.
//
// After a failure nothing is believed of the bytes that were being written: a
// sync that failed may have thrown them away, and the next one may succeed
// without them. So the segment ends where its last good sync left it, and the
// whole group is written again elsewhere; readers know the second copy by its
// numbers.
func (j *journal) write(g *group) error {
	if j.w != nil && j.w.at > segmentHead && j.w.at+int64(len(g.buf)) > j.opt.SegmentBytes {
		j.sealActive()
	}
	if j.w == nil {
		if err := j.openSegment(g.first); err != nil {
			return err
		}
	}
	if err := j.w.append(g.buf); err != nil {
		j.sealActive()
		return err
	}
	return nil
}

func (j *journal) openSegment(first int64) error {
	h := header{j.id, j.nextSegment, first, j.salt}
	j.nextSegment++ // also after a failure: the name may be taken by what is left of it
	w, err := createSegment(j.opt.create, j.dir, h)
	if err != nil {
		return err
	}
	j.w = w
	s := &segment{header: h, path: segmentPath(j.dir, h.segment), end: w.at, last: first - 1}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segments = append(j.segments, s)
	j.stats.JournalBytes += s.end
	return nil
}

// sealActive ends the active segment after its last good group.
func (j *journal) sealActive() {
	if err := j.w.seal(); err != nil {
		j.log.Warn("The end of a journal segment could not be trimmed; this costs only space.", "error", err)
	}
	j.w = nil
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segments[len(j.segments)-1].sealed = true
}

// broke notes that a group could not be written. Whoever waits learns it now.
func (j *journal) broke(g *group, err error) {
	j.mu.Lock()
	first := j.fault == nil
	j.fault = err
	j.stats.WriteErrors++
	j.stats.LastError = err
	g.release(unavailable(err))
	j.cur.release(unavailable(err))
	j.mu.Unlock()
	if first {
		j.log.Error("The journal cannot be written. New requests are refused until it can; entries of running ones wait in memory.",
			"dir", j.dir, "error", err)
	}
}

// wrote notes that a group is safe on disk.
func (j *journal) wrote(g *group) {
	now := time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fault != nil {
		j.log.Info("The journal can be written again.", "dir", j.dir)
	}
	s := j.segments[len(j.segments)-1]
	j.stats.JournalBytes += j.w.at - s.end
	s.end, s.last = j.w.at, g.first+int64(g.n)-1
	j.fault = nil
	j.lastSync = now
	j.busy = g.n > quietRecords
	j.writing = 0
	j.stats.Groups++
	j.stats.Bytes += int64(len(g.buf))
	g.release(nil)
	if cap(g.buf) <= keepBuffer {
		j.spare = g.buf
	}
	g.buf = nil
}

// keepBuffer is the largest buffer kept for the next group; one that grew beyond
// it during an outage is given back.
const keepBuffer = 4 << 20

// release tells the group's waiters their fate, once; who comes later has another.
// Called with mu held.
func (g *group) release(err error) {
	if g.fate != nil {
		g.fate.err = err
		close(g.fate.done)
		g.fate = nil
	}
}

// lose gives up what could not be written when the ledger has to close.
func (j *journal) lose(g *group) {
	j.mu.Lock()
	defer j.mu.Unlock()
	lost := g.entries + j.cur.entries
	j.stats.Dropped += int64(lost)
	j.cur.n, j.cur.buf, j.cur.entries = 0, nil, 0
	j.log.Error("Entries were lost: the journal could not be written until the end. Where their intents are on disk, they will count at their hold.",
		"dir", j.dir, "entries", lost, "error", j.fault)
}

// finish ends the journal: a last record that proves everything before it, when
// there is a segment to put it in. It does nothing and returns false when something
// has come meanwhile.
func (j *journal) finish() bool {
	j.mu.Lock()
	if j.cur.n > 0 {
		j.mu.Unlock()
		return false
	}
	j.finished = true
	last := j.next
	j.mu.Unlock()
	if j.w == nil {
		return true
	}
	err := j.w.append(appendFrame(nil, j.salt, frame{number: last, kind: closeKind}, nil))
	if err != nil {
		err = fmt.Errorf("write the journal's last record: %w", err)
	}
	if err = errors.Join(err, j.w.seal()); err != nil {
		j.log.Warn("The journal did not end clean; nothing is lost by it.", "dir", j.dir, "error", err)
	}
	return true
}
