package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/tallygate/tallygate/internal/ledger"
)

// link is a row of the chain.
type link struct {
	first, last int64
	hash        [32]byte
}

// chainWalk goes over entries and links side by side.
type chainWalk struct {
	store    *Store
	sequence ledger.Check
	entries  ledger.Check
	chain    ledger.Check

	links    []link // read ahead
	prev     link   // the last one that is done with
	hash     ledger.Link
	in       bool   // links[0] has begun
	suspects string // what is wrong with an entry of links[0]
	seq      int64  // of the last entry
	end      int64  // of the chain, when the walk began
}

func (s *Store) verifyChain(ctx context.Context, report *ledger.Report, progress func(done, total int64)) error {
	w := &chainWalk{
		store:    s,
		sequence: ledger.Check{Name: "sequence numbers have no holes", Unit: "entries"},
		entries:  ledger.Check{Name: "entries are as they were written", Unit: "entries"},
		chain:    ledger.Check{Name: "the hash chain is whole", Unit: "links"},
	}
	var beyond int64
	err := s.readers.QueryRowContext(ctx, `SELECT coalesce((SELECT max(last) FROM chain), 0),
		(SELECT count(*) FROM entries WHERE seq > coalesce((SELECT max(last) FROM chain), 0))`).Scan(&w.end, &beyond)
	if err != nil {
		return err
	}
	if beyond > 0 {
		w.chain.Problem(fmt.Sprintf("%d entries after %d belong to no link: they were added by somebody else, or links are missing", beyond, w.end))
	}
	const page = 5000
	for after := int64(0); after < w.end; {
		n := 0
		err := s.scan(ctx, afterSQL(), []any{after, page}, func(r *stored, err error) error {
			n++
			after = r.seq
			if r.seq > w.end {
				return nil
			}
			return w.entry(ctx, r, err)
		})
		if err != nil {
			return err
		}
		progress(min(after, w.end), w.end)
		if n < page {
			break
		}
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	report.Checks = append(report.Checks, w.sequence, w.entries, w.chain)
	return nil
}

// entry takes the next entry; broken says why it could not be put together.
func (w *chainWalk) entry(ctx context.Context, r *stored, broken error) error {
	if r.seq != w.seq+1 {
		w.missing(w.seq+1, r.seq-1)
	}
	w.seq = r.seq
	w.sequence.Count++
	w.entries.Count++
	if err := w.turn(ctx, r.seq); err != nil {
		return err
	}
	sum := w.hash.Add(string(ledger.AppendEntry(nil, &r.e)))
	switch {
	case broken != nil:
		w.entries.Problem(broken.Error())
		w.suspects = "an entry of it cannot be read"
	case int64(sum) != r.checksum:
		w.entries.Problem(fmt.Sprintf("entry %d (%s) was altered", r.seq, r.e.ID))
		w.suspects = "an entry of it was altered"
	}
	return nil
}

func (w *chainWalk) missing(from, to int64) {
	if to > from {
		w.sequence.Problem(fmt.Sprintf("entries %d to %d are missing", from, to))
	} else {
		w.sequence.Problem(fmt.Sprintf("entry %d is missing", from))
	}
	w.suspects = "entries of it are missing"
}

// turn closes the links that end before seq, and begins the one that holds it.
func (w *chainWalk) turn(ctx context.Context, seq int64) error {
	for {
		if len(w.links) == 0 {
			if err := w.load(ctx); err != nil || len(w.links) == 0 {
				return err
			}
		}
		l := w.links[0]
		if !w.in {
			if l.first != w.prev.last+1 {
				w.chain.Problem(fmt.Sprintf("the links of entries %d to %d are missing", w.prev.last+1, l.first-1))
			}
			w.hash.Begin(w.prev.hash, l.first)
			w.in = true
		}
		if seq <= l.last {
			return nil
		}
		w.close(l)
	}
}

// close compares a link with what its entries make.
func (w *chainWalk) close(l link) {
	w.chain.Count++
	if w.hash.Sum() != l.hash {
		why := w.suspects
		if why == "" {
			why = "an entry was altered together with its checksum, or this link or the one before it was"
		}
		w.chain.Problem(fmt.Sprintf("the link of entries %d to %d does not fit: %s", l.first, l.last, why))
	}
	w.prev, w.links, w.in, w.suspects = l, w.links[1:], false, ""
}

func (w *chainWalk) load(ctx context.Context) error {
	rows, err := w.store.readers.QueryContext(ctx,
		"SELECT first, last, hash FROM chain WHERE last > ? AND last <= ? ORDER BY last LIMIT 1000", w.prev.last, w.end)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var l link
		var hash []byte
		if err := rows.Scan(&l.first, &l.last, &hash); err != nil {
			return err
		}
		if copy(l.hash[:], hash) != len(l.hash) {
			w.chain.Problem(fmt.Sprintf("the link of entries %d to %d has no hash", l.first, l.last))
		}
		w.links = append(w.links, l)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// finish closes what is left after the last entry.
func (w *chainWalk) finish(ctx context.Context) error {
	if w.seq < w.end {
		w.missing(w.seq+1, w.end)
	}
	return w.turn(ctx, w.end+1)
}
