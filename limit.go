package tallygate

import (
	"fmt"
	"strings"
	"time"
)

// Quantity is what a limit counts.
type Quantity uint8

// The quantities. Tokens are prompt and completion together; Seconds, Images and
// Characters are those of a Usage; Concurrent counts requests that are on their way at
// the same time and has no period.
const (
	Requests Quantity = iota
	Tokens
	PromptTokens
	CompletionTokens
	Cost
	Seconds
	Images
	Characters
	Concurrent
)

// String returns the quantity's name as configuration and metrics show it.
func (q Quantity) String() string {
	return [...]string{"requests", "tokens", "prompt_tokens", "completion_tokens", "money", "seconds", "images", "characters", "concurrent"}[min(q, Concurrent)]
}

// Unit returns what is counted, in the plural: "prompt tokens", "seconds of sound". It is
// empty for money.
func (q Quantity) Unit() string {
	return [...]string{"requests", "tokens", "prompt tokens", "completion tokens", "", "seconds of sound", "images", "characters", "requests"}[min(q, Concurrent)]
}

// Worth reports whether the quantity follows from what a request makes a model do: it is
// neither one of requests nor of those at once.
func (q Quantity) Worth() bool { return q > Requests && q < Concurrent }

// Of returns how much of the quantity a usage of that cost is: that of one request.
func (q Quantity) Of(u *Usage, cost Money) int64 {
	switch q {
	case Tokens:
		return u.Total
	case PromptTokens:
		return u.Prompt
	case CompletionTokens:
		return u.Completion
	case Cost:
		return int64(cost)
	case Seconds:
		return u.Seconds
	case Images:
		return u.Images
	case Characters:
		return u.Characters
	}
	return 1
}

// Period is the time over which a limit counts.
type Period uint8

// The periods. Sliding is of the limit's Length: in no stretch of time so long is
// more used than the limit. Hours to years are those of the calendar in the limit's
// zone; weeks begin on Monday (ISO 8601). Lifetime is as long as the event lasts,
// Ever has no end.
const (
	Sliding Period = iota + 1
	Hour
	Day
	Week
	Month
	Year
	Lifetime
	Ever
)

// String returns the period's name as configuration shows it.
func (p Period) String() string {
	return [...]string{"", "sliding", "hour", "day", "week", "month", "year", "event", "ever"}[min(p, Ever)]
}

// Dimension is something a limit can be about.
type Dimension uint8

// The dimensions. Key is the credential (Identity.Key), Model the name that was
// asked for, Deployment that which serves it (Deployment.ID).
const (
	ByKey Dimension = iota
	ByCaller
	ByGroup
	ByEvent
	ByAttendee
	ByModel
	ByDeployment
	Dimensions // how many there are
)

// String returns the dimension's name as configuration and ledger show it.
func (d Dimension) String() string {
	return [...]string{"key", "caller", "group", "event", "attendee", "model", "deployment", ""}[min(d, Dimensions)]
}

// Limit bounds what the requests it is about may use of one quantity in each
// period.
type Limit struct {
	// Name names the limit in answers, metrics and reports; no two limits have the
	// same.
	Name string
	// Description is for people; nothing depends on it.
	Description string
	Quantity    Quantity
	// Amount is how much: requests, tokens, or Money.
	Amount int64
	Period Period // 0 for Concurrent
	// Length is that of a Sliding period, a second to an hour.
	Length time.Duration
	// Zone is where days, weeks, months and years begin; nil is UTC.
	Zone *time.Location
	// Match says what the limit is about: for each dimension globs, of which one
	// must match (without regard to case); no globs match everything.
	Match [Dimensions][]string
	// Each gives every value of these dimensions its own count. Without any, all
	// matching requests share one.
	Each []Dimension
	// Warn is the share of Amount, in percent, from which on a warning is due; 0 is
	// none.
	Warn int
	// DryRun only counts, and says what it would have refused.
	DryRun bool
	// Forbid answers an exhausted budget with 403 in place of 429.
	Forbid bool
}

// Budget reports whether the limit is a budget, for whose renewal nobody waits, as
// against a rate.
func (l *Limit) Budget() bool {
	return l.Quantity != Concurrent && (l.Period != Sliding || l.Quantity == Cost)
}

// String describes the limit without its name, such as "100000 tokens a minute".
func (l *Limit) String() string {
	switch {
	case l.Quantity == Concurrent:
		return fmt.Sprintf("%d requests at once", l.Amount)
	case l.Quantity == Cost:
		return l.during(Money(l.Amount).String())
	}
	return l.during(fmt.Sprintf("%d %s", l.Amount, l.Quantity.Unit()))
}

func (l *Limit) during(what string) string {
	switch l.Period {
	case Sliding:
		if l.Length == time.Minute {
			return what + " a minute"
		}
		length := l.Length.String() // 1h0m0s
		if strings.HasSuffix(length, "m0s") {
			length = strings.TrimSuffix(length, "0s")
		}
		if strings.HasSuffix(length, "h0m") {
			length = strings.TrimSuffix(length, "0m")
		}
		return what + " in " + length
	case Ever:
		return what + " in all"
	case Lifetime:
		return what + " for the event"
	case Hour:
		return what + " an hour"
	}
	return what + " a " + l.Period.String()
}

// Cap bounds the completion tokens a request may ask for. The zero Cap is none.
type Cap struct {
	// Tokens is the most for each choice; 0 is no bound.
	Tokens int64
	// Reject refuses a request that asks for more; otherwise it gets Tokens and is
	// told so.
	Reject bool
}

// Tighter returns the cap that bounds more; of two that bound alike, the one that
// rejects.
func (c Cap) Tighter(d Cap) Cap {
	switch {
	case d.Tokens == 0 || c.Tokens > 0 && c.Tokens < d.Tokens:
		return c
	case c.Tokens == 0 || d.Tokens < c.Tokens || d.Reject:
		return d
	}
	return c
}
