package admin

import (
	"cmp"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tallygate/tallygate"
)

// seriesKey is what the labels of an entry's counters are made of.
type seriesKey struct {
	operation, model, resource, deployment string
	status                                 int
	outcome                                tallygate.Outcome
}

// series are the counters of entries that have their labels in common. Those of a
// deployment are nil where no deployment was asked.
type series struct {
	requests                              prometheus.Counter
	duration                              prometheus.Observer
	prompt, completion, cached, reasoning prometheus.Counter
	cost                                  prometheus.Counter
}

// seriesCache remembers counters by their labels: to look each of them up for every
// request costs more than to count. It grows as the counters themselves do.
type seriesCache struct {
	mu    sync.RWMutex
	known map[seriesKey]*series
}

func (c *seriesCache) find(k seriesKey, make func(seriesKey) *series) *series {
	c.mu.RLock()
	s := c.known[k]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	s = make(k) // twice the same, should two come here at once
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[seriesKey]*series{}
	}
	c.known[k] = s
	return s
}

// Observe counts a finished entry. model is the model asked for, when there is one
// of that name, else empty.
func (m *Metrics) Observe(e *tallygate.Entry, model string) {
	m.inFlight.Dec()
	k := keyOf(e, model)
	s := m.series.find(k, m.makeSeries)
	s.requests.Inc()
	s.duration.Observe(e.Total.Seconds())
	m.attempts.Add(float64(e.Attempts))
	if e.Attempts > 1 {
		m.failovers.Add(float64(e.Attempts - 1))
	}
	m.callers.observe(e)
	if e.Deployment == nil {
		return
	}
	count(s.prompt, e.Usage.Prompt)
	count(s.completion, e.Usage.Completion)
	count(s.cached, e.Usage.Cached)
	count(s.reasoning, e.Usage.Reasoning)
	if e.Cost > 0 {
		s.cost.Add(float64(e.Cost) / float64(tallygate.Unit))
	}
	if u := &e.Usage; u.Seconds|u.Characters|u.Images > 0 { // seldom, so these have no place in a series
		for vec, n := range map[*prometheus.CounterVec]int64{m.seconds: u.Seconds, m.characters: u.Characters, m.images: u.Images} {
			if n > 0 {
				vec.WithLabelValues(k.model, e.Deployment.ID()).Add(float64(n))
			}
		}
	}
	if e.Ask.Stream && e.FirstByte > 0 {
		m.firstByte.WithLabelValues(k.model, e.Deployment.ID()).Observe(e.FirstByte.Seconds())
	}
	if e.Pricing == tallygate.Unpriced {
		m.unpriced.WithLabelValues(k.model, e.Deployment.ID()).Inc()
	}
}

func count(c prometheus.Counter, n int64) {
	if n > 0 {
		c.Add(float64(n))
	}
}

// keyOf bounds what a client can make of the labels.
func keyOf(e *tallygate.Entry, model string) seriesKey {
	k := seriesKey{operation: cmp.Or(string(e.Ask.Operation), "other"), model: model, status: e.Status, outcome: e.Outcome}
	if model == "" {
		k.model = "other"
	}
	if e.Deployment != nil {
		k.resource, k.deployment = e.Deployment.Resource, e.Deployment.Name
	}
	return k
}

func (m *Metrics) makeSeries(k seriesKey) *series {
	deployment := ""
	if k.resource != "" {
		deployment = (&tallygate.Deployment{Resource: k.resource, Name: k.deployment}).ID()
	}
	s := &series{
		requests: m.requests.WithLabelValues(k.operation, k.model, deployment, strconv.Itoa(k.status), k.outcome.String()),
		duration: m.duration.WithLabelValues(k.operation, k.model),
	}
	if k.resource != "" {
		s.prompt = m.tokens.WithLabelValues("prompt", k.model, deployment)
		s.completion = m.tokens.WithLabelValues("completion", k.model, deployment)
		s.cached = m.tokens.WithLabelValues("cached", k.model, deployment)
		s.reasoning = m.tokens.WithLabelValues("reasoning", k.model, deployment)
		s.cost = m.cost.WithLabelValues(k.model, deployment)
	}
	return s
}
