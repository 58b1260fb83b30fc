package limit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
)

// verdict says why a request is refused; or, without a rule, that it is not. short
// says that it would fit into a limit but not into our share of it, rough that a closer
// bound of its prompt might fit.
type verdict struct {
	short, rough bool

	*rule
	account           *account
	waits             bool // only what the caller's own requests hold is in the way, and it can wait
	subject           string
	need, spent, held int64
	prompt            int64 // of need, where it counts in the limit
	least             int64 // of need, where that alone is too much; 0 where it is not known
	why               reason
	wait              time.Duration
	resets            time.Time // when the calendar's window ends; zero for none
	notice            Notice
	due               bool
}

// reason is the kind of a refusal; the larger is the graver.
type reason uint8

const (
	inTheWay reason = iota // what is held is in the way, and will be given back
	throttled
	exhausted
	tooLarge // for the whole limit
)

// decide fills in why and for how long; a rough verdict is no news. Called with the
// account locked.
func (v *verdict) decide(a *account, now int64) {
	if a.bounded() {
		v.resets = time.Unix(0, a.spans[a.newest].end).In(location(a.zone))
	}
	switch {
	case v.need > v.Amount && v.Amount > 0:
		v.why = tooLarge
	case v.need <= v.Amount-v.spent && (v.Quantity != tallygate.Requests || v.Budget()):
		v.why, v.wait = inTheWay, time.Second
	case v.Budget() || v.Amount <= 0:
		v.why = exhausted
		if !v.rough {
			v.notice, v.due = a.notice(v.rule, "refuse")
		}
	default: // a request on its way nearly always counts in the end
		v.why, v.wait = throttled, max(a.wait(now, v.need, v.Amount, v.Quantity == tallygate.Requests), time.Millisecond)
	}
}

func location(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

func (v *verdict) graver(than *verdict) bool {
	if v.rough != than.rough {
		return than.rough
	}
	return v.why > than.why || v.why == than.why && v.wait > than.wait
}

// tell passes the verdict's notice on.
func (l *Limits) tell(v *verdict) {
	if v.due && l.opt.Notify != nil {
		l.opt.Notify(v.notice)
	}
}

// err is what the caller is told. It names the limit, and figures of what was used
// only when they are the caller's own.
func (v *verdict) err(currency string) error {
	e := &tallygate.Error{Kind: tallygate.Throttled, Code: "RateLimitReached", RetryAfter: v.wait}
	limit := v.phrase(currency)
	switch v.why {
	case tooLarge:
		e.Kind, e.Code, e.Param, e.RetryAfter = tallygate.BadRequest, "RequestTooLargeForLimit", "max_tokens", 0
		e.Message = fmt.Sprintf("This request %s, more than the limit %s allows at all. %s", v.uses(currency), limit, v.less())
		if v.Quantity > tallygate.Cost {
			e.Param = ""
		}
	case exhausted:
		e.Kind, e.Code = tallygate.Exhausted, "insufficient_quota"
		if v.Forbid {
			e.Kind = tallygate.Forbidden
		}
		e.Message = fmt.Sprintf("The limit %s has no room for this request%s. %s%s",
			limit, v.left(currency), v.advice(), v.renewal())
	case inTheWay:
		e.Message = fmt.Sprintf("Requests on their way may use what is left of the limit %s. Please retry after 1 second.", limit)
		if v.Quantity == tallygate.Concurrent {
			e.Message = fmt.Sprintf("As many requests as the limit %s allows are on their way. Please retry after 1 second.", limit)
		}
	default:
		e.Message = fmt.Sprintf("Your requests have exceeded the limit %s. Please retry after %d seconds.",
			limit, max(1, int64((v.wait+time.Second-1)/time.Second)))
	}
	return e
}

// phrase names the limit, and says what it allows where the name does not.
func (v *verdict) phrase(currency string) string {
	what := v.what(currency)
	if _, unit, _ := strings.Cut(what, " "); strings.HasSuffix(v.Name, " "+unit) {
		return strconv.Quote(v.Name)
	}
	return fmt.Sprintf("%q (%s)", v.Name, what)
}

// less says how to ask for less.
func (v *verdict) less() string {
	switch v.Quantity {
	case tallygate.Seconds:
		return "Send it in parts, or as WAV, MP3 or Opus in Ogg, whose lengths can be told."
	case tallygate.Images:
		return "Ask for fewer with n."
	case tallygate.Characters:
		return "Send a shorter text."
	}
	return "Ask for fewer tokens with max_tokens, or send a shorter prompt."
}

// advice says how a request like this one would fit, when asking for less is all it
// takes.
func (v *verdict) advice() string {
	left := v.Amount - v.spent - v.held - v.prompt
	switch {
	case v.Quantity > tallygate.Cost:
		return ""
	case left <= 0 && left+v.prompt > 0 && v.Quantity == tallygate.Tokens:
		return "A shorter prompt may fit. "
	case left <= 0 || v.Quantity == tallygate.Requests || v.Quantity == tallygate.PromptTokens:
		return ""
	case v.own && v.Quantity != tallygate.Cost:
		return fmt.Sprintf("With a max_tokens of up to %d it fits. ", left)
	}
	return "With a smaller max_tokens it may fit. "
}

// what describes the limit, with the currency where it is one of money.
func (v *verdict) what(currency string) string {
	if v.Quantity != tallygate.Cost {
		return v.String()
	}
	amount := tallygate.Money(v.Amount).String()
	return amount + " " + currency + v.String()[len(amount):]
}

func (v *verdict) figure(n int64, currency string) string {
	switch v.Quantity {
	case tallygate.Cost:
		return tallygate.Money(n).String() + " " + currency
	case tallygate.PromptTokens, tallygate.CompletionTokens:
		return fmt.Sprintf("%d tokens", n)
	}
	return fmt.Sprintf("%d %s", n, v.Quantity.Unit())
}

func (v *verdict) left(currency string) string {
	if !v.own || v.Amount <= 0 {
		return ""
	}
	left := max(v.Amount-v.spent-v.held, 0)
	if v.Quantity == tallygate.Requests {
		return fmt.Sprintf(": %d are left", left)
	}
	return fmt.Sprintf(": %s are left, and it %s", v.figure(left, currency), v.uses(currency))
}

// uses says what the request may use: so much, or more than its prompt was counted up to.
func (v *verdict) uses(currency string) string {
	if v.least > 0 {
		return "may use more than " + v.figure(v.least, currency)
	}
	return "may use up to " + v.figure(v.need, currency)
}

func (v *verdict) renewal() string {
	switch {
	case v.Amount <= 0:
		return "It allows none."
	case v.resets.IsZero():
		return "It does not renew."
	}
	return "It renews at " + v.resets.Format(time.RFC3339) + "."
}

// unpriced is the refusal of a request whose cost nobody knows by the first limit
// of money.
func unpriced(p *plan, model, tier string) error {
	name := ""
	for i := range p.places {
		if pl := &p.places[i]; pl.Quantity == tallygate.Cost && !pl.DryRun {
			name = pl.Name
			break
		}
	}
	if tier != "" {
		return &tallygate.Error{
			Kind: tallygate.Forbidden, Code: "PriceUnknown", Param: "service_tier",
			Message: fmt.Sprintf("The limit %q is one of money, and what the service_tier %q costs is not known here. Leave service_tier out.", name, tier),
		}
	}
	return &tallygate.Error{
		Kind: tallygate.Forbidden, Code: "PriceUnknown", Param: "model",
		Message: fmt.Sprintf("The limit %q is one of money, and the model %q has no price yet. "+
			"Ask whoever runs this gateway to set one.", name, model),
	}
}
