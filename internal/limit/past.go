package limit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// Past is what the ledger tells of requests that count (tallygate.Entry.Counted).
type Past interface {
	// Sums returns what requests that began at or after from have used, a row for
	// every combination of values of the dimensions. A zero from means all.
	Sums(ctx context.Context, from time.Time, by []tallygate.Dimension) ([]Sum, error)
	// Since calls each with every request that began at or after from, in any order.
	Since(ctx context.Context, from time.Time, each func(*tallygate.Entry) error) error
}

// Sum is what requests of some values have used. Values that were not asked for
// are empty.
type Sum struct {
	Values   [tallygate.Dimensions]string
	Requests int64
	// Usage is what they used together; its parts are not in it.
	Usage tallygate.Usage
	Cost  tallygate.Money
}

// recall gives the accounts of rules what was used before they were made.
func (l *Limits) recall(ctx context.Context, rules []*rule) error {
	if l.opt.Past == nil {
		return nil
	}
	now := time.Now().UnixNano()
	var sliding []*rule
	for _, r := range rules {
		switch {
		case r.Quantity == tallygate.Concurrent:
		case r.Period == tallygate.Sliding:
			sliding = append(sliding, r)
		default:
			if err := l.recallWindow(ctx, r, now); err != nil {
				return fmt.Errorf("what was used of the limit %q so far: %w", r.Name, err)
			}
		}
	}
	if err := l.recallSliding(ctx, sliding, now); err != nil {
		return fmt.Errorf("what was used lately: %w", err)
	}
	return nil
}

// recallWindow puts sums into the running window.
func (l *Limits) recallWindow(ctx context.Context, r *rule, now int64) error {
	probe := &account{group: r.group}
	probe.begin(now)
	var from time.Time
	if probe.bounded() {
		from = time.Unix(0, probe.spans[probe.newest].start)
	}
	sums, err := l.opt.Past.Sums(ctx, from, r.dimensions())
	if err != nil {
		return err
	}
	for i := range sums {
		v := values(sums[i].Values)
		v[tallygate.ByModel] = strings.ToLower(v[tallygate.ByModel])
		if !r.about(&v) {
			continue
		}
		n := sums[i].Requests
		if r.Quantity != tallygate.Requests {
			n = r.Quantity.Of(&sums[i].Usage, sums[i].Cost)
		}
		a := r.group.account(r.subjectOf(&v), now)
		a.mu.Lock()
		a.add(a.find(now), n, 0)
		a.mu.Unlock()
	}
	return nil
}

// recallSliding puts the latest entries where they belong in sliding periods.
func (l *Limits) recallSliding(ctx context.Context, rules []*rule, now int64) error {
	if len(rules) == 0 {
		return nil
	}
	longest := slices.MaxFunc(rules, func(a, b *rule) int { return int(a.Length - b.Length) }).Length
	from := time.Unix(0, now-int64(longest)*(slots+1)/slots)
	return l.opt.Past.Since(ctx, from, func(e *tallygate.Entry) error {
		v := entryValues(e)
		for _, r := range rules {
			if !r.about(&v) {
				continue
			}
			a := r.group.account(r.subjectOf(&v), now)
			a.mu.Lock()
			if s := a.find(e.Began.UnixNano()); e.Began.UnixNano() >= s.start {
				a.add(s, used(e, r.Quantity), 0)
			}
			a.mu.Unlock()
		}
		return nil
	})
}

// Correct makes the limits of money follow a correction of what an entry cost, by so
// much: the counters stay what the ledger sums up to. Windows that are over, and
// accounts that nobody has, need none.
func (l *Limits) Correct(e *tallygate.Entry, by tallygate.Money) {
	if !e.Counted || by == 0 {
		return
	}
	v := entryValues(e)
	now, began := time.Now().UnixNano(), e.Began.UnixNano()
	seen := make(map[*account]bool)
	for _, r := range l.rules {
		if r.Quantity != tallygate.Cost || !r.about(&v) {
			continue
		}
		a := r.group.known(r.subjectOf(&v))
		if a == nil || seen[a] {
			continue
		}
		seen[a] = true
		a.mu.Lock()
		a.advance(now)
		if s := a.find(began); began >= s.start && began < s.end {
			a.add(s, int64(by), 0)
		}
		a.mu.Unlock()
	}
}

func entryValues(e *tallygate.Entry) values {
	v := values{
		tallygate.ByKey: e.Key, tallygate.ByCaller: e.Caller, tallygate.ByGroup: e.Group,
		tallygate.ByEvent: e.Event, tallygate.ByAttendee: e.Attendee,
		tallygate.ByModel: strings.ToLower(e.Ask.Model),
	}
	if e.Deployment != nil {
		v[tallygate.ByDeployment] = e.Deployment.ID()
	}
	return v
}
