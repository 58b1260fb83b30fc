package admin

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what the ledger's entries tell. Labels are bounded: models,
// deployments, operations and callers by the configuration (anything else is "other"),
// and no key or person is ever one. Safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	series   seriesCache
	callers  *callerMetrics

	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	firstByte  *prometheus.HistogramVec
	tokens     *prometheus.CounterVec
	seconds    *prometheus.CounterVec
	characters *prometheus.CounterVec
	images     *prometheus.CounterVec
	attempts   prometheus.Counter
	failovers  prometheus.Counter
	inFlight   prometheus.Gauge
	counted    prometheus.Counter
	alerts     *prometheus.CounterVec
	cost       *prometheus.CounterVec
	unpriced   *prometheus.CounterVec
	reloadOK   prometheus.Gauge
	tablesOK   prometheus.Gauge
	reloadTime prometheus.Gauge
}

// NewMetrics returns metrics on a registry of their own, with Go's and the
// process' beside them.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), callers: newCallerMetrics(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_requests_total", Help: "Requests, by how they ended.",
		}, []string{"operation", "model", "deployment", "status", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tallygate_request_duration_seconds", Help: "Time from the request's first byte to the answer's last.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
		}, []string{"operation", "model"}),
		firstByte: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tallygate_time_to_first_token_seconds", Help: "Time until the first byte of an answer's body left, streams only.",
			Buckets: []float64{.05, .1, .2, .3, .5, .75, 1, 1.5, 2, 3, 5, 10, 20, 40, 60},
		}, []string{"model", "deployment"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_tokens_total", Help: "Tokens used; cached and reasoning are parts of prompt and completion.",
		}, []string{"direction", "model", "deployment"}),
		seconds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_audio_seconds_total", Help: "Seconds of sound that was transcribed or translated.",
		}, []string{"model", "deployment"}),
		characters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_characters_total", Help: "Characters that were spoken.",
		}, []string{"model", "deployment"}),
		images: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_images_total", Help: "Pictures that were made.",
		}, []string{"model", "deployment"}),
		attempts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tallygate_upstream_attempts_total", Help: "Requests sent to deployments.",
		}),
		failovers: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tallygate_failovers_total", Help: "Attempts that came after another deployment had refused or failed.",
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tallygate_requests_in_flight", Help: "Requests on their way.",
		}),
		counted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tallygate_prompts_counted_total", Help: "Prompts that were counted by the tokenizer because their length did not fit into a limit.",
		}),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_alerts_total", Help: "Limits that came to their warning share, or began to refuse.",
		}, []string{"kind"}),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_cost_total", Help: "What requests cost, in whole units of the configured currency.",
		}, []string{"model", "deployment"}),
		unpriced: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tallygate_unpriced_requests_total", Help: "Requests whose cost is unknown, because the price list does not have the model.",
		}, []string{"model", "deployment"}),
		reloadOK: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tallygate_config_last_reload_successful", Help: "Whether the last load of the configuration succeeded.",
		}),
		tablesOK: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tallygate_azure_tables_last_read_successful", Help: "Whether the last reading of Azure Tables succeeded; 0 too where none is configured.",
		}),
		reloadTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tallygate_config_last_reload_success_timestamp_seconds", Help: "When the configuration in use was loaded.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tallygate_build_info", Help: "Always 1; the version is in the label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.duration, m.firstByte, m.tokens, m.seconds, m.characters, m.images, m.attempts, m.failovers, m.inFlight,
		m.callers.tokens, m.callers.cost, m.callers.requests, m.counted, m.alerts, m.cost, m.unpriced,
		m.reloadOK, m.reloadTime, m.tablesOK, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Begin counts a request that is on its way. Its end comes with Observe.
func (m *Metrics) Begin() { m.inFlight.Inc() }

// Counted counts a prompt that had to be counted.
func (m *Metrics) Counted() { m.counted.Inc() }

// TablesRead notes a reading of Azure Tables and how it went.
func (m *Metrics) TablesRead(err error) {
	if err != nil {
		m.tablesOK.Set(0)
		return
	}
	m.tablesOK.Set(1)
}

// Alerted counts a notice of a kind.
func (m *Metrics) Alerted(kind string) { m.alerts.WithLabelValues(kind).Inc() }

// Reloaded notes a load of the configuration and whether it came into use.
func (m *Metrics) Reloaded(ok bool) {
	if !ok {
		m.reloadOK.Set(0)
		return
	}
	m.reloadOK.Set(1)
	m.reloadTime.Set(float64(time.Now().Unix()))
}

// Register adds a collector of another part: the pool's state, the ledger's lag.
func (m *Metrics) Register(c prometheus.Collector) error { return m.registry.Register(c) }

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
