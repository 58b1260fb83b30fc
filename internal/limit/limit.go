// Package limit says whether there is room. Admission takes a hold for the worst
// case on every limit that applies, all or none; settlement gives the rest back,
// exactly once. So N callers on the last token cannot overspend it: what is held
// counts as spent until it is known better.
package limit

import (
	"fmt"
	"sync"
	"time"

	"github.com/tallygate/tallygate"
)

// Limit bounds what one caller may use in each minute of the clock. Zero is no
// bound.
type Limit struct {
	Requests int64
	Tokens   int64 // prompt and completion together
}

// Limits holds callers to their limits. The set of limits never changes: a reload
// makes a new one with Next. Safe for concurrent use.
type Limits struct {
	accounts map[string]*account // by Caller.ID
}

// account is one caller's limits and what it has used of them.
type account struct {
	limits []Limit
	*usage
}

// usage is what one caller has used in the running minute. It outlives a reload.
type usage struct {
	mu       sync.Mutex
	minute   int64 // Unix minutes
	requests int64
	spent    int64 // tokens
	held     int64 // tokens of requests on their way
}

// New returns limits per caller ID. All counters begin at zero.
func New(limits map[string][]Limit) *Limits {
	return (&Limits{}).Next(limits)
}

// Next returns the limits of a reloaded configuration, which go on from what
// callers have used already. Holds taken before settle into the same accounts.
func (l *Limits) Next(limits map[string][]Limit) *Limits {
	next := &Limits{accounts: make(map[string]*account, len(limits))}
	for id, ls := range limits {
		a := &account{limits: ls, usage: new(usage)}
		if old, ok := l.accounts[id]; ok {
			a.usage = old.usage
		}
		next.accounts[id] = a
	}
	return next
}

// Hold is what a request has been admitted with. It belongs to one request and is
// not safe for concurrent use. The zero Hold holds nothing.
type Hold struct {
	usage  *usage
	minute int64
	tokens int64
}

// Admit takes a hold of one request and worst tokens (an upper bound of what the
// request can use) on all limits of the caller, or none: then it returns a
// Throttled error with the time until the minute ends.
func (l *Limits) Admit(who *tallygate.Identity, worst int64) (Hold, error) {
	a, ok := l.accounts[who.ID]
	if !ok {
		return Hold{}, nil
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	// A clock that steps back a little stays in its minute; one that was wrong by
	// more does not lock callers out until it is that late again.
	if m := now.Unix() / 60; m > a.minute || m < a.minute-1 {
		a.minute, a.requests, a.spent, a.held = m, 0, 0, 0
	}
	worst = max(worst, 0)
	for _, limit := range a.limits {
		if err := a.fits(limit, worst, now); err != nil {
			return Hold{}, err
		}
	}
	a.requests++
	a.held += worst
	return Hold{usage: a.usage, minute: a.minute, tokens: worst}, nil
}

// fits says whether one more request of worst tokens stays within limit.
func (a *account) fits(limit Limit, worst int64, now time.Time) error {
	wait := time.Unix((a.minute+1)*60, 0).Sub(now)
	if limit.Requests > 0 && a.requests+1 > limit.Requests {
		return throttled("call", limit.Requests, "requests", wait)
	}
	if limit.Tokens > 0 && worst > limit.Tokens {
		return &tallygate.Error{
			Kind: tallygate.BadRequest, Code: "RequestTooLargeForLimit", Param: "max_tokens",
			Message: fmt.Sprintf("This request may use up to %d tokens, but this key may use %d a minute. "+
				"Ask for fewer with max_tokens, or send a shorter prompt.", worst, limit.Tokens),
		}
	}
	if limit.Tokens > 0 && worst > limit.Tokens-a.spent-a.held {
		if worst <= limit.Tokens-a.spent {
			return held(limit.Tokens, a.held)
		}
		return throttled("token", limit.Tokens, "tokens", wait)
	}
	return nil
}

func throttled(what string, limit int64, unit string, wait time.Duration) error {
	seconds := max(1, int64((wait+time.Second-1)/time.Second))
	return &tallygate.Error{
		Kind: tallygate.Throttled, Code: "RateLimitReached", RetryAfter: wait,
		Message: fmt.Sprintf("Your requests have exceeded the %s rate limit of your key (%d %s a minute). "+
			"Please retry after %d seconds.", what, limit, unit, seconds),
	}
}

// held is the refusal of a request for which there will be room as soon as others
// have ended, since they are held at more than they use as a rule.
func held(limit, held int64) error {
	return &tallygate.Error{
		Kind: tallygate.Throttled, Code: "RateLimitReached", RetryAfter: time.Second,
		Message: fmt.Sprintf("The requests of your key that are on their way may use up to %d of its %d tokens a minute. "+
			"Please retry after 1 second, or ask for fewer tokens with max_tokens.", held, limit),
	}
}

// Settle records what was used in truth and gives back the rest of the hold. Only
// the first Settle or Release of a hold counts, so a deferred Release is safe.
func (h *Hold) Settle(used int64) {
	u := h.usage
	if u == nil {
		return
	}
	h.usage = nil
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.minute == h.minute { // a minute that is over keeps no count
		u.held -= h.tokens
		u.spent += used
	}
}

// Release gives back all tokens of the hold. The request itself stays counted: it
// was made.
func (h *Hold) Release() { h.Settle(0) }
