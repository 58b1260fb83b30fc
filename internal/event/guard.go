package event

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// tries is how many wrong codes an address may send in a window, and penalty how
	// long it may try no new ones then.
	tries   = 20
	window  = time.Minute
	penalty = 30 * time.Second
	// trust is how long a code or key that was right keeps an address's door open for
	// itself: a room full of people behind one address goes on working while one of
	// them guesses.
	trust = 12 * time.Hour
	// maxGuard bounds what is remembered, of addresses and of trusted codes and keys.
	maxGuard = 50_000
)

// guard keeps codes from being guessed. It counts wrong ones by address (IPv6 by
// its /64), and all together: guesses from everywhere shut the door to what no
// address has shown before. The zero guard is ready; safe for concurrent use.
type guard struct {
	mu      sync.Mutex
	doors   map[netip.Prefix]*door
	trusted map[digest]time.Time // address, and code or key: until when
	all     door
}

// door counts wrong codes.
type door struct {
	wrong int
	since time.Time
	shut  time.Time // until when
}

// allTries is how many wrong codes a window may bring from everywhere.
const allTries = 600

// count reports whether the door was shut by this one.
func (d *door) count(now time.Time, most int) bool {
	if now.Sub(d.since) > window {
		d.since, d.wrong = now, 0
	}
	if d.wrong++; d.wrong < most {
		return false
	}
	d.shut, d.wrong = now.Add(penalty), 0
	return true
}

func prefix(a netip.Addr) netip.Prefix {
	bits := 32
	if a = a.Unmap(); a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// shut reports whether the address may not show this code or key now.
func (g *guard) shut(from netip.Addr, shown string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.doors[prefix(from)]
	if (d == nil || !now.Before(d.shut)) && !now.Before(g.all.shut) {
		return false
	}
	until, ok := g.trusted[sum(prefix(from).String()+"\x00"+shown)]
	return !ok || now.After(until)
}

// wrong notes a credential that was none, and tells who was shut out for it: an
// address, or all together without a valid one.
func (g *guard) wrong(from netip.Addr, now time.Time) (who netip.Prefix, shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doors == nil || len(g.doors) >= maxGuard {
		g.doors = make(map[netip.Prefix]*door)
	}
	d := g.doors[prefix(from)]
	if d == nil {
		d = new(door)
		g.doors[prefix(from)] = d
	}
	shut = d.count(now, tries)
	if g.all.count(now, allTries) {
		return netip.Prefix{}, true
	}
	return prefix(from), shut
}

// right notes a code or key that was one.
func (g *guard) right(from netip.Addr, shown string, now time.Time) {
	k := sum(prefix(from).String() + "\x00" + shown)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.trusted == nil || len(g.trusted) >= maxGuard {
		g.trusted = make(map[digest]time.Time)
	}
	g.trusted[k] = now.Add(trust)
}
