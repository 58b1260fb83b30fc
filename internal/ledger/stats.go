package ledger

import "time"

// Stats is what a ledger tells about itself. Counts are since Open.
type Stats struct {
	// Intents and Entries were accepted. Refused counts intents that were not.
	Intents, Entries, Refused int64
	// Dropped counts entries lost because neither disk nor memory could take
	// them. It must stay 0.
	Dropped int64
	// Groups counts writes to the journal, each with one sync; Bytes is what they
	// wrote. WriteErrors counts those that failed.
	Groups, Bytes, WriteErrors int64
	// Imported counts entries the store has taken; ImportErrors counts batches it
	// refused.
	Imported, ImportErrors int64
	// Lag is how many records (entries and intents) the importer has still to
	// read; LagTime is for how long there have been any.
	Lag     int64
	LagTime time.Duration
	// Open counts intents that wait for their entry.
	Open int64
	// Segments and JournalBytes are the journal's size on disk.
	Segments     int
	JournalBytes int64
	// Recovered counts entries that Open found in the journal only, Unsettled the
	// intents it settled at their hold.
	Recovered, Unsettled int64
	// Damaged counts records that had been promised and cannot be read any more.
	// It must stay 0. What is left of them is in the folder journal/quarantine.
	Damaged int64
	// Broken says that the journal cannot be written now.
	Broken bool
	// LastError is the last thing that went wrong, in the journal or the store;
	// nil when nothing has.
	LastError error
}

// Stats returns the ledger's counts.
func (l *Ledger) Stats() Stats {
	imported := l.imp.seen.Load()
	since := l.imp.behindSince.Load()
	l.j.mu.Lock()
	defer l.j.mu.Unlock()
	s := l.j.stats
	s.Open = int64(len(l.j.open))
	s.Segments = len(l.j.segments)
	s.Broken = l.j.fault != nil
	if s.Lag = max(l.j.next-1-imported, 0); s.Lag > 0 && since != 0 {
		s.LagTime = max(time.Since(time.Unix(0, since)), 0)
	}
	return s
}
