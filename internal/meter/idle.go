package meter

import (
	"io"
	"sync"
	"time"
)

// idleWatch closes a body when nothing has come of it for too long, which ends the
// read that waits for it.
type idleWatch struct {
	mu    sync.Mutex
	body  io.Closer
	limit time.Duration
	timer *time.Timer // nil: no limit
	last  time.Time
	done  bool
	fired bool
}

// start begins to watch; a limit of 0 is none.
func (i *idleWatch) start(body io.Closer, limit time.Duration) {
	if limit <= 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.body, i.limit, i.last = body, limit, time.Now()
	i.timer = time.AfterFunc(limit, i.check)
}

// saw notes that something came. It returns false when that was too late: the body
// is being closed, and what came of it may be no longer valid.
func (i *idleWatch) saw() bool {
	if i.limit <= 0 {
		return true
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = time.Now()
	return !i.fired
}

// stop ends the watch and reports whether it closed the body.
func (i *idleWatch) stop() bool {
	if i.limit <= 0 {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.done = true
	i.timer.Stop()
	return i.fired
}

// check is the timer's.
func (i *idleWatch) check() {
	i.mu.Lock()
	rest := i.limit - time.Since(i.last)
	if !i.done && rest > 0 {
		i.timer.Reset(rest)
	}
	i.fired = i.fired || !i.done && rest <= 0
	fire := i.fired && !i.done
	i.mu.Unlock()
	if fire {
		i.body.Close()
	}
}
