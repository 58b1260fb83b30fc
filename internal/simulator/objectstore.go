package simulator

import (
	"slices"
	"sync"
)

// objectStore holds a resource's stored objects by collection: "files",
// "threads/thread_x/messages". Whoever has a key of the resource sees them all, as at the
// service. It keeps so many objects of so many bytes; the oldest go first.
type objectStore struct {
	mu     sync.Mutex
	lists  map[string][]*object // oldest first
	oldest []*object            // of all lists, removed ones included
	bytes  int64
}

// The bounds of a store.
const (
	maxObjects     = 5000
	maxObjectBytes = 256 << 20
)

// object is a stored object. Its members are replaced, never changed.
type object struct {
	collection, id string
	members        map[string]any
	content        []byte // of a file
	size           int64
}

func (s *objectStore) put(o *object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists = map[string][]*object{}
	}
	s.drop(o.collection, o.id)
	s.lists[o.collection] = append(s.lists[o.collection], o)
	s.oldest = append(s.oldest, o)
	s.bytes += o.size
	for len(s.oldest) > maxObjects || s.bytes > maxObjectBytes && len(s.oldest) > 1 {
		if first := s.oldest[0]; s.find(first.collection, first.id) == first {
			s.drop(first.collection, first.id)
		}
		s.oldest = s.oldest[1:]
	}
}

// get returns a copy of an object.
func (s *objectStore) get(collection, id string) (object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.find(collection, id); o != nil {
		return *o, true
	}
	return object{}, false
}

// set gives an object other members.
func (s *objectStore) set(collection, id string, members map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.find(collection, id); o != nil {
		o.members = members
	}
}

// list returns the objects of a collection, the newest first.
func (s *objectStore) list(collection string) []object {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []object
	for _, o := range slices.Backward(s.lists[collection]) {
		out = append(out, *o)
	}
	return out
}

// remove forgets an object and reports whether it was known.
func (s *objectStore) remove(collection, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(collection, id)
}

// find and drop work with the mutex held.
func (s *objectStore) find(collection, id string) *object {
	for _, o := range s.lists[collection] {
		if o.id == id {
			return o
		}
	}
	return nil
}

func (s *objectStore) drop(collection, id string) bool {
	list := s.lists[collection]
	i := slices.IndexFunc(list, func(o *object) bool { return o.id == id })
	if i < 0 {
		return false
	}
	s.bytes -= list[i].size
	if list = slices.Delete(list, i, i+1); len(list) == 0 {
		delete(s.lists, collection)
	} else {
		s.lists[collection] = list
	}
	return true
}
