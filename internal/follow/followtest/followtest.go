// Package followtest holds the suite that every follower of the ledger passes, and a
// ledger and cursors in memory to follow in tests.
package followtest

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate/internal/follow"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Subject is a follower, for one test.
type Subject struct {
	// Open makes the follower anew, as a start of the gateway does: what it has for good
	// is still there, what it had in memory is not. The cursors are for one that keeps
	// none of its own.
	Open func(*Log, *Cursors) follow.Follower
	// State tells what came of the entries, such that entries that are lost, or that
	// count twice, make a difference.
	State func() string
}

// Run holds a kind of follower against what follow.Follower promises: whatever happens to
// it, of the entries comes what comes of them when nothing happens. fresh returns one that
// has nothing yet.
func Run(t *testing.T, fresh func() Subject) {
	for _, test := range []struct {
		name string
		run  func(*run)
	}{
		{"it is stopped and started while entries come", stopped},
		{"it is killed between the entries and its cursor", killed},
		{"the log cannot be read", unreadable},
		{"it fails before it has the entries", failing},
		{"it fails when it has them", failingBehind},
		{"its cursor moves, and the answer is lost", unanswered},
		{"it is far behind, and another is not", behind},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				straight := newRun(fresh())
				straight.log.Add(entries)
				straight.until(entries)
				r := newRun(fresh())
				test.run(r)
				if got, want := r.State(), straight.State(); got != want {
					t.Errorf("of the entries came\n%s\nand when nothing happens comes\n%s", got, want)
				}
			})
		})
	}
}

// entries is how many entries each test has: several pages.
const entries = 1000

// run is a test under way.
type run struct {
	Subject
	log     *Log
	cursors *Cursors
	// follow, if not nil, stands before the follower's own.
	follow func(ctx context.Context, took []ledger.Numbered, own func() error) error
}

func newRun(s Subject) *run { return &run{Subject: s, log: new(Log), cursors: new(Cursors)} }

// until starts the follower, lets it follow up to an entry, and stops it.
func (r *run) until(seq int64) {
	r.to(follow.New(r.log, r.log.Moved, nil), seq)
}

func (r *run) to(g *follow.Group, seq int64) {
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	f := &watched{Follower: r.Open(r.log, r.cursors), run: r, seq: seq, kill: kill}
	g.Run(ctx, f, nil)
}

// watched is a follower that is killed as soon as it has an entry.
type watched struct {
	follow.Follower
	run  *run
	seq  int64
	kill context.CancelFunc
}

func (w *watched) Progress(ctx context.Context) (int64, error) {
	at, err := w.Follower.Progress(ctx)
	if err == nil && at >= w.seq { // it had it before it was killed
		w.kill()
	}
	return at, err
}

func (w *watched) Follow(ctx context.Context, took []ledger.Numbered) error {
	own := func() error { return w.Follower.Follow(ctx, took) }
	var err error
	if w.run.follow != nil {
		err = w.run.follow(ctx, took, own)
	} else {
		err = own()
	}
	if err == nil && took[len(took)-1].Seq >= w.seq {
		w.kill()
	}
	return err
}

func stopped(r *run) {
	for n := int64(100); n <= entries; n += 100 {
		go func() {
			time.Sleep(time.Millisecond)
			r.log.Add(100)
		}()
		r.until(n)
	}
}

func killed(r *run) {
	r.log.Add(entries)
	for n := int64(200); n <= entries; n += 200 {
		var dead atomic.Bool
		r.cursors.Before = func() error {
			if dead.Load() {
				return errBroken
			}
			return nil
		}
		ctx, kill := context.WithCancel(context.Background())
		f := &watched{Follower: r.Open(r.log, r.cursors), run: r, seq: n, kill: kill}
		r.follow = func(_ context.Context, took []ledger.Numbered, own func() error) error {
			if took[len(took)-1].Seq >= n {
				dead.Store(true)
				defer kill()
			}
			return own()
		}
		follow.New(r.log, r.log.Moved, nil).Run(ctx, f, nil)
		kill()
	}
	r.cursors.Before, r.follow = nil, nil
	r.until(entries)
}

func unreadable(r *run) {
	r.log.Add(entries)
	r.log.Fail = every(3)
	r.until(entries)
}

// every returns a function that fails each n-th time.
func every(n int64) func() error {
	var calls atomic.Int64
	return func() error {
		if calls.Add(1)%n == 0 {
			return errBroken
		}
		return nil
	}
}

func failing(r *run) {
	r.log.Add(entries)
	fail := every(2)
	r.follow = func(_ context.Context, _ []ledger.Numbered, own func() error) error {
		if err := fail(); err != nil {
			return err
		}
		return own()
	}
	r.until(entries)
}

func failingBehind(r *run) {
	r.log.Add(entries)
	r.cursors.Before = every(2)
	r.until(entries)
}

func unanswered(r *run) {
	r.log.Add(entries)
	fail := every(2)
	r.follow = func(_ context.Context, _ []ledger.Numbered, own func() error) error {
		if err := own(); err != nil {
			return err
		}
		return fail()
	}
	r.until(entries)
}

func behind(r *run) {
	r.log.Add(entries)
	g := follow.New(r.log, r.log.Moved, nil)
	other := &run{log: r.log, cursors: new(Cursors), Subject: Subject{Open: func(_ *Log, c *Cursors) follow.Follower {
		return follow.Kept("another", c, func(context.Context, []ledger.Numbered) error { return nil })
	}}}
	ended := make(chan struct{})
	go func() { defer close(ended); other.to(g, entries) }()
	r.follow = func(_ context.Context, _ []ledger.Numbered, own func() error) error {
		time.Sleep(time.Minute)
		return own()
	}
	r.to(g, entries)
	<-ended
}
