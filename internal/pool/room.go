package pool

import "time"

// room is what is thought to be left of a deployment's quota.
type room struct {
	share float64 // 0 to 1, negative when over; after the request it was asked for
	// pace is share for the time that is left to use it, 1 being a minute. It is what
	// deployments are compared by: room that ends with its minute in five seconds
	// is used before room that lasts.
	pace  float64
	known bool // a quota is known, else share only says how idle it is
	fits  bool // the request is expected to be served
}

// gauge is what the upstream last said about one quota. It is evidence, not truth: it is
// old by the time it is read, other clients may use the quota too, and some
// answers say 0 or less while they are served.
type gauge struct {
	limit int64         // as told; 0 when never
	left  float64       // as told, in parts of limit when limit is known
	at    time.Duration // when the request it came with was lent
	until time.Duration // when the quota is whole again; 0 when not told
	mark  int64         // what this pool had lent by then
	trust float64       // 0 to 1
}

const (
	// trusted is the weight of a plausible header against our own count. What
	// was told to be less than we think weighs all: others use the quota too.
	trusted = 0.8
	// doubted is the weight of one that says nothing is left, on an answer that was
	// served all the same. It can lower a deployment's place, hardly close it.
	doubted = 0.2
	// stale is the age at which what was told has no weight left, when it was not
	// told with it.
	stale = time.Minute
)

// see takes what an answer said. Answers come back in any order: one to a request
// that was lent earlier tells nothing new.
func (g *gauge) see(q quota, lent, until time.Duration, mark int64) {
	if q.limit > 0 {
		g.limit = q.limit
	}
	if !q.known || q.left == -1 || lent < g.at {
		return
	}
	g.left, g.at, g.until, g.mark, g.trust = float64(q.left), lent, until, mark, trusted
	if q.left <= 0 {
		g.trust = doubted
	}
}

// blend mixes our own count of what is left of limit with what was told. Lent is
// what this pool has lent since ever. Faith is from 0 to 1.
func (g *gauge) blend(limit, own int64, now time.Duration, lent int64, faith float64) float64 {
	weight := g.trust * faith
	switch {
	case weight == 0 || g.until != 0 && now >= g.until || now-g.at >= stale:
		return float64(own)
	case g.until == 0:
		weight *= 1 - float64(now-g.at)/float64(stale)
	}
	told := max(g.left, 0)
	if g.limit > 0 && g.limit != limit {
		told *= float64(limit) / float64(g.limit) // a slice's number, or a quota we may use a part of
	}
	told -= float64(lent - g.mark)
	switch {
	case g.trust == doubted:
		told = max(told, 0)
	case told < float64(own):
		weight /= trusted
	}
	return float64(own)*(1-weight) + told*weight
}

// limits returns the quotas that hold: as configured, or as told where nothing is
// configured or Azure has lowered the tokens for a while. 0 is unknown. A told
// number of requests may be that of a slice, so it never lowers a configured one.
func (s *state) limits() tally {
	l := tally{s.spec.TPM, s.spec.RPM}
	if told := s.tokens.limit; told > 0 && (l.tokens == 0 || told < l.tokens) {
		l.tokens = told
	}
	if l.requests == 0 && !s.slices.noMinute {
		l.requests = s.requests.limit
	}
	return l
}

// room predicts what is left at now, once that many requests have the need. With
// nothing known, the share is that of an idle deployment among those in use, which
// makes the least busy come first.
func (s *state) room(now time.Duration, need size, requests int64) room {
	if s.spec.PTU > 0 {
		s.bucket.advance(now)
		left := 1 - s.bucket.level/s.bucket.capacity
		share := left - s.bucket.cost(need)/s.bucket.capacity
		// Azure refuses by what is in the bucket already, whatever comes.
		return room{share: share, pace: share, known: true, fits: left >= -1e-9}
	}
	limit := s.limits()
	if limit == (tally{}) {
		idle := 1 / float64(1+s.busy)
		return room{share: idle, pace: idle, fits: true}
	}
	s.window.advance(now)
	used := s.window.used()
	r := room{share: 1, known: true, fits: true}
	if limit.tokens > 0 {
		left := s.tokens.blend(limit.tokens, limit.tokens-used.tokens, now, s.window.total.tokens, s.faith)
		r.limit(left-float64(need.tokens()), limit.tokens)
	}
	if limit.requests > 0 {
		left := s.requests.blend(limit.requests, limit.requests-used.requests, now, s.window.total.requests, s.faith)
		r.limit(left-float64(requests), limit.requests)
		if s.slices.many(limit.requests) {
			r.fits = r.fits && s.slices.opens(now, limit.requests) <= now
		}
	}
	r.pace = r.share
	if remains := s.window.remains(now); r.share > 0 {
		r.pace /= remains
	} else {
		r.pace *= remains // of two that are over, the one that is whole again sooner
	}
	return r
}

func (r *room) limit(left float64, of int64) {
	r.share = min(r.share, left/float64(of))
	r.fits = r.fits && left >= 0
}
