package pool

import "time"

const (
	// tripAfter is how many failures of different requests open the breaker, when two
	// payers at least sent them, and tripAlone when one did: somebody may well send many
	// that nothing can answer.
	tripAfter = 5
	tripAlone = 15
	// suspectFor is how long a first failure makes a deployment come after
	// healthy ones; it doubles with each further one in a row.
	suspectFor = time.Second
)

// breaker keeps requests from a deployment that fails as a whole: it cannot be
// reached or answers 5xx. A few failures in a row only send it to the back; enough of
// them open it. When its time is over it lets one request through: success closes
// it, failure opens it for twice as long.
type breaker struct {
	failures int                 // in a row, of different requests, while closed
	evidence [tripAlone]evidence // of them
	suspect  time.Duration       // comes after healthy ones until then
	open     bool
	until    time.Duration // half-open from then on
	reopened int           // failed probes in a row
	probing  bool          // a probe is out
}

// evidence is what is known of a request that failed: a hash of it, and who paid for it.
// A hash of 0 says that the request cannot have caused it; that counts always.
type evidence struct {
	request uint64
	payer   string
}

// fail counts a failure at now and reports whether it opened the breaker, or kept
// it open.
func (b *breaker) fail(now time.Duration, probe bool, e evidence, c Cooldown) bool {
	switch {
	case b.open && !probe:
		return false // lent before it opened: nothing new
	case probe:
		b.probing = false
		b.reopened++
	case b.knows(e):
		return false // the same request again tells nothing new
	default:
		b.evidence[b.failures] = e
		b.failures++
		b.suspect = now + min(suspectFor<<(b.failures-1), c.Default)
		if !b.convinced() {
			return false
		}
	}
	wait := min(c.Default, c.Max)
	for range b.reopened {
		wait = min(2*wait, c.Max)
	}
	b.open, b.until = true, now+wait
	return true
}

// knows reports whether the request failed here before.
func (b *breaker) knows(e evidence) bool {
	if e.request == 0 {
		return false
	}
	for _, known := range b.evidence[:b.failures] {
		if known.request == e.request {
			return true
		}
	}
	return false
}

// convinced reports whether it is the deployment that fails, and not what somebody sends.
func (b *breaker) convinced() bool {
	if b.failures < tripAfter {
		return false
	}
	first := b.evidence[0]
	for _, e := range b.evidence[:b.failures] {
		if e.request == 0 || e.payer != first.payer {
			return true
		}
	}
	return b.failures >= tripAlone
}

// of reports whether all that failed is one payer's, so that what it asks for may be why.
func (b *breaker) of(payer string) bool {
	for _, e := range b.evidence[:b.failures] {
		if e.request == 0 || e.payer != payer {
			return false
		}
	}
	return true
}

// succeed counts an answer and reports whether it closed the breaker. Only the
// probe's answer does: others were lent before it opened.
func (b *breaker) succeed(probe bool) bool {
	if b.open && !probe {
		return false
	}
	closed := b.open
	if b.failures > 0 || closed {
		*b = breaker{}
	}
	return closed
}
