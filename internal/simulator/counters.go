package simulator

import (
	"maps"
	"net/http"
	"sync"
	"time"
)

// usage is what an answer comes to, in tokens: cached is part of prompt, and
// reasoning of completion.
type usage struct{ prompt, cached, completion, reasoning int64 }

// Counters is what a deployment has served. Requests that reach no
// deployment are in Requests' list alone.
type Counters struct {
	Requests int64 `json:"requests"`
	// InFlight is how many are being answered now.
	InFlight int64 `json:"in_flight"`
	// Statuses counts answers by status; one whose connection ended before its
	// headers, by a reset or by the client, counts as 0.
	Statuses map[int]int64 `json:"statuses"`
	// Throttled counts refusals of the deployment's own limits, Faulted the requests
	// that a fault hit, Canceled those whose client left before the end.
	Throttled int64 `json:"throttled"`
	Faulted   int64 `json:"faulted"`
	Canceled  int64 `json:"canceled"`
	// Tokens as usage reported them, or would have: of a broken-off stream, those
	// that were sent.
	PromptTokens     int64 `json:"prompt_tokens"`
	CachedTokens     int64 `json:"cached_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	ReasoningTokens  int64 `json:"reasoning_tokens"`
	// AudioSeconds is how long the audio was that was heard or spoken, Characters the
	// text that was spoken, Images how many were made.
	AudioSeconds float64 `json:"audio_seconds"`
	Characters   int64   `json:"characters"`
	Images       int64   `json:"images"`
}

// add adds another's counts.
func (n *Counters) add(o Counters) {
	n.Requests += o.Requests
	n.InFlight += o.InFlight
	for status, count := range o.Statuses {
		n.Statuses[status] += count
	}
	n.Throttled += o.Throttled
	n.Faulted += o.Faulted
	n.Canceled += o.Canceled
	n.PromptTokens += o.PromptTokens
	n.CachedTokens += o.CachedTokens
	n.CompletionTokens += o.CompletionTokens
	n.ReasoningTokens += o.ReasoningTokens
	n.AudioSeconds += o.AudioSeconds
	n.Characters += o.Characters
	n.Images += o.Images
}

// Record is a request as the simulator saw it.
type Record struct {
	Time       time.Time `json:"time"`
	Resource   string    `json:"resource"`
	Deployment string    `json:"deployment"`
	Operation  string    `json:"operation"`
	Style      string    `json:"style"` // deployments, resource or v1
	Method     string    `json:"method"`
	// Target is the request's path and query as they came.
	Target string `json:"target"`
	// Header is the request's header as it came, credentials included: it shows
	// which key arrived. It is shared, not to be changed.
	Header http.Header `json:"header"`
	// Body is the request's body, of at most 64 KiB; BodyBytes its true length.
	Body      string `json:"body"`
	BodyBytes int64  `json:"body_bytes"`

	Status int `json:"status"`
	// Events is how many events of a stream were sent.
	Events           int    `json:"events"`
	Canceled         bool   `json:"canceled"`
	Throttled        bool   `json:"throttled"`
	Fault            string `json:"fault"`
	PromptTokens     int64  `json:"prompt_tokens"`
	CachedTokens     int64  `json:"cached_tokens"`
	CompletionTokens int64  `json:"completion_tokens"`
	ReasoningTokens  int64  `json:"reasoning_tokens"`
	// What the answer comes to beside tokens, as Counters has it.
	AudioSeconds float64 `json:"audio_seconds"`
	Characters   int64   `json:"characters"`
	Images       int64   `json:"images"`
	// RequestID is the apim-request-id of the answer, TraceID its x-request-id.
	RequestID string `json:"request_id"`
	TraceID   string `json:"trace_id"`
}

// maxRecordBody bounds the body that a Record keeps.
const maxRecordBody = 64 << 10

// requestLog keeps the last requests in a ring.
type requestLog struct {
	mu   sync.Mutex
	keep int
	ring []Record
	next int
}

func (l *requestLog) add(r Record) {
	if l.keep <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < l.keep {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.next] = r
	l.next = (l.next + 1) % l.keep
}

// Requests returns the last requests, the oldest first. A request is there before the
// end of its answer reaches the client.
func (s *Simulator) Requests() []Record {
	l := &s.log
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Record, 0, len(l.ring))
	out = append(out, l.ring[l.next:]...)
	return append(out, l.ring[:l.next]...)
}

// Request returns the last request that has this id: as apim-request-id or x-request-id
// of its answer, or as x-ms-client-request-id or x-request-id of its own. What it used
// counts when it has ended, also when its client did not stay for that.
func (s *Simulator) Request(id string) (Record, bool) {
	if id == "" {
		return Record{}, false
	}
	all := s.Requests()
	for i := len(all) - 1; i >= 0; i-- {
		r := all[i]
		if r.RequestID == id || r.TraceID == id || r.Header.Get("X-Ms-Client-Request-Id") == id ||
			r.Header.Get("X-Request-Id") == id {
			return r, true
		}
	}
	return Record{}, false
}

// Total returns the sum of all deployments' counters.
func (s *Simulator) Total() Counters {
	sum := Counters{Statuses: map[int]int64{}}
	s.each(func(_ *resource, d *deployment) { sum.add(d.count) })
	return sum
}

// Counters returns what each deployment has served, by "resource/deployment".
func (s *Simulator) Counters() map[string]Counters {
	out := map[string]Counters{}
	s.each(func(r *resource, d *deployment) {
		c := d.count
		c.Statuses = maps.Clone(c.Statuses)
		out[r.Name+"/"+d.Name] = c
	})
	return out
}

// ResetCounters sets all counters but those of requests in flight to zero and forgets
// the last requests.
func (s *Simulator) ResetCounters() {
	s.each(func(_ *resource, d *deployment) {
		d.count = Counters{InFlight: d.count.InFlight, Statuses: map[int]int64{}}
	})
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.ring, s.log.next = nil, 0
}

// begin counts a request in.
func (d *deployment) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count.Requests++
	d.count.InFlight++
}

// end counts a request out.
func (d *deployment) end(r *Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count.InFlight--
	d.count.Statuses[r.Status]++
	d.count.add(Counters{
		Throttled: one(r.Throttled), Faulted: one(r.Fault != ""),
		Canceled: one(r.Canceled), PromptTokens: r.PromptTokens, CachedTokens: r.CachedTokens,
		CompletionTokens: r.CompletionTokens, ReasoningTokens: r.ReasoningTokens,
		AudioSeconds: r.AudioSeconds, Characters: r.Characters, Images: r.Images,
	})
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
