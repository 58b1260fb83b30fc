package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/tallygate/tallygate"
)

// Reader answers questions about the entries in a store. It is safe for
// concurrent use and never slows the writing side down.
type Reader interface {
	// Read returns up to limit entries with a sequence number above after, in
	// order. Numbers start at 1 and have no holes, so a sink that remembers the
	// last number it passed on misses nothing. An empty result means there is
	// nothing further yet. Entries cost what they were repriced to; a repricing does
	// not give them new numbers.
	Read(ctx context.Context, after int64, limit int) ([]Numbered, error)
	// Last returns the number of the last entry, 0 when there is none.
	Last(ctx context.Context) (int64, error)
	// NumberBefore returns the number before the first of those that began at or after a
	// time, and Last when none did. Entries have their numbers by when they ended: behind
	// it are some that began earlier, too.
	NumberBefore(ctx context.Context, from time.Time) (int64, error)
	// Usage sums entries up. It fails with a *tallygate.Error of kind BadRequest
	// when the query makes no sense.
	Usage(ctx context.Context, q Query) (*Table, error)
	// Since calls each with every entry that is Counted and began at or after from,
	// in the order they began. The entry is only lent; an error of each ends the
	// walk and is returned as it is. Entries added meanwhile may be among them or not.
	Since(ctx context.Context, from time.Time, each func(*tallygate.Entry) error) error
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
	// Reprice works out anew what the entries of a query cost. What an entry was
	// written with stays, and with it the hash chain; the new cost and pricing are
	// kept beside it, replace those of an earlier repricing, and are what Read,
	// Since and Usage show from then on. It goes in small steps between which
	// Append has its turn; when it ends early, Repriced says how far it came and
	// what was done stays done. price is called by one goroutine at a time, with
	// the entry as it is now, which is only lent.
	Reprice(ctx context.Context, q RepriceQuery, price PriceFunc) (Repriced, error)
}

// PriceFunc says what an entry costs and how that is known.
type PriceFunc = func(*tallygate.Entry) (tallygate.Money, tallygate.Pricing)

// RepriceQuery says which entries are repriced.
type RepriceQuery struct {
	// From and To bound the time the request began: From included, To excluded. A
	// zero time means no bound.
	From, To time.Time
	// Where filters as Query.Where does.
	Where map[string][]string
}

// Plan checks the query as Query.Plan does.
func (q RepriceQuery) Plan() (*Plan, error) {
	return Query{From: q.From, To: q.To, Where: q.Where}.Plan()
}

// Repriced is what came of a repricing.
type Repriced struct {
	// Entries were looked at; Changed counts those whose cost or pricing is now
	// another.
	Entries, Changed int64
	// Before and After are what those looked at cost, summed up as in a Row.
	Before, After tallygate.Money
}

// Price asks price about e, adds the answer, and reports whether it is another
// than e has. The answer is held within the bounds that the ledger keeps.
func (r *Repriced) Price(e *tallygate.Entry, price PriceFunc) (cost tallygate.Money, pricing tallygate.Pricing, changed bool) {
	cost, pricing = price(e)
	cost, pricing = clampMoney(cost), pricing.Known()
	changed = cost != e.Cost || pricing != e.Pricing
	r.Entries++
	r.Changed += int64(flag(changed))
	r.Before, r.After = AddMoney(r.Before, e.Cost), AddMoney(r.After, cost)
	return cost, pricing, changed
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
