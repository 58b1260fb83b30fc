package admin

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/pool"
)

// Collector shows the state of pool, limits, ledger and bodies at each scrape, as it is
// then. The functions are called for each scrape, beside each other.
type Collector struct {
	Pool   func() *pool.Pool
	Limits func() *limit.Limits
	Ledger func() ledger.Stats
	// Followers are the entries that each follower of the ledger has still to take.
	Followers func() map[string]int64
	// Draining counts the requests whose clients have left, and Bodies is what bodies take
	// of memory and disk, in bytes.
	Draining func() int
	Bodies   func() (memory, disk int64)
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tallygate_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector: what is collected depends on the
// configuration in use, so nothing is promised ahead.
func (c Collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c Collector) Collect(out chan<- prometheus.Metric) {
	c.collectPool(out)
	c.collectLedger(out)
	c.collectLimits(out)
	memory, disk := c.Bodies()
	out <- prometheus.MustNewConstMetric(desc("body_memory_bytes", "Memory that the bodies of requests on their way take."), prometheus.GaugeValue, float64(memory))
	out <- prometheus.MustNewConstMetric(desc("body_disk_bytes", "Disk that they take."), prometheus.GaugeValue, float64(disk))
}

func (c Collector) collectPool(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(desc("draining_requests", "Requests whose clients have left, and that go on for their usage."),
		prometheus.GaugeValue, float64(c.Draining()))
	labels := []string{"deployment", "model", "region"}
	up := desc("upstream_state", "1 when the deployment may be tried, 0 while it is left alone.", append(labels, "reason")...)
	busy := desc("upstream_in_flight", "Requests at the deployment.", labels...)
	room := desc("upstream_room_ratio", "Share of the deployment's quota thought to be left; negative is over.", labels...)
	alarm := desc("upstream_alarm", "1 when the deployment refuses the gateway itself (401, 403, 404).", labels...)
	attempts := desc("upstream_responses_total", "Attempts at the deployment, by what became of them.", append(labels, "result")...)
	predicted := desc("upstream_predictions_total", "Room predicted against what came.", append(labels, "predicted", "came")...)
	p := c.Pool()
	for _, s := range p.Snapshot() {
		d := s.Deployment
		v := []string{d.ID(), d.Model, d.Region}
		gauge := func(k *prometheus.Desc, x float64, more ...string) {
			out <- prometheus.MustNewConstMetric(k, prometheus.GaugeValue, x, append(v[:3:3], more...)...)
		}
		count := func(k *prometheus.Desc, n uint64, more ...string) {
			out <- prometheus.MustNewConstMetric(k, prometheus.CounterValue, float64(n), append(v[:3:3], more...)...)
		}
		gauge(up, indicator(s.Cooling == 0), s.Why.String())
		gauge(busy, float64(s.InFlight))
		gauge(alarm, indicator(s.Alarm))
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
	waiting := desc("waiting_requests", "Requests that wait for a deployment with room.", "model", "class")
	longest := desc("waiting_longest_seconds", "How long the request has waited that has waited longest.", "model")
	for _, q := range p.Queues() {
		out <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(q.Interactive), q.Model, "interactive")
		out <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(q.Batch), q.Model, "batch")
		out <- prometheus.MustNewConstMetric(longest, prometheus.GaugeValue, q.Longest.Seconds(), q.Model)
	}
}

func (c Collector) collectLedger(out chan<- prometheus.Metric) {
	s := c.Ledger()
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
	lag := desc("follow_lag_entries", "Entries that a follower of the ledger has still to take.", "follower")
	for name, n := range c.Followers() {
		out <- prometheus.MustNewConstMetric(lag, prometheus.GaugeValue, float64(n), name)
	}
	gauge("broken", "1 while the journal cannot be written.", indicator(s.Broken))
}

// collectLimits shows how limits stand, all subjects of one together: a subject may
// be a person, and there may be very many.
func (c Collector) collectLimits(out chan<- prometheus.Metric) {
	gauge := func(name, help string) *prometheus.Desc {
		return desc("limit_"+name, help, "limit", "quantity", "period")
	}
	amount := gauge("amount", "What a limit allows each subject in a period; money in whole units.")
	spent := gauge("spent", "What of a limit is spent in the running period, by all subjects together; money in whole units.")
	held := gauge("held", "What requests on their way hold of a limit; money in whole units.")
	most := gauge("used_ratio", "Spent and held over the amount, of the subject that has used most.")
	refused := desc("limit_refusals_total", "Requests refused for a limit; of one on trial, those that would have been.", "limit", "mode")
	limits := c.Limits()
	for _, t := range totals(limits.States()) {
		v := []string{t.Limit.Name, t.Limit.Quantity.String(), t.Limit.Period.String()}
		for d, x := range map[*prometheus.Desc]float64{amount: t.number(t.Limit.Amount), spent: t.number(t.Spent), held: t.number(t.Held), most: t.most} {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x, v...)
		}
		out <- prometheus.MustNewConstMetric(refused, prometheus.CounterValue, float64(t.Refused), t.Limit.Name, "enforced")
		out <- prometheus.MustNewConstMetric(refused, prometheus.CounterValue, float64(t.Would), t.Limit.Name, "dry_run")
	}
	debt := desc("limit_debt_total", "What was used beyond what was held. Must stay 0.", "quantity")
	for q := tallygate.Tokens; q.Worth(); q++ {
		out <- prometheus.MustNewConstMetric(debt, prometheus.CounterValue, float64(limits.Debt(q)), q.String())
	}
}

// total is how a limit stands, all its subjects together.
type total struct {
	limit.State
	most float64
}

// number is an amount of the limit's quantity as metrics have it.
func (t *total) number(n int64) float64 {
	if t.Limit.Quantity == tallygate.Cost {
		return float64(n) / float64(tallygate.Unit)
	}
	return float64(n)
}

func totals(states []limit.State) []total {
	var out []total
	for _, s := range states {
		if len(out) == 0 || out[len(out)-1].Limit != s.Limit {
			out = append(out, total{State: limit.State{Limit: s.Limit}})
		}
		t := &out[len(out)-1]
		t.Spent, t.Held, t.Refused, t.Would = t.Spent+s.Spent, t.Held+s.Held, t.Refused+s.Refused, t.Would+s.Would
		if s.Limit.Amount > 0 {
			t.most = max(t.most, float64(s.Spent+s.Held)/float64(s.Limit.Amount))
		}
	}
	return out
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
