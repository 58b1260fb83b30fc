package pool

import (
	"math"
	"time"
)

// health is the first thing deployments are ordered by.
type health uint8

const (
	healthy health = iota
	full           // predicted to have no room for this request
	suspect        // failed a moment ago, breaker still closed
	again          // failed this very request in the round before
)

// view is a deployment as seen at one moment, for one request.
type view struct {
	*entry
	health    health
	pace      float64 // see room; 0 unless Headroom
	busy      int
	firstByte time.Duration // smoothed, 0 when never measured
}

// compare is negative when v goes before w under every strategy, 0 when the strategy
// decides.
func (v *view) compare(w *view) int {
	if v.health != w.health {
		return int(v.health) - int(w.health)
	}
	return v.tier - w.tier
}

// choose picks one of vs, which are alike in health and tier and at least one; the
// pool is locked.
func (m *model) choose(vs []view, affinity uint64, s *shared) *view {
	if len(vs) == 1 {
		return &vs[0]
	}
	switch m.strategy {
	case RoundRobin, Weight:
		return m.turn(vs)
	case Random, Priority:
		return lot(vs, s)
	case Latency:
		if s.draw()%20 == 0 {
			return &vs[s.draw()%uint64(len(vs))]
		}
		for i := range vs {
			vs[i].pace = -slowness(&vs[i])
		}
	}
	if m.affinity && affinity != 0 {
		if v := preferred(vs, affinity); v != nil {
			return v
		}
	}
	return best(vs, s)
}

// best returns the view with the largest pace; among equals, as all are under
// LeastBusy, the least busy; among those any.
func best(vs []view, s *shared) *view {
	var ties uint64
	top := &vs[0]
	for i := range vs {
		switch v := &vs[i]; v.against(top) {
		case 1:
			top, ties = v, 1
		case 0:
			ties++
		}
	}
	if ties == 1 {
		return top
	}
	nth := s.draw() % ties
	for i := range vs {
		if vs[i].against(top) != 0 {
			continue
		}
		if nth == 0 {
			return &vs[i]
		}
		nth--
	}
	return top
}

// against is 1 when v has more room than w, or as much and less to do.
func (v *view) against(w *view) int {
	switch {
	case v.pace > w.pace || v.pace == w.pace && v.busy < w.busy:
		return 1
	case v.pace == w.pace && v.busy == w.busy:
		return 0
	}
	return -1
}

// slowness is the expected wait for the first byte: what it took of late, times the
// requests that share the deployment with this one. An idle deployment
// that was never measured goes first, so that it becomes known.
func slowness(v *view) float64 {
	took := v.firstByte
	if took == 0 {
		if v.busy == 0 {
			return -1
		}
		took = time.Second
	}
	return float64(took) * float64(v.busy+1)
}

// lot draws a view in proportion to the weights.
func lot(vs []view, s *shared) *view {
	total := 0
	for i := range vs {
		total += vs[i].weight
	}
	n := int(s.draw() % uint64(total))
	for i := range vs {
		if n -= vs[i].weight; n < 0 {
			return &vs[i]
		}
	}
	return &vs[len(vs)-1]
}

// turn is smooth weighted round robin: everyone gains its share, the richest goes
// and pays for all. Equal shares go round in the order of the list.
func (m *model) turn(vs []view) *view {
	var best *view
	total := 0
	for i := range vs {
		e := vs[i].entry
		share := e.rows
		if m.strategy == Weight {
			share = e.weight
		}
		e.current += share
		total += share
		if best == nil || e.current > best.current {
			best = &vs[i]
		}
	}
	best.current -= total
	return best
}

const (
	// affinityLoad is how much more than the mean in flight a deployment may have
	// and still be preferred (consistent hashing with bounded loads).
	affinityLoad = 1.25
	// affinityRoom is the pace below which a deployment is not preferred:
	// a cache hit is worth less than a refusal costs.
	affinityRoom = 0.2
)

// preferred returns the deployment that all requests with this affinity prefer:
// the one with the highest hash of both (rendezvous hashing), so that a deployment
// that comes or goes moves only its own prompts. Those busier than the rest or
// short of room are passed over; nil when all are.
func preferred(vs []view, affinity uint64) *view {
	total := 1
	for i := range vs {
		total += vs[i].busy
	}
	most := int(math.Ceil(affinityLoad * float64(total) / float64(len(vs))))
	var best *view
	var high uint64
	for i := range vs {
		v := &vs[i]
		if v.busy >= most || v.pace < affinityRoom {
			continue
		}
		if h := mix(affinity ^ v.state.hash); best == nil || h > high {
			best, high = v, h
		}
	}
	return best
}
