package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/tallygate/tallygate"
)

// recovery reads what an earlier ledger left behind.
type recovery struct {
	*replay
	imp *importer
}

// replay follows a journal from its first record to its last. It only reads.
type replay struct {
	id      JournalID
	number  int64 // of the last record read; before the first, where reading begins
	next    uint64
	proved  int64 // the highest number known to have been promised
	open    map[tallygate.ID]pendingIntent
	gaps    []damage
	files   []replayed
	records int64
	torn    string // the segment at the journal's end, if that is no whole record
	// mayVanish says that a segment may be gone by the time it is read.
	mayVanish bool
	// onEntry is given each entry's record, onID the journal's id before them.
	onID    func(JournalID) error
	onEntry func(frame) error
}

type pendingIntent struct {
	number  int64
	payload []byte
}

// replayed is a segment that was read. spoiled says that not all of it could be.
type replayed struct {
	path    string
	spoiled bool
}

// run reads all segments in dir.
func (r *replay) run(dir string) error {
	list, err := listSegments(dir)
	if err != nil {
		return fmt.Errorf("list journal: %w", err)
	}
	r.open = make(map[tallygate.ID]pendingIntent)
	for n, s := range list {
		r.next = s.number + 1
		if err := r.segment(s, n == len(list)-1); err != nil {
			return fmt.Errorf("read journal segment %s: %w", s.path, err)
		}
	}
	for n := range r.gaps {
		g := &r.gaps[n]
		g.promised = g.to <= r.proved
	}
	return nil
}

func (r *replay) segment(s segmentFile, lastOne bool) error {
	b, err := readWhole(s.path)
	if errors.Is(err, os.ErrNotExist) && r.mayVanish {
		r.id = JournalID{} // those before it are gone as well: begin anew
		clear(r.open)
		return nil
	}
	if err != nil {
		return err
	}
	h, err := parseHeader(b)
	if err != nil {
		// The newest one may be an attempt that never got as far as a record:
		// nothing is written to a segment before its header is safe.
		if !lastOne || len(b) > segmentHead && used(b[segmentHead:]) > 0 {
			r.gaps = append(r.gaps, damage{segment: s.path, to: -1, why: err.Error()})
			r.files = append(r.files, replayed{s.path, true})
			return nil
		}
		r.files = append(r.files, replayed{s.path, false})
		return nil
	}
	if err := r.begin(h); err != nil {
		return err
	}
	spoiled := false
	for at := segmentHead; at < len(b); {
		f, skipped, n, ok := nextFrame(b[at:], h.salt, r.number)
		if !ok {
			if lastOne && used(b[at:]) > 0 {
				spoiled, r.torn = true, s.path
			}
			break
		}
		at += skipped + n
		if f.number > r.number+1 {
			spoiled = true
			r.gaps = append(r.gaps, damage{segment: s.path, from: r.number + 1, to: f.number - 1, why: "unreadable"})
		}
		if err := r.record(f); err != nil {
			return err
		}
	}
	r.files = append(r.files, replayed{s.path, spoiled})
	return nil
}

// begin checks that a segment belongs to the journal.
func (r *replay) begin(h header) error {
	if r.id == h.journal {
		return nil
	}
	if r.id != (JournalID{}) {
		return errors.New("it belongs to another journal than the segments before it; do not mix data folders")
	}
	r.id = h.journal
	r.number = h.first - 1
	r.proved = r.number
	if r.onID == nil {
		return nil
	}
	return r.onID(h.journal)
}

func (r *replay) record(f frame) error {
	r.number = f.number
	r.proved = max(r.proved, f.promised())
	r.records++
	id, _ := payloadID(f.payload)
	switch f.kind {
	case intentKind:
		r.open[id] = pendingIntent{f.number, f.payload}
	case entryKind:
		delete(r.open, id)
		if r.onEntry != nil {
			return r.onEntry(f)
		}
	}
	return nil
}

func readWhole(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := make([]byte, info.Size())
	if err := readOrZero(f, b, 0); err != nil && len(b) == 0 {
		return nil, err
	}
	return b, nil
}

// start recovers, and makes the ledger's journal and importer ready to run.
func (l *Ledger) start(ctx context.Context, dir string) error {
	j := &journal{
		dir: dir, salt: newSalt(), opt: &l.opt, log: l.opt.Log,
		kick: make(chan struct{}, 1), giveUp: make(chan struct{}), stopped: make(chan struct{}),
		open: make(map[tallygate.ID]openIntent),
	}
	l.j = j
	l.imp = newImporter(j, &l.opt)
	j.durable = l.imp.durable

	r := &recovery{replay: &replay{}, imp: l.imp}
	r.onID = func(id JournalID) error { return r.cursor(ctx, id) }
	r.onEntry = func(f frame) error { return r.entry(ctx, f) }
	if err := r.run(dir); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	if r.id == (JournalID{}) {
		r.id = newJournalID()
	}
	j.id, j.nextSegment = r.id, max(r.next, 1)
	j.next = max(r.number, l.imp.cursor) + 1
	l.imp.tail.number = j.next - 1
	j.cur = &group{first: j.next}
	if err := j.openSegment(j.next); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return errors.Join(err, j.w.f.Close())
	}
	r.report()
	return r.clean()
}

// cursor asks the store how far it is, before the first record is read.
func (r *recovery) cursor(ctx context.Context, id JournalID) error {
	at, err := r.imp.store.Cursor(ctx, id)
	if err != nil {
		return fmt.Errorf("ask the store how far it is: %w", err)
	}
	r.imp.cursor, r.imp.j.id = at, id
	r.number = min(r.number, at) // what lies between is missing, and will be noticed
	r.proved = max(r.proved, at)
	return nil
}

// entry imports an entry that the store does not have.
func (r *recovery) entry(ctx context.Context, f frame) error {
	if f.number <= r.imp.cursor {
		return nil
	}
	i := r.imp
	i.batch = append(i.batch, Canonical{})
	if err := i.tail.dec.decode(f.payload, &i.batch[len(i.batch)-1]); err != nil {
		return fmt.Errorf("record %d: %w; open the ledger with the version that wrote it", f.number, err)
	}
	i.tail.number = f.number
	i.j.stats.Recovered++
	if len(i.batch) < i.opt.ImportRows {
		return nil
	}
	return r.flush(ctx)
}

func (r *recovery) flush(ctx context.Context) error {
	err := r.imp.deliverOnce(ctx)
	r.imp.batch = r.imp.batch[:0]
	return err
}

// settle makes an entry of every intent that has none: first in the journal, so
// that a crash in the middle leaves each of them either settled or open, and then
// through the journal in the store.
func (r *recovery) settle(ctx context.Context) error {
	i, j := r.imp, r.imp.j
	open := make([]pendingIntent, 0, len(r.open))
	for _, p := range r.open {
		open = append(open, p)
	}
	slices.SortFunc(open, func(a, b pendingIntent) int { return cmp.Compare(a.number, b.number) })
	for _, p := range open {
		var c Canonical
		if err := i.tail.dec.decode(p.payload, &c); err != nil {
			return fmt.Errorf("record %d: %w; open the ledger with the version that wrote it", p.number, err)
		}
		e := &c.Entry
		e.Outcome = tallygate.Unsettled
		e.Usage = e.Hold.Whole()
		e.Cost = e.Hold.Cost
		j.mu.Lock()
		j.add(frame{kind: entryKind}, e)
		j.stats.Unsettled++
		j.mu.Unlock()
	}
	if j.cur.n > 0 {
		g := j.cur
		if err := j.write(g); err != nil {
			return err
		}
		j.wrote(g)
		j.cur = &group{first: j.next}
	}
	for more := true; more; {
		more = i.fill()
		if err := i.deliverOnce(ctx); err != nil {
			return err
		}
	}
	if i.cursor < i.tail.number {
		if err := i.commit(ctx, Batch{Journal: j.id, After: i.cursor, Upto: i.tail.number}); err != nil {
			return err
		}
	}
	i.seen.Store(i.tail.number)
	return nil
}

// clean removes the segments of the earlier ledger: all that was in them is in
// the store.
func (r *recovery) clean() error {
	for _, f := range r.files {
		if err := removeSegment(&segment{path: f.path, damaged: f.spoiled}); err != nil {
			return err
		}
	}
	return nil
}

// report tells the operator what was found.
func (r *recovery) report() {
	j := r.imp.j
	for n, g := range r.gaps {
		if g.promised {
			j.stats.Damaged += g.to - g.from + 1
		}
		if n >= MaxProblems {
			continue
		}
		if g.promised || g.from == 0 {
			j.stats.LastError = errDamaged
			j.log.Error("The journal is damaged: records that were safe on disk cannot be read.",
				"segment", g.segment, "from", g.from, "to", g.to, "why", g.why)
		} else {
			j.log.Warn("The journal was cut: records that had not been promised yet were lost with the crash.",
				"segment", g.segment, "from", g.from, "to", g.to)
		}
	}
	if r.torn != "" {
		j.log.Warn("The journal's end is no whole record; it was cut there.", "segment", r.torn)
	}
	if s := j.stats; s.Recovered > 0 || s.Unsettled > 0 {
		j.log.Info("The ledger was recovered.", "entries", s.Recovered, "unsettled", s.Unsettled, "at", time.Now().UTC())
	}
	for _, f := range r.files {
		if f.spoiled {
			j.log.Warn("A journal segment that could not be read whole was kept aside.", "segment", f.path)
		}
	}
}
