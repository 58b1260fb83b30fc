package app

import (
	"github.com/prometheus/client_golang/prometheus"
)

// collector shows the state of the pool and of the ledger at each scrape.
type collector struct{ *App }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tallygate_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector: what is collected depends on the
// configuration in use, so nothing is promised ahead.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	c.collectPool(out)
	c.collectLedger(out)
}

func (c collector) collectPool(out chan<- prometheus.Metric) {
	labels := []string{"deployment", "model", "region"}
	up := desc("upstream_state", "1 when the deployment may be tried, 0 while it is left alone.", append(labels, "reason")...)
	busy := desc("upstream_in_flight", "Requests at the deployment.", labels...)
	room := desc("upstream_room_ratio", "Share of the deployment's quota thought to be left; negative is over.", labels...)
	alarm := desc("upstream_alarm", "1 when the deployment refuses the gateway itself (401, 403, 404).", labels...)
	attempts := desc("upstream_responses_total", "Attempts at the deployment, by what became of them.", append(labels, "result")...)
	predicted := desc("upstream_predictions_total", "Room predicted against what came.", append(labels, "predicted", "came")...)
	p := c.live.Load().proxy.Pool
	for _, s := range p.Snapshot() {
		d := s.Deployment
		v := []string{d.ID(), d.Model, d.Region}
		gauge := func(k *prometheus.Desc, x float64, more ...string) {
			out <- prometheus.MustNewConstMetric(k, prometheus.GaugeValue, x, append(v[:3:3], more...)...)
		}
		count := func(k *prometheus.Desc, n uint64, more ...string) {
			out <- prometheus.MustNewConstMetric(k, prometheus.CounterValue, float64(n), append(v[:3:3], more...)...)
		}
		gauge(up, truth(s.Cooling == 0), s.Why.String())
		gauge(busy, float64(s.InFlight))
		gauge(alarm, truth(s.Alarm))
		if s.RoomKnown {
			gauge(room, s.Room)
		}
		count(attempts, s.Counts.Served, "served")
		count(attempts, s.Counts.Throttled, "throttled")
		count(attempts, s.Counts.Failing, "failed")
		count(attempts, s.Counts.Barred, "barred")
		for _, m := range []struct {
			n               uint64
			predicted, came string
		}{{s.Counts.FullRefused, "full", "refused"}, {s.Counts.FullServed, "full", "served"},
			{s.Counts.RoomRefused, "room", "refused"}, {s.Counts.RoomServed, "room", "served"}} {
			count(predicted, m.n, m.predicted, m.came)
		}
	}
	waiting := desc("waiting_requests", "Requests that wait for a deployment with room.", "model")
	for _, m := range p.Models() {
		out <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(p.Waiting(m)), m)
	}
}

func (c collector) collectLedger(out chan<- prometheus.Metric) {
	s := c.ledger.Stats()
	gauge := func(name, help string, x float64) {
		out <- prometheus.MustNewConstMetric(desc("ledger_"+name, help), prometheus.GaugeValue, x)
	}
	count := func(name, help string, n int64) {
		out <- prometheus.MustNewConstMetric(desc("ledger_"+name, help), prometheus.CounterValue, float64(n))
	}
	count("intents_total", "Intents written ahead of answers.", s.Intents)
	count("entries_total", "Entries recorded.", s.Entries)
	count("refused_intents_total", "Intents that the journal could not take.", s.Refused)
	count("dropped_entries_total", "Entries lost because neither disk nor memory could take them. Must stay 0.", s.Dropped)
	count("damaged_records_total", "Records that were promised and cannot be read any more. Must stay 0.", s.Damaged)
	count("unsettled_entries_total", "Intents that an earlier run left open, counted at their hold.", s.Unsettled)
	count("writes_total", "Group writes to the journal, one sync each.", s.Groups)
	count("written_bytes_total", "Bytes written to the journal.", s.Bytes)
	count("write_errors_total", "Writes to the journal that failed.", s.WriteErrors)
	count("imported_entries_total", "Entries the store has taken.", s.Imported)
	count("import_errors_total", "Batches the store refused.", s.ImportErrors)
	gauge("lag_records", "Records the store has still to take.", float64(s.Lag))
	gauge("lag_seconds", "How long the store has been behind.", s.LagTime.Seconds())
	gauge("open_intents", "Answers that are owed.", float64(s.Open))
	gauge("journal_bytes", "Size of the journal on disk.", float64(s.JournalBytes))
	gauge("broken", "1 while the journal cannot be written.", truth(s.Broken))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
