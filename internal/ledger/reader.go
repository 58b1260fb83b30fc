package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DirReader reads the entries of a data folder from outside of the gateway. It
// changes nothing there: whoever looks after a crash may be another user than the
// gateway is, and must not take the evidence away.
type DirReader struct {
	Reader
	dir string
	// Live says that a gateway is running on the folder: what it finished in the
	// last fraction of a second may be missing from answers.
	Live bool
	// Pending counts finished entries, and Open requests without one, that only the
	// journal has, because the gateway did not end well. They are missing from
	// answers until it starts again. Both are 0 when Live.
	Pending, Open int64
}

// OpenReader opens the entries of a data folder for reading; open opens its store
// so that it is never written to. A folder without a ledger is an error that wraps
// os.ErrNotExist.
func OpenReader(ctx context.Context, dir string, open func(context.Context) (Store, error)) (*DirReader, error) {
	if _, err := os.Stat(filepath.Join(dir, "journal")); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no ledger in %s: %w", dir, err)
		}
		return nil, fmt.Errorf("look for the ledger in %s: %w", dir, err)
	}
	r := &DirReader{dir: dir}
	var err error
	if r.Live, err = lockHeld(filepath.Join(dir, lockName)); err != nil {
		return nil, fmt.Errorf("see whether a gateway runs on %s: %w", dir, err)
	}
	s, err := open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the store in %s for reading: %w", dir, err)
	}
	r.Reader = s
	if !r.Live {
		if err := r.count(ctx, s); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return r, nil
}

// count finds what only the journal has.
func (d *DirReader) count(ctx context.Context, s Store) error {
	var cursor int64
	r := &replay{mayVanish: true} // a gateway may start meanwhile
	r.onID = func(id JournalID) (err error) {
		cursor, err = s.Cursor(ctx, id)
		return err
	}
	r.onEntry = func(f frame) error {
		if f.number > cursor {
			d.Pending++
		}
		return nil
	}
	if err := r.run(filepath.Join(d.dir, "journal")); err != nil {
		return fmt.Errorf("read the journal in %s: %w", d.dir, err)
	}
	d.Open = int64(len(r.open))
	return nil
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
	// Open ones are no problem: they are owed, or settled when the ledger opens next.
	open := Check{Name: "open intents", Count: int64(len(r.open)), Unit: "intents"}
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
