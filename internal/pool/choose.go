package pool

import (
	"cmp"
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
	share     float64 // of room left after this request, for Headroom
	busy      int
	firstByte time.Duration // smoothed, 0 when never measured
}

// compare is negative when v goes before w under every strategy, 0 when the strategy
// decides.
func (v *view) compare(w *view) int {
	return cmp.Or(cmp.Compare(v.health, w.health), cmp.Compare(v.tier, w.tier))
}

// choose picks one of vs, which are alike in health and tier and at least one.
func (m *model) choose(vs []view, affinity uint64, s *shared) *view {
	if len(vs) == 1 {
		return &vs[0]
	}
	switch m.strategy {
	case RoundRobin, Weight:
		return m.turn(vs)
	case LeastBusy:
		return least(vs, s, func(v *view) float64 { return float64(v.busy) })
	case Latency:
		if s.draw()%20 == 0 {
			return &vs[s.draw()%uint64(len(vs))]
		}
		return least(vs, s, slowness)
	case Random, Priority:
		return lot(vs, s)
	}
	if m.affinity && affinity != 0 {
		if v := preferred(vs, affinity); v != nil {
			return v
		}
	}
	return roomiest(vs, s)
}

// roomiest returns the view with the largest share of room; among equals the least
// busy; among those any.
func roomiest(vs []view, s *shared) *view {
	best, ties := &vs[0], uint64(1)
	for i := range vs[1:] {
		v := &vs[i+1]
		switch {
		case v.share > best.share || v.share == best.share && v.busy < best.busy:
			best, ties = v, 1
		case v.share == best.share && v.busy == best.busy:
			if ties++; s.draw()%ties == 0 {
				best = v
			}
		}
	}
	return best
}

// least returns the view with the smallest cost, any one among equals.
func least(vs []view, s *shared, cost func(*view) float64) *view {
	best, low, ties := &vs[0], cost(&vs[0]), uint64(1)
	for i := range vs[1:] {
		v := &vs[i+1]
		switch c := cost(v); {
		case c < low:
			best, low, ties = v, c, 1
		case c == low:
			if ties++; s.draw()%ties == 0 {
				best = v
			}
		}
	}
	return best
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
	m.mu.Lock()
	defer m.mu.Unlock()
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
	// affinityRoom is the share of room below which a deployment is not preferred:
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
		if v.busy >= most || v.share < affinityRoom {
			continue
		}
		if h := mix(affinity ^ v.state.hash); best == nil || h > high {
			best, high = v, h
		}
	}
	return best
}
