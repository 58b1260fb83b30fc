// Package service runs what goes on beside requests, each under a name, from its start
// to its stop, and tells how it fares.
package service

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Group is the services of one gateway. The zero Group has none. Safe for concurrent use.
type Group struct {
	mu  sync.Mutex
	all []*Service
}

// Service is one that was started.
type Service struct {
	name   string
	cancel context.CancelFunc
	ended  chan struct{}

	mu sync.Mutex
	is State
}

// State is how a service fares.
type State struct {
	Name    string
	Started time.Time
	// Running is false for one that did all it had to, or was stopped.
	Running bool
	// Last is when it did a round of its work last, zero when it has told of none; Err is
	// what was wrong with that, nil when nothing was.
	Last time.Time
	Err  error
}

// Start runs a service until it ends by itself or is stopped. It tells by did how each
// round of its work went; one that only waits need not tell. run must return soon after
// its context ends.
func (g *Group) Start(name string, run func(ctx context.Context, did func(error))) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{name: name, cancel: cancel, ended: make(chan struct{}), is: State{Name: name, Started: time.Now(), Running: true}}
	g.mu.Lock()
	g.all = append(g.all, s)
	g.mu.Unlock()
	go func() {
		defer s.end()
		run(ctx, s.did)
	}()
	return s
}

// did notes a round.
func (s *Service) did(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.is.Last, s.is.Err = time.Now(), err
}

func (s *Service) end() {
	s.mu.Lock()
	s.is.Running = false
	s.mu.Unlock()
	close(s.ended)
}

// Stop ends the service and waits for it; ctx bounds the wait, and its error is that of
// one who waited in vain. Stopping twice is stopping once.
func (s *Service) Stop(ctx context.Context) error {
	s.cancel()
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// States are those of all services, in the order of their start.
func (g *Group) States() []State {
	g.mu.Lock()
	all := slices.Clone(g.all)
	g.mu.Unlock()
	out := make([]State, len(all))
	for i, s := range all {
		s.mu.Lock()
		out[i] = s.is
		s.mu.Unlock()
	}
	return out
}
