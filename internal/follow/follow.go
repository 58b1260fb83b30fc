// Package follow lets others follow the ledger, each at its own pace: what reads each
// entry once, in the order of their numbers, and goes on after a failure, a restart or a
// kill where it was. Nothing waits for a follower, and none for another.
//
// A [Follower] says itself how far it has come. One that keeps that number in the same
// transaction as what it made of the entries has each of them exactly once; so has one
// that keeps all of it in memory. What cannot is made a follower by [Kept]: it is given
// each entry at least once, and sees by its number when it comes again.
package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tallygate/tallygate/internal/ledger"
)

// Follower is who follows a ledger. Its methods are called by one goroutine.
type Follower interface {
	// Name tells it from the others, in cursors, metrics and logs.
	Name() string
	// Progress is the number of the last entry that it has for good; 0 is none. It is
	// asked at the start, and again after each failure. It may take its time.
	Progress(ctx context.Context) (int64, error)
	// Follow takes the entries that come next, in the order of their numbers. It returns
	// nil when it has all of them for good; after an error it may have some. They are
	// shared with other followers: it must change none. It must return soon after ctx
	// ends.
	Follow(ctx context.Context, entries []ledger.Numbered) error
}

// Log is the part of a ledger that is followed.
type Log interface {
	// Read and Last are those of ledger.Reader.
	Read(ctx context.Context, after int64, limit int) ([]ledger.Numbered, error)
	Last(ctx context.Context) (int64, error)
}

// ErrAhead says that a follower has come further than the ledger has entries: one of them
// was put back to what it was before. To go on would be to miss what comes next.
var ErrAhead = errors.New("the follower has come further than the ledger's end")

const (
	// page is how many entries are read at once, and rest what is left to others after
	// it: on a single processor, the network is looked at when nothing else is ready.
	page = 128
	rest = 200 * time.Microsecond
	// firstPause is how long a follower that failed is left alone; twice as long each
	// time, up to mostPause.
	firstPause = time.Second
	mostPause  = time.Minute
)

// Group is the followers of one ledger, for which it is read once where they are close to
// each other. Safe for concurrent use.
type Group struct {
	log   Log
	moved func() <-chan struct{}
	errs  *slog.Logger
	turn  chan struct{} // held while the log is read
	late  []ledger.Numbered

	mu sync.Mutex
	at map[string]int64 // the progress of each follower that is known
}

// New returns a group that reads a log. moved returns a channel that is closed when there
// is more in the log than when it was called. errs hears of failures; nil discards them.
func New(log Log, moved func() <-chan struct{}, errs *slog.Logger) *Group {
	if errs == nil {
		errs = slog.New(slog.DiscardHandler)
	}
	return &Group{log: log, moved: moved, errs: errs, turn: make(chan struct{}, 1), at: make(map[string]int64)}
}

// Run lets a follower follow until ctx ends. After a failure it is tried again, from
// where it says that it is. did, if not nil, hears of each failure, and of success
// whenever the follower has come to the log's end.
func (g *Group) Run(ctx context.Context, f Follower, did func(error)) {
	if did == nil {
		did = func(error) {}
	}
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		went, err := g.follow(ctx, f, did)
		if ctx.Err() != nil {
			return
		}
		if went {
			pause = firstPause
		}
		did(err)
		g.errs.Error("a follower of the ledger failed; it is tried again from where it is", "follower", f.Name(), "in", pause.String(), "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// follow gives a follower what it does not have yet, until that fails or ctx ends; went
// says that it took some.
func (g *Group) follow(ctx context.Context, f Follower, did func(error)) (went bool, err error) {
	at, err := f.Progress(ctx)
	if err != nil {
		return false, fmt.Errorf("ask how far it is: %w", err)
	}
	last, err := g.log.Last(ctx)
	switch {
	case err != nil:
		return false, err
	case at > last:
		return false, fmt.Errorf("%w: it is at %d, the ledger ends with %d", ErrAhead, at, last)
	}
	for {
		g.note(f.Name(), at)
		moved := g.moved() // before the log is read, lest something comes between
		entries, err := g.read(ctx, at)
		if err != nil {
			return went, err
		}
		var next <-chan time.Time
		if len(entries) == 0 {
			did(nil)
		} else {
			if err := f.Follow(ctx, entries); err != nil {
				return went, fmt.Errorf("entries %d to %d: %w", entries[0].Seq, entries[len(entries)-1].Seq, err)
			}
			at, went = entries[len(entries)-1].Seq, true
			next, moved = time.After(rest), nil
		}
		select {
		case <-next:
		case <-moved:
		case <-ctx.Done():
			return went, ctx.Err()
		}
	}
}

// read returns the entries after one, from the log unless another follower has just read
// them; none when there is none yet.
func (g *Group) read(ctx context.Context, after int64) ([]ledger.Numbered, error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-g.turn }()
	if n := len(g.late); n > 0 && g.late[0].Seq <= after+1 && after < g.late[n-1].Seq {
		i, _ := slices.BinarySearchFunc(g.late, after+1, func(e ledger.Numbered, seq int64) int { return int(e.Seq - seq) })
		return slices.Clip(g.late[i:]), nil
	}
	got, err := g.log.Read(ctx, after, page)
	if n := len(got); err == nil && n > 0 && (len(g.late) == 0 || got[n-1].Seq > g.late[len(g.late)-1].Seq) {
		g.late = got
	}
	return got, err
}

func (g *Group) note(name string, at int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at[name] = at
}

// Lags returns how many entries each follower has still to take, by its name, of those
// that have said how far they are.
func (g *Group) Lags(ctx context.Context) (map[string]int64, error) {
	last, err := g.log.Last(ctx)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	lags := make(map[string]int64, len(g.at))
	for name, at := range g.at {
		lags[name] = max(last-at, 0)
	}
	return lags, nil
}
