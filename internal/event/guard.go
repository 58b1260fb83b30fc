package event

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	// tries is how many wrong codes an address may send in a window, and penalty how
	// long it may try no new ones then.
	tries   = 20
	window  = time.Minute
	penalty = 30 * time.Second
	// trust is how long a code that was right keeps an address's door open for itself: a room full of people behind one address goes on working while one of
	// them guesses.
	trust = 12 * time.Hour
	// maxGuard bounds what is remembered, of addresses and of trusted codes.
	maxGuard = 50_000
)

const (
	// allTries is how many wrong codes a window may bring from everywhere, and
	// prefixTries how many that begin alike: who knows how a code begins is nearer.
	allTries    = 600
	prefixTries = 200
	prefixBytes = 4
)

// guard keeps codes from being guessed. It counts wrong ones by address (IPv6 by
// its /64), by how they begin, and all together: guesses from everywhere shut the door
// to what no address has shown before. The zero guard is ready; safe for concurrent
// use.
type guard struct {
	mu      sync.Mutex
	doors   map[netip.Prefix]*door
	begins  map[string]*door
	trusted map[digest]time.Time // address and code: until when
	all     door
}

// door counts wrong codes.
type door struct {
	wrong int
	since time.Time
	shut  time.Time // until when
}

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

// begin is how a code begins.
func begin(code string) string { return strings.ToLower(code[:min(len(code), prefixBytes)]) }

// shut reports whether the address may not show this code now.
func (g *guard) shut(from netip.Addr, code string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !closed(g.doors[prefix(from)], now) && !closed(g.begins[begin(code)], now) && !closed(&g.all, now) {
		return false
	}
	until, ok := g.trusted[trustKey(from, code)]
	return !ok || now.After(until)
}

func closed(d *door, now time.Time) bool { return d != nil && now.Before(d.shut) }

func trustKey(from netip.Addr, code string) digest { return sum(prefix(from).String() + "\x00" + code) }

// Guesses are wrong codes for which somebody was shut out for a while.
type Guesses struct {
	// From is the address, or of IPv6 its network; not valid for everywhere.
	From netip.Prefix
	// Begin is how the codes began, where that is what they have in common; as good as
	// a part of a code, and not for the log.
	Begin string
}

// wrong notes a code that was none, and tells when somebody was shut out for it.
func (g *guard) wrong(from netip.Addr, code string, now time.Time) (who Guesses, shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doors == nil || len(g.doors) >= maxGuard {
		g.doors = make(map[netip.Prefix]*door)
	}
	if g.begins == nil || len(g.begins) >= maxGuard {
		g.begins = make(map[string]*door)
	}
	if one := of(g.doors, prefix(from)).count(now, tries); one {
		who, shut = Guesses{From: prefix(from)}, true
	}
	if alike := of(g.begins, begin(code)).count(now, prefixTries); alike {
		who, shut = Guesses{Begin: begin(code)}, true
	}
	if g.all.count(now, allTries) {
		who, shut = Guesses{}, true
	}
	return who, shut
}

func of[K comparable](doors map[K]*door, k K) *door {
	d := doors[k]
	if d == nil {
		d = new(door)
		doors[k] = d
	}
	return d
}

// right notes a code that was one.
func (g *guard) right(from netip.Addr, code string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.trusted == nil || len(g.trusted) >= maxGuard {
		g.trusted = make(map[digest]time.Time)
	}
	g.trusted[trustKey(from, code)] = now.Add(trust)
}
