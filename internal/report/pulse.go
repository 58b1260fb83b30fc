// Package report is what happened, for people to look at: how events go, kept in memory
// by minute, and what became of them, summed up from the ledger.
package report

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
)

const (
	// Minutes is how far back the figures of a Pulse go.
	Minutes = 60
	// maxBeatPeople and maxBeatModels bound the different names that a minute of an event
	// keeps: callers may make up any number of either.
	maxBeatPeople, maxBeatModels = 2000, 64
)

// Pulse is what happened in each event in the last hour, by minute. Requests add to it
// as they end, so that a look reads no ledger. Safe for concurrent use.
type Pulse struct {
	mu sync.Mutex
	by map[string]*[Minutes]beat
}

// beat is a minute of an event.
type beat struct {
	minute                            int64 // since 1970
	requests, tokens, errors, refused int64
	people                            map[string]bool
	models                            map[string]modelCount
}

type modelCount struct{ requests, tokens int64 }

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// Add counts a finished request of an event.
func (p *Pulse) Add(e *tallygate.Entry, now time.Time) {
	if e.Event == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.beat(e.Event, minuteOf(e.Began), minuteOf(now))
	if b == nil {
		return
	}
	switch e.Outcome {
	case tallygate.Failed:
		b.errors++
	case tallygate.Refused:
		b.refused++
	}
	if !e.Counted {
		return
	}
	b.requests++
	b.tokens += e.Usage.Total
	if b.people == nil {
		b.people, b.models = make(map[string]bool), make(map[string]modelCount)
	}
	if len(b.people) < maxBeatPeople {
		b.people[e.Attendee] = true
	}
	model := e.Ask.Model
	if _, ok := b.models[model]; !ok && len(b.models) >= maxBeatModels {
		model = ""
	}
	m := b.models[model]
	b.models[model] = modelCount{m.requests + 1, m.tokens + e.Usage.Total}
}

// beat returns the minute of an event; nil for one that is too old, or is yet to come.
func (p *Pulse) beat(event string, minute, now int64) *beat {
	if minute <= now-Minutes || minute > now+1 { // clocks are set
		return nil
	}
	if p.by == nil {
		p.by = make(map[string]*[Minutes]beat)
	}
	beats := p.by[event]
	if beats == nil {
		for id, other := range p.by { // those that ended
			if !slices.ContainsFunc(other[:], func(b beat) bool { return b.minute > now-Minutes }) {
				delete(p.by, id)
			}
		}
		beats = new([Minutes]beat)
		p.by[event] = beats
	}
	b := &beats[minute%Minutes]
	if b.minute > minute {
		return nil
	}
	if b.minute < minute {
		*b = beat{minute: minute}
	}
	return b
}

// each calls do with the minutes of an event from one on, in no order. do must keep
// nothing of them.
func (p *Pulse) each(event string, from int64, do func(*beat)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	beats := p.by[event]
	if beats == nil {
		return
	}
	for i := range beats {
		if b := &beats[i]; b.minute >= from {
			do(b)
		}
	}
}

// Recall adds what a store knows of the hour before the gateway started. Refusals are
// known by the hour alone, and stand in its last minute.
func (p *Pulse) Recall(ctx context.Context, store ledger.Reader, started time.Time) error {
	from := started.Add(-Minutes * time.Minute)
	err := store.Since(ctx, from, func(e *tallygate.Entry) error {
		if e.Began.Before(started) && e.Outcome != tallygate.Failed && e.Outcome != tallygate.Refused {
			p.Add(e, started)
		} else if e.Began.Before(started) {
			counted := *e
			counted.Outcome = tallygate.Answered // the table below has how they ended
			p.Add(&counted, started)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	t, err := store.Usage(ctx, ledger.Query{From: from, To: started, By: []string{"event", "outcome"}, Limit: ledger.MaxLimit})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range t.Rows {
		if r.By[0] == "" {
			continue
		}
		b := p.beat(r.By[0], minuteOf(started), minuteOf(started))
		switch {
		case b == nil:
		case r.By[1] == tallygate.Failed.String():
			b.errors += r.Requests
		case r.By[1] == tallygate.Refused.String():
			b.refused += r.Requests
		}
	}
	return nil
}
