package proxy

import (
	"slices"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/limit"
)

// Later keeps the requests whose work goes on in the background: they are answered
// before anybody knows what they will use. Each keeps its hold, and its entry open, until
// an answer to a later request shows its end and its usage; then it is settled and
// recorded, once. What nobody asks for, what is too old or one too many, and what is
// left when the gateway stops, counts at its hold, as it does after a crash. All
// configurations of a gateway share one; the zero value is ready. Safe for concurrent
// use.
type Later struct {
	mu sync.Mutex
	// coming are the ids of what entries that are still being closed will be.
	coming map[tallygate.ID]string
	open   map[string]*unfinished
	order  []string       // of open, the oldest first; those settled since too, not many
	by     map[string]int // how many of open each payer has
	// ends are what was said of ids that nobody waited for: the end of a short work can
	// be told before the entry of its request is closed.
	ends   map[string]ending
	recent []string
}

// unfinished is a request that is settled later.
type unfinished struct {
	line  *Proxy
	entry *tallygate.Entry
	hold  *limit.Hold
}

// ending is how a work in the background ended.
type ending struct {
	usage  tallygate.Usage
	status string
}

const (
	maxUnfinished = 4096
	maxEnds       = 256
	// patience is how long one waits for the end of a work in the background.
	patience = 6 * time.Hour
)

// expect says that the request of an entry goes on under an id. A nil Later expects
// nothing.
func (l *Later) expect(e *tallygate.Entry, id string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin()
	l.coming[e.ID] = id
}

// begin makes the zero value ready. Called with mu held.
func (l *Later) begin() {
	if l.coming == nil {
		l.coming, l.open, l.ends = make(map[tallygate.ID]string), make(map[string]*unfinished), make(map[string]ending)
		l.by = make(map[string]int)
	}
}

// keep takes over the entry and the hold of a request that goes on, and returns false
// for any other.
func (l *Later) keep(p *Proxy, e *tallygate.Entry, hold *limit.Hold) bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	id, ok := l.coming[e.ID]
	if !ok {
		l.mu.Unlock()
		return false
	}
	delete(l.coming, e.ID)
	u := &unfinished{p, e, hold}
	end, ended := l.ends[id]
	var late []*unfinished
	if !ended {
		late = l.add(id, u)
	}
	l.mu.Unlock()
	hold.Rest()
	for _, old := range late {
		old.line.record(old.entry, old.hold)
	}
	if ended {
		u.settle(end)
	}
	return true
}

// add adds one, and returns those it takes the place of: of who has the most, the oldest.
// So however many somebody begins, they are in nobody else's way. Called with mu held.
func (l *Later) add(id string, u *unfinished) (late []*unfinished) {
	if old := l.take(id); old != nil {
		late = append(late, old) // an id of two works tells of neither
	}
	l.open[id], l.order = u, append(l.order, id)
	l.by[payer(u.entry)]++
	for len(l.open) > maxUnfinished {
		late = append(late, l.take(l.oldestOfMost()))
	}
	if len(l.order) > 2*maxUnfinished {
		l.order = slices.DeleteFunc(l.order, func(id string) bool { return l.open[id] == nil })
	}
	return late
}

// take takes one out; nil when there is none of the id. Called with mu held.
func (l *Later) take(id string) *unfinished {
	u := l.open[id]
	if u == nil {
		return nil
	}
	delete(l.open, id)
	if by := payer(u.entry); l.by[by] > 1 {
		l.by[by]--
	} else {
		delete(l.by, by)
	}
	return u
}

// oldestOfMost is the oldest of the payer who has the most. Called with mu held.
func (l *Later) oldestOfMost() (id string) {
	most, n := "", 0
	for who, k := range l.by {
		if k > n {
			most, n = who, k
		}
	}
	i := slices.IndexFunc(l.order, func(id string) bool { return l.open[id] != nil && payer(l.open[id].entry) == most })
	return l.order[i]
}

// ended says how the work of an id ended, as an answer shows it.
func (l *Later) ended(id string, end ending) {
	if l == nil || id == "" {
		return
	}
	l.mu.Lock()
	l.begin()
	u := l.take(id)
	if u == nil {
		l.remember(id, end)
	}
	l.mu.Unlock()
	if u != nil {
		u.settle(end)
	}
}

// remember keeps an end for a moment. Called with mu held.
func (l *Later) remember(id string, end ending) {
	if _, known := l.ends[id]; known {
		return
	}
	l.ends[id], l.recent = end, append(l.recent, id)
	if len(l.recent) > maxEnds {
		delete(l.ends, l.recent[0])
		l.recent = l.recent[1:]
	}
}

// settle settles the request with what it used.
func (u *unfinished) settle(end ending) {
	e := u.entry
	e.Usage, e.Finish = end.usage, end.status
	if !e.Usage.Known() {
		e.Usage.Source = tallygate.Exact // nothing, and that is known
	}
	u.line.settle(e, false)
	u.line.record(e, u.hold)
}

// Expire records at their holds those that began so long ago that nobody will tell their
// ends.
func (l *Later) Expire(now time.Time) { l.giveUp(now.Add(-patience)) }

// Close records at their holds all that are left.
func (l *Later) Close() { l.giveUp(time.Now().Add(time.Hour)) }

func (l *Later) giveUp(before time.Time) {
	l.mu.Lock()
	var late []*unfinished
	for len(l.order) > 0 {
		u := l.open[l.order[0]]
		if u != nil && u.entry.Began.After(before) {
			break
		}
		if u != nil {
			late = append(late, l.take(l.order[0]))
		}
		l.order = l.order[1:]
	}
	l.mu.Unlock()
	for _, u := range late {
		u.line.record(u.entry, u.hold)
	}
}

// final reports whether a response's status is its last.
func final(status string) bool {
	switch status {
	case "", "queued", "in_progress":
		return false
	}
	return true
}
