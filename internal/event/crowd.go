package event

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	// defaultCrowd is how many names an address may bring to an event in crowdTime
	// unless the event says otherwise: a room of a hundred behind one address, with
	// some who mistype theirs.
	defaultCrowd = 150
	crowdTime    = time.Hour
	// maxCrowds bounds the addresses that are remembered.
	maxCrowds = 4096
)

// crowd bounds the names that come from one address: anybody with the code can make up
// any number of them, and each would be somebody with limits of its own. The zero crowd
// is ready; safe for concurrent use.
type crowd struct {
	mu   sync.Mutex
	seed maphash.Seed
	by   map[origin]*names
}

// origin is an event and where somebody comes to it from.
type origin struct {
	event string // its Scope
	from  netip.Prefix
}

// names are those that an address brought since then, by their hashes.
type names struct {
	since time.Time
	seen  map[uint64]struct{}
}

func (n *names) idle(now time.Time) bool { return now.Sub(n.since) >= crowdTime }

// full reports whether the address may not bring this name now, and for how long.
func (c *crowd) full(e *Event, from netip.Addr, name string, now time.Time) (wait time.Duration, full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by, c.seed = make(map[origin]*names), maphash.MakeSeed()
	}
	at := origin{e.Scope(), Network(from)}
	n := of(c.by, at, maxCrowds, now)
	if n.idle(now) {
		n.since, n.seen = now, make(map[uint64]struct{})
	}
	h := maphash.String(c.seed, name)
	if _, ok := n.seen[h]; ok {
		return 0, false
	}
	if len(n.seen) >= e.crowd() {
		return n.since.Add(crowdTime).Sub(now), true
	}
	n.seen[h] = struct{}{}
	return 0, false
}

// crowd is how many names one address may bring in crowdTime.
func (e *Event) crowd() int {
	if e.PerAddress > 0 {
		return e.PerAddress
	}
	return defaultCrowd
}

// room is how many people may sit behind one address without anybody's having said so:
// those of a workshop, whom one router brings in.
const room = 100

// share is how many of the seats one address may take by the code alone: as many as a
// room has people, and of more seats nine in ten, unless the event says otherwise.
// Nobody can tell a room from one person who takes its seats.
func (e *Event) share() int {
	if e.PerAddress > 0 {
		return min(e.PerAddress, e.Seats)
	}
	return max(min(e.Seats, room), e.Seats-e.Seats/10)
}

// Network is whom an address stands for when people are counted: of IPv4 the address
// itself, of IPv6 the /48 that a site has.
func Network(a netip.Addr) netip.Prefix {
	bits := 32
	if a = a.Unmap(); a.Is6() {
		bits = 48
	}
	p, _ := a.WithZone("").Prefix(bits)
	return p
}
