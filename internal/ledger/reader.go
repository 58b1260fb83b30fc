package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DirReader reads the entries of a data folder from outside of the gateway.
type DirReader struct {
	Reader
	dir string
	// Live says that a gateway is running on the folder: what it finished in the
	// last fraction of a second may be missing from answers.
	Live bool
	// Pending counts finished entries that are in the journal and not in the
	// store, because no gateway runs and this process may not write to the folder.
	Pending int64
}

// OpenReader opens the entries of a data folder for reading. When no gateway runs
// on it, what the last one left in the journal is first brought into the store, so
// that answers are complete; open is then called with readOnly false, and once
// more with true. A folder without a ledger is an error that wraps
// os.ErrNotExist.
func OpenReader(ctx context.Context, dir string, open func(ctx context.Context, readOnly bool) (Store, error)) (*DirReader, error) {
	if _, err := os.Stat(filepath.Join(dir, "journal")); err != nil {
		return nil, fmt.Errorf("there is no ledger in %s: %w", dir, err)
	}
	r := &DirReader{dir: dir}
	err := importAll(ctx, dir, open)
	unable := errors.Is(err, os.ErrPermission) || isReadOnly(err)
	r.Live = errors.Is(err, ErrLocked)
	if err != nil && !r.Live && !unable {
		return nil, err
	}
	s, err := open(ctx, true)
	if err != nil {
		return nil, fmt.Errorf("open the store in %s for reading: %w", dir, err)
	}
	r.Reader = s
	if unable {
		if r.Pending, err = pending(ctx, dir, s); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return r, nil
}

// importAll brings the store up to date with the journal by opening the ledger
// and closing it again.
func importAll(ctx context.Context, dir string, open func(ctx context.Context, readOnly bool) (Store, error)) error {
	lock, err := takeLock(dir) // before the store is opened for writing
	if err != nil {
		return err
	}
	if err := lock.Close(); err != nil {
		return err
	}
	s, err := open(ctx, false)
	if err != nil {
		return fmt.Errorf("open the store in %s: %w", dir, err)
	}
	l, err := Open(ctx, Options{Dir: dir, Store: s})
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return errors.Join(l.Close(ctx), s.Close())
}

// pending counts the entries that only the journal has.
func pending(ctx context.Context, dir string, s Store) (n int64, err error) {
	var cursor int64
	r := &replay{}
	r.onID = func(id JournalID) (err error) {
		cursor, err = s.Cursor(ctx, id)
		return err
	}
	r.onEntry = func(f frame) error {
		if f.number > cursor {
			n++
		}
		return nil
	}
	return n, r.run(filepath.Join(dir, "journal"))
}

// Verify checks the store as Reader.Verify does, and then the journal.
func (r *DirReader) Verify(ctx context.Context, progress func(done, total int64)) (*Report, error) {
	report, err := r.Reader.Verify(ctx, progress)
	if err != nil {
		return nil, err
	}
	checks, err := checkJournal(filepath.Join(r.dir, "journal"), r.Live)
	if err != nil {
		return nil, err
	}
	report.Checks = append(report.Checks, checks...)
	return report, nil
}

// checkJournal reads a whole journal. While a gateway writes to it, segments may
// go and the end is in motion; neither is a problem then.
func checkJournal(dir string, live bool) ([]Check, error) {
	r := &replay{mayVanish: live}
	if err := r.run(dir); err != nil {
		return nil, err
	}
	records := Check{Name: "journal can be read", Count: r.records, Unit: "records"}
	if !live && r.torn != "" {
		records.Problem(fmt.Sprintf("%s: its end is no whole record; a crash tore it, or it is damaged", r.torn))
	}
	for _, g := range r.gaps {
		switch {
		case g.to < g.from:
			records.Problem(fmt.Sprintf("%s: %s", g.segment, g.why))
		case g.promised:
			records.Problem(fmt.Sprintf("%s: records %d to %d are missing (%s)", g.segment, g.from, g.to, g.why))
		case !live:
			records.Problem(fmt.Sprintf("%s: records %d to %d are cut off; they had not been promised", g.segment, g.from, g.to))
		}
	}
	open := Check{Name: "open intents", Count: int64(len(r.open)), Unit: "intents"}
	if !live && len(r.open) > 0 {
		open.Problem(fmt.Sprintf("%d requests have no entry yet; the ledger settles them at their hold when it opens next", len(r.open)))
	}
	kept, err := os.ReadDir(filepath.Join(dir, "quarantine"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("look for damaged segments: %w", err)
	}
	aside := Check{Name: "no damaged segments were put aside", Count: int64(len(kept)), Unit: "segments"}
	for _, f := range kept {
		aside.Problem(filepath.Join(dir, "quarantine", f.Name()))
	}
	return []Check{records, open, aside}, nil
}
