package pool

import "time"

// doubt is how many times faster than it was seen to move a queue may turn out to be,
// before a request is told that it comes too late in it.
const doubt = 2

// forecast estimates how long the newcomer w would wait, and whether that is surely too
// long for it. Two rates tell. No more turns come than the deployments' requests a
// minute, rpm, which the pool never exceeds; 0 is unknown. And once the queue
// was seen to move for a minute, so that every quota was whole again once, it
// is not expected to move more than twice as fast. The estimate is 0 when
// neither is known.
func (l *lane) forecast(w *waiter, rpm int64, now time.Duration) (wait time.Duration, late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.active) == 0 {
		return 0, false
	}
	patience := w.deadline - now
	ahead := l.ahead(w, now+patience/2)
	if rpm > 0 {
		wait = minutes(ahead.requests, rpm)
		late = wait > patience+10*time.Second // the slices may be all free
	}
	l.served.advance(now)
	if seen := l.served.minute; now-l.began >= time.Minute && seen.requests > 0 && seen.tokens > 0 {
		moves := min(minutes(ahead.requests, seen.requests), minutes(ahead.tokens, seen.tokens))
		wait = max(wait, moves)
		late = late || moves > doubt*patience
	}
	return wait, late
}

// minutes is how long n take at so many a minute.
func minutes(n, rate int64) time.Duration {
	return time.Duration(min(float64(n)/float64(rate)*float64(time.Minute), float64(longest)))
}

// ahead is what goes before one more of w's flow: all of its own and, of others, as
// much as their weights give them in that time. Those whose deadline comes
// before leaves do not count: they will be served by then, or gone. Nor does the other
// class for a batch request, which is due some day, or the other groups for one
// whose group is kept a share; l is locked.
func (l *lane) ahead(w *waiter, leaves time.Duration) tally {
	own := l.flows[w.key]
	all := own.stays(leaves)
	per := float64(all.tokens+w.cost) / w.weight
	reserved := l.groups[w.group] != nil && l.groups[w.group].percent > 0
	for _, f := range l.active {
		if f == own || f.batch != w.batch || reserved && f.group != w.group {
			continue
		}
		t := f.stays(leaves)
		if t.tokens == 0 {
			continue
		}
		part := min(1, per*f.weight/float64(t.tokens))
		all.tokens += int64(part * float64(t.tokens))
		all.requests += int64(part * float64(t.requests))
	}
	return all
}

// stays is what waits in f, which may be nil, beyond a time.
func (f *flow) stays(leaves time.Duration) tally {
	var t tally
	if f == nil {
		return t
	}
	for _, w := range f.line {
		if w.deadline >= leaves {
			t.add(tally{w.cost, 1}, 1)
		}
	}
	return t
}
