package ledger

import (
	"context"
	"errors"

	"github.com/tallygate/tallygate"
)

// Reader answers questions about the entries in a store. It is safe for
// concurrent use and never slows the writing side down.
type Reader interface {
	// Read returns up to limit entries with a sequence number above after, in
	// order. Numbers start at 1 and have no holes, so a sink that remembers the
	// last number it passed on misses nothing. An empty result means there is
	// nothing further yet.
	Read(ctx context.Context, after int64, limit int) ([]Numbered, error)
	// Usage sums entries up. It fails with a *tallygate.Error of kind BadRequest
	// when the query makes no sense.
	Usage(ctx context.Context, q Query) (*Table, error)
	// Verify checks everything that can be checked and tells what it found; the
	// error is only for not being able to look. progress, if not nil, is called
	// now and then with the number of entries checked so far and of all.
	Verify(ctx context.Context, progress func(done, total int64)) (*Report, error)
	// Close releases the store. It waits for what is running.
	Close() error
}

// Store keeps entries for good. The ledger is its only writer.
type Store interface {
	Reader
	// Cursor returns the number of the journal's last record that the store has
	// taken in, 0 for a journal it has never seen.
	Cursor(ctx context.Context, journal JournalID) (int64, error)
	// Append adds the batch and moves the journal's cursor from b.After to b.Upto,
	// both or neither, and returns only when it would survive a power cut. When
	// the cursor is not at b.After it returns ErrOutOfStep and changes nothing. It
	// keeps nothing of b.
	Append(ctx context.Context, b Batch) error
}

// ErrOutOfStep is returned by Store.Append when the store's cursor is not where
// the batch begins: the batch, or a part of it, is already there.
var ErrOutOfStep = errors.New("the store's cursor is not where the batch begins")

// JournalID tells journals apart, so that several gateways can share one store
// and a store never mistakes one journal's numbers for another's.
type JournalID [16]byte

// Batch is a run of a journal's records: the finished entries among those with
// numbers above After and up to Upto. It may hold no entry at all.
type Batch struct {
	Journal     JournalID
	After, Upto int64
	Entries     []Canonical
	// Gently asks the store to let others have the processor every now and then,
	// since nobody waits for this batch and requests may be on their way.
	Gently bool
}

// Canonical is an entry as every store keeps it, together with its canonical
// encoding (see AppendEntry), of which the entry was made.
type Canonical struct {
	tallygate.Entry
	Encoding string
}

// Numbered is an entry with its place in the store.
type Numbered struct {
	Seq int64
	tallygate.Entry
}

// Report is what a verification found.
type Report struct {
	// Checks are the checks made, in order, those that passed too.
	Checks []Check
}

// Check is one thing that was looked at.
type Check struct {
	// Name says what was checked, such as "sequence is dense".
	Name string
	// Count is how many things were looked at; Unit names them ("entries").
	Count int64
	Unit  string
	// Problems name what is wrong and where; none when all is well. At most
	// MaxProblems are kept; Found counts them all.
	Problems []string
	Found    int64
}

// MaxProblems bounds Check.Problems.
const MaxProblems = 100

// OK reports whether every check passed.
func (r *Report) OK() bool {
	for i := range r.Checks {
		if r.Checks[i].Found > 0 {
			return false
		}
	}
	return true
}

// Problem adds a problem to the check.
func (c *Check) Problem(text string) {
	c.Found++
	if len(c.Problems) < MaxProblems {
		c.Problems = append(c.Problems, text)
	}
}
