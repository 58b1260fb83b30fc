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

// Pulse is what happened in each event in the last hour, by minute. It follows the ledger,
// in memory: a look reads nothing, and no request waits for it. Safe for concurrent use.
type Pulse struct {
	log    Log
	want   func()
	wanted chan struct{}
	begun  bool  // at is known
	at     int64 // the number of the last entry that is in it

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

// Log is the part of a ledger.Reader that says where to begin.
type Log interface {
	NumberBefore(ctx context.Context, from time.Time) (int64, error)
}

// NewPulse returns a Pulse that follows a log.
func NewPulse(log Log) *Pulse {
	wanted := make(chan struct{})
	return &Pulse{log: log, wanted: wanted, want: sync.OnceFunc(func() { close(wanted) })}
}

// Want says that there are events to tell of: before, the log is not read.
func (p *Pulse) Want() { p.want() }

// Name implements follow.Follower.
func (p *Pulse) Name() string { return "figures of events" }

// Progress implements follow.Follower. It waits until somebody wants the figures, and
// begins with the hour before.
func (p *Pulse) Progress(ctx context.Context) (at int64, err error) {
	select {
	case <-p.wanted:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if !p.begun {
		if p.at, err = p.log.NumberBefore(ctx, time.Now().Add(-Minutes*time.Minute)); err != nil {
			return 0, err
		}
		p.begun = true
	}
	return p.at, nil
}

// Follow implements follow.Follower.
func (p *Pulse) Follow(_ context.Context, entries []ledger.Numbered) error {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range entries {
		p.add(&entries[i].Entry, now)
	}
	p.at = entries[len(entries)-1].Seq
	return nil
}

// add counts a finished request. Called with mu held.
func (p *Pulse) add(e *tallygate.Entry, now time.Time) {
	if e.Event == "" {
		return
	}
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
