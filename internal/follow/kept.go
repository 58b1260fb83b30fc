package follow

import (
	"context"
	"fmt"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Cursors keeps, for followers that cannot, how far they have come.
type Cursors interface {
	// Followed returns the number of the last entry that a follower has; 0 for one that
	// never had any.
	Followed(ctx context.Context, name string) (int64, error)
	// Move notes that a follower has the entries after one number, up to another, and
	// returns when that would survive a power cut. When it is not where the move begins,
	// Move returns ledger.ErrOutOfStep and changes nothing.
	Move(ctx context.Context, name string, from, to int64) error
}

// Kept makes a follower of a function that takes entries, with its cursor kept for it.
// Each entry is given at least once: what it was given last before a failure or a kill
// comes again, and maybe more behind it. The number of an entry never changes, so it is
// what to tell by whether it was there before.
func Kept(name string, cursors Cursors, take func(context.Context, []ledger.Numbered) error) Follower {
	return &kept{name: name, cursors: cursors, take: take}
}

type kept struct {
	name    string
	cursors Cursors
	take    func(context.Context, []ledger.Numbered) error
	at      int64
}

func (k *kept) Name() string { return k.name }

func (k *kept) Progress(ctx context.Context) (at int64, err error) {
	k.at, err = k.cursors.Followed(ctx, k.name)
	return k.at, err
}

func (k *kept) Follow(ctx context.Context, entries []ledger.Numbered) error {
	if err := k.take(ctx, entries); err != nil {
		return err
	}
	to := entries[len(entries)-1].Seq
	// What was taken is taken, also when there is to be no more.
	if err := k.cursors.Move(context.WithoutCancel(ctx), k.name, k.at, to); err != nil {
		return fmt.Errorf("keep how far it is: %w", err)
	}
	k.at = to
	return nil
}
