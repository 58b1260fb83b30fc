package storetest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

// Memory is the reference: a ledger.Store that keeps all in memory and answers
// every query by going over every entry, so that it is right by being simple. It
// is what other stores' answers are compared with, and a store for tests of the
// ledger. The zero Memory is empty and ready; it is safe for concurrent use.
type Memory struct {
	// Before, if not nil, is called before each Append; an error refuses it.
	Before func(ledger.Batch) error
	// After, if not nil, is called after each Append that worked; an error is
	// returned although the batch is in.
	After func(ledger.Batch) error

	mu      sync.Mutex
	cursors map[ledger.JournalID]int64
	entries []tallygate.Entry
	fixed   map[int]priced // by place in entries
}

// priced is what a repricing found.
type priced struct {
	cost    tallygate.Money
	pricing tallygate.Pricing
}

// entry returns the n-th entry with its newest price. Called with mu held.
func (m *Memory) entry(n int) tallygate.Entry {
	e := m.entries[n]
	if p, ok := m.fixed[n]; ok {
		e.Cost, e.Pricing = p.cost, p.pricing
	}
	return e
}

// Cursor implements ledger.Store.
func (m *Memory) Cursor(_ context.Context, id ledger.JournalID) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[id], nil
}

// Append implements ledger.Store.
func (m *Memory) Append(ctx context.Context, b ledger.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.Before != nil {
		if err := m.Before(b); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cursors[b.Journal] != b.After {
		return ledger.ErrOutOfStep
	}
	if m.cursors == nil {
		m.cursors = make(map[ledger.JournalID]int64)
	}
	m.cursors[b.Journal] = b.Upto
	for i := range b.Entries {
		m.entries = append(m.entries, b.Entries[i].Entry)
	}
	if m.After != nil {
		return m.After(b)
	}
	return nil
}

// Read implements ledger.Reader.
func (m *Memory) Read(_ context.Context, after int64, limit int) ([]ledger.Numbered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []ledger.Numbered
	for n := max(after, 0); n < int64(len(m.entries)) && len(out) < limit; n++ {
		out = append(out, ledger.Numbered{Seq: n + 1, Entry: m.entry(int(n))})
	}
	return out, nil
}

// Last implements ledger.Reader.
func (m *Memory) Last(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.entries)), nil
}

// NumberBefore implements ledger.Reader.
func (m *Memory) NumberBefore(_ context.Context, from time.Time) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := range m.entries {
		if m.entries[n].Began.UnixMicro() >= from.UnixMicro() {
			return int64(n), nil
		}
	}
	return int64(len(m.entries)), nil
}

// Since implements ledger.Reader.
func (m *Memory) Since(ctx context.Context, from time.Time, each func(*tallygate.Entry) error) error {
	m.mu.Lock()
	var found []tallygate.Entry
	for n := range m.entries {
		if e := m.entry(n); e.Counted && e.Began.UnixMicro() >= from.UnixMicro() {
			found = append(found, e)
		}
	}
	m.mu.Unlock()
	slices.SortStableFunc(found, func(a, b tallygate.Entry) int { return a.Began.Compare(b.Began) })
	for i := range found {
		if ctx.Err() != nil {
			break
		}
		if err := each(&found[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Reprice implements ledger.Store. Unlike in others, all else waits for its end.
func (m *Memory) Reprice(ctx context.Context, q ledger.RepriceQuery, price ledger.PriceFunc) (done ledger.Repriced, err error) {
	p, err := q.Plan()
	if err != nil {
		return done, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fixed == nil {
		m.fixed = make(map[int]priced)
	}
	for n := 0; n < len(m.entries) && ctx.Err() == nil; n++ {
		e := m.entry(n)
		if !covers(p, &e) {
			continue
		}
		cost, pricing, _ := done.Price(&e, price)
		m.fixed[n] = priced{cost, pricing}
	}
	return done, ctx.Err()
}

// Verify implements ledger.Reader. There is nothing that could be wrong.
func (m *Memory) Verify(context.Context, func(done, total int64)) (*ledger.Report, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &ledger.Report{Checks: []ledger.Check{{Name: "entries in memory", Count: int64(len(m.entries)), Unit: "entries"}}}, nil
}

// Close implements ledger.Reader. The entries stay.
func (m *Memory) Close() error { return nil }

// Usage implements ledger.Reader.
func (m *Memory) Usage(ctx context.Context, q ledger.Query) (*ledger.Table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := q.Plan()
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	type line struct {
		by   []string
		span int64
		sums ledger.Sums
	}
	lines := make(map[string]*line)
	var all ledger.Sums
	for n := range m.entries {
		entry := m.entry(n)
		e := &entry
		if !covers(p, e) {
			continue
		}
		by := make([]string, len(p.By))
		for i, d := range p.By {
			by[i] = dimension(p, e, d)
		}
		key := strings.Join(by, "\x00")
		if lines[key] == nil {
			lines[key] = &line{by: by, span: p.Bucket(e.Began)}
		}
		lines[key].sums.Count(e)
		all.Count(e)
	}
	sorted := make([]*line, 0, len(lines))
	for _, l := range lines {
		sorted = append(sorted, l)
	}
	slices.SortFunc(sorted, func(a, b *line) int {
		c := cmp.Compare(measure(&b.sums, p.Sort), measure(&a.sums, p.Sort))
		if p.Sort == "" {
			c = cmp.Compare(a.span, b.span)
		}
		return cmp.Or(c, slices.Compare(a.by, b.by))
	})
	t := &ledger.Table{By: p.By, Total: all.Row(nil, p.Percentiles), Percentiles: p.Percentiles, More: len(sorted) > p.Limit}
	for _, l := range sorted[:min(len(sorted), p.Limit)] {
		t.Rows = append(t.Rows, l.sums.Row(l.by, p.Percentiles))
	}
	return t, nil
}

func measure(s *ledger.Sums, name string) int64 {
	return map[string]int64{"requests": s.Requests, "errors": s.Errors, "prompt": s.Prompt,
		"completion": s.Completion, "total": s.Total, "cached": s.Cached, "reasoning": s.Reasoning,
		"seconds": s.Seconds, "characters": s.Characters, "images": s.Images,
		"cost": int64(s.Cost), "unpriced": s.Unpriced}[name]
}

// covers reports whether the plan's bounds and filters let e through.
func covers(p *ledger.Plan, e *tallygate.Entry) bool {
	if !p.From.IsZero() && e.Began.UnixMicro() < p.From.UnixMicro() || !p.To.IsZero() && e.Began.UnixMicro() >= p.To.UnixMicro() {
		return false
	}
	if p.Counted && !e.Counted {
		return false
	}
	for d, values := range p.Where {
		if d == "status" {
			if !slices.ContainsFunc(p.Statuses, func(r [2]int64) bool { return int64(e.Status) >= r[0] && int64(e.Status) < r[1] }) {
				return false
			}
		} else if !slices.Contains(values, dimension(p, e, d)) {
			return false
		}
	}
	return true
}

// dimension returns the entry's value of a dimension.
func dimension(p *ledger.Plan, e *tallygate.Entry, name string) string {
	dep := e.Deployment
	if dep == nil {
		dep = &tallygate.Deployment{}
	}
	switch name {
	case "model":
		return e.Ask.Model
	case "caller":
		return e.Caller
	case "group":
		return e.Group
	case "event":
		return e.Event
	case "attendee":
		return e.Attendee
	case "key":
		return e.Key
	case "ip":
		if e.IP.IsValid() {
			return e.IP.String()
		}
		return ""
	case "user":
		return e.Ask.User
	case "deployment":
		if e.Deployment == nil {
			return ""
		}
		return dep.ID()
	case "resource":
		return dep.Resource
	case "region":
		return dep.Region
	case "sku":
		return dep.SKU
	case "operation":
		return string(e.Ask.Operation)
	case "dialect":
		return e.Ask.Dialect.String()
	case "status":
		return strconv.Itoa(e.Status)
	case "outcome":
		return e.Outcome.String()
	case "source":
		return e.Usage.Source.String()
	case "code":
		return e.Code
	case "pricing":
		return e.Pricing.String()
	}
	return p.Label(p.Bucket(e.Began))
}
