package event

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// tries is how many different wrong codes an address may send in a window, and
	// penalty how long it may try no new ones then.
	tries   = 20
	window  = time.Minute
	penalty = 30 * time.Second
	// firstTries are left to every address, however many guesses come from others.
	firstTries = 5
	// trust is how long a code that was right keeps an address's door open for itself: a room full of people behind one address goes on working while one of
	// them guesses.
	trust = 12 * time.Hour
	// maxGuard bounds what is remembered, of addresses and of trusted codes.
	maxGuard = 20_000
)

const (
	// allTries is how many wrong codes a window may bring from everywhere, and
	// prefixTries how many that begin alike: who knows how a code begins is nearer.
	allTries    = 600
	prefixTries = 200
	prefixBytes = 4
)

// guard keeps codes from being guessed. It counts different wrong ones by network, by
// how they begin, and all together. Guesses from everywhere shut the door to who has
// sent some itself, and never to who has not: an attacker must not be able to keep a
// workshop out. The zero guard is ready; safe for concurrent use.
type guard struct {
	mu      sync.Mutex
	seed    maphash.Seed
	doors   map[netip.Prefix]*visitor
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

// visitor is a door of one network, with the codes that it sent in this window. One
// code sent again and again, as a client does that somebody set up wrongly, is one.
type visitor struct {
	door
	sent []uint64
}

// begin starts a window when the last one is over.
func (d *door) begin(now time.Time) (fresh bool) {
	if fresh = now.Sub(d.since) > window; fresh {
		d.since, d.wrong = now, 0
	}
	return fresh
}

// count reports whether the door was shut by this one.
func (d *door) count(now time.Time, most int) bool {
	d.begin(now)
	if d.wrong++; d.wrong < most {
		return false
	}
	d.shut, d.wrong = now.Add(penalty), 0
	return true
}

func (d *door) closed(now time.Time) bool { return d != nil && now.Before(d.shut) }

// idle says that nothing is lost when the door is forgotten.
func (d *door) idle(now time.Time) bool { return !d.closed(now) && now.Sub(d.since) > window }

// begin is how a code begins.
func begin(code string) string { return strings.ToLower(code[:min(len(code), prefixBytes)]) }

// shut reports whether the address may not show this code now.
func (g *guard) shut(from netip.Addr, code string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.doors[Network(from)]
	switch {
	case v == nil:
		return false
	case v.closed(now):
	case now.Sub(v.since) > window || v.wrong < firstTries:
		return false
	case !g.begins[begin(code)].closed(now) && !g.all.closed(now):
		return false
	}
	until, ok := g.trusted[trustKey(from, code)]
	return !ok || now.After(until)
}

func trustKey(from netip.Addr, code string) digest {
	return sum(Network(from).String() + "\x00" + code)
}

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
	if g.doors == nil {
		g.seed, g.doors, g.begins = maphash.MakeSeed(), make(map[netip.Prefix]*visitor), make(map[string]*door)
	}
	v := of(g.doors, Network(from), maxGuard, now)
	if v.begin(now) {
		v.sent = v.sent[:0]
	}
	h := maphash.String(g.seed, code)
	if slices.Contains(v.sent, h) {
		return who, false
	}
	v.sent = append(v.sent, h)
	if v.count(now, tries) {
		v.sent = v.sent[:0]
		who, shut = Guesses{From: Network(from)}, true
	}
	if of(g.begins, begin(code), maxGuard, now).count(now, prefixTries) {
		who, shut = Guesses{Begin: begin(code)}, true
	}
	if g.all.count(now, allTries) {
		who, shut = Guesses{}, true
	}
	return who, shut
}

// of returns what is counted for k. When there are too many, a few are looked at for
// whose time is over, and if none is, one goes.
func of[K comparable, D any, P interface {
	*D
	idle(time.Time) bool
}](doors map[K]P, k K, most int, now time.Time) P {
	if d := doors[k]; d != nil {
		return d
	}
	looked := 0
	for k, d := range doors {
		if looked++; len(doors) < most || looked > 16 {
			break
		}
		if d.idle(now) || looked == 16 {
			delete(doors, k)
		}
	}
	d := P(new(D))
	doors[k] = d
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
