package ledger

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tallygate/tallygate"
)

// retire removes the oldest segments, as many as have served: all their entries
// are in the store, and none of their intents is open.
//
// Segments go oldest first, and an entry is always behind its intent, so wherever
// an intent is left its entry is left too, if there is one. Intents that are still
// open are written again at the journal's end; that is worth its bytes only while
// they are few against the journal's size, and so the journal stays below some
// segments and three times what is open, beside what the store has not taken.
func (i *importer) retire() {
	for {
		s := i.retirable()
		if s == nil || !i.settleCursor(s) {
			return
		}
		if err := i.carry(s); err != nil {
			i.note(fmt.Errorf("carry open intents out of %s: %w", s.path, err))
			return
		}
		if !i.carried(s) {
			return // tried again when the copies are durable
		}
		if err := removeSegment(s); err != nil {
			i.note(err)
			return
		}
		i.j.mu.Lock()
		i.j.segments = i.j.segments[1:]
		i.j.stats.JournalBytes -= s.end
		i.j.mu.Unlock()
	}
}

// retirable returns the oldest segment if its time has come.
func (i *importer) retirable() *segment {
	i.j.mu.Lock()
	defer i.j.mu.Unlock()
	if len(i.j.segments) < 2 {
		return nil
	}
	s := i.j.segments[0]
	if !s.sealed || s == i.tail.seg || s.last > i.seen.Load() {
		return nil
	}
	if s.carried == 0 {
		open := false
		for _, o := range i.j.open {
			open = open || o.number <= s.last
		}
		if open && i.j.stats.JournalBytes <= 2*i.opt.SegmentBytes+3*i.j.openBytes {
			return nil
		}
		if !open {
			s.carried = s.last // there is nothing to carry
		}
	}
	return s
}

// settleCursor makes sure that the store itself knows it has all of the segment:
// records that are no entries move only the importer's place.
func (i *importer) settleCursor(s *segment) bool {
	if i.cursor >= s.last {
		return true
	}
	err := i.commit(i.ctx, Batch{Journal: i.j.id, After: i.cursor, Upto: i.tail.number})
	if err != nil {
		i.note(err)
	}
	return err == nil
}

// carry writes the segment's open intents again.
func (i *importer) carry(s *segment) error {
	if s.carried != 0 {
		return nil
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	b = b[:min(int64(len(b)), s.end)]
	after := s.first - 1
	for at := segmentHead; at < len(b); {
		f, skipped, n, ok := nextFrame(b[at:], s.salt, after)
		if !ok {
			break
		}
		at += skipped + n
		after = f.number
		if f.kind == intentKind {
			i.j.carry(s, f)
		}
	}
	i.j.mu.Lock()
	defer i.j.mu.Unlock()
	s.carried = max(s.carried, s.last)
	i.j.cur.urgent = true
	i.j.wake()
	return nil
}

// carry writes an intent again if it is still open and this is its newest record.
func (j *journal) carry(s *segment, f frame) {
	id, ok := payloadID(f.payload)
	if !ok {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if o, open := j.open[id]; open && o.number == f.number {
		s.carried = j.next
		j.addIntent(id, frame{kind: intentKind, payload: f.payload}, nil)
	}
}

// payloadID reads the id of an encoded entry.
func payloadID(p []byte) (id tallygate.ID, ok bool) {
	if len(p) < 1+len(id) {
		return id, false
	}
	copy(id[:], p[1:])
	return id, true
}

// carried reports whether the segment's open intents are safe on disk elsewhere.
func (i *importer) carried(s *segment) bool {
	i.j.mu.Lock()
	defer i.j.mu.Unlock()
	return i.j.segments[len(i.j.segments)-1].last >= s.carried
}

// removeSegment deletes a segment, or keeps it aside when a part of it could not
// be read, for whoever wants to know what was there.
//
// It waits until the removal is safe on disk: were a segment to come back after a
// power cut without those behind it, its intents would miss their entries.
func removeSegment(s *segment) error {
	if s.damaged {
		if err := quarantine(s.path); err != nil {
			return err
		}
	} else if err := os.Remove(s.path); err != nil {
		return fmt.Errorf("remove journal segment: %w", err)
	}
	return syncDir(filepath.Dir(s.path))
}

// quarantine moves a segment to where no ledger reads it.
func quarantine(path string) error {
	dir := filepath.Join(filepath.Dir(path), "quarantine")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep a damaged journal segment aside: %w", err)
	}
	if err := os.Rename(path, filepath.Join(dir, filepath.Base(path))); err != nil {
		return fmt.Errorf("keep a damaged journal segment aside: %w", err)
	}
	return nil
}
