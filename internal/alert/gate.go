package alert

import (
	"context"
	"sync"
	"time"
)

const (
	// firstQuiet is how long alerts of one limit and kind are gathered after one went out;
	// in the same window each time twice as long as the time before, up to mostQuiet.
	firstQuiet = 5 * time.Minute
	mostQuiet  = 6 * time.Hour
	// burst is how many alerts go out at once, and refill how long until one more may.
	burst  = 20
	refill = 30 * time.Second
	// samples is how many of the gathered are named.
	samples = 5
)

// Gate lets alerts through as far as somebody can read them: the first of each limit,
// kind and window at once, and what comes after it gathered, less and less often. A limit
// for each attendee has as many alerts as somebody makes up names; they must not bury the
// others, nor make a chat system shut the webhook out. Safe for concurrent use.
type Gate struct {
	// Out hears of every alert that goes out, one at a time. It must not block.
	Out func(Alert)

	mu     sync.Mutex
	gather map[topic]*gathered
	tokens float64
	since  time.Time // when tokens was right
}

// topic is what alerts are gathered by.
type topic struct{ kind, limit string }

// gathered are the alerts of a topic that wait.
type gathered struct {
	last  Alert
	names []string
	n     int
	quiet time.Duration
	until time.Time
}

// Add lets an alert through, or keeps it for later.
func (g *Gate) Add(a Alert) {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gather == nil {
		g.gather, g.tokens, g.since = make(map[topic]*gathered), burst, now
	}
	t := g.gather[topic{a.Kind, a.Limit}]
	if t == nil || newWindow(&t.last, &a, t.until, now) {
		if t == nil {
			t = new(gathered)
			g.gather[topic{a.Kind, a.Limit}] = t
		}
		t.quiet = firstQuiet
		if t.n == 0 && g.may(now) {
			t.last, t.until = a, now.Add(t.quiet)
			g.Out(a)
			return
		}
		t.until = now
	}
	t.last = a
	if t.n++; a.Subject != "" && len(t.names) < samples {
		t.names = append(t.names, a.Subject)
	}
}

// newWindow reports whether an alert is of a later window than the last one of its topic.
// Of windows that slide nobody knows; a long silence ends them.
func newWindow(last, a *Alert, until, now time.Time) bool {
	if last.Resets != nil && a.Resets != nil {
		return a.Resets.After(*last.Resets)
	}
	return now.Sub(until) > mostQuiet
}

// may takes one of the alerts that may go out now.
func (g *Gate) may(now time.Time) bool {
	g.tokens = min(burst, g.tokens+float64(now.Sub(g.since))/float64(refill))
	g.since = now
	if g.tokens < 1 {
		return false
	}
	g.tokens--
	return true
}

// Flush lets through what was gathered long enough; all of it, as one alert for each
// limit and kind, if all is set.
func (g *Gate) Flush(all bool) {
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, t := range g.gather {
		switch {
		case t.n == 0 && now.Sub(t.until) > mostQuiet:
			delete(g.gather, k)
		case t.n > 0 && (all || !now.Before(t.until) && g.may(now)):
			g.Out(t.digest())
			t.quiet = min(2*t.quiet, mostQuiet)
			t.n, t.names, t.until = 0, nil, now.Add(t.quiet)
		}
	}
}

// digest is one alert that stands for those that were gathered.
func (t *gathered) digest() Alert {
	a := t.last
	if t.n > 1 || len(t.names) > 1 {
		a.Count, a.Subjects, a.Subject = t.n, t.names, ""
		a.Text = a.Gathered()
	}
	return a
}

// Run flushes every while until ctx ends, and then what is left.
func (g *Gate) Run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			g.Flush(false)
		}
	}
	g.Flush(true)
}
