package api

import "time"

// Status is how a gateway is at one moment, as the API shows it.
type Status struct {
	Version string `json:"version"`
	// Started is since when it runs, Loaded when its configuration was read last.
	Started time.Time `json:"started"`
	Loaded  time.Time `json:"config_loaded"`
	// NotReady says why it cannot serve; empty when it can.
	NotReady    string             `json:"not_ready,omitempty"`
	Deployments []DeploymentStatus `json:"deployments"`
	Queues      []QueueStatus      `json:"queues"`
	Ledger      LedgerStatus       `json:"ledger"`
	// Services are what runs beside the requests, in the order of their start.
	Services []ServiceStatus `json:"services"`
}

// ServiceStatus is how something fares that runs beside the requests.
type ServiceStatus struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	// Running is false for what did all it had to.
	Running bool `json:"running"`
	// Last is when it did a round of its work last; nil when it only waits.
	Last *time.Time `json:"last,omitempty"`
	// Error is what was wrong with that; empty when nothing was.
	Error string `json:"error,omitempty"`
	// Lag is the entries of the ledger that it has still to take, of one that follows it.
	Lag int64 `json:"lag_entries,omitempty"`
}

// DeploymentStatus is what is known about a deployment.
type DeploymentStatus struct {
	Deployment string `json:"deployment"` // RESOURCE/NAME
	Model      string `json:"model"`
	Region     string `json:"region,omitempty"`
	// State is "ok", or why it is left alone: "throttled", "failing", "barred" (it
	// refuses the gateway itself), "probing" (one request finds out).
	State string `json:"state"`
	// Until is how long it is left alone.
	Until *time.Time `json:"until,omitempty"`
	// PTU is its provisioned throughput units; of one that has some, Used is its
	// utilisation, of others the share of its quota that is thought to be used.
	// 1 is all; nil is not known.
	PTU      int64    `json:"ptu,omitempty"`
	Used     *float64 `json:"used"`
	InFlight int      `json:"in_flight"`
	// FirstByte is the smoothed time to the first byte, in milliseconds; 0 is not
	// measured.
	FirstByte int64 `json:"first_byte_ms"`
	// What became of the attempts since the gateway began.
	Served    uint64 `json:"served"`
	Throttled uint64 `json:"throttled"`
	Failed    uint64 `json:"failed"`
	Barred    uint64 `json:"barred"`
}

// QueueStatus is who waits for a model.
type QueueStatus struct {
	Model       string `json:"model"`
	Interactive int    `json:"interactive"`
	Batch       int    `json:"batch"`
	// Longest is how long the first of them has waited, in milliseconds.
	Longest int64 `json:"longest_ms"`
}

// LedgerStatus is how the record stands.
type LedgerStatus struct {
	// Broken says that the journal cannot be written now, and Error what went wrong last.
	Broken bool   `json:"broken"`
	Error  string `json:"error,omitempty"`
	// Lag is the records that the database has still to take, and LagTime for how long
	// there have been any, in milliseconds.
	Lag     int64 `json:"lag_records"`
	LagTime int64 `json:"lag_ms"`
	// Owed is the answers that are on their way. Dropped and Damaged must stay 0.
	Owed    int64 `json:"owed"`
	Dropped int64 `json:"dropped"`
	Damaged int64 `json:"damaged"`
}
