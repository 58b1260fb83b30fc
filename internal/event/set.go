package event

import (
	"fmt"
	"sync"

	"github.com/tallygate/tallygate"
)

// Set is the events that are there at one time. Which they are never changes: a change
// makes a new Set, so that whoever has one sees events and what was made with them
// together. Safe for concurrent use.
type Set struct {
	byCode codes
	byID   map[string]*Event

	mu sync.RWMutex
	// people remembers who was recognised, so that a caller stays the same one.
	people map[string]*tallygate.Identity
}

// maxPeople bounds what people remembers; beyond it all are made anew.
const maxPeople = 20_000

// NewSet returns the set of events. It fails when two have the same ID or the same
// code.
func NewSet(events []*Event) (*Set, error) {
	s := &Set{byCode: newCodes(), byID: make(map[string]*Event), people: make(map[string]*tallygate.Identity)}
	for _, e := range events {
		if other, ok := s.byID[e.ID]; ok {
			return nil, fmt.Errorf("two events have the id %q: one is from %s, the other from %s", e.ID, other.Origin, e.Origin)
		}
		s.byID[e.ID] = e
		if e.Code == "" {
			continue
		}
		if other := s.byCode.add(e); other != nil {
			return nil, fmt.Errorf("the events %q and %q have the same code", other.ID, e.ID)
		}
	}
	return s, nil
}

// Event returns the event of an ID.
func (s *Set) Event(id string) (*Event, bool) {
	e, ok := s.byID[id]
	return e, ok
}

// known is who was recognised by a credential; nil for nobody yet.
func (s *Set) known(credential string) *tallygate.Identity {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.people[credential]
}

// remember keeps who was recognised by a credential, and returns whoever was first.
func (s *Set) remember(credential string, who *tallygate.Identity) *tallygate.Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.people[credential]; first != nil {
		return first
	}
	if len(s.people) >= maxPeople {
		clear(s.people)
	}
	s.people[credential] = who
	return who
}
