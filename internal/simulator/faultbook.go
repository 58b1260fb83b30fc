package simulator

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// armed is a fault in the book with what it has seen so far.
type armed struct {
	Fault
	seen, hits int
}

// faultBook holds the scripted faults; it is safe for concurrent use.
type faultBook struct {
	mu   sync.Mutex
	list []*armed
	next int
	rng  *rand.Rand
}

// take returns the first fault that hits the request, nil when none does.
func (b *faultBook) take(c *call) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if !f.matches(c) {
			continue
		}
		f.seen++
		if f.seen <= f.After || f.Count > 0 && f.hits >= f.Count ||
			f.Probability > 0 && b.rng.Float64() >= f.Probability {
			continue
		}
		f.hits++
		hit := f.Fault
		return &hit
	}
	return nil
}

// matches reports whether the fault is for requests like this one.
func (f *Fault) matches(c *call) bool {
	if !like(f.Resource, c.res.Name) || !like(f.Deployment, c.rec.Deployment) || !like(f.Operation, c.op.path) ||
		!like(f.Method, c.r.Method) || f.Kind.streams() && !c.stream {
		return false
	}
	for name, want := range f.RequestHeader {
		got := c.r.Header.Values(name)
		if !slices.ContainsFunc(got, func(v string) bool { return strings.Contains(v, want) }) {
			return false
		}
	}
	return f.RequestBody == "" || bytes.Contains(c.body, []byte(f.RequestBody))
}

// like matches a name against a filter; an empty filter matches all.
func like(filter, name string) bool { return filter == "" || strings.EqualFold(filter, name) }

// AddFault adds a fault to the script and returns its id. A fault whose ID is in the
// script already takes that one's place and starts anew.
func (s *Simulator) AddFault(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	b := &s.faults
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.ID == "" {
		b.next++
		f.ID = "fault-" + strconv.Itoa(b.next)
	}
	if i := slices.IndexFunc(b.list, func(a *armed) bool { return a.ID == f.ID }); i >= 0 {
		b.list[i] = &armed{Fault: f}
		return f.ID, nil
	}
	b.list = append(b.list, &armed{Fault: f})
	return f.ID, nil
}

// RemoveFault takes the fault with this id out of the script and reports whether it
// was there. Requests it has already hit are not helped.
func (s *Simulator) RemoveFault(id string) bool {
	b := &s.faults
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.list)
	b.list = slices.DeleteFunc(b.list, func(a *armed) bool { return a.ID == id })
	return len(b.list) < before
}

// ClearFaults empties the script.
func (s *Simulator) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// FaultState is a fault with how often it matched a request and how often it hit one.
type FaultState struct {
	Fault Fault `json:"fault"`
	Seen  int   `json:"seen"`
	Hits  int   `json:"hits"`
}

// Faults returns the script in order.
func (s *Simulator) Faults() []FaultState {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	out := make([]FaultState, len(s.faults.list))
	for i, f := range s.faults.list {
		out[i] = FaultState{f.Fault, f.seen, f.hits}
	}
	return out
}
