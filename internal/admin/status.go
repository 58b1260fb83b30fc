package admin

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/pool"
)

// StatusOf is the status of pool and ledger at a time.
func StatusOf(p *pool.Pool, l ledger.Stats, now time.Time) api.Status {
	s := api.Status{Deployments: []api.DeploymentStatus{}, Queues: []api.QueueStatus{}}
	for _, d := range p.Snapshot() {
		s.Deployments = append(s.Deployments, deploymentStatus(&d, now))
	}
	for _, q := range p.Queues() {
		if q.Interactive+q.Batch > 0 {
			s.Queues = append(s.Queues, api.QueueStatus{Model: q.Model, Interactive: q.Interactive, Batch: q.Batch, Longest: q.Longest.Milliseconds()})
		}
	}
	s.Ledger = api.LedgerStatus{
		Broken: l.Broken, Lag: l.Lag, LagTime: l.LagTime.Milliseconds(), Owed: l.Open, Dropped: l.Dropped, Damaged: l.Damaged,
	}
	if l.LastError != nil {
		s.Ledger.Error = l.LastError.Error()
	}
	return s
}

func deploymentStatus(d *pool.State, now time.Time) api.DeploymentStatus {
	out := api.DeploymentStatus{
		Deployment: d.Deployment.ID(), Model: d.Deployment.Model, Region: d.Deployment.Region, State: "ok",
		PTU: d.Deployment.PTU, InFlight: d.InFlight, FirstByte: d.FirstByte.Milliseconds(),
		Served: d.Counts.Served, Throttled: d.Counts.Throttled, Failed: d.Counts.Failing, Barred: d.Counts.Barred,
	}
	switch {
	case d.Cooling > 0:
		until := now.Add(d.Cooling)
		out.State, out.Until = d.Why.String(), &until
	case d.Breaker != pool.Closed:
		out.State = "probing"
	case d.Alarm:
		out.State = pool.Barred.String()
	}
	if d.RoomKnown {
		used := 1 - d.Room
		out.Used = &used
	}
	return out
}

// serveStatus answers GET status.
func serveStatus(status func() api.Status) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(status()) // who asks is gone
	}
}
