package followtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Log is a ledger in memory. The zero Log is empty. Safe for concurrent use.
type Log struct {
	// Fail, if not nil, is asked before each look at the log.
	Fail func() error

	mu    sync.Mutex
	all   []ledger.Numbered
	moved chan struct{}
	reads int
}

// Add adds so many entries of the event oslo, of seven people and three models, some of
// which were refused or failed.
func (l *Log) Add(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		i := len(l.all)
		e := tallygate.Entry{Event: "oslo", Attendee: fmt.Sprint("person-", i%7), Began: time.Now(), Outcome: tallygate.Answered, Counted: true}
		e.Ask.Model, e.Usage = fmt.Sprint("model-", i%3), tallygate.Usage{Source: tallygate.Exact, Total: int64(i)}
		switch {
		case i%5 == 4:
			e.Outcome, e.Counted = tallygate.Refused, false
		case i%11 == 10:
			e.Outcome = tallygate.Failed
		}
		l.all = append(l.all, ledger.Numbered{Seq: int64(i + 1), Entry: e})
	}
	if l.moved != nil {
		close(l.moved)
		l.moved = nil
	}
}

// Moved returns a channel that is closed by the next Add.
func (l *Log) Moved() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moved == nil {
		l.moved = make(chan struct{})
	}
	return l.moved
}

// Reads counts the looks at entries.
func (l *Log) Reads() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

// Read is that of ledger.Reader.
func (l *Log) Read(_ context.Context, after int64, limit int) ([]ledger.Numbered, error) {
	if err := l.fails(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	from := min(max(after, 0), int64(len(l.all)))
	return append([]ledger.Numbered(nil), l.all[from:min(from+int64(limit), int64(len(l.all)))]...), nil
}

// Last is that of ledger.Reader.
func (l *Log) Last(context.Context) (int64, error) {
	if err := l.fails(); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.all)), nil
}

// NumberBefore is that of ledger.Reader.
func (l *Log) NumberBefore(_ context.Context, from time.Time) (int64, error) {
	if err := l.fails(); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.all {
		if !l.all[i].Began.Before(from) {
			return int64(i), nil
		}
	}
	return int64(len(l.all)), nil
}

func (l *Log) fails() error {
	if l.Fail == nil {
		return nil
	}
	return l.Fail()
}

// Cursors keeps cursors in memory. The zero Cursors has none. Safe for concurrent use.
type Cursors struct {
	// Before, if not nil, is asked before each move, and After when it was made; an error
	// of either is returned.
	Before, After func() error

	mu sync.Mutex
	at map[string]int64
}

// Followed implements follow.Cursors.
func (c *Cursors) Followed(_ context.Context, name string) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[name], nil
}

// Move implements follow.Cursors.
func (c *Cursors) Move(_ context.Context, name string, from, to int64) error {
	if c.Before != nil {
		if err := c.Before(); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[name] != from {
		return ledger.ErrOutOfStep
	}
	if c.at == nil {
		c.at = make(map[string]int64)
	}
	c.at[name] = to
	if c.After != nil {
		return c.After()
	}
	return nil
}

// errBroken is what fails in tests.
var errBroken = errors.New("broken on purpose")
