package pool

import "time"

const (
	// tripAfter is how many failures in a row open the breaker.
	tripAfter = 5
	// suspectFor is how long a first failure makes a deployment come after
	// healthy ones; it doubles with each further one in a row.
	suspectFor = time.Second
)

// breaker keeps requests from a deployment that fails as a whole: it cannot be
// reached or answers 5xx. A few failures in a row only send it to the back; five
// open it. When its time is over it lets one request through: success closes
// it, failure opens it for twice as long.
type breaker struct {
	failures int           // in a row, while closed
	suspect  time.Duration // comes after healthy ones until then
	open     bool
	until    time.Duration // half-open from then on
	reopened int           // failed probes in a row
	probing  bool          // a probe is out
}

// fail counts a failure at now and reports whether it opened the breaker, or kept
// it open.
func (b *breaker) fail(now time.Duration, probe bool, c Cooldown) bool {
	switch {
	case b.open && !probe:
		return false // lent before it opened: nothing new
	case probe:
		b.probing = false
		b.reopened++
	default:
		b.failures++
		b.suspect = now + min(suspectFor<<(b.failures-1), c.Default)
		if b.failures < tripAfter {
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

// succeed counts an answer and reports whether it closed the breaker. Only the
// probe's answer does: others were lent before it opened.
func (b *breaker) succeed(probe bool) bool {
	if b.open && !probe {
		return false
	}
	closed := b.open
	*b = breaker{}
	return closed
}
