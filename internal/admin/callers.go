package admin

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tallygate/tallygate"
)

// maxCallers is how many callers have series of their own; those after them are one.
const maxCallers = 1000

// callerMetrics count what each caller uses. Callers are those of the configuration:
// whoever takes part in events counts as one caller of the group that it is in, and
// those beyond maxCallers, which reloads may bring, as another.
type callerMetrics struct {
	tokens   *prometheus.CounterVec
	cost     *prometheus.CounterVec
	requests *prometheus.CounterVec

	mu    sync.RWMutex
	known map[callerKey]*callerSeries
}

type callerKey struct{ caller, group string }

type callerSeries struct {
	prompt, completion, cost, requests prometheus.Counter
}

func newCallerMetrics() *callerMetrics {
	labels := []string{"caller", "group"}
	return &callerMetrics{
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_caller_tokens_total", Help: "Tokens used by a caller of the configuration; those of events count as the caller (events).",
		}, append(labels, "direction")),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_caller_cost_total", Help: "What a caller's requests cost, in whole units of the configured currency.",
		}, labels),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_caller_requests_total", Help: "Requests of a caller, refused ones too.",
		}, labels),
		known: make(map[callerKey]*callerSeries),
	}
}

// observe counts a finished entry; one of nobody counts for no caller.
func (m *callerMetrics) observe(e *tallygate.Entry) {
	if e.Caller == "" {
		return
	}
	k := callerKey{e.Caller, e.Group}
	if e.Event != "" {
		k.caller = "(events)"
	}
	m.mu.RLock()
	s := m.known[k]
	m.mu.RUnlock()
	if s == nil {
		s = m.add(k)
	}
	s.requests.Inc()
	count(s.prompt, e.Usage.Prompt)
	count(s.completion, e.Usage.Completion)
	if e.Cost > 0 {
		s.cost.Add(float64(e.Cost) / float64(tallygate.Unit))
	}
}

func (m *callerMetrics) add(k callerKey) *callerSeries {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxCallers {
		k = callerKey{"(other)", ""}
	}
	if s := m.known[k]; s != nil {
		return s
	}
	s := &callerSeries{
		prompt: m.tokens.WithLabelValues(k.caller, k.group, "prompt"), completion: m.tokens.WithLabelValues(k.caller, k.group, "completion"),
		cost: m.cost.WithLabelValues(k.caller, k.group), requests: m.requests.WithLabelValues(k.caller, k.group),
	}
	m.known[k] = s
	return s
}
