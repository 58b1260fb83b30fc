package follow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tallygate/tallygate/internal/follow"
	"github.com/tallygate/tallygate/internal/follow/followtest"
	"github.com/tallygate/tallygate/internal/ledger"
)

// One that keeps its number with what it made of the entries, as in one transaction, has
// each of them once.
func TestOwnCursor(t *testing.T) {
	followtest.Run(t, func() followtest.Subject {
		d := new(disk)
		return followtest.Subject{Open: func(*followtest.Log, *followtest.Cursors) follow.Follower { return own{d} }, State: d.state}
	})
}

// One whose cursor is kept for it has each of them at least once, and tells by the number
// which it has.
func TestKept(t *testing.T) {
	followtest.Run(t, func() followtest.Subject {
		d := &disk{has: make(map[int64]bool)}
		open := func(_ *followtest.Log, c *followtest.Cursors) follow.Follower {
			return follow.Kept("sink", c, func(_ context.Context, took []ledger.Numbered) error {
				for i := range took {
					if d.tries++; d.tries%300 == 0 {
						return errors.New("the disk is full")
					}
					if !d.has[took[i].Seq] {
						d.take(&took[i])
					}
					d.has[took[i].Seq] = true
				}
				return nil
			})
		}
		return followtest.Subject{Open: open, State: d.state}
	})
}

// disk survives kills.
type disk struct {
	at, n, tokens int64
	order         []string
	has           map[int64]bool
	tries         int
}

func (d *disk) take(e *ledger.Numbered) {
	d.n, d.tokens = d.n+1, d.tokens+e.Usage.Total
	d.order = append(d.order, fmt.Sprint(e.Seq))
}

func (d *disk) state() string {
	return fmt.Sprintf("%d entries, %d tokens, in the order %s", d.n, d.tokens, strings.Join(d.order, " "))
}

type own struct{ *disk }

func (o own) Name() string                            { return "own" }
func (o own) Progress(context.Context) (int64, error) { return o.at, nil }
func (o own) Follow(_ context.Context, took []ledger.Numbered) error {
	for i := range took {
		o.take(&took[i])
		o.at = took[i].Seq
	}
	return nil
}

// scene is a group of followers of a log.
type scene struct {
	log     followtest.Log
	group   *follow.Group
	cursors followtest.Cursors

	mu     sync.Mutex
	broken error // what is wrong with the follower bad
	tries  int
	told   map[string]error // what followers told last
}

func (s *scene) start(t *testing.T, names ...string) {
	if s.group == nil {
		s.group, s.told = follow.New(&s.log, s.log.Moved, nil), make(map[string]error)
	}
	for _, name := range names {
		f := follow.Kept(name, &s.cursors, func(context.Context, []ledger.Numbered) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if name != "bad" {
				return nil
			}
			s.tries++
			return s.broken
		})
		go s.group.Run(t.Context(), f, func(err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.told[name] = err
		})
	}
	synctest.Wait()
}

// after tells, when a time has passed, how far behind the followers are, how often bad was
// tried, and what it told.
func (s *scene) after(t *testing.T, d time.Duration) (lags string, tries int, told error) {
	t.Helper()
	time.Sleep(d)
	synctest.Wait()
	l, err := s.group.Lags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(l), s.tries, s.told["bad"]
}

// One that fails is tried again, less and less often, tells why, and falls behind;
// another beside it does not.
func TestOneThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("no route to host")
		s := &scene{broken: broken}
		s.start(t, "bad", "good")
		if lags, _, told := s.after(t, 0); lags != "map[bad:0 good:0]" || told != nil {
			t.Errorf("of nothing the lags are %s, and it told %v", lags, told)
		}
		s.log.Add(10)
		lags, tries, told := s.after(t, 10*time.Second)
		if lags != "map[bad:10 good:0]" || tries != 4 { // at 0, 1, 3 and 7 s
			t.Errorf("the lags are %s; it was tried %d times", lags, tries)
		}
		if !errors.Is(told, broken) || !strings.Contains(told.Error(), "entries 1 to 10") {
			t.Errorf("it told %v", told)
		}
		s.mu.Lock()
		s.broken = nil
		s.mu.Unlock()
		if lags, _, told := s.after(t, 10*time.Second); lags != "map[bad:0 good:0]" || told != nil {
			t.Errorf("then the lags are %s, and it told %v", lags, told)
		}
	})
}

// Followers that are close to each other share what is read.
func TestReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(scene)
		s.start(t, "one", "two", "three")
		before := s.log.Reads()
		s.log.Add(100)
		s.after(t, time.Second)
		if got := s.log.Reads() - before; got > 1+3 { // the entries, and that there are no more
			t.Errorf("three followers read %d times", got)
		}
	})
}

// Whoever is further than the ledger goes no further, and says so: it would miss what
// gets the numbers that it had.
func TestAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(followtest.Log)
		log.Add(5)
		var told error
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		f := own{&disk{at: 6}}
		follow.New(log, log.Moved, nil).Run(ctx, f, func(err error) { told = err })
		if !errors.Is(told, follow.ErrAhead) || f.n > 0 {
			t.Errorf("it took %d entries and told %v", f.n, told)
		}
	})
}
