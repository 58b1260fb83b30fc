package limit

import (
	"context"
	"sync"
	"time"
)

// Bank hands out shares of limits to the gateways that share them, so that each
// can spend its share without asking anybody. For every key the sum of all shares
// stays within the limit, and so does what is spent; unless the limit was lowered
// below what is used, when nobody gets more. Implementations are safe for
// concurrent use and pass limittest.Bank.
type Bank interface {
	// Lease moves the holder's share of each demand's key towards Want, and returns
	// the shares it has from now on, in the demands' order. A share never gets
	// smaller than Used, which is gone. It may be larger than before, also when it
	// stays below Least: that is all there is. Giving back is a demand with a Want
	// below the present share. The error says that nothing is known of any demand.
	Lease(ctx context.Context, holder string, demands []Demand) ([]int64, error)
}

// Demand is what a holder asks of one key. Amounts are in the limit's quantity.
type Demand struct {
	// Key names an account and one of its windows.
	Key string
	// Limit is the room of all holders together.
	Limit int64
	// Used is what the holder has spent and holds of its share.
	Used int64
	// Least is the smallest share that helps, Want the largest that is of use.
	Least, Want int64
	// Ends is when the key may be forgotten; zero for one that does not end.
	Ends time.Time
}

// Slice returns the share for a demand, where free is what is left of the limit
// beside all other holders' shares, had is the holder's share before and holders is
// how many there are. It is half of a holder's part of what is free, or what it
// needs: slices shrink towards the end of the room, down to what one request needs,
// and who comes later finds some.
func (d *Demand) Slice(free, had int64, holders int) int64 {
	most := max(free, d.Used)
	want := min(max(d.Want, d.Used), most)
	if want <= had {
		return want
	}
	part := had + max(free-had, 0)/int64(2*max(holders, 1))
	return min(max(part, d.Least, d.Used), want)
}

// Memory is a Bank in memory: of one gateway, or of several in one process. The
// zero Memory is ready.
type Memory struct {
	mu      sync.Mutex
	rooms   map[string]*room
	holders map[string]bool
	sweepAt int
}

// room is what is leased of one key.
type room struct {
	ends   time.Time
	shares map[string]int64
}

// Lease implements Bank.
func (m *Memory) Lease(_ context.Context, holder string, demands []Demand) ([]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms == nil {
		m.rooms, m.holders, m.sweepAt = make(map[string]*room), make(map[string]bool), sweepFirst
	}
	m.holders[holder] = true
	shares := make([]int64, len(demands))
	for i := range demands {
		d := &demands[i]
		r := m.room(d)
		free := d.Limit
		for other, share := range r.shares {
			if other != holder {
				free -= share
			}
		}
		shares[i] = d.Slice(free, r.shares[holder], len(m.holders))
		r.shares[holder] = shares[i]
	}
	return shares, nil
}

// room returns the room of a demand's key. Those that have ended go when there are
// many.
func (m *Memory) room(d *Demand) *room {
	if r, ok := m.rooms[d.Key]; ok {
		return r
	}
	if len(m.rooms) >= m.sweepAt {
		now := time.Now()
		for key, r := range m.rooms {
			if !r.ends.IsZero() && r.ends.Before(now) {
				delete(m.rooms, key)
			}
		}
		m.sweepAt = max(2*len(m.rooms), sweepFirst)
	}
	r := &room{ends: d.Ends, shares: make(map[string]int64)}
	m.rooms[d.Key] = r
	return r
}
