package simulator

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A resource remembers so many responses, of requests of so many bytes in all; the
// oldest go first.
const (
	maxStored      = 1000
	maxStoredBytes = 64 << 20
)

// responseStore remembers a resource's responses.
type responseStore struct {
	mu    sync.Mutex
	byID  map[string]*storedResponse
	items map[string]bool // the ids of their output items
	order []string        // oldest first; removed ones included
	bytes int64
}

// storedResponse is a response as it can be asked for later. Only its last two fields
// ever change, under the store's mutex.
type storedResponse struct {
	final, waiting map[string]any
	input          []json.RawMessage
	items, calls   []string // ids of what it put out, and of the calls among that
	prompt         prompt   // what a response that follows goes on from
	size           int64    // of the request in bytes
	background     bool
	readyAt        time.Time
	canceled       bool
}

func (s *responseStore) put(id string, r *storedResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID, s.items = map[string]*storedResponse{}, map[string]bool{}
	}
	for _, item := range r.items {
		s.items[item] = true
	}
	s.byID[id] = r
	s.order = append(s.order, id)
	s.bytes += r.size
	for len(s.order) > maxStored || s.bytes > maxStoredBytes && len(s.order) > 1 {
		s.drop(s.order[0])
		s.order = s.order[1:]
	}
}

func (s *responseStore) get(id string) (storedResponse, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.byID[id]; r != nil {
		return *r, true
	}
	return storedResponse{}, false
}

// has reports whether an output item is stored.
func (s *responseStore) has(item string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.items[item]
}

func (s *responseStore) remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(id)
}

// drop forgets a response, with the mutex held, and reports whether it was known.
func (s *responseStore) drop(id string) bool {
	r, ok := s.byID[id]
	if ok {
		s.bytes -= r.size
		for _, item := range r.items {
			delete(s.items, item)
		}
		delete(s.byID, id)
	}
	return ok
}

// cancel stops a response that runs in the background.
func (s *responseStore) cancel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.byID[id]; r != nil {
		r.canceled = true
	}
}

// now is the response as it stands at a time.
func (r storedResponse) now(t time.Time) map[string]any {
	status := ""
	switch {
	case r.canceled:
		status = "cancelled"
	case t.Before(r.readyAt):
		status = "in_progress"
	default:
		return r.final
	}
	out := make(map[string]any, len(r.waiting))
	for k, v := range r.waiting {
		out[k] = v
	}
	out["status"] = status
	return out
}

func (c *call) responseNotFound() *apiError {
	return modelError(http.StatusNotFound, "Response with id '"+c.object+"' not found.", "invalid_request_error", "", "")
}

func (c *call) getResponse() *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	r, ok := c.res.responses.get(c.object)
	if !ok {
		return c.responseNotFound()
	}
	return c.json(http.StatusOK, r.now(c.sim.now()))
}

func (c *call) deleteResponse() *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	if !c.res.responses.remove(c.object) {
		return c.responseNotFound()
	}
	return c.json(http.StatusOK, map[string]any{"id": c.object, "object": "response", "deleted": true})
}

func (c *call) cancelResponse() *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	r, ok := c.res.responses.get(c.object)
	switch {
	case !ok:
		return c.responseNotFound()
	case !r.background:
		return invalid("", "", "Cannot cancel a synchronous response.")
	case !r.canceled && !c.sim.now().Before(r.readyAt):
		return invalid("", "", "Cannot cancel a completed response.")
	}
	c.res.responses.cancel(c.object)
	r.canceled = true
	return c.json(http.StatusOK, r.now(c.sim.now()))
}

// responseInput lists what a response was asked, the last item first, all in one page.
func (c *call) responseInput() *apiError {
	if err := c.applyFault(); err != nil {
		return err
	}
	r, ok := c.res.responses.get(c.object)
	if !ok {
		return c.responseNotFound()
	}
	list := []map[string]json.RawMessage{}
	for i := len(r.input) - 1; i >= 0; i-- {
		var item map[string]json.RawMessage
		if json.Unmarshal(r.input[i], &item) != nil {
			continue // it was an object when it was read
		}
		if item["id"] == nil {
			item["id"] = marshal("msg_" + c.object[min(len(c.object), 5):] + strconv.Itoa(i))
		}
		list = append(list, item)
	}
	page := map[string]any{"object": "list", "data": list, "has_more": false, "first_id": nil, "last_id": nil}
	if len(list) > 0 {
		page["first_id"], page["last_id"] = list[0]["id"], list[len(list)-1]["id"]
	}
	return c.json(http.StatusOK, page)
}
